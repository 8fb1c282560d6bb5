//! What real documents write in a form that the standard does not know, and that can mean only one
//! thing: it is told, and read as what is meant.

use std::ptr;

use super::table::{Form, Object, PARAMETER, PATH_ITEM, SCHEMA};
use crate::{
    diagnostic::{Diagnostic, nearest},
    lower::{operations::METHODS, responses, schemas::TYPE_NAMES},
    spec::{At, Change, Kind, Node, Number, Object as Members, Span},
};

/// What is read instead, and what is said of it.
pub(super) type Mended = (Change, Diagnostic);

const BOOLEANS: &[&str] = &[
    "allowEmptyValue",
    "allowReserved",
    "deprecated",
    "explode",
    "nullable",
    "readOnly",
    "required",
    "uniqueItems",
    "writeOnly",
];

const NUMBERS: &[&str] = &[
    "exclusiveMaximum",
    "exclusiveMinimum",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
];

/// Keys under which null is a value, or says no less than nothing does.
const TAKE_NULL: &[&str] = &[
    "$ref",
    "const",
    "default",
    "description",
    "example",
    "examples",
    "externalDocs",
    "info",
    "openapi",
    "paths",
    "requestBody",
    "summary",
    "title",
    "value",
];

/// What other languages call types, and the formats that they say more with.
const TYPES: &[(&str, &str, Option<&str>)] = &[
    ("any", "", None),
    ("mixed", "", None),
    ("binary", "string", Some("binary")),
    ("bool", "boolean", None),
    ("byte", "string", Some("byte")),
    ("char", "string", None),
    ("date", "string", Some("date")),
    ("date-time", "string", Some("date-time")),
    ("datetime", "string", Some("date-time")),
    ("decimal", "number", None),
    ("dict", "object", None),
    ("double", "number", Some("double")),
    ("email", "string", Some("email")),
    ("enum", "string", None),
    ("file", "string", Some("binary")),
    ("float", "number", Some("float")),
    ("guid", "string", Some("uuid")),
    ("hash", "object", None),
    ("int", "integer", None),
    ("int32", "integer", Some("int32")),
    ("int64", "integer", Some("int64")),
    ("json", "object", None),
    ("list", "array", None),
    ("long", "integer", Some("int64")),
    ("map", "object", None),
    ("nil", "null", None),
    ("none", "null", None),
    ("numeric", "number", None),
    ("short", "integer", None),
    ("str", "string", None),
    ("text", "string", None),
    ("uri", "string", Some("uri")),
    ("url", "string", Some("uri")),
    ("uuid", "string", Some("uuid")),
    ("void", "null", None),
];

/// The key that is meant by one that an object does not have.
pub(super) fn key(
    at: &At<'_>,
    key: &str,
    value: &At<'_>,
    object: &'static Object,
) -> Option<(&'static str, &'static Form, Mended)> {
    let near = nearest(key, object.keys.iter().map(|(known, _)| *known))?;
    let (near, form) = object.keys.iter().find(|(known, _)| *known == near)?;
    let near: &'static str = near;
    if at.get(near).is_some() || !is_sure(key, near) || !fits(value, form) {
        return None;
    }
    let message = format!("`{}` is no key of {}", key.escape_debug(), object.what);
    let found = Diagnostic::warning("unknown-key", message)
        .at(value.key_location())
        .help(format!("it is read as `{near}`; write it so"));
    Some((near, form, (Change::Rename(near.to_owned()), found)))
}

/// Whether a slip is so small that nothing else can be meant.
fn is_sure(written: &str, near: &str) -> bool {
    let plain = |word: &str| word.replace(['-', '_'], "").to_ascii_lowercase();
    let (written, near) = (plain(written), plain(near));
    let slips = strsim::osa_distance(&written, &near);
    slips == 0 || slips <= near.chars().count() / 4
}

fn is_map(form: &Form) -> bool {
    !matches!(form, Form::Leaf | Form::Items(_))
}

fn is_list_of(object: &'static Object, form: &Form) -> bool {
    matches!(form, Form::Items(list) if ptr::eq(*list, object))
}

/// Whether the keys of an object are the indices of a list.
fn is_numbered(members: &Members) -> bool {
    let is_index = |key: &str| !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit());
    members.iter().next().is_some() && members.iter().all(|(key, _)| is_index(key))
}

fn fits(value: &At<'_>, form: &Form) -> bool {
    match form {
        Form::Leaf => true,
        Form::Items(_) => value.is_array(),
        _ => value.is_object(),
    }
}

/// A value under a key that is known.
pub(super) fn value(
    key: &'static str,
    value: &At<'_>,
    form: &Form,
    object: &'static Object,
) -> Option<Mended> {
    let is = |other| ptr::eq(object, other);
    match &value.node().kind {
        Kind::Null => null(key, value, object),
        Kind::String(text) if key == "type" && (is(&SCHEMA) || is(&PARAMETER)) => {
            type_name(value, text)
        }
        Kind::Array(items) if key == "type" && is(&SCHEMA) => type_names(value, items),
        Kind::String(text) if key == "in" => place(value, text),
        // In a schema it is a list of names.
        Kind::Bool(_) if key == "required" && is(&SCHEMA) => None,
        Kind::String(_) if key == "required" && is(&SCHEMA) => None,
        Kind::String(text) if BOOLEANS.contains(&key) => boolean(key, value, text),
        Kind::Number(number) if BOOLEANS.contains(&key) => boolean(key, value, &number.text),
        Kind::String(text) if NUMBERS.contains(&key) => number(key, value, text),
        Kind::Number(number) if matches!(key, "name" | "pattern") => Some((
            Change::Set(Kind::String(number.text.clone())),
            warning(
                "wrong-kind",
                format!("`{key}` must be a string, this is a number"),
                value,
            )
            .help(format!("write \"{}\"; that is how it is read", number.text)),
        )),
        // PHP writes an empty map so.
        Kind::Array(items) if items.is_empty() && is_map(form) => Some((
            Change::Set(Kind::Object(Members::new())),
            warning(
                "wrong-kind",
                format!("`{key}` must be an object, this is an array"),
                value,
            )
            .help("it is read as `{}`; write that, or leave it out"),
        )),
        // PHP writes a list so that has lost an element.
        Kind::Object(members)
            if is_list_of(&PARAMETER, form)
                || is_list_of(&SCHEMA, form) && is_numbered(members) =>
        {
            Some((
                Change::Values,
                warning(
                    "wrong-kind",
                    format!("`{key}` must be an array, this is an object"),
                    value,
                )
                .help("its values are read as the list; write them as one"),
            ))
        }
        Kind::Object(_) if is_list_of(&SCHEMA, form) => Some((
            Change::Wrap,
            warning(
                "wrong-kind",
                format!("`{key}` must be an array, this is an object"),
                value,
            )
            .help("it is read as a list of this one schema; write it as a list"),
        )),
        _ => None,
    }
}

/// What stands where an object should.
pub(super) fn whole(at: &At<'_>, object: &'static Object) -> Option<Mended> {
    if ptr::eq(object, &PARAMETER) && at.is_null() {
        let found = warning("null-value", "a parameter is null", at);
        return Some((Change::Remove, found.help("it is left out; remove it")));
    }
    ptr::eq(object, &SCHEMA).then(|| schema(at))?
}

/// A schema that is none, and says what it means all the same.
fn schema(at: &At<'_>) -> Option<Mended> {
    let text = match &at.node().kind {
        Kind::Null => {
            return Some((
                Change::Set(Kind::Object(Members::new())),
                warning("null-value", "a schema is null", at)
                    .help("it is read as `{}`, which everything fits; write that, or a schema"),
            ));
        }
        Kind::Array(_) => {
            return Some((
                Change::Set(Kind::Object(Members::new())),
                warning("wrong-kind", "a schema must be an object, this is an array", at)
                    .help("it is read as `{}`, which everything fits; write a schema, or `anyOf:` before the list"),
            ));
        }
        Kind::String(text) => text,
        _ => return None,
    };
    if let Some(value) = truth(text) {
        return Some((
            Change::Set(Kind::Bool(value)),
            warning(
                "text-for-boolean",
                format!("a schema is the text \"{text}\""),
                at,
            )
            .help(format!(
                "write {value} without quotes; that is how it is read"
            )),
        ));
    }
    let plain = text.trim().to_ascii_lowercase();
    let (ty, format) = meant_type(&plain)?;
    Some((
        Change::Set(described(ty, format, at.node().span)),
        warning("wrong-kind", format!("a schema is the text \"{text}\""), at).help(format!(
            "write `type: {ty}` below it; that is how it is read"
        )),
    ))
}

/// A key of `responses` that is no status.
pub(super) fn status(code: &str, at: &At<'_>) -> Option<Mended> {
    if responses::status(code).is_some() {
        return None;
    }
    let found = Diagnostic::warning(
        "unknown-status",
        format!("`{}` is no status", code.escape_debug()),
    )
    .at(at.key_location());
    // `200 OK`, `2XX Success`
    let meant = code.trim().get(..3).filter(|meant| {
        let rest = code.trim()[3..].chars().next();
        responses::status(meant).is_some() && !rest.is_some_and(|c| c.is_alphanumeric())
    });
    if let Some(meant) = meant {
        let found = found.help(format!("write `{meant}`; that is how it is read"));
        return Some((Change::Rename(meant.to_owned()), found));
    }
    Some((
        Change::Remove,
        found.help("it is left out; write three digits, a class such as `4XX`, or `default`"),
    ))
}

fn null(key: &str, at: &At<'_>, object: &'static Object) -> Option<Mended> {
    let is_operation = ptr::eq(object, &PATH_ITEM) && METHODS.contains(&key);
    if TAKE_NULL.contains(&key) || is_operation {
        return None;
    }
    if key == "type" {
        return Some((
            Change::Set(Kind::String("null".to_owned())),
            warning("null-value", "`type` is null, and no text", at)
                .help("write \"null\" in quotes; that is how it is read"),
        ));
    }
    Some((
        Change::Remove,
        warning("null-value", format!("`{key}` is null"), at)
            .help("it is read as if it were not there; give it a value, or leave it out"),
    ))
}

fn boolean(key: &str, at: &At<'_>, text: &str) -> Option<Mended> {
    let value = truth(text)?;
    Some((
        Change::Set(Kind::Bool(value)),
        warning(
            "text-for-boolean",
            format!("`{key}` must be true or false, this is {}", at.kind_name()),
            at,
        )
        .help(format!(
            "write {value} without quotes; that is how it is read"
        )),
    ))
}

pub(super) fn truth(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "y" | "on" | "1" => Some(true),
        "false" | "no" | "n" | "off" | "0" => Some(false),
        _ => None,
    }
}

fn number(key: &str, at: &At<'_>, text: &str) -> Option<Mended> {
    // In 3.0 it is true or false.
    if key.starts_with("exclusive")
        && let Ok(value) = text.trim().to_ascii_lowercase().parse::<bool>()
    {
        return boolean(key, at, &value.to_string());
    }
    let number: serde_json::Number = text.trim().parse().ok()?;
    let text = number.to_string();
    Some((
        Change::Set(Kind::Number(Number { text: text.clone() })),
        warning(
            "text-for-number",
            format!("`{key}` must be a number, this is a string"),
            at,
        )
        .help(format!(
            "write {text} without quotes; that is how it is read"
        )),
    ))
}

fn place(at: &At<'_>, text: &str) -> Option<Mended> {
    let plain = text.trim().to_ascii_lowercase();
    let places = ["path", "query", "header", "cookie"];
    let plain = places.into_iter().find(|known| is_sure(&plain, known))?;
    if plain == text {
        return None;
    }
    let found = warning(
        "spelling",
        format!("no parameter stands in `{}`", text.escape_debug()),
        at,
    )
    .help(format!("write `{plain}`; that is how it is read"));
    Some((Change::Set(Kind::String(plain.to_owned())), found))
}

/// The type of the standard that a name means, empty for any; none for one that means nothing.
fn meant_type(plain: &str) -> Option<(&'static str, Option<&'static str>)> {
    if let Some(known) = TYPE_NAMES.iter().find(|known| **known == plain) {
        return Some((known, None));
    }
    if let Some(found) = TYPES.iter().find(|(name, ..)| *name == plain) {
        return Some((found.1, found.2));
    }
    let long = TYPE_NAMES.iter().filter(|known| known.len() > 5);
    let near = long.copied().find(|known| is_sure(plain, known))?;
    Some((near, None))
}

fn type_name(at: &At<'_>, text: &str) -> Option<Mended> {
    let plain = text.trim().to_ascii_lowercase();
    let (ty, _) = meant_type(&plain).filter(|(ty, _)| *ty != text)?;
    let found = warning(
        "unknown-type",
        format!("unknown type `{}`", text.escape_debug()),
        at,
    );
    Some(match ty {
        "" => (
            Change::Remove,
            found.help("leave `type` out for any type; that is how it is read"),
        ),
        ty => (
            Change::Set(Kind::String(ty.to_owned())),
            found.help(format!("write `{ty}`; that is how it is read")),
        ),
    })
}

/// The format that the name of a type says as well.
pub(super) fn format_of(at: &At<'_>) -> Option<&'static str> {
    let plain = at.as_str()?.trim().to_ascii_lowercase();
    meant_type(&plain)?.1
}

fn type_names(at: &At<'_>, items: &[Node]) -> Option<Mended> {
    let mut names = Vec::new();
    let mut changed = None;
    let mut has_null = false;
    for item in items {
        let text = match &item.kind {
            Kind::String(text) => text.as_str(),
            // `[string, null]` without the quotes.
            Kind::Null => {
                has_null = true;
                "null"
            }
            _ => {
                names.push(item.clone());
                continue;
            }
        };
        let plain = text.trim().to_ascii_lowercase();
        let meant = meant_type(&plain).map_or(text, |(ty, _)| ty);
        if meant != text {
            changed = Some(text);
        }
        // A list with any type in it is no restriction.
        if meant.is_empty() {
            let found = warning(
                "unknown-type",
                format!("unknown type `{}`", text.escape_debug()),
                at,
            )
            .help("leave `type` out for any type; that is how it is read");
            return Some((Change::Remove, found));
        }
        names.push(Node {
            kind: Kind::String(meant.to_owned()),
            span: item.span,
        });
    }
    let found = match changed {
        Some(text) => warning(
            "unknown-type",
            format!("unknown type `{}`", text.escape_debug()),
            at,
        )
        .help(format!(
            "write one of {}; the nearest is read",
            TYPE_NAMES.join(", ")
        )),
        None if has_null => warning("null-value", "`type` lists null, and no text", at)
            .help("write \"null\" in quotes; that is how it is read"),
        None => return None,
    };
    Some((Change::Set(Kind::Array(names)), found))
}

/// A schema that lists its values.
pub(super) fn of_enum(values: Kind, span: Span) -> Kind {
    let entry = crate::spec::Entry {
        key_span: span,
        value: Node { kind: values, span },
    };
    let mut members = Members::new();
    members.insert("enum".to_owned(), entry);
    Kind::Object(members)
}

fn described(ty: &str, format: Option<&str>, span: Span) -> Kind {
    let text = |text: &str| crate::spec::Entry {
        key_span: span,
        value: Node {
            kind: Kind::String(text.to_owned()),
            span,
        },
    };
    let mut members = Members::new();
    if !ty.is_empty() {
        members.insert("type".to_owned(), text(ty));
    }
    if let Some(format) = format {
        members.insert("format".to_owned(), text(format));
    }
    Kind::Object(members)
}

pub(super) fn warning(code: &'static str, message: impl Into<String>, at: &At<'_>) -> Diagnostic {
    Diagnostic::warning(code, message).at(at.location())
}
