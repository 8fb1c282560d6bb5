//! Closed sets of values.

use std::collections::HashMap;

use indexmap::IndexSet;
use serde_json::{Number, Value};

use super::{Lowering, json, names};
use crate::{
    diagnostic::Diagnostic,
    ir::{Integer, Shape, Type, Variant},
    spec::At,
};

/// The values of `enum` or `const`, each once; none where a schema has neither.
pub(super) fn values<'d>(lowering: &mut Lowering<'d>, at: &At<'d>) -> Option<Vec<Value>> {
    if let Some(only) = at.get("const") {
        return Some(vec![json::value(only.node())]);
    }
    let list = at.get("enum")?;
    let ty = at.get("type").and_then(|ty| ty.as_str());
    let mut values: IndexSet<Value> = IndexSet::new();
    for item in list.items() {
        let mut value = json::value(item.node());
        match meant(ty, &value) {
            Meant::AsWritten => {}
            Meant::Silently(other) => value = other,
            Meant::As(other) => {
                lowering.report(
                    Diagnostic::warning(
                        "enum-value-of-other-type",
                        format!(
                            "{value} is {}, the type is {}",
                            item.kind_name(),
                            ty.unwrap_or_default()
                        ),
                    )
                    .at(item.location())
                    .help(format!("write {other}")),
                );
                value = other;
            }
            Meant::Nothing => {
                lowering.report(
                    Diagnostic::warning(
                        "enum-value-of-other-type",
                        format!("{value} is no {}, and is not used", ty.unwrap_or_default()),
                    )
                    .at(item.location())
                    .help("an `enum` lists whole values; of an array's items it stands in `items`"),
                );
                continue;
            }
        }
        if values.contains(&value) {
            lowering.report(
                Diagnostic::warning("duplicate-enum-value", format!("{value} is listed twice"))
                    .at(item.location()),
            );
            continue;
        }
        values.insert(value);
    }
    (!values.is_empty()).then(|| values.into_iter().collect())
}

/// What somebody meant who listed a value.
enum Meant {
    AsWritten,
    /// YAML reads `1.0` and `true` as what they look like, and people put quotes around numbers.
    As(Value),
    /// The same value in another spelling.
    Silently(Value),
    Nothing,
}

fn meant(ty: Option<&str>, value: &Value) -> Meant {
    let read = |text: &str| match text.parse::<Number>() {
        Ok(number) => Meant::As(Value::Number(number)),
        Err(_) => Meant::Nothing,
    };
    match (ty, value) {
        // Listed beside a `nullable`, or by mistake; the type has the last word.
        (_, Value::Null) => Meant::AsWritten,
        (Some("string"), Value::Number(_) | Value::Bool(_)) => {
            Meant::As(Value::String(value.to_string()))
        }
        (Some("integer" | "number"), Value::String(text)) => read(text),
        (Some("integer"), Value::Number(number)) if number.is_f64() => whole(number),
        (Some("boolean"), Value::String(text)) => match text.as_str() {
            "true" => Meant::As(Value::Bool(true)),
            "false" => Meant::As(Value::Bool(false)),
            _ => Meant::Nothing,
        },
        (Some("string"), Value::String(_))
        | (Some("integer" | "number"), Value::Number(_))
        | (Some("boolean"), Value::Bool(_))
        | (Some("array"), Value::Array(_))
        | (Some("object"), Value::Object(_)) => Meant::AsWritten,
        (Some("string" | "integer" | "number" | "boolean" | "array" | "object"), _) => {
            Meant::Nothing
        }
        _ => Meant::AsWritten,
    }
}

/// `1.0` is an integer like any other, and no reason to hold them all as fractions.
fn whole(number: &Number) -> Meant {
    let value = number.as_f64().filter(|value| value.fract() == 0.0);
    match value.filter(|value| value.abs() < 2_f64.powi(53)) {
        Some(value) => Meant::Silently(Value::from(value as i64)),
        None => Meant::AsWritten,
    }
}

/// The names that a document gives to the values of an enum.
fn labels(at: &At<'_>, values: &[Value]) -> Vec<Option<String>> {
    let named = ["x-enum-varnames", "x-enumNames", "x-enum-names"]
        .into_iter()
        .find_map(|keyword| at.get(keyword));
    let (Some(named), Some(list)) = (named, at.get("enum")) else {
        return vec![None; values.len()];
    };
    let written = list.items().map(|item| json::value(item.node()));
    // Of a value that is listed twice, the first name counts.
    let mut indices: HashMap<Value, usize> = HashMap::new();
    for (index, value) in written.enumerate() {
        indices.entry(value).or_insert(index);
    }
    let names: Vec<Option<&str>> = named.items().map(|name| name.as_str()).collect();
    values
        .iter()
        .map(|value| {
            let index = indices.get(value)?;
            names.get(*index).copied().flatten().map(str::to_owned)
        })
        .collect()
}

/// An enum where all values are texts or all are whole numbers, otherwise the type that holds
/// them all.
pub(super) fn shape(at: &At<'_>, values: &[Value]) -> Shape {
    let labels = labels(at, values);
    let (present, labels): (Vec<&Value>, Vec<Option<String>>) = values
        .iter()
        .zip(labels)
        .filter(|(value, _)| !value.is_null())
        .unzip();
    let all = |test: fn(&Value) -> bool| present.iter().all(|value| test(value));
    if present.is_empty() {
        return Shape::Alias(Type::Null);
    }
    if all(Value::is_boolean) {
        return Shape::Alias(Type::Bool);
    }
    if !all(Value::is_string) && !all(Value::is_i64) {
        let whole = |value: &Value| value.is_i64() || value.is_u64();
        return Shape::Alias(match all(Value::is_number) {
            true if all(Value::is_u64) => Type::Integer(Integer::U64),
            true if all(whole) => Type::Integer(Integer::I128),
            true => Type::Double,
            false => Type::Any,
        });
    }
    let mut taken = names::Taken::default();
    let variants = present.into_iter().zip(labels).map(|(value, label)| {
        let text = match (label, value) {
            (Some(label), _) => label,
            (None, Value::String(text)) => text.clone(),
            (None, other) => other.to_string(),
        };
        Variant {
            rust_name: taken.claim(names::variant_name(&text)),
            value: value.clone(),
        }
    });
    Shape::Enum(variants.collect())
}
