//! Refusals beside the answers that a document has declared for the same status.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// Where a response stands, once its reference is followed.
pub(super) fn place(root: &Value, responses: &str, status: &str) -> Option<String> {
    let mut pointer = format!("{responses}/{status}");
    // A circle of references has been reported.
    for _ in 0..16 {
        let reference = root.pointer(&pointer)?.get("$ref").and_then(Value::as_str);
        match reference.and_then(|text| text.strip_prefix('#')) {
            Some(target) => pointer = target.to_owned(),
            None => return Some(pointer),
        }
    }
    None
}

/// Declares that the responses at some places may be refusals, too.
pub(super) fn declare(
    root: &mut Value,
    places: &BTreeSet<(String, String)>,
    refusal: impl Fn(&str) -> Value,
) {
    for (pointer, status) in places {
        let mut refused = refusal(status);
        let Some(response) = root.pointer_mut(pointer).and_then(Value::as_object_mut) else {
            continue;
        };
        say_headers(response, refused["headers"].take());
        let content = refused["content"].take();
        let declared = response
            .entry("content")
            .or_insert_with(|| Value::Object(Map::new()));
        let (Some(declared), Value::Object(content)) = (declared.as_object_mut(), content) else {
            continue;
        };
        for (media_type, refused) in content {
            let Some(known) = declared.get_mut(&media_type) else {
                declared.insert(media_type, refused);
                continue;
            };
            // Without a schema it may be anything already.
            if let Some(schema) = known.get_mut("schema")
                && *schema != refused["schema"]
            {
                *schema = json!({ "anyOf": [schema.take(), refused["schema"]] });
            }
        }
    }
}

/// What a refusal says in headers, unless the document has its own words for it.
fn say_headers(response: &mut Map<String, Value>, refused: Value) {
    let Value::Object(refused) = refused else {
        return;
    };
    let declared = response
        .entry("headers")
        .or_insert_with(|| Value::Object(Map::new()));
    let Some(declared) = declared.as_object_mut() else {
        return;
    };
    for (name, header) in refused {
        if !declared.keys().any(|key| key.eq_ignore_ascii_case(&name)) {
            declared.insert(name, header);
        }
    }
}
