//! SARIF 2.1.0, which code scanning reads.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    cli::{
        excerpt::{Position, Sources},
        report::word,
    },
    diagnostic::{Diagnostics, Location},
};

pub(in crate::cli) fn log(sources: &Sources<'_>, found: &Diagnostics) -> Value {
    let rules: BTreeSet<&str> = found.iter().map(|it| it.code).collect();
    let rules: Vec<Value> = rules
        .into_iter()
        .map(|code| json!({ "id": code }))
        .collect();
    let results: Vec<Value> = found
        .iter()
        .map(|it| {
            let message = match &it.help {
                Some(help) => format!("{}: {help}", it.message),
                None => it.message.clone(),
            };
            let places = it
                .location
                .iter()
                .map(|place| location(sources, place, None));
            let related = it.related.iter();
            let related = related.map(|(place, label)| location(sources, place, Some(label)));
            json!({
                "ruleId": it.code,
                "level": word(it.severity),
                "message": { "text": message },
                "locations": places.collect::<Vec<_>>(),
                "relatedLocations": related.collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "failsafe",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            // Columns are counted as the rest of the command counts them.
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn location(sources: &Sources<'_>, place: &Location, label: Option<&str>) -> Value {
    let (start, end) = (sources.start(place), sources.end(place));
    let mut value = json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(&sources.name(place).display().to_string()) },
            "region": region(start, end),
        },
        "logicalLocations": [{ "fullyQualifiedName": format!("#{}", place.pointer) }],
    });
    if let Some(label) = label {
        value["message"] = json!({ "text": label });
    }
    value
}

fn region(start: Position, end: Position) -> Value {
    json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    })
}

/// A path as a relative reference: what would mean something else is written as its bytes.
fn uri(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let bytes = path.replace('\\', "/").into_bytes();
    let parts = bytes.into_iter().map(|byte| match plain(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    });
    parts.collect()
}
