//! Bodies in the media types that documents use.

use serde_json::{Map, Value, json};

use super::form::form;
use super::request::plain;
use super::value::{Document, Extent, fitting, written_out};

const BOUNDARY: &str = "failsafe-probe";

/// What is sent: `content-type`, and the bytes.
pub(super) fn body(
    at: Document<'_>,
    media_type: &str,
    media: &Value,
    extent: Extent,
) -> (String, Vec<u8>) {
    let essence = essence(media_type);
    let schema = &media["schema"];
    let value = || fitting(at, schema, extent);
    let sent = |text: String| (spoken(&essence), text.into_bytes());
    if is_json(&essence) {
        return sent(value().to_string());
    }
    if essence == "*/*" || essence == "application/*" {
        return match is_binary(at, schema) {
            true => ("application/octet-stream".to_owned(), b"bytes".to_vec()),
            false => sent(value().to_string()),
        };
    }
    match essence.as_str() {
        "application/x-www-form-urlencoded" => {
            match written_out(at, schema, extent) {
                value @ Value::Object(_) => (spoken(&essence), form(media, &value)),
                // Without fields it is a text like any other.
                other => sent(plain(&other, ",")),
            }
        }
        "multipart/form-data" => (
            format!("multipart/form-data; boundary={BOUNDARY}"),
            multipart(
                at,
                schema,
                &media["encoding"],
                written_out(at, schema, extent),
            )
            .into_bytes(),
        ),
        "application/x-ndjson"
        | "application/jsonl"
        | "application/json-seq"
        | "application/json-lines"
        | "application/jsonlines"
        | "application/ndjson" => {
            let lines = match media.get("itemSchema") {
                Some(item) => vec![fitting(at, item, extent)],
                None => match value() {
                    Value::Array(items) if !items.is_empty() => items,
                    Value::Array(_) => vec![fitting(at, &at.resolve(schema)["items"], extent)],
                    one => vec![one],
                },
            };
            let lines: Vec<String> = lines.iter().map(|line| format!("{line}\n")).collect();
            sent(lines.concat())
        }
        _ if is_binary(at, schema) => sent("bytes".to_owned()),
        xml if xml.ends_with("xml") => sent("<document/>".to_owned()),
        "text/plain" | "application/octet-stream" => match value() {
            // A structure that has no form of its own is JSON.
            structure @ (Value::Array(_) | Value::Object(_)) => sent(structure.to_string()),
            scalar => sent(plain(&scalar, ",")),
        },
        _ => sent(plain(&value(), ",")),
    }
}

/// The type without its parameters, in lower case.
pub(super) fn essence(media_type: &str) -> String {
    let essence = media_type.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

/// Whether a type without parameters is JSON.
pub(super) fn is_json(essence: &str) -> bool {
    ["application/json", "text/json"].contains(&essence) || essence.ends_with("+json")
}

/// A type that can be sent where the document has a range of them.
fn spoken(essence: &str) -> String {
    match essence {
        "*/*" | "application/*" => "application/json".to_owned(),
        range => range.replace('*', "plain"),
    }
}

fn is_binary(at: Document<'_>, schema: &Value) -> bool {
    at.resolve(schema)["format"] == json!("binary")
}

fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

fn multipart(at: Document<'_>, schema: &Value, encoding: &Value, value: Value) -> String {
    let properties = &at.resolve(schema)["properties"];
    let mut text = String::new();
    for (name, member) in members(value) {
        let property = at.resolve(&properties[&name]);
        let items = at.resolve(&property["items"]);
        let all = match member {
            Value::Array(items) => items,
            one => vec![one],
        };
        for one in all {
            let is_file = is_binary(at, property) || is_binary(at, items);
            let declared = encoding[&name]["contentType"].as_str().unwrap_or_default();
            let declared = declared.split(',').next().unwrap_or_default().trim();
            text += &format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"");
            if is_file {
                text += "; filename=\"a.bin\"";
            }
            let media_type = match &one {
                _ if !declared.is_empty() && !declared.contains('*') => declared,
                Value::Object(_) => "application/json",
                _ if is_file => "application/octet-stream",
                _ => "text/plain",
            };
            let content = match is_json(&essence(media_type)) {
                true => one.to_string(),
                false => plain(&one, ","),
            };
            text += &format!("\r\ncontent-type: {media_type}\r\n\r\n{content}\r\n");
        }
    }
    text + &format!("--{BOUNDARY}--\r\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Document, Extent, body};

    fn sent(media_type: &str, media: &serde_json::Value) -> String {
        let document = json!({});
        let (_, bytes) = body(Document(&document), media_type, media, Extent::Full);
        String::from_utf8(bytes).expect("text")
    }

    #[test]
    fn a_file_has_a_name() {
        let media = json!({ "schema": { "type": "object", "properties": {
            "file": { "type": "string", "format": "binary" },
        } } });
        let text = sent("multipart/form-data", &media);
        assert!(text.contains("name=\"file\"; filename="), "{text}");
    }
}
