//! The extension as a JSON Schema, for editors: from the table, like everything else.

use serde_json::{Map, Value as Json, json};

use super::{
    METHODS,
    place::NAMESPACES,
    table::{Absent, BUDGET_MIN, BUDGET_RATIO, CLIENT_KEYS, Key, PATTERNS, PatternSpec, Takes},
};

/// A schema of documents that knows nothing but the extension, and where it may stand.
pub(crate) fn json_schema() -> Json {
    let operation = with_extensions("#/$defs/nested", Map::new());
    let mut path = Map::new();
    for method in METHODS {
        path.insert(method.to_owned(), operation.clone());
    }
    let path = with_extensions("#/$defs/nested", path);
    let paths = json!({ "type": "object", "additionalProperties": path });
    let mut root = Map::new();
    root.insert("paths".to_owned(), paths);
    let mut schema = with_extensions("#/$defs/root", root);
    let mut patterns = Map::new();
    for pattern in PATTERNS {
        patterns.insert(pattern.name.to_owned(), pattern_schema(pattern));
    }
    schema["$schema"] = "http://json-schema.org/draft-07/schema#".into();
    schema["title"] = "Resilience in OpenAPI documents".into();
    schema["$defs"] = json!({
        "patterns": patterns,
        "resiliency": resiliency(),
        "nested": object(&json!({ "resiliency": { "$ref": "#/$defs/resiliency" } })),
        "root": object(&json!({
            "resiliency": { "$ref": "#/$defs/resiliency" },
            "otel": object(&json!({ "enabled": flag(), "endpoint": text() })),
            "controller": object(&json!({ "enabled": flag(), "url": text(), "prefix": text() })),
            "protection": object(&json!({ "type": { "enum": ["ingress", "egress", "full"] } })),
            "client_key": words(&CLIENT_KEYS),
        })),
    });
    schema
}

/// An object of the document with the extension in both of its forms.
fn with_extensions(namespace: &str, mut properties: Map<String, Json>) -> Json {
    for name in NAMESPACES {
        properties.insert(name.to_owned(), json!({ "$ref": namespace }));
    }
    for pattern in PATTERNS {
        let schema = json!({ "$ref": format!("#/$defs/patterns/{}", pattern.name) });
        properties.insert(format!("x-{}", pattern.name), schema);
    }
    json!({ "type": "object", "properties": properties })
}

fn resiliency() -> Json {
    let mut properties = Map::new();
    for pattern in PATTERNS {
        let schema = json!({ "$ref": format!("#/$defs/patterns/{}", pattern.name) });
        properties.insert(pattern.name.to_owned(), schema);
    }
    let names: Vec<&str> = PATTERNS.iter().map(|pattern| pattern.name).collect();
    properties.insert("order".to_owned(), words(&names));
    object(&Json::Object(properties))
}

fn pattern_schema(pattern: &PatternSpec) -> Json {
    let mut properties = Map::new();
    for key in pattern.keys {
        properties.insert(key.name.to_owned(), key_schema(key));
    }
    // `false` takes an inherited pattern away.
    json!({ "oneOf": [object(&Json::Object(properties)), { "const": false }] })
}

fn key_schema(key: &Key) -> Json {
    let mut schema = match &key.takes {
        Takes::Flag => flag(),
        Takes::Count(least, most) => {
            json!({ "type": "integer", "minimum": least, "maximum": most })
        }
        Takes::Tokens => json!({ "type": "number", "minimum": 0 }),
        Takes::Number(least, most) => {
            json!({ "type": "number", "minimum": least, "maximum": most })
        }
        Takes::NumberAbove(least, most) => {
            json!({ "type": "number", "exclusiveMinimum": least, "maximum": most })
        }
        Takes::Between(least, most) => {
            json!({ "type": "number", "exclusiveMinimum": least, "exclusiveMaximum": most })
        }
        Takes::Time { zero: true } => duration(json!({ "minimum": 0 })),
        Takes::Time { zero: false } => duration(json!({ "exclusiveMinimum": 0 })),
        Takes::WordOr(_) => duration(json!({ "minimum": 0 })),
        Takes::Word(choices) => {
            let words: Vec<&str> = choices.iter().map(|choice| choice.word).collect();
            json!({ "enum": words })
        }
        Takes::Words(names) => words(names),
        Takes::Text => text(),
        Takes::Headers => json!({ "type": "array", "items": text() }),
        Takes::Rate => json!({ "oneOf": [text(), { "type": "array", "items": text() }] }),
        Takes::Exceptions => json!({
            "oneOf": [exception(), { "type": "array", "items": exception() }],
        }),
        Takes::Budget => object(&json!({
            BUDGET_RATIO.0: { "type": "number", "minimum": 0, "maximum": BUDGET_RATIO.1 },
            BUDGET_MIN.0: { "type": "integer", "minimum": 0, "maximum": BUDGET_MIN.1 },
        })),
        Takes::Anything => json!({}),
    };
    let default = match key.absent {
        Absent::On => Some(true.into()),
        Absent::Off => Some(false.into()),
        Absent::Count(count) => Some(count.into()),
        Absent::Number(number) | Absent::Seconds(number) => Some(number.into()),
        Absent::Word(word) => Some(word.into()),
        Absent::None | Absent::Same(_) | Absent::Follows(..) => None,
    };
    if let Some(default) = default {
        schema["default"] = default;
    }
    if let Absent::Same(other) = key.absent {
        schema["description"] = format!("By default that of `{other}`.").into();
    }
    schema
}

fn object(properties: &Json) -> Json {
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

fn flag() -> Json {
    json!({ "type": "boolean" })
}

fn text() -> Json {
    json!({ "type": "string" })
}

fn words(names: &[&str]) -> Json {
    json!({ "type": "array", "items": { "enum": names } })
}

/// Seconds, or a text with a unit or in place of a number.
fn duration(bounds: Json) -> Json {
    let mut number = json!({ "type": "number" });
    if let (Some(number), Json::Object(bounds)) = (number.as_object_mut(), bounds) {
        number.extend(bounds);
    }
    json!({ "oneOf": [number, text()] })
}

fn exception() -> Json {
    json!({ "type": ["string", "integer"] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_has_every_key() {
        insta::assert_snapshot!(serde_json::to_string_pretty(&json_schema()).expect("JSON"));
    }
}
