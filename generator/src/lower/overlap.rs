//! `oneOf` where `anyOf` is meant.
//!
//! Some branches take what another one asks for at least: two texts, a whole number beside a number,
//! lists that may be empty, objects that require nothing. Read to the letter, the plainest value of
//! the narrower branch is refused because it fits both, which nobody can have meant. Every other
//! overlap is taken to the letter.

use serde_json::Value;

use super::{json, tags::is_null, unions::REMARKS};
use crate::{ir::FORMATS, spec::At};

/// Schemas inside schemas; deeper ones are taken to differ.
const MAX_DEPTH: u32 = 6;

/// How many pairs of schemas are compared for one `oneOf`.
const MAX_COMPARED: u32 = 4096;

/// Keywords of which it is not known what they leave of a value.
const OPAQUE: &[&str] = &[
    "$dynamicRef",
    "contains",
    "dependentRequired",
    "dependentSchemas",
    "else",
    "if",
    "not",
    "oneOf",
    "patternProperties",
    "prefixItems",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
];

/// Two branches of a schema's `oneOf` of which the first one takes the plainest values of the second.
#[derive(Debug)]
pub(super) struct Overlap<'d> {
    pub(super) wide: At<'d>,
    pub(super) narrow: At<'d>,
}

/// The first two branches of which one leaves the plainest values of the other to it no more.
pub(super) fn find<'d>(at: &At<'d>) -> Option<Overlap<'d>> {
    let list = at.get("oneOf")?;
    let branches: Vec<At<'d>> = list.items().filter(|branch| !is_null(branch)).collect();
    // What two of them describe and nothing more fits both, whatever it is.
    let mut described = branches.iter().filter(|branch| is_description(branch));
    if let (Some(wide), Some(narrow)) = (described.next(), described.next()) {
        let (wide, narrow) = (wide.clone(), narrow.clone());
        return Some(Overlap { wide, narrow });
    }
    let mut compared = 0;
    for wide in &branches {
        // Of a branch that takes everything somebody may have meant just that.
        if types(&parts(wide)).is_empty() {
            continue;
        }
        for narrow in &branches {
            let is_same = std::ptr::eq(wide.node(), narrow.node());
            if !is_same && covers(wide, narrow, MAX_DEPTH, &mut compared) {
                let (wide, narrow) = (wide.clone(), narrow.clone());
                return Some(Overlap { wide, narrow });
            }
        }
    }
    None
}

/// Whether a schema takes the values with just the members that another one requires, `null` apart.
fn covers(wide: &At<'_>, narrow: &At<'_>, depth: u32, compared: &mut u32) -> bool {
    *compared += 1;
    let (wide_parts, narrow_parts) = (parts(wide), parts(narrow));
    if std::ptr::eq(wide_parts[0].node(), narrow_parts[0].node()) {
        return true;
    }
    let Some(depth) = depth.checked_sub(1).filter(|_| *compared <= MAX_COMPARED) else {
        return false;
    };
    if wide_parts
        .iter()
        .all(|part| takes(part, &narrow_parts, depth, compared))
    {
        return true;
    }
    // One of several forms is covered when each of them is.
    narrow_parts.iter().any(|part| {
        ["oneOf", "anyOf"].iter().any(|keyword| {
            let forms = part.get(keyword);
            let mut forms = forms.iter().flat_map(At::items).peekable();
            forms.peek().is_some() && forms.all(|form| covers(wide, &form, depth, compared))
        })
    })
}

/// Whether what one schema says of itself leaves what another one asks for at least.
fn takes(wide: &At<'_>, narrow: &[At<'_>], depth: u32, compared: &mut u32) -> bool {
    let has_same = |key: &str, value: &At<'_>| {
        let value = json::value(value.node());
        (narrow.iter().filter_map(|part| part.get(key)))
            .any(|other| json::value(other.node()) == value)
    };
    let bound = |key: &str| narrow.iter().find_map(|part| part.get(key)?.as_f64());
    let required = required(narrow);
    let asked = plainest(narrow, &required);
    let wide_types = types(std::slice::from_ref(wide));
    wide.entries().all(|(key, value)| match key {
        "type" => {
            let found = types(narrow);
            let is_taken = |ty: &&str| {
                wide_types.contains(ty) || (*ty == "integer" && wide_types.contains(&"number"))
            };
            !found.is_empty() && found.iter().all(is_taken)
        }
        "enum" => {
            let known: Vec<Value> = value.items().map(|it| json::value(it.node())).collect();
            values(narrow)
                .is_some_and(|own| own.iter().all(|it| it.is_null() || known.contains(it)))
        }
        "minLength" | "minItems" | "minimum" | "exclusiveMinimum" if value.as_f64().is_some() => {
            bound(key) >= value.as_f64()
        }
        "maxLength" | "maxItems" | "maximum" | "exclusiveMaximum" if value.as_f64().is_some() => {
            bound(key).is_some_and(|own| Some(own) <= value.as_f64())
        }
        "minProperties" => value.as_u64() <= Some(asked.len() as u64),
        "maxProperties" => value.as_u64() >= Some(asked.len() as u64),
        "format" if value.as_str().is_some_and(is_for_people) => true,
        "const" | "pattern" | "format" | "multipleOf" | "exclusiveMinimum" | "exclusiveMaximum"
        | "contentEncoding" => has_same(key, &value),
        "uniqueItems" => value.as_bool() != Some(true) || has_same(key, &value),
        "required" => {
            let mut names = value.items().filter_map(|name| name.as_str());
            names.all(|name| required.contains(&name))
        }
        // What is not asked for is not there.
        "properties" => value.entries().all(|(name, property)| {
            let mut own = members(narrow, name).peekable();
            !asked.contains(&name)
                || own.peek().is_none()
                || own.any(|own| covers(&property, &own, depth, compared))
        }),
        "additionalProperties" => {
            let declared = wide.get("properties");
            let mut others = (narrow.iter().filter_map(|part| part.get("properties")))
                .flat_map(|properties| properties.entries())
                .filter(|(name, _)| asked.contains(name))
                .filter(|(name, _)| declared.as_ref().is_none_or(|it| it.get(name).is_none()));
            match value.as_bool() {
                Some(true) => true,
                Some(false) => others.next().is_none(),
                None => others.all(|(_, other)| covers(&value, &other, depth, compared)),
            }
        }
        // A list of nothing has items of every kind.
        "items" if bound("minItems").is_none_or(|least| least < 1.0) => true,
        "items" => {
            let mut own = narrow.iter().filter_map(|part| part.get("items"));
            own.any(|own| covers(&value, &own, depth, compared))
        }
        "anyOf" => value.items().any(|branch| {
            narrow
                .iter()
                .any(|part| covers(&branch, part, depth, compared))
        }),
        key => !OPAQUE.contains(&key),
    })
}

/// Whether a schema says something to people alone.
fn is_description(at: &At<'_>) -> bool {
    let mut keys = at.entries().map(|(key, _)| key).peekable();
    keys.peek().is_some() && keys.all(|key| REMARKS.contains(&key))
}

/// Whether nothing is checked for a format.
fn is_for_people(format: &str) -> bool {
    FORMATS.iter().all(|(known, _)| *known != format)
}

/// What a schema may be, `null` left out: as it says, or as its other keywords let expect.
pub(super) fn types<'d>(parts: &[At<'d>]) -> Vec<&'d str> {
    let written = parts.iter().find_map(|part| part.get("type"));
    if let Some(written) = written {
        let names = written.items().chain(Some(written));
        let names = names.filter_map(|name| name.as_str());
        return names.filter(|name| *name != "null").collect();
    }
    let has = |key: &str| parts.iter().any(|part| part.get(key).is_some());
    if has("properties") {
        return vec!["object"];
    }
    if has("items") {
        return vec!["array"];
    }
    let mut found = Vec::new();
    for value in values(parts).unwrap_or_default() {
        found.push(match value {
            Value::Null => continue,
            Value::Bool(_) => "boolean",
            Value::Number(number) if number.is_f64() => "number",
            Value::Number(_) => "integer",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        });
    }
    found
}

/// The only values that there are, where a schema lists them.
fn values(parts: &[At<'_>]) -> Option<Vec<Value>> {
    parts.iter().find_map(|part| match part.get("const") {
        Some(only) => Some(vec![json::value(only.node())]),
        None => part
            .get("enum")
            .map(|list| list.items().map(|it| json::value(it.node())).collect()),
    })
}

/// The members of an object with as few as may be: those that are required, and of the others as many
/// as `minProperties` still asks for.
fn plainest<'d>(parts: &[At<'d>], required: &[&'d str]) -> Vec<&'d str> {
    let bounds = parts.iter().filter_map(|part| part.get("minProperties"));
    let least = bounds.filter_map(|bound| bound.as_u64()).max().unwrap_or(0);
    let mut names = required.to_vec();
    let declared = parts.iter().filter_map(|part| part.get("properties"));
    for name in declared.flat_map(|it| it.entries().map(|(name, _)| name).collect::<Vec<_>>()) {
        if names.len() as u64 >= least {
            break;
        }
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

pub(super) fn required<'d>(parts: &[At<'d>]) -> Vec<&'d str> {
    let lists = parts.iter().filter_map(|part| part.get("required"));
    lists
        .flat_map(|names| {
            names
                .items()
                .filter_map(|name| name.as_str())
                .collect::<Vec<_>>()
        })
        .collect()
}

pub(super) fn members<'a, 'd>(
    parts: &'a [At<'d>],
    name: &'a str,
) -> impl Iterator<Item = At<'d>> + use<'a, 'd> {
    let properties = parts.iter().filter_map(|part| part.get("properties"));
    properties.filter_map(move |properties| properties.get(name))
}

/// The schema itself, or what it stands for, and all that it is joined of.
pub(super) fn parts<'d>(at: &At<'d>) -> Vec<At<'d>> {
    let mut parts = vec![target(at)];
    let mut next = 0;
    while let Some(part) = parts.get(next) {
        let joined = part.get("allOf");
        next += 1;
        for part in joined.iter().flat_map(At::items) {
            let part = target(&part);
            let is_known = |known: &At<'_>| std::ptr::eq(known.node(), part.node());
            if parts.len() < 64 && !parts.iter().any(is_known) {
                parts.push(part);
            }
        }
    }
    parts
}

/// References that lead nowhere are reported elsewhere.
pub(super) fn target<'d>(at: &At<'d>) -> At<'d> {
    at.resolve().unwrap_or_else(|_| at.clone())
}
