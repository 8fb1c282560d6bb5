//! Values as the pairs of a query or a form.

use serde_json::Value;

use super::request::{pair, plain, query_pairs};

/// A form (`application/x-www-form-urlencoded`) of the media type that a document describes.
pub(super) fn form(media: &Value, value: &Value) -> Vec<u8> {
    let members = value.as_object().into_iter().flatten();
    let pairs = members.flat_map(|(name, value)| {
        let encoding = &media["encoding"][name];
        let is_json = encoding["contentType"]
            .as_str()
            .is_some_and(|media_type| media_type.contains("json"));
        if encoding.get("style").is_some() || encoding.get("explode").is_some() {
            query_pairs(encoding, name, value)
        } else if is_json {
            vec![pair(name, &value.to_string())]
        } else {
            nested(name, value)
        }
    });
    pairs.collect::<Vec<_>>().join("&").into_bytes()
}

/// `a[b][0]=c`: what is within stands in brackets.
pub(super) fn nested(name: &str, value: &Value) -> Vec<String> {
    match value {
        Value::Object(members) => members
            .iter()
            .flat_map(|(key, member)| nested(&format!("{name}[{key}]"), member))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .flat_map(|(index, item)| nested(&format!("{name}[{index}]"), item))
            .collect(),
        other => vec![pair(name, &plain(other, ","))],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::form;

    #[test]
    fn a_form_is_written_as_its_document_says() {
        let media = json!({ "encoding": {
            "tags": { "style": "pipeDelimited" },
            "raw": { "contentType": "application/json" },
        } });
        let value = json!({
            "a": "x y", "b": { "c": [1, { "d": true }] }, "raw": { "e": 1 }, "tags": ["p", "q"],
        });
        assert_eq!(
            String::from_utf8_lossy(&form(&media, &value)),
            "a=x%20y&b%5Bc%5D%5B0%5D=1&b%5Bc%5D%5B1%5D%5Bd%5D=true\
             &raw=%7B%22e%22%3A1%7D&tags=p|q"
        );
    }
}
