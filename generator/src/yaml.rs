//! JSON values as YAML that a person would write: blocks, and small things in one line.

use serde_json::{Map, Value};

/// How wide a collection may be that stands in one line.
const MAX_FLOW: usize = 76;
/// How long a key may be: readers of YAML look no further for its colon.
const MAX_KEY: usize = 1_000;

/// A value as a document of its own.
pub(crate) fn document(value: &Value) -> String {
    if has_long_key(value) {
        return format!("{value:#}\n");
    }
    let mut out = String::new();
    match value {
        Value::Object(members) if !members.is_empty() => block_members(&mut out, members, 0),
        Value::Array(items) if !items.is_empty() => block_items(&mut out, items, 0),
        other => {
            out.push_str(&flow(other));
            out.push('\n');
        }
    }
    out
}

/// A value in one line.
pub(crate) fn flow(value: &Value) -> String {
    match value {
        Value::Object(members) if members.is_empty() => "{}".to_owned(),
        Value::Object(members) => {
            let members = members.iter();
            let members: Vec<String> = members
                .map(|(key, value)| format!("{}: {}", text(key), flow(value)))
                .collect();
            format!("{{ {} }}", members.join(", "))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(flow).collect();
            format!("[{}]", items.join(", "))
        }
        Value::String(value) => text(value),
        other => other.to_string(),
    }
}

/// Members below each other, each line indented.
fn block_members(out: &mut String, members: &Map<String, Value>, indent: usize) {
    for (index, (key, value)) in members.iter().enumerate() {
        // The first line of an item stands behind its dash.
        if index > 0 || !out.ends_with("- ") {
            out.extend(std::iter::repeat_n(' ', indent));
        }
        out.push_str(&text(key));
        out.push(':');
        behind(out, value, indent);
    }
}

fn block_items(out: &mut String, items: &[Value], indent: usize) {
    for item in items {
        out.extend(std::iter::repeat_n(' ', indent));
        out.push('-');
        match item {
            Value::Object(members) if !members.is_empty() && !fits(item, indent) => {
                out.push(' ');
                block_members(out, members, indent + 2);
            }
            item => behind(out, item, indent),
        }
    }
}

/// What stands behind a key or a dash: on the line, or below it.
fn behind(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Object(members) if !fits(value, indent) => {
            out.push('\n');
            block_members(out, members, indent + 2);
        }
        Value::Array(items) if !fits(value, indent) => {
            out.push('\n');
            block_items(out, items, indent + 2);
        }
        Value::String(text) if is_literal(text) => literal(out, text, indent + 2),
        other => {
            out.push(' ');
            out.push_str(&flow(other));
            out.push('\n');
        }
    }
}

/// Whether a collection is small enough for a line, and holds no objects.
fn fits(value: &Value, indent: usize) -> bool {
    let is_simple = |value: &Value| match value {
        Value::Object(members) => members.is_empty(),
        Value::Array(items) => items
            .iter()
            .all(|item| !item.is_array() && !item.is_object()),
        Value::String(text) => !text.contains('\n'),
        _ => true,
    };
    let are_simple = match value {
        Value::Object(members) => members.values().all(is_simple),
        Value::Array(items) => items.iter().all(is_simple),
        _ => true,
    };
    let is_empty = flow(value).len() <= 2;
    is_empty || are_simple && indent + flow(value).len() <= MAX_FLOW
}

/// Whether a text of several lines can stand as it is.
fn is_literal(text: &str) -> bool {
    let is_plain = |c: char| c == '\n' || c == '\t' || !needs_escape(c);
    let body = text.strip_suffix('\n').unwrap_or(text);
    body.contains('\n')
        && !body.ends_with('\n')
        && !body.starts_with([' ', '\t', '\n'])
        && text.chars().all(is_plain)
        && body
            .split('\n')
            .all(|line| line.is_empty() || !line.trim().is_empty())
}

fn literal(out: &mut String, text: &str, indent: usize) {
    let body = text.strip_suffix('\n');
    out.push_str(if body.is_some() { " |\n" } else { " |-\n" });
    for line in body.unwrap_or(text).split('\n') {
        if !line.is_empty() {
            out.extend(std::iter::repeat_n(' ', indent));
            out.push_str(line);
        }
        out.push('\n');
    }
}

/// A text in one line, in quotes where it would be read as something else.
fn text(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if needs_escape(c) => quoted.push_str(&format!("\\U{:08x}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Signs that are not seen, or that some reader takes for the end of a line.
fn needs_escape(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
        )
}

/// Whether no reader of any version of YAML takes a text for anything else, even between brackets.
fn is_plain(text: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || "_-./$ ".contains(c);
    let first = text.chars().next();
    let begins = first.is_some_and(|c| c.is_ascii_alphabetic() || "/$_".contains(c));
    // `100/second`, `250ms`: no number, and no date.
    let units = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_measure = units.len() < text.len()
        && (units.starts_with('/') || matches!(units, "ms" | "s" | "m" | "h"));
    // `3.1.0`
    let is_version = text.split('.').count() > 2
        && text
            .split('.')
            .all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit()));
    let lower = text.to_ascii_lowercase();
    let is_word = [
        "null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf",
    ]
    .contains(&lower.as_str());
    (begins || is_measure || is_version)
        && text.chars().all(word)
        && !text.ends_with(' ')
        && !is_word
}

fn has_long_key(value: &Value) -> bool {
    match value {
        Value::Object(members) => members
            .iter()
            .any(|(key, value)| key.len() > MAX_KEY || has_long_key(value)),
        Value::Array(items) => items.iter().any(has_long_key),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::spec;

    #[track_caller]
    fn check(value: &Value) {
        let text = document(value);
        let read = spec::yaml_value(&text).map(|node| spec::plain::value(&node));
        assert_eq!(read.as_ref(), Some(value), "{text}");
    }

    #[test]
    fn a_document_reads_well() {
        insta::assert_snapshot!(document(&json!({
            "openapi": "3.1.0",
            "info": { "title": "A: zoo", "version": "1", "description": "Two\nlines.\n" },
            "tags": [],
            "paths": {
                "/pets/{id}": {
                    "get": {
                        "operationId": "getPet",
                        "tags": ["pets", "yes", "null", "12", "1e3", "2020-01-01"],
                        "x-retry": { "attempts": 2, "delay": "250ms", "exceptions": ["TimeoutError", "5xx"] },
                        "x-ratelimit": { "limit": "10/second", "enabled": true },
                        "parameters": [
                            { "name": "id", "in": "path", "required": true, "schema": { "type": "string" } },
                            { "$ref": "#/components/parameters/Limit" },
                        ],
                        "responses": { "200": { "description": "", "example": [[1, 2], [], [{ "a": {} }]] } },
                    },
                },
            },
        })));
    }

    #[test]
    fn texts_stay_what_they_are() {
        let texts = [
            "",
            " ",
            "a ",
            " a",
            "- a",
            "a: b",
            "a #b",
            "#",
            "\u{feff}",
            "\u{85}",
            "a\nb",
            "a\nb\n",
            "a\n\nb",
            "a\n \nb",
            "\na\nb",
            "a\r\nb",
            "a\n\tb",
            "a\nb\n\n",
            "  a\nb",
            "0x1f",
            "0o7",
            "1_000",
            "12:30",
            "~",
            ".inf",
            "=",
            "<<",
            "!a",
            "&a",
            "*a",
            "'",
            "\"",
            "%a",
            "@a",
            "`a",
            "---",
            "...",
            "y",
            "NO",
            "1.0",
            "-1",
            "+1",
            "é",
            "日本",
            "a, b",
            "[a",
            "{a}",
            "|",
            ">",
            "?",
            "? a",
            "a\u{2028}b",
        ];
        for text in texts {
            check(&json!({ text: text, "list": [text, [text], { text: text }] }));
        }
        // Of a key that is too long for YAML the document is JSON.
        let long = document(&json!({ "x".repeat(3_000): 1 }));
        assert!(serde_json::from_str::<Value>(&long).is_ok(), "{long}");
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            "[ a:#\n'\"-]{0,9}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            let key = prop_oneof![any::<String>(), "[ a:#\n'\"?-]{0,5}"];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::vec((key, inner), 0..5)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_value_is_read_again(value in values()) {
            // What is no text at all is no document: nobody writes one.
            prop_assume!(value.is_object() || value.is_array());
            check(&value);
        }
    }
}
