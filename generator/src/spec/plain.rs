//! Nodes as plain JSON.

use serde_json::{Map, Number, Value};

use super::{Kind, Node};

/// The value of a node without its places.
pub(crate) fn value(node: &Node) -> Value {
    match &node.kind {
        Kind::Null => Value::Null,
        Kind::Bool(value) => Value::Bool(*value),
        Kind::Number(number) => number
            .text
            .parse::<Number>()
            .map_or_else(|_| Value::String(number.text.clone()), Value::Number),
        Kind::String(text) => Value::String(text.clone()),
        Kind::Array(items) => Value::Array(items.iter().map(value).collect()),
        Kind::Object(entries) => Value::Object(
            entries
                .iter()
                .map(|(key, entry)| (key.to_owned(), value(&entry.value)))
                .collect::<Map<_, _>>(),
        ),
    }
}
