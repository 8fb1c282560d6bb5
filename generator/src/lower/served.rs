//! The document as the service shows it.

use serde_json::Value;

use super::json;
use crate::{ir::Api, spec::Document};

/// Extensions that are for the generator alone.
const OURS: &[&str] = &[
    "x-telstra",
    "x-failsafe",
    "x-ratelimit",
    "x-retry",
    "x-circuitbreaker",
    "x-timeout",
    "x-bulkhead",
    "x-fallback",
    "x-hedge",
    "x-failfast",
    "x-featuretoggle",
    "x-cache",
    "x-loadshed",
    "x-backpressure",
    "x-concurrency",
];

/// The document as JSON: extensions removed, refusals declared.
pub(super) fn document(document: &Document, _apis: &[Api]) -> String {
    let mut root = json::value(&document.files[0].root);
    without_extensions(&mut root);
    let mut text = serde_json::to_string_pretty(&root).expect("a JSON value is JSON");
    text.push('\n');
    text
}

fn without_extensions(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|key, _| !OURS.contains(&key.as_str()));
            members.values_mut().for_each(without_extensions);
        }
        Value::Array(items) => items.iter_mut().for_each(without_extensions),
        _ => {}
    }
}
