//! Values out of text, for parameters: `?limit=20` is the number 20 where the schema asks for one.

use serde_json::{Number, Value};

#[cfg(feature = "service")]
use super::plain;
use super::{Literal, Schema, Types, whole};

/// Reads text as the kind of value that a schema asks for. `None` when it cannot be one.
///
/// Where a schema allows several types, the narrowest that the text can be is taken; text is
/// always a string when strings are allowed and nothing narrower fits.
#[must_use]
pub fn value_of(schema: &Schema, text: &str) -> Option<Value> {
    let types = types_of(schema);
    if types.contains(Types::INTEGER)
        && let Some(number) = number_of(text)
        && (types.contains(Types::NUMBER) || !number.is_f64())
    {
        return Some(Value::Number(number));
    }
    if types.contains(Types::BOOLEAN)
        && let Ok(value) = text.parse()
    {
        return Some(Value::Bool(value));
    }
    if types.contains(Types::STRING) {
        return Some(Value::String(text.to_owned()));
    }
    if types.contains(Types::NULL) && (text.is_empty() || text == "null") {
        return Some(Value::Null);
    }
    None
}

/// The types that a value may have, with what the schemas that this one is combined of say.
pub(crate) fn types_of(schema: &Schema) -> Types {
    narrowed(schema, MAX_DEPTH)
}

/// The schema of an array's items, which may be said by a schema that this one is combined of.
#[cfg(feature = "service")]
pub(crate) fn items_of(schema: &'static Schema) -> Option<&'static Schema> {
    schema
        .items
        .or_else(|| schema.all_of.iter().find_map(|part| part.items))
}

/// What a schema says of types itself: whoever names members need not say that it is an object.
pub(crate) fn own_types(schema: &Schema) -> Types {
    match schema.types {
        Types::ANY if !schema.properties.is_empty() => Types::OBJECT,
        types => types,
    }
}

/// How long a text or a file has to be at least, and may be at most.
#[cfg(feature = "multipart")]
pub(crate) fn length_of(schema: &Schema) -> (Option<u64>, Option<u64>) {
    let parts = || schema.all_of.iter().copied().chain([schema]);
    let least = parts().filter_map(|part| part.min_length).max();
    let most = parts().filter_map(|part| part.max_length).min();
    (least, most)
}

/// Deeper than any parameter, and the end of a schema that contains itself.
const MAX_DEPTH: usize = 8;

fn narrowed(schema: &Schema, depth: usize) -> Types {
    let Some(depth) = depth.checked_sub(1) else {
        return schema.types;
    };
    let all = schema.all_of.iter().map(|part| narrowed(part, depth));
    let own = match own_types(schema) {
        // Whoever lists the values need not say of which type they are.
        Types::ANY => listed(schema).unwrap_or(Types::ANY),
        types => types,
    };
    let mut types = all.fold(own, Types::and);
    for variants in [schema.any_of, schema.one_of] {
        let any = variants
            .iter()
            .map(|variant| narrowed(variant, depth))
            .reduce(Types::or);
        types = types.and(any.unwrap_or(Types::ANY));
    }
    types
}

/// The types of the only values that there are; none where all are.
fn listed(schema: &Schema) -> Option<Types> {
    let values = schema.enumeration.iter().chain(&schema.constant);
    let types = values.map(|value| match value {
        Literal::Null => Types::NULL,
        Literal::Bool(_) => Types::BOOLEAN,
        Literal::Number(_) => Types::NUMBER,
        Literal::Str(_) => Types::STRING,
        Literal::Json(_) => Types::ARRAY.or(Types::OBJECT),
    });
    types.reduce(Types::or)
}

/// A number in JSON's grammar: neither `+1` nor `inf` nor `0x10` nor ` 1`. What is whole is read as
/// an integer, `1.0` too.
pub(crate) fn number_of(text: &str) -> Option<Number> {
    // serde_json allows white space around a value; a parameter has none to spare.
    if text.starts_with([' ', '\t', '\n', '\r']) || text.ends_with([' ', '\t', '\n', '\r']) {
        return None;
    }
    let whole = whole(text);
    serde_json::from_str(whole.as_deref().unwrap_or(text)).ok()
}

/// JSON as a value of which the whole numbers are integers.
///
/// # Errors
///
/// When it is no JSON.
#[cfg(feature = "service")]
pub(crate) fn json_of(text: &str) -> serde_json::Result<Value> {
    match plain(text.as_bytes()) {
        Some(plain) => serde_json::from_slice(&plain),
        None => serde_json::from_str(text),
    }
}
