//! Values as the text of parameters, in the styles of OpenAPI.

use std::fmt::Write as _;

use serde_json::Value;

/// How the value of a parameter is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// `1,2`, in headers.
    Simple,
    /// `a=1&a=2` with `explode`, `a=1,2` without.
    Form,
    /// `a=1%202`
    SpaceDelimited,
    /// `a=1%7C2`
    PipeDelimited,
    /// `a[b]=1`
    DeepObject,
    /// `a={"b":1}`, escaped.
    Json,
}

/// The pairs of a query or of cookies, escaped.
pub(super) fn pairs(name: &str, style: Style, explode: bool, value: &Value) -> Vec<String> {
    let name = escaped(name);
    let pair = |value: String| format!("{name}={value}");
    if style == Style::Json {
        return vec![pair(escaped(&value.to_string()))];
    }
    match value {
        Value::Array(items) if explode => items
            .iter()
            .map(|item| pair(escaped(&plain(item))))
            .collect(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| escaped(&plain(item))).collect();
            vec![pair(items.join(delimiter(style)))]
        }
        Value::Object(members) if style == Style::DeepObject => members
            .iter()
            .map(|(key, value)| format!("{name}%5B{}%5D={}", escaped(key), escaped(&plain(value))))
            .collect(),
        Value::Object(members) if explode => members
            .iter()
            .map(|(key, value)| format!("{}={}", escaped(key), escaped(&plain(value))))
            .collect(),
        Value::Object(members) => {
            let flat: Vec<String> = members
                .iter()
                .flat_map(|(key, value)| [escaped(key), escaped(&plain(value))])
                .collect();
            vec![pair(flat.join(delimiter(style)))]
        }
        value => vec![pair(escaped(&plain(value)))],
    }
}

fn delimiter(style: Style) -> &'static str {
    match style {
        Style::SpaceDelimited => "%20",
        Style::PipeDelimited => "%7C",
        Style::Simple | Style::Form | Style::DeepObject | Style::Json => ",",
    }
}

/// The text of a header.
pub(super) fn simple(style: Style, explode: bool, value: &Value) -> String {
    match value {
        value if style == Style::Json => value.to_string(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(plain).collect();
            items.join(",")
        }
        Value::Object(members) => {
            let joint = if explode { '=' } else { ',' };
            let members: Vec<String> = members
                .iter()
                .map(|(key, value)| format!("{key}{joint}{}", plain(value)))
                .collect();
            members.join(",")
        }
        value => plain(value),
    }
}

/// A text without quotes; what is no text as JSON has it.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        value => value.to_string(),
    }
}

/// A text as a piece of a path or a query: everything but unreserved letters escaped (RFC 3986).
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                escaped.push(char::from(byte));
            }
            _ => {
                let _ = write!(escaped, "%{byte:02X}");
            }
        }
    }
    escaped
}
