//! The values of a policy, each with what it comes from.

use std::{fmt::Write as _, time::Duration};

use serde_json::{Value, json};

use super::{PLACE, level};
use crate::{
    cli::excerpt::{Sources, printable},
    diagnostic::Location,
    ir::{Effective, Operation, Origin, Policy},
    render::words,
};

const INDENT: usize = 6;
const WIDTH: usize = 100;
/// Longer values are cut: a body may be a page.
const MAX_VALUE: usize = 40;

/// A line for each value that somebody decided, and then the defaults.
pub(super) fn human(
    out: &mut String,
    sources: &Sources<'_>,
    operation: &Operation,
    policy: &Policy,
) {
    let is_default = |it: &&Effective| matches!(it.origin, Origin::Default);
    let (defaults, decided): (Vec<_>, Vec<_>) = policy.values.iter().partition(is_default);
    let rows = decided.iter().map(|it| (it.key, text(it), it));
    let rows: Vec<_> = rows.collect();
    let keys = rows.iter().map(|(key, ..)| key.len()).max().unwrap_or(0);
    let texts = rows.iter().map(|(_, text, _)| text.chars().count());
    let texts = texts.max().unwrap_or(0);
    for (key, text, value) in rows {
        let origin = match &value.origin {
            Origin::Written(location) => place(sources, operation, location),
            Origin::Derived(keys) => format!("derived from {}", keys.join(" and ")),
            Origin::Default => "default".to_owned(),
        };
        let _ = writeln!(
            out,
            "{:INDENT$}{key:keys$}  {text:texts$}  {PLACE}{origin}{PLACE:#}",
            ""
        );
    }
    let defaults = defaults.iter().map(|it| format!("{} {}", it.key, text(it)));
    let mut line = "default: ".to_owned();
    let mut lines = Vec::new();
    for (index, default) in defaults.enumerate() {
        if index > 0 {
            line.push_str(", ");
        }
        if INDENT + line.len() + default.len() > WIDTH {
            lines.push(std::mem::take(&mut line));
        }
        line.push_str(&default);
    }
    lines.push(line);
    if !lines[0].ends_with(": ") {
        for line in lines {
            let _ = writeln!(out, "{:INDENT$}{PLACE}{}{PLACE:#}", "", line.trim_end());
        }
    }
}

/// `api.yaml:11 (operation)`
fn place(sources: &Sources<'_>, operation: &Operation, location: &Location) -> String {
    let place = format!(
        "{}:{} ({})",
        sources.name(location).display(),
        sources.start(location).line,
        level(operation, location)
    );
    printable(&place)
}

fn text(value: &Effective) -> String {
    let text = match &value.value {
        Value::Number(seconds) if value.is_time => {
            let time = Duration::try_from_secs_f64(seconds.as_f64().unwrap_or_default());
            words::duration(time.unwrap_or_default())
        }
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            let items: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            format!("[{}]", items.join(", "))
        }
        other => other.to_string(),
    };
    let text = printable(&text);
    match text.chars().count() > MAX_VALUE {
        true => text.chars().take(MAX_VALUE).chain("...".chars()).collect(),
        false => text,
    }
}

/// By their keys; times are seconds.
pub(super) fn machine(sources: &Sources<'_>, operation: &Operation, policy: &Policy) -> Value {
    let member = |it: &Effective| {
        let mut member = json!({ "value": it.value });
        match &it.origin {
            Origin::Default => member["source"] = "default".into(),
            Origin::Derived(keys) => {
                member["source"] = "derived".into();
                member["from"] = keys.clone().into();
            }
            Origin::Written(location) => {
                member["source"] = level(operation, location).into();
                member["file"] = sources.name(location).display().to_string().into();
                member["line"] = sources.start(location).line.into();
                member["pointer"] = (&*location.pointer).into();
            }
        }
        (it.key.to_owned(), member)
    };
    policy.values.iter().map(member).collect()
}
