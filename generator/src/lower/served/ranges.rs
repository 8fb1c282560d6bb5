//! What the service asks of values though the document says it by a word alone: the range of a
//! format, the member that tells forms apart. Clients read keywords, so they are written out.

use serde_json::{Map, Value, json};

use crate::{ir::Integer, lower::numbers, spec::At};

/// Adds to a schema what is not written there.
pub(super) fn declare(at: &At<'_>, schema: &mut Map<String, Value>) {
    let is = |name: &str| match schema.get("type") {
        Some(Value::Array(names)) => names.iter().any(|it| it == name),
        named => named.is_some_and(|it| it == name),
    };
    let is_float = schema.get("format").is_some_and(|format| format == "float");
    match (is("number"), is("integer")) {
        (false, true) => integer(at, schema),
        (true, _) if is_float => {
            bounds(
                schema,
                json!(f64::from(f32::MIN)),
                json!(f64::from(f32::MAX)),
            );
        }
        _ => {}
    }
    let property = schema
        .get("discriminator")
        .and_then(|it| it.get("propertyName"));
    let chooses = schema.contains_key("oneOf") || schema.contains_key("anyOf");
    if let Some(property) = property.cloned().filter(|_| chooses)
        && let Value::Array(required) = schema.entry("required").or_insert_with(|| json!([]))
        && !required.contains(&property)
    {
        required.push(property);
    }
}

fn integer(at: &At<'_>, schema: &mut Map<String, Value>) {
    let integer = numbers::integer(at);
    match integer {
        Integer::I32 | Integer::I64 => {
            if let Some(name) = numbers::name(integer) {
                schema.insert("format".to_owned(), name.into());
            }
        }
        Integer::I8 => bounds(schema, json!(i8::MIN), json!(i8::MAX)),
        Integer::I16 => bounds(schema, json!(i16::MIN), json!(i16::MAX)),
        Integer::U8 => bounds(schema, json!(0), json!(u8::MAX)),
        Integer::U16 => bounds(schema, json!(0), json!(u16::MAX)),
        Integer::U32 => bounds(schema, json!(0), json!(u32::MAX)),
        Integer::U64 => bounds(schema, json!(0), json!(u64::MAX)),
        Integer::I128 => {}
    }
}

/// Bounds where the document has none of its own.
fn bounds(schema: &mut Map<String, Value>, least: Value, most: Value) {
    for (inclusive, exclusive, bound) in [
        ("minimum", "exclusiveMinimum", least),
        ("maximum", "exclusiveMaximum", most),
    ] {
        if !schema.contains_key(inclusive) && !schema.contains_key(exclusive) {
            schema.insert(inclusive.to_owned(), bound);
        }
    }
}
