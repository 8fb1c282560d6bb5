//! Values that fit a schema.

use std::cell::Cell;

use serde_json::{Map, Value, json};

use super::ends::distance;
use super::scalar::{integer, number, text};

/// Beyond this depth optional things are left out and recursion ends.
const DEPTH: usize = 24;

/// So many optional members and items a value has at most: some schemas have a hundred at each of
/// many levels.
const BUDGET: u32 = 300;

/// From this depth on, the way to an end goes before the order of the document.
const DEEP: usize = 5;

/// So often another choice is made where one leads to no end.
const ATTEMPTS: u32 = 200;

/// A document in which references are looked up.
#[derive(Clone, Copy, Debug)]
pub struct Document<'d>(pub &'d Value);

impl<'d> Document<'d> {
    /// The value itself, or what it refers to.
    pub fn resolve(self, value: &'d Value) -> &'d Value {
        let mut value = value;
        for _ in 0..DEPTH {
            let Some(reference) = value.get("$ref").and_then(Value::as_str) else {
                break;
            };
            let pointer = reference.strip_prefix('#').unwrap_or(reference);
            let pointer = percent_decode(pointer);
            match self.0.pointer(&pointer) {
                Some(target) => value = target,
                None => break,
            }
        }
        value
    }
}

fn percent_decode(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8_lossy()
        .into_owned()
}

/// How much of what is optional a value has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Every required member, nothing more.
    Least,
    /// The optional ones as well, a few levels deep.
    Full,
}

/// A value that fits the schema.
pub fn fitting(document: Document<'_>, schema: &Value, extent: Extent) -> Value {
    made(document, schema, extent, false)
}

/// The same for a parameter or a form, where a list without items and an object without members
/// leave no trace: none is empty that need not be.
pub(super) fn written_out(document: Document<'_>, schema: &Value, extent: Extent) -> Value {
    made(document, schema, extent, true)
}

fn made(document: Document<'_>, schema: &Value, extent: Extent, is_written_out: bool) -> Value {
    let maker = Maker {
        document,
        extent,
        budget: &Cell::new(BUDGET),
        is_written_out,
        is_endless: &Cell::new(false),
        attempts: &Cell::new(ATTEMPTS),
    };
    make(maker, schema, 0)
}

#[derive(Clone, Copy)]
struct Maker<'d> {
    document: Document<'d>,
    extent: Extent,
    /// How many more optional things there may be.
    budget: &'d Cell<u32>,
    /// Whether what is empty cannot be told from what is not there.
    is_written_out: bool,
    /// Set where a value found no end: whoever has a choice makes another one.
    is_endless: &'d Cell<bool>,
    /// How many more choices may be made anew.
    attempts: &'d Cell<u32>,
}

impl<'d> Maker<'d> {
    /// Whether what is optional is there at a depth.
    fn reaches(self, depth: usize) -> bool {
        let left = self.budget.get();
        let reaches = self.extent == Extent::Full && depth < 4 && left > 0;
        self.budget.set(left - u32::from(reaches));
        reaches
    }

    /// A value that need not be this one: none where it finds no end.
    fn ended(self, make: impl FnOnce() -> Value) -> Option<Value> {
        let before = self.is_endless.replace(false);
        let value = make();
        let is_endless = self.is_endless.get();
        let left = self.attempts.get();
        if is_endless && left > 0 {
            self.attempts.set(left - 1);
            self.is_endless.set(before);
            return None;
        }
        self.is_endless.set(before || is_endless);
        Some(value)
    }

    fn resolve(self, value: &'d Value) -> &'d Value {
        self.document.resolve(value)
    }
}

fn make(maker: Maker<'_>, schema: &Value, depth: usize) -> Value {
    if depth > DEPTH {
        maker.is_endless.set(true);
        return Value::Null;
    }
    let reference = schema["$ref"].as_str();
    let joined = with_siblings(maker, schema);
    let schema = joined.as_ref().unwrap_or_else(|| maker.resolve(schema));
    let merged = merge(maker, schema, depth);
    if let Some(value) = merged.get("const") {
        return value.clone();
    }
    // Where none is listed, or none of the type, somebody was mistaken.
    let values = merged.get("enum").and_then(Value::as_array);
    let values = values.into_iter().flatten();
    let mut values = values.filter(|value| value.is_null() || is_of_type(&merged, value));
    if let Some(first) = values.clone().next() {
        let chosen = values.find(|value| !value.is_null() && **value != json!(""));
        return chosen.unwrap_or(first).clone();
    }
    let listed = merged.get("enum").and_then(Value::as_array);
    let mut meant = listed.into_iter().flatten().filter_map(otherwise_written);
    if let Some(value) = meant.find(|value| is_of_type(&merged, value)) {
        return value;
    }
    for choice in ["oneOf", "anyOf"] {
        let Some(branches) = merged.get(choice).and_then(Value::as_array) else {
            continue;
        };
        let is_null = |branch: &&Value| maker.resolve(branch)["type"] == json!("null");
        let mut forms: Vec<&Value> = branches.iter().filter(|it| !is_null(it)).collect();
        forms.extend(branches.iter().filter(is_null).take(1));
        if depth > DEEP {
            forms.sort_by_cached_key(|form| distance(maker.document, form));
        }
        let Some(first) = forms.first() else {
            continue;
        };
        let of = |branch: &Value| variant(maker, &merged, branch, choice, depth);
        let ended = forms.iter().find_map(|form| maker.ended(|| of(form)));
        return ended.unwrap_or_else(|| of(first));
    }
    let mut value = by_type(maker, &merged, depth);
    // A schema that others extend is one of those that its discriminator names.
    if let (Some(members), Some(reference)) = (value.as_object_mut(), reference) {
        name_variant(maker, &merged, reference, members);
        if let Some(heir) = heir(maker, &merged, reference, members) {
            let property = merged["discriminator"]["propertyName"].as_str();
            let tag = property.and_then(|property| members.remove_entry(property));
            value = make(maker, heir, depth + 1);
            if let Some(members) = value.as_object_mut() {
                members.extend(tag);
            }
        }
    }
    value
}

/// The schema that extends the one of a reference and is meant by the value of its discriminator.
fn heir<'d>(
    maker: Maker<'d>,
    schema: &Value,
    reference: &str,
    members: &Map<String, Value>,
) -> Option<&'d Value> {
    let property = schema["discriminator"]["propertyName"].as_str()?;
    let tag = members.get(property)?.as_str()?;
    let mapped = schema["discriminator"]["mapping"].get(tag);
    let schemas = maker.document.0["components"]["schemas"].as_object()?;
    let heirs = schemas.iter().filter(|(_, heir)| {
        let parts = heir["allOf"].as_array().into_iter().flatten();
        parts
            .filter_map(|part| part["$ref"].as_str())
            .any(|part| part == reference)
    });
    let is_meant = |(name, heir): &(&String, &Value)| match mapped.and_then(Value::as_str) {
        Some(target) => target.rsplit('/').next() == Some(name),
        None => heir["x-ms-discriminator-value"].as_str().unwrap_or(name) == tag,
    };
    heirs.into_iter().find(is_meant).map(|(_, heir)| heir)
}

/// A value of one branch of a choice.
fn variant(maker: Maker<'_>, schema: &Value, branch: &Value, choice: &str, depth: usize) -> Value {
    let mut chosen = within(maker, schema, branch, choice, depth);
    let joined = merge(maker, maker.resolve(&chosen), depth);
    // A variant may extend the schema that it is a variant of: it has been chosen already.
    if joined.get(choice).is_some() && joined.get(choice) == schema.get(choice) {
        chosen = joined;
        if let Some(members) = chosen.as_object_mut() {
            members.remove(choice);
        }
    }
    let mut value = make(maker, &chosen, depth + 1);
    if let Some(members) = value.as_object_mut() {
        if choice == "oneOf" {
            leave_others_out(maker, schema, &chosen, members, depth);
        }
        tell_apart(maker, &chosen, members, depth);
        if let Some(reference) = branch["$ref"].as_str() {
            name_variant(maker, schema, reference, members);
        }
    }
    value
}

/// A reference joined with what stands beside it, which counts since 3.1.
fn with_siblings(maker: Maker<'_>, schema: &Value) -> Option<Value> {
    let version = maker.document.0["openapi"].as_str().unwrap_or_default();
    let reference = schema.get("$ref").filter(|_| !version.starts_with("3.0"))?;
    let mut joined = schema.clone();
    let members = joined.as_object_mut()?;
    members.remove("$ref");
    if members.is_empty() {
        return None;
    }
    let all = members.entry("allOf").or_insert_with(|| json!([]));
    all.as_array_mut()?.push(json!({ "$ref": reference }));
    Some(joined)
}

/// A branch together with what stands beside the choice.
fn within(maker: Maker<'_>, schema: &Value, branch: &Value, choice: &str, depth: usize) -> Value {
    let mut beside = schema.clone();
    if let Some(members) = beside.as_object_mut() {
        for key in [choice, "discriminator", "description", "title"] {
            members.remove(key);
        }
    }
    if beside.as_object().is_none_or(Map::is_empty) {
        return branch.clone();
    }
    merge(maker, &json!({ "allOf": [branch, beside] }), depth)
}

/// Takes away what only other branches require: with all of that there the value would be one of
/// them as well.
fn leave_others_out(
    maker: Maker<'_>,
    schema: &Value,
    chosen: &Value,
    members: &mut Map<String, Value>,
    depth: usize,
) {
    let required = |branch: &Value| -> Vec<String> {
        let branch = merge(maker, maker.resolve(branch), depth);
        let names = branch["required"].as_array().into_iter().flatten();
        names
            .filter_map(|name| name.as_str().map(str::to_owned))
            .collect()
    };
    let own = required(chosen);
    for branch in schema["oneOf"].as_array().into_iter().flatten() {
        for name in required(branch) {
            if !own.contains(&name) {
                members.remove(&name);
            }
        }
    }
}

/// Adds the members with few values, which tell a variant from the others even where they are
/// optional.
fn tell_apart(maker: Maker<'_>, branch: &Value, members: &mut Map<String, Value>, depth: usize) {
    let branch = merge(maker, maker.resolve(branch), depth);
    for (name, property) in branch["properties"].as_object().into_iter().flatten() {
        let closed = merge(maker, maker.resolve(property), depth);
        let is_tag = closed.get("const").is_some() || closed.get("enum").is_some();
        if is_tag && closed["readOnly"] != json!(true) && !members.contains_key(name) {
            members.insert(name.clone(), make(maker, property, depth + 1));
        }
    }
}

/// Writes the discriminator's value that names the schema of a reference. A branch without a name
/// says in its own schema what the discriminator is.
fn name_variant(
    maker: Maker<'_>,
    schema: &Value,
    reference: &str,
    members: &mut Map<String, Value>,
) {
    let Some(property) = schema["discriminator"]["propertyName"].as_str() else {
        return;
    };
    let name = reference.rsplit('/').next().unwrap_or_default();
    let mapping = schema["discriminator"]["mapping"].as_object();
    let mapped = mapping.into_iter().flatten().find_map(|(tag, target)| {
        let target = target.as_str()?;
        (target == reference || target == name).then(|| tag.clone())
    });
    let tag = json!(mapped.unwrap_or_else(|| name.to_owned()));
    // Where the variant itself allows others only, its own word counts.
    let variant = json!({ "$ref": reference });
    let own = merge(maker, maker.resolve(&variant), 0);
    let own = merge(maker, maker.resolve(&own["properties"][property]), 0);
    let allowed = own.get("enum").and_then(Value::as_array);
    let is_allowed = allowed.is_none_or(|allowed| allowed.contains(&tag))
        && own.get("const").is_none_or(|only| *only == tag)
        // What was made fits a pattern; the name of the schema may not.
        && (own.get("pattern").is_none() || !members.contains_key(property));
    if is_allowed {
        members.insert(property.to_owned(), tag);
    }
}

/// The schema with all branches of its `allOf` merged into it.
fn merge(maker: Maker<'_>, schema: &Value, depth: usize) -> Value {
    let mut merged = schema.clone();
    // What is merged is there once: schemas that are merged again and again would double.
    if let Some(members) = merged.as_object_mut() {
        members.remove("allOf");
    }
    let branches = schema.get("allOf").and_then(Value::as_array);
    if depth > DEPTH || !merged.is_object() {
        return merged;
    }
    for branch in branches.into_iter().flatten() {
        let branch = merge(maker, maker.resolve(branch), depth + 1);
        for (key, value) in branch.as_object().into_iter().flatten() {
            match (key.as_str(), merged.get_mut(key)) {
                ("properties", Some(Value::Object(known))) => {
                    for (name, property) in value.as_object().into_iter().flatten() {
                        match known.get_mut(name) {
                            Some(other) => join(other, property),
                            None => _ = known.insert(name.clone(), property.clone()),
                        }
                    }
                }
                ("items" | "additionalProperties", Some(other)) => join(other, value),
                ("required", Some(Value::Array(known))) => {
                    known.extend(value.as_array().into_iter().flatten().cloned());
                }
                (_, Some(_)) => {}
                (_, None) => merged[key] = value.clone(),
            }
        }
    }
    merged
}

/// What has to fit two schemas has to fit all of both.
fn join(known: &mut Value, other: &Value) {
    if known != other && known.is_object() && other.is_object() {
        *known = json!({ "allOf": [known.take(), other] });
    }
}

fn is_read_only(maker: Maker<'_>, property: &Value) -> bool {
    merge(maker, maker.resolve(property), 0)["readOnly"] == json!(true)
}

fn by_type(maker: Maker<'_>, schema: &Value, depth: usize) -> Value {
    let named = match &schema["type"] {
        Value::String(name) => Some(name.as_str()),
        Value::Array(names) => names
            .iter()
            .filter_map(Value::as_str)
            .find(|name| *name != "null"),
        _ => None,
    };
    let has = |key: &str| schema.get(key).is_some();
    let inferred = match named {
        Some(name) => name,
        None if has("properties") || has("required") || has("additionalProperties") => "object",
        None if has("items") => "array",
        None if has("minLength") || has("maxLength") || has("pattern") => "string",
        None if has("minimum") || has("maximum") => "number",
        None => "string",
    };
    match inferred {
        "object" => Value::Object(object(maker, schema, depth)),
        "array" => Value::Array(array(maker, schema, depth)),
        "integer" => integer(schema),
        "number" => number(schema),
        "boolean" => json!(true),
        "null" => Value::Null,
        _ => json!(text(schema)),
    }
}

fn object(maker: Maker<'_>, schema: &Value, depth: usize) -> Map<String, Value> {
    let names = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    let mut members = Map::new();
    for name in names {
        let property = schema["properties"].get(name);
        // Whoever only reads a member is not asked to send it.
        if property.is_some_and(|property| is_read_only(maker, property)) {
            continue;
        }
        let value = property.map_or(json!("x"), |property| make(maker, property, depth + 1));
        members.insert(name.to_owned(), value);
    }
    let at_least = schema["minProperties"].as_u64().unwrap_or(0);
    let at_least = at_least.max(u64::from(maker.is_written_out && depth > 0)) as usize;
    let at_most = schema["maxProperties"].as_u64().unwrap_or(u64::MAX);
    let mut is_endless = false;
    let mut optional: Vec<_> = schema["properties"]
        .as_object()
        .into_iter()
        .flatten()
        .collect();
    if depth > DEEP {
        optional.sort_by_cached_key(|(_, property)| distance(maker.document, property));
    }
    for (name, property) in optional {
        if members.len() as u64 >= at_most {
            break;
        }
        if members.len() >= at_least && !maker.reaches(depth) {
            break;
        }
        if *property == json!(false) || is_read_only(maker, property) || members.contains_key(name)
        {
            continue;
        }
        match maker.ended(|| make(maker, property, depth + 1)) {
            Some(value) => drop(members.insert(name.clone(), value)),
            None => is_endless = true,
        }
    }
    if is_endless && members.len() < at_least {
        maker.is_endless.set(true);
    }
    let additional = schema
        .get("additionalProperties")
        .filter(|schema| schema.is_object());
    // A closed object has no other members.
    let others = match schema["additionalProperties"] == json!(false) {
        true => 0,
        false => at_least,
    };
    for index in members.len()..others {
        let value = additional.map_or(json!("x"), |schema| make(maker, schema, depth + 1));
        members.insert(format!("key{index}"), value);
    }
    members
}

fn array(maker: Maker<'_>, schema: &Value, depth: usize) -> Vec<Value> {
    let first = schema["prefixItems"].as_array().into_iter().flatten();
    let mut items: Vec<Value> = first.map(|item| make(maker, item, depth + 1)).collect();
    let at_most = schema["maxItems"].as_u64().unwrap_or(u64::MAX);
    let wanted = u64::from(maker.reaches(depth) || maker.is_written_out).min(at_most);
    let at_least = schema["minItems"].as_u64().unwrap_or(0).max(wanted) as usize;
    while items.len() < at_least {
        let mut item = schema
            .get("items")
            .map_or(json!("x"), |item| make(maker, item, depth + 1));
        if schema["uniqueItems"] == json!(true) && !items.is_empty() {
            distinguish(maker, &schema["items"], &mut item, items.len());
        }
        items.push(item);
    }
    items
}

/// Whether a value that is listed is of the one type that a schema says; some list others beside.
fn is_of_type(schema: &Value, value: &Value) -> bool {
    match schema["type"].as_str() {
        Some("boolean") => value.is_boolean(),
        Some("integer" | "number") => value.is_number(),
        Some("string") => value.is_string(),
        _ => true,
    }
}

/// A number for its text, and a text for a number.
fn otherwise_written(value: &Value) -> Option<Value> {
    match value {
        Value::String(text) => serde_json::from_str(text).ok(),
        Value::Number(_) | Value::Bool(_) => Some(json!(value.to_string())),
        _ => None,
    }
}

/// Makes the n-th of several values differ from those before it.
fn distinguish(maker: Maker<'_>, schema: &Value, item: &mut Value, index: usize) {
    let schema = maker.resolve(schema);
    let of = |key: &str| schema.get(key).and_then(|list| list.get(index));
    if let Some(value) = of("enum") {
        *item = value.clone();
    } else if let Some(variant) = of("oneOf").or(of("anyOf")) {
        *item = make(maker, variant, DEPTH / 2);
    } else if let Some(number) = item.as_i64() {
        *item = json!(number + index as i64);
    } else if let Some(text) = item.as_str() {
        // In place of a digit or letter, so that length and pattern have nothing against it.
        let last = text.chars().last().unwrap_or('a') as u32 + index as u32;
        let last = char::from_u32(last).filter(char::is_ascii_alphanumeric);
        let mut text = text.to_owned();
        text.pop();
        *item = match last {
            Some(last) => json!(format!("{text}{last}")),
            None => json!(format!("{text}{index}")),
        };
    }
}

#[cfg(test)]
mod tests;
