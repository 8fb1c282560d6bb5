//! What stands in another place than the standard says.

use super::{
    mend::{Mended, truth, warning},
    table::SCHEMA,
};
use crate::{
    diagnostic::Diagnostic,
    lower::schemas::MEMBERS,
    spec::{At, Change, Kind, Node, Span},
};

/// What Swagger 2 has in a parameter, and OpenAPI 3 in its `schema`.
const OF_SCHEMA: &[&str] = &[
    "type",
    "format",
    "items",
    "properties",
    "enum",
    "default",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "uniqueItems",
];

/// Gathers what a parameter says of its values into the `schema` that it does not have.
pub(super) fn of_parameter(parameter: &At<'_>) -> Option<Mended> {
    let has = |key: &str| parameter.get(key).is_some();
    if has("schema")
        || has("content")
        || !["type", "enum", "items", "properties"].into_iter().any(has)
    {
        return None;
    }
    let found = warning(
        "swagger-2-parameter",
        "a parameter's type stands in its `schema` since OpenAPI 3",
        parameter,
    )
    .help("move `type` and its kin into `schema`; they are read as if they were there");
    Some((Change::Gather("schema", OF_SCHEMA), found))
}

/// A schema under `type`, where drafts before the fourth allowed one; a property of this name has
/// others beside it, or is what `properties` was forgotten around.
pub(super) fn schema_as_type<'d>(schema: &At<'d>) -> Option<(At<'d>, Mended)> {
    let written = schema.get("type").filter(At::is_object)?;
    let is_keyword = |key: &str| SCHEMA.keys.iter().any(|(known, _)| *known == key);
    let says = ["type", "enum", "const", "$ref", "oneOf", "anyOf", "allOf"];
    if schema.get("allOf").is_some()
        || !says.iter().any(|key| written.get(key).is_some())
        || !schema
            .entries()
            .all(|(key, _)| key.starts_with("x-") || is_keyword(key))
    {
        return None;
    }
    let found = warning(
        "wrong-kind",
        "`type` must be a string, this is an object",
        &written,
    )
    .help("it is read as a schema that has to fit as well; put it into `allOf`, or in place of the schema around it");
    Some((written, (Change::Rename("allOf".to_owned()), found)))
}

/// Whether a schema of a value has members and does not say that it is an object, which is all
/// that the type of a struct takes. What speaks of values by the way (`not`, `allOf`) may mean no
/// more than it says.
pub(super) fn is_untyped_object(schema: &At<'_>) -> bool {
    let has = |key: &&str| schema.get(key).is_some();
    let others = [
        "type",
        "enum",
        "const",
        "items",
        "prefixItems",
        "allOf",
        "oneOf",
        "anyOf",
        "not",
        "if",
        "$ref",
        "$dynamicRef",
    ];
    if !MEMBERS.iter().any(has) || others.iter().any(has) {
        return false;
    }
    let pointer = schema.pointer();
    let mut tokens = pointer.rsplit('/');
    let last = tokens.next();
    let is_value = matches!(last, Some("schema" | "items" | "additionalProperties"))
        || matches!(tokens.next(), Some("properties" | "schemas"));
    is_value
        && !["/not/", "/if/"]
            .iter()
            .any(|aside| pointer.contains(aside))
}

/// The names of properties that say of themselves that they are required, and the places.
pub(super) fn required<'d>(schema: &At<'d>) -> Vec<(&'d str, At<'d>, bool)> {
    let properties = schema.get("properties");
    let mut found = Vec::new();
    for (name, property) in properties.iter().flat_map(At::entries) {
        // Where `in` stands as well, `required` speaks of a parameter.
        let Some(written) = property
            .get("required")
            .filter(|_| property.get("in").is_none())
        else {
            continue;
        };
        let value = match &written.node().kind {
            Kind::Bool(value) => Some(*value),
            Kind::String(text) => truth(text),
            _ => None,
        };
        if let Some(value) = value {
            found.push((name, written, value));
        }
    }
    found
}

/// What is said of such a property.
pub(super) fn of_property(name: &str, written: &At<'_>) -> Diagnostic {
    warning(
        "misplaced-required",
        "`required` must be a list of names",
        written,
    )
    .help(format!(
        "list `{}` in `required` of the schema around this one; that is how it is read",
        name.escape_debug()
    ))
}

/// A list of texts that stands nowhere.
pub(super) fn texts(texts: &[&str], span: Span) -> Kind {
    let text = |text: &&str| Node {
        kind: Kind::String((*text).to_owned()),
        span,
    };
    Kind::Array(texts.iter().map(text).collect())
}
