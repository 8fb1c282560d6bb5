//! The same for machines: one JSON document, whose members are only ever added to.

use serde_json::{Value, json};

use super::{
    excerpt::{Position, Sources},
    report::word,
};
use crate::{
    Done, Outcome,
    diagnostic::{Diagnostic, Location},
    lower::LeftOut,
    peak_memory,
    write::Notice,
};

/// Everything that a run has to say.
pub(super) fn document(outcome: &Outcome) -> Value {
    let sources = Sources::new(&outcome.files);
    let diagnostics: Vec<_> = outcome
        .diagnostics
        .iter()
        .map(|found| diagnostic(&sources, found))
        .collect();
    json!({
        "done": outcome.done.is_some(),
        "diagnostics": diagnostics,
        "read": outcome.done.as_ref().map(read),
        "written": outcome.done.as_ref().map(written),
        "edited": outcome.edited.iter().map(|change| &change.path).collect::<Vec<_>>(),
    })
}

pub(super) fn diagnostic(sources: &Sources<'_>, found: &Diagnostic) -> Value {
    let mut value = place(sources, found.location.as_ref());
    value["severity"] = word(found.severity).into();
    value["code"] = found.code.into();
    value["message"] = found.message.as_str().into();
    value["help"] = found.help.as_deref().into();
    let related = found.related.iter().map(|(location, label)| {
        let mut value = place(sources, Some(location));
        value["message"] = label.as_str().into();
        value
    });
    value["related"] = related.collect();
    value
}

pub(super) fn place(sources: &Sources<'_>, location: Option<&Location>) -> Value {
    let start = location.map(|location| sources.start(location));
    let end = location.map(|location| sources.end(location));
    json!({
        "file": location.map(|location| sources.name(location).display().to_string()),
        "line": start.map(|start| start.line),
        "column": start.map(|start| start.column),
        "end": end.map(|Position { line, column }| json!({ "line": line, "column": column })),
        "pointer": location.map(|location| &*location.pointer),
    })
}

/// Seconds by phase, and bytes.
pub(super) fn timings(outcome: &Outcome) -> Value {
    let phases = outcome.timings.phases().iter();
    let phases: serde_json::Map<_, _> = phases
        .map(|(phase, took)| ((*phase).to_owned(), took.as_secs_f64().into()))
        .collect();
    json!({
        "phases": phases,
        "total": outcome.timings.total().as_secs_f64(),
        "peak_memory": peak_memory(),
    })
}

fn read(done: &Done) -> Value {
    json!({
        "title": done.title,
        "openapi": done.version.to_string(),
        "operations": done.operations,
        "models": done.models,
        "policies": done.policies,
        "left_out": done.left_out.iter().map(left_out).collect::<Vec<_>>(),
    })
}

fn left_out(operation: &LeftOut) -> Value {
    json!({
        "method": operation.method,
        "path": operation.path,
        "pointer": &*operation.location.pointer,
        "code": operation.reason.code,
        "message": operation.reason.message,
    })
}

fn written(done: &Done) -> Value {
    let report = &done.written;
    json!({
        "created": report.created,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "kept": report.kept,
        "removed": report.removed,
        "left": report.left,
        "overwritten": report.overwritten,
        "merged": report.merged,
        "conflicts": report.conflicts,
        "absent": report.absent,
        "finished": report.finished,
        "added": report.added.iter().map(|it| json!({ "path": it.path, "name": it.name })).collect::<Vec<_>>(),
        "notices": report.notices.iter().map(notice).collect::<Vec<_>>(),
    })
}

fn notice(notice: &Notice) -> Value {
    json!({
        "path": notice.path,
        "line": notice.line,
        "message": notice.message,
        "compiler": notice.compiler,
        "help": notice.help,
    })
}
