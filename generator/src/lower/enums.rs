//! Closed sets of values.

use indexmap::IndexSet;
use serde_json::Value;

use super::{Lowering, json, names};
use crate::{
    diagnostic::Diagnostic,
    ir::{Shape, Type, Variant},
    spec::At,
};

/// The values of `enum` or `const`, each once; none where a schema has neither.
pub(super) fn values<'d>(lowering: &mut Lowering<'d>, at: &At<'d>) -> Option<Vec<Value>> {
    if let Some(only) = at.get("const") {
        return Some(vec![json::value(only.node())]);
    }
    let list = at.get("enum")?;
    let is_text = at.get("type").and_then(|ty| ty.as_str()) == Some("string");
    let mut values: IndexSet<Value> = IndexSet::new();
    for item in list.items() {
        let mut value = json::value(item.node());
        if is_text && (value.is_number() || value.is_boolean()) {
            // YAML reads `1.0` and `true` as what they look like.
            let text = value.to_string();
            lowering.report(
                Diagnostic::warning(
                    "enum-value-not-text",
                    format!("{text} is {}, the type is string", item.kind_name()),
                )
                .at(item.location())
                .help(format!("write \"{text}\"")),
            );
            value = Value::String(text);
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

/// An enum where all values are texts or all are whole numbers, otherwise the type that holds
/// them all.
pub(super) fn shape(values: &[Value], name: impl Fn(&str) -> String) -> Shape {
    let present: Vec<&Value> = values.iter().filter(|value| !value.is_null()).collect();
    let all = |test: fn(&Value) -> bool| present.iter().all(|value| test(value));
    if present.is_empty() {
        return Shape::Alias(Type::Null);
    }
    if all(Value::is_boolean) {
        return Shape::Alias(Type::Bool);
    }
    if !all(Value::is_string) && !all(Value::is_i64) {
        return Shape::Alias(match all(Value::is_number) {
            true => Type::Double,
            false => Type::Any,
        });
    }
    let mut taken = names::Taken::default();
    let variants = present.into_iter().map(|value| {
        let text = match value {
            Value::String(text) => name(text),
            other => name(&other.to_string()),
        };
        Variant {
            rust_name: taken.claim(text),
            value: value.clone(),
        }
    });
    Shape::Enum(variants.collect())
}
