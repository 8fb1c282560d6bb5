//! What goes over the wire with one operation: parameters, bodies, answers.

use indexmap::IndexMap;

use super::{Changes, Flow, Rank, operations::Operation, schema::Schemas};
use crate::{lower, spec::At};

/// Between whom an operation is.
#[derive(Debug)]
pub(super) struct Calls<'n> {
    name: &'n str,
    /// Where its requests go, seen from the service.
    requests: Flow,
    responses: Flow,
}

impl<'n> Calls<'n> {
    pub(super) fn between(name: &'n str, requests: Flow) -> Self {
        let responses = match requests {
            Flow::Received => Flow::Sent,
            Flow::Sent => Flow::Received,
        };
        Self {
            name,
            requests,
            responses,
        }
    }
}

/// How much it matters to clients that something goes that they may send, or that they wait for.
fn rank_of_loss(flow: Flow, is_promised: bool) -> Rank {
    match flow {
        Flow::Sent if is_promised => Rank::Breaking,
        Flow::Sent | Flow::Received => Rank::Risky,
    }
}

pub(super) fn compare<'d>(
    calls: &Calls<'_>,
    was: &Operation<'d>,
    is: &Operation<'d>,
    schemas: &mut Schemas<'d>,
    changes: &mut Changes,
) {
    parameters(calls, was, is, schemas, changes);
    bodies(calls, was, is, schemas, changes);
    answers(calls, was, is, schemas, changes);
}

/// Place and name; in the path its number, because nobody sends its name.
type Key = (String, String);

fn declared<'d>(operation: &Operation<'d>) -> IndexMap<Key, At<'d>> {
    let mut found = IndexMap::new();
    let in_path = lower::path_parameters(&operation.path);
    for at in [&operation.item, &operation.at] {
        let list = at.get("parameters").map(|at| at.resolve().unwrap_or(at));
        for written in list.iter().flat_map(At::items) {
            let at = written.resolve().unwrap_or(written);
            let text = |key: &str| at.get(key).and_then(|at| at.as_str());
            let (Some(name), Some(place)) = (text("name"), text("in")) else {
                continue;
            };
            let name = match place {
                "path" => match in_path.iter().position(|known| *known == name) {
                    Some(index) => index.to_string(),
                    None => continue,
                },
                "header" => name.to_ascii_lowercase(),
                _ => name.to_owned(),
            };
            // What an operation says counts instead of what its path says.
            found.insert((place.to_owned(), name), at);
        }
    }
    found
}

fn is_required(at: &At<'_>) -> bool {
    at.get("required").and_then(|at| at.as_bool()) == Some(true)
}

/// Of a parameter, a header or a media type; a parameter may be described as JSON.
fn schema<'d>(at: &At<'d>) -> Option<At<'d>> {
    let of_content = || {
        let content = at.get("content")?;
        content.entries().next()?.1.get("schema")
    };
    at.get("schema").or_else(of_content)
}

fn parameters<'d>(
    calls: &Calls<'_>,
    was: &Operation<'d>,
    is: &Operation<'d>,
    schemas: &mut Schemas<'d>,
    changes: &mut Changes,
) {
    let (before, after) = (declared(was), declared(is));
    let label = |at: &At<'d>| {
        let text = |key: &str| at.get(key).and_then(|at| at.as_str()).unwrap_or_default();
        (text("in"), text("name"))
    };
    for (key, old) in &before {
        let (place, name) = label(old);
        let Some(new) = after.get(key) else {
            // Without the path itself nothing of a path goes.
            if place != "path" {
                let rank = rank_of_loss(calls.requests, is_required(old));
                let message = match calls.requests {
                    Flow::Received => {
                        format!("the {place} parameter `{name}` is not read any longer")
                    }
                    Flow::Sent => format!("the {place} parameter `{name}` is gone"),
                };
                let code = (rank, "parameter-removed");
                changes.client(code, calls.name, old.key_location(), message);
            }
            continue;
        };
        let mut tell = |rank: Rank, code, at: &At<'d>, message: String| {
            let location = changes.in_new(at);
            changes.client((rank, code), calls.name, location, message);
        };
        if place != "path" && is_required(old) != is_required(new) {
            let (rank, words) = match (is_required(new), calls.requests) {
                (true, Flow::Received) => (Rank::Breaking, "has to be sent now"),
                (true, Flow::Sent) => (Rank::Compatible, "is always sent now"),
                (false, Flow::Received) => (Rank::Compatible, "may be left out now"),
                (false, Flow::Sent) => (Rank::Breaking, "may be missing now"),
            };
            let at = new.get("required").unwrap_or(new.clone());
            let message = format!("the {place} parameter `{name}` {words}");
            tell(rank, "parameter-required", &at, message);
        }
        let (style_was, style_is) = (style(old, place), style(new, place));
        if style_was != style_is {
            let message = format!(
                "the {place} parameter `{name}` is written as {style_is} now, it was {style_was}"
            );
            tell(Rank::Breaking, "parameter-style-changed", new, message);
        }
        let pair = (schema(old), schema(new));
        schemas.compare(calls.name, pair, calls.requests, label(new).1);
    }
    for (key, new) in after.iter().filter(|(key, _)| !before.contains_key(*key)) {
        let (_, name) = label(new);
        let place = &key.0;
        if place == "path" {
            continue;
        }
        let rank = match (is_required(new), calls.requests) {
            (true, Flow::Received) => Rank::Breaking,
            _ => Rank::Compatible,
        };
        let words = match rank {
            Rank::Breaking => "and has to be sent",
            _ => "and may be left out",
        };
        let message = format!("the {place} parameter `{name}` is new, {words}");
        let location = changes.in_new(new);
        changes.client((rank, "parameter-added"), calls.name, location, message);
    }
}

/// How values are written, with what is meant where nothing is said.
fn style(at: &At<'_>, place: &str) -> String {
    if at.get("content").is_some() {
        return "`content`".to_owned();
    }
    let written = at.get("style").and_then(|at| at.as_str());
    let style = written.unwrap_or(match place {
        "query" | "cookie" => "form",
        _ => "simple",
    });
    let explode = at.get("explode").and_then(|at| at.as_bool());
    match explode.unwrap_or(style == "form" || style == "deepObject") {
        true => format!("`{style}` exploded"),
        false => format!("`{style}`"),
    }
}

fn bodies<'d>(
    calls: &Calls<'_>,
    was: &Operation<'d>,
    is: &Operation<'d>,
    schemas: &mut Schemas<'d>,
    changes: &mut Changes,
) {
    let body = |operation: &Operation<'d>| {
        let at = operation.at.get("requestBody")?;
        Some(at.resolve().unwrap_or(at))
    };
    let flow = calls.requests;
    match (body(was), body(is)) {
        (None, None) => {}
        (Some(old), None) => {
            let rank = rank_of_loss(flow, true);
            let code = (rank, "body-removed");
            let message = "the body of the request is gone";
            changes.client(code, calls.name, old.key_location(), message);
        }
        (None, Some(new)) => {
            let rank = match (flow, is_required(&new)) {
                (Flow::Received, true) => Rank::Breaking,
                _ => Rank::Compatible,
            };
            let words = match rank {
                Rank::Breaking => "has to be sent",
                _ => "may be left out",
            };
            let message = format!("the request has a body now, which {words}");
            let location = changes.in_new(&new);
            changes.client((rank, "body-added"), calls.name, location, message);
        }
        (Some(old), Some(new)) => {
            if is_required(&old) != is_required(&new) {
                let (rank, words) = match (is_required(&new), flow) {
                    (true, Flow::Received) => (Rank::Breaking, "has to be sent now"),
                    (true, Flow::Sent) => (Rank::Compatible, "is always there now"),
                    (false, Flow::Received) => (Rank::Compatible, "may be left out now"),
                    (false, Flow::Sent) => (Rank::Breaking, "may be missing now"),
                };
                let at = new.get("required").unwrap_or(new.clone());
                let location = changes.in_new(&at);
                let message = format!("the body of the request {words}");
                changes.client((rank, "body-required"), calls.name, location, message);
            }
            contents(calls, flow, (&old, &new), "request", schemas, changes);
        }
    }
}

/// A media type without what makes no difference.
fn essence(name: &str) -> String {
    let parts = name.split(';').map(|part| part.trim().to_ascii_lowercase());
    let parts = parts.filter(|part| !part.starts_with("charset="));
    parts.collect::<Vec<_>>().join(";")
}

/// What a message carries, by media type.
fn contents<'d>(
    calls: &Calls<'_>,
    flow: Flow,
    (old, new): (&At<'d>, &At<'d>),
    of: &str,
    schemas: &mut Schemas<'d>,
    changes: &mut Changes,
) {
    let read = |at: &At<'d>| -> IndexMap<String, (&'d str, At<'d>)> {
        let content = at.get("content");
        let entries = content.iter().flat_map(At::entries);
        entries
            .map(|(name, at)| (essence(name), (name, at)))
            .collect()
    };
    let (before, after) = (read(old), read(new));
    for (key, (name, old)) in &before {
        match after.get(key) {
            Some((_, new)) => {
                let pair = (old.get("schema"), new.get("schema"));
                schemas.compare(calls.name, pair, flow, "body");
            }
            None => {
                let message = format!("the {of} is never `{name}` any longer");
                let code = (Rank::Breaking, "media-type-removed");
                changes.client(code, calls.name, old.key_location(), message);
            }
        }
    }
    for (key, (name, new)) in &after {
        if !before.contains_key(key) {
            // Who sends chooses; who receives says what he takes.
            let message = format!("the {of} may be `{name}` now");
            let location = changes.in_new(new);
            let code = (Rank::Compatible, "media-type-added");
            changes.client(code, calls.name, location, message);
        }
    }
}

fn answers<'d>(
    calls: &Calls<'_>,
    was: &Operation<'d>,
    is: &Operation<'d>,
    schemas: &mut Schemas<'d>,
    changes: &mut Changes,
) {
    let read = |operation: &Operation<'d>| -> IndexMap<String, At<'d>> {
        let all = operation.at.get("responses");
        let all = all.iter().flat_map(At::members);
        let all = all.filter(|(status, _)| !status.starts_with("x-"));
        all.map(|(status, at)| (status.to_ascii_uppercase(), at.resolve().unwrap_or(at)))
            .collect()
    };
    let (before, after) = (read(was), read(is));
    let is_success = |status: &str| status.starts_with('2') || status == "DEFAULT";
    for (status, old) in &before {
        let of = format!("answer {}", status.to_ascii_lowercase());
        let Some(new) = after.get(status) else {
            let rank = match calls.responses {
                Flow::Sent if is_success(status) => Rank::Breaking,
                Flow::Sent => Rank::Risky,
                Flow::Received => Rank::Breaking,
            };
            let code = (rank, "status-removed");
            let message = format!("the {of} is gone");
            changes.client(code, calls.name, old.key_location(), message);
            continue;
        };
        contents(calls, calls.responses, (old, new), &of, schemas, changes);
        headers(calls, (old, new), &of, schemas, changes);
    }
    for (status, new) in after.iter().filter(|(key, _)| !before.contains_key(*key)) {
        // A failure may always come; another success is something to understand.
        let is_known = before.contains_key("DEFAULT");
        let rank = match calls.responses {
            Flow::Sent if is_success(status) && !is_known && status != "DEFAULT" => Rank::Risky,
            _ => Rank::Compatible,
        };
        let message = format!("the answer {} is new", status.to_ascii_lowercase());
        let location = changes.in_new(new);
        changes.client((rank, "status-added"), calls.name, location, message);
    }
}

fn headers<'d>(
    calls: &Calls<'_>,
    (old, new): (&At<'d>, &At<'d>),
    of: &str,
    schemas: &mut Schemas<'d>,
    changes: &mut Changes,
) {
    let read = |at: &At<'d>| -> IndexMap<String, (&'d str, At<'d>)> {
        let all = at.get("headers");
        let all = all.iter().flat_map(At::members);
        all.map(|(name, at)| {
            (
                name.to_ascii_lowercase(),
                (name, at.resolve().unwrap_or(at)),
            )
        })
        .collect()
    };
    let (before, after) = (read(old), read(new));
    let flow = calls.responses;
    for (key, (name, old)) in &before {
        let Some((_, new)) = after.get(key) else {
            let message = format!("the header `{name}` of the {of} is gone");
            let code = (rank_of_loss(flow, true), "header-removed");
            changes.client(code, calls.name, old.key_location(), message);
            continue;
        };
        if is_required(old) && !is_required(new) && flow == Flow::Sent {
            let message = format!("the header `{name}` of the {of} may be missing now");
            let location = changes.in_new(new);
            changes.client(
                (Rank::Breaking, "header-optional"),
                calls.name,
                location,
                message,
            );
        }
        schemas.compare(calls.name, (schema(old), schema(new)), flow, name);
    }
    for (key, (name, new)) in &after {
        if !before.contains_key(key) {
            let message = format!("the header `{name}` of the {of} is new");
            let location = changes.in_new(new);
            changes.client(
                (Rank::Compatible, "header-added"),
                calls.name,
                location,
                message,
            );
        }
    }
}
