//! Patterns around the handler that depend on what the operation is asked and answers.

use serde_json::Value as Json;

use super::{merge::Merged, value::Value};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    ir::{
        Cache, ContentKind, Instead, InsteadBody, Mode, Operation, Pattern, Place, Policy, Status,
    },
};

/// The keys that say what a fallback answers with; of an operation one of the three counts.
pub(super) const INSTEADS: [&[&str]; 3] = [&["status", "body"], &["handler"], &["stale"]];

/// What is known of the operation.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    /// None where it could not be read; then nothing is asked of it.
    pub(super) operation: Option<&'a Operation>,
    /// Lower case.
    pub(super) method: &'a str,
}

/// What a fallback answers with.
pub(super) fn instead(
    merged: &Merged,
    known: Known<'_>,
    found: &mut Diagnostics,
) -> Option<Instead> {
    let status = merged.count("status");
    let body = match merged.written("body").map(|written| &written.value) {
        Some(Value::Json(body)) => Some(body),
        _ => None,
    };
    match (merged.flag("handler"), merged.flag("stale")) {
        (true, _) => Some(Instead::Handler),
        (_, true) => Some(Instead::LastGood),
        _ if status.is_none() && body.is_none() => {
            found.push(
                Diagnostic::error(
                    "fallback-without-answer",
                    "this fallback does not say what it answers with",
                )
                .at(merged.location.clone())
                .help(
                    "add a `body` (and a `status`), `handler: true` for a method of the handlers, \
                     or `stale: true` for the last good answer of the cache",
                ),
            );
            None
        }
        _ => constant(merged, known, status, body, found),
    }
}

/// An answer that is always the same, of a kind that the document declares. Whether its body fits
/// is seen when the schemas are known.
fn constant(
    merged: &Merged,
    known: Known<'_>,
    status: Option<u32>,
    body: Option<&Json>,
    found: &mut Diagnostics,
) -> Option<Instead> {
    let Some(operation) = known.operation else {
        return Some(Instead::Constant {
            status: 200,
            body: None,
        });
    };
    let written = status.and_then(|status| u16::try_from(status).ok());
    let status = written.unwrap_or_else(|| usual(operation));
    let place = |key| merged.place(key);
    let Some(index) = response(operation, status) else {
        found.push(
            Diagnostic::error(
                "fallback-status-undeclared",
                format!("`{}` declares no answer {status}", operation.id),
            )
            .at(place("status"))
            .help("give the `status` of one of its `responses`, or declare this one"),
        );
        return None;
    };
    let Some(content) = &operation.responses[index].content else {
        if body.is_some() {
            found.push(
                Diagnostic::error(
                    "fallback-body-misfit",
                    format!("an answer {status} of `{}` has no body", operation.id),
                )
                .at(place("body"))
                .help("remove `body`, or give the `status` of an answer that has one"),
            );
            return None;
        }
        return Some(Instead::Constant { status, body: None });
    };
    let Some(body) = body else {
        found.push(
            Diagnostic::error(
                "fallback-body-missing",
                format!("an answer {status} of `{}` has a body", operation.id),
            )
            .at(place("status"))
            .help("add the `body` that is answered"),
        );
        return None;
    };
    let media_type = &content.media_types[0];
    let text = match (media_type.kind, body) {
        (ContentKind::Json, body) => body.to_string(),
        (ContentKind::Text, Json::String(text)) => text.clone(),
        (ContentKind::Text, body) => body.to_string(),
        _ => {
            found.push(
                Diagnostic::error(
                    "fallback-body-misfit",
                    format!(
                        "an answer {status} of `{}` is `{}`, which cannot be written here",
                        operation.id,
                        media_type.name.escape_debug()
                    ),
                )
                .at(place("body"))
                .help("write `handler: true`, and the answer in Rust"),
            );
            return None;
        }
    };
    Some(Instead::Constant {
        status,
        body: Some(InsteadBody {
            media_type: media_type.name.clone(),
            value: body.clone(),
            text,
            location: place("body"),
        }),
    })
}

/// The status of a success.
fn usual(operation: &Operation) -> u16 {
    let codes = operation.responses.iter().filter_map(|it| match it.status {
        Status::Code(code) => Some(code),
        Status::Range(_) | Status::Default => None,
    });
    codes
        .filter(|code| (200..300).contains(code))
        .min()
        .unwrap_or(200)
}

/// The place of the answer of a status, of that one which says most about it.
pub(in crate::lower) fn response(operation: &Operation, status: u16) -> Option<usize> {
    let wanted = [
        Status::Code(status),
        Status::Range(u8::try_from(status / 100).unwrap_or(0)),
        Status::Default,
    ];
    let mut responses = wanted.iter().filter_map(|wanted| {
        let mut all = operation.responses.iter();
        all.position(|it| it.status == *wanted)
    });
    responses.next()
}

/// Whether a cache stays on the operation: what it never keeps it need not be asked for.
pub(super) fn keeps(
    merged: &Merged,
    cache: &Cache,
    known: Known<'_>,
    found: &mut Diagnostics,
) -> bool {
    let method = known.method.to_uppercase();
    // HEAD is answered by the operation of GET.
    let asked: &[&str] = match method.as_str() {
        "GET" => &["GET", "HEAD"],
        other => &[other],
    };
    if !cache.methods.iter().any(|it| asked.contains(&it.as_str())) {
        if merged.is_own() {
            let help = match method.as_str() {
                "POST" | "GET" => {
                    format!(
                        "write `methods: [{method}]` if it changes nothing, or remove the cache"
                    )
                }
                _ => "remove the cache".to_owned(),
            };
            found.push(
                Diagnostic::warning(
                    "cache-without-effect",
                    format!("the answers to a {method} are not kept"),
                )
                .at(merged.location.clone())
                .help(help),
            );
        }
        return false;
    }
    let Some(operation) = known.operation else {
        return true;
    };
    if is_stream(operation) {
        if merged.is_own() {
            found.push(
                Diagnostic::warning(
                    "cache-over-stream",
                    format!(
                        "`{}` answers with a stream, which is not kept",
                        operation.id
                    ),
                )
                .at(merged.location.clone())
                .help("remove the cache"),
            );
        }
        return false;
    }
    let is_named = |name: &str| cache.vary.iter().any(|it| it.eq_ignore_ascii_case(name));
    for parameter in &operation.parameters {
        let header = match parameter.place {
            Place::Header => parameter.name.as_str(),
            Place::Cookie => "Cookie",
            Place::Path | Place::Query => continue,
        };
        if is_named(header) {
            continue;
        }
        let name = parameter.name.escape_debug();
        found.push(
            Diagnostic::warning(
                "cache-ignores-parameter",
                format!("who sends another `{name}` is given the same answer of the cache"),
            )
            .at(parameter.location.clone())
            .related(merged.location.clone(), "the cache")
            .help(format!(
                "add `{}` to the cache's `vary`, unless nothing in the answer depends on it",
                header.escape_debug()
            )),
        );
    }
    true
}

/// What is called again over a stream, whose head alone can be had again.
pub(super) fn over_stream(merged: &Merged, known: Known<'_>, found: &mut Diagnostics) {
    let Some(operation) = known.operation.filter(|it| is_stream(it)) else {
        return;
    };
    let words = format!(
        "`{}` answers with a stream: the {} ends with the first byte",
        operation.id, merged.pattern.name
    );
    let help = "what breaks later is not called again; remove it if that is not worth it";
    let diagnostic = match merged.is_own() {
        true => Diagnostic::warning("repeated-stream", words).at(merged.location.clone()),
        false => Diagnostic::note("repeated-stream", words)
            .at(operation.location.clone())
            .related(merged.location.clone(), "inherited from here"),
    };
    found.push(diagnostic.help(help));
}

fn is_stream(operation: &Operation) -> bool {
    let contents = operation.responses.iter().filter(|it| match it.status {
        Status::Code(code) => code < 300,
        Status::Range(class) => class < 3,
        Status::Default => true,
    });
    let mut contents = contents.filter_map(|it| it.content.as_ref());
    contents.any(|it| matches!(it.kind(), ContentKind::Lines | ContentKind::Events))
}

/// What stands together around the handler: a fallback on the last good answer and the cache that
/// has it. Says whether the fallback stays.
pub(super) fn has_last_good(
    merged: &Merged,
    stack: &[(Merged, Policy)],
    known: Known<'_>,
    found: &mut Diagnostics,
) -> bool {
    let has_cache = stack
        .iter()
        .any(|(_, it)| it.mode != Mode::Off && matches!(it.pattern, Pattern::Cache(_)));
    if has_cache {
        return true;
    }
    let words = "there is no cache that keeps the last good answer";
    match (merged.is_own(), known.operation) {
        (false, Some(operation)) => found.push(
            Diagnostic::note("inherited-fallback-left-out", words)
                .at(operation.location.clone())
                .related(merged.location.clone(), "the inherited fallback")
                .help("write `x-fallback` here with a `body` or `handler: true`, if it needs one"),
        ),
        (false, None) => {}
        (true, _) => found.push(
            Diagnostic::error("stale-without-cache", words)
                .at(merged.place("stale"))
                .help("add `x-cache: { ttl: 1 }`: it keeps what `stale: true` answers with"),
        ),
    }
    false
}
