//! How much of a value the Rust type of a schema would leave out.
//!
//! A struct has room for the members that its schema names. Where a value fits several schemas,
//! the one that loses least is the one that was meant: of `{ "a": 1 }` and `{ "a": 1, "b": 2 }` the
//! second is no value of a schema that knows `a` alone, although it fits that one, too.

use serde_json::{Map, Value};

use super::parts::{gather, property};
use super::{Additional, Schema, check};

/// Unions inside unions are weighed to this depth: each level asks all of its variants.
const MAX_UNIONS: u32 = 3;

/// How many members of the value the schema does not name, inside of it, too.
pub(crate) fn loss(schema: &'static Schema, value: &Value) -> usize {
    of(&[schema], value, MAX_UNIONS)
}

/// The same for schemas that describe one value together.
fn of(schemas: &[&'static Schema], value: &Value, unions: u32) -> usize {
    match value {
        Value::Array(items) => {
            let (parts, unions) = combined(schemas, value, unions);
            let each = items.iter().enumerate().map(|(index, item)| {
                let schemas: Vec<_> = parts
                    .iter()
                    .filter_map(|part| part.prefix_items.get(index).copied().or(part.items))
                    .collect();
                of(&schemas, item, unions)
            });
            each.sum()
        }
        Value::Object(members) => {
            let (parts, unions) = combined(schemas, value, unions);
            of_object(&parts, members, unions)
        }
        _ => 0,
    }
}

fn of_object(parts: &[&'static Schema], members: &Map<String, Value>, unions: u32) -> usize {
    // What names no member at all keeps every one.
    let is_struct = parts
        .iter()
        .any(|part| !part.properties.is_empty() || !part.required.is_empty());
    let keeping: Vec<_> = parts
        .iter()
        .filter_map(|part| match part.additional {
            Additional::Schema(schema) => Some(schema),
            Additional::Any | Additional::None => None,
        })
        .collect();
    let keeps_patterns =
        (parts.iter().filter_map(|part| part.rare)).any(|rare| !rare.pattern_properties.is_empty());
    let each = members.iter().map(|(name, value)| {
        let named: Vec<_> = parts
            .iter()
            .filter_map(|part| property(part, name))
            .collect();
        let is_required = || {
            parts
                .iter()
                .any(|part| part.required.contains(&name.as_str()))
        };
        if !named.is_empty() {
            of(&named, value, unions)
        } else if !keeping.is_empty() {
            of(&keeping, value, unions)
        } else {
            usize::from(is_struct && !keeps_patterns && !is_required())
        }
    });
    each.sum()
}

/// The schemas whose members one struct holds together, and how many more unions are looked into.
/// Of a union alone, those of the variant that loses least.
fn combined(
    schemas: &[&'static Schema],
    value: &Value,
    unions: u32,
) -> (Vec<&'static Schema>, u32) {
    let mut parts = Vec::new();
    let mut left = unions;
    let inside = unions.saturating_sub(1);
    for schema in schemas {
        let variants = match unions {
            0 => None,
            _ => variants(schema, value),
        };
        let Some(variants) = variants else {
            gather(schema, &mut parts);
            continue;
        };
        left = inside;
        let best = (variants.into_iter()).min_by_key(|variant| of(&[*variant], value, inside));
        if let Some(best) = best {
            gather(best, &mut parts);
        }
    }
    (parts, left)
}

/// The variants of a union that a value fits; `None` for what is no union.
fn variants(schema: &'static Schema, value: &Value) -> Option<Vec<&'static Schema>> {
    if let Some(discriminator) = &schema.discriminator {
        let named = discriminator.named(value)?;
        return (!std::ptr::eq(named, schema)).then(|| vec![named]);
    }
    let is_union = schema.properties.is_empty()
        && schema.all_of.is_empty()
        && matches!(schema.additional, Additional::Any);
    let all = [schema.any_of, schema.one_of].concat();
    (is_union && !all.is_empty()).then(|| {
        all.into_iter()
            .filter(|variant| check(variant, value).is_empty())
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    static A: Schema = Schema {
        properties: &[("a", &Schema::INTEGER)],
        ..Schema::OBJECT
    };
    static AB: Schema = Schema {
        properties: &[(
            "b",
            &Schema {
                items: Some(&A),
                ..Schema::ARRAY
            },
        )],
        all_of: &[&A],
        ..Schema::OBJECT
    };
    static EITHER: Schema = Schema {
        any_of: &[&A, &AB],
        ..Schema::ANY
    };

    #[test]
    fn what_a_struct_has_no_room_for_is_lost() {
        let value = json!({ "a": 1, "b": [{ "a": 1, "c": 2 }], "d": 3 });
        assert_eq!(loss(&A, &value), 2);
        assert_eq!(loss(&AB, &value), 2);
        assert_eq!(loss(&EITHER, &json!({ "a": 1, "b": [] })), 0);
        assert_eq!(loss(&Schema::OBJECT, &value), 0);
        assert_eq!(loss(&Schema::ANY, &value), 0);
        static OPEN: Schema = Schema {
            additional: Additional::Schema(&A),
            ..A
        };
        assert_eq!(loss(&OPEN, &json!({ "a": 1, "z": { "a": 1, "y": 1 } })), 1);
    }

    #[test]
    fn unions_that_contain_themselves_take_bounded_time() {
        static LEFT: Schema = Schema {
            properties: &[("next", &CHAIN)],
            ..Schema::OBJECT
        };
        static RIGHT: Schema = Schema {
            properties: &[("next", &CHAIN)],
            ..Schema::OBJECT
        };
        static CHAIN: Schema = Schema {
            any_of: &[&LEFT, &RIGHT],
            ..Schema::ANY
        };
        let deep = (0..100).fold(json!({}), |inner, _| json!({ "next": inner }));
        assert_eq!(check(&CHAIN, &deep), []);
        assert_eq!(loss(&CHAIN, &deep), 0);
    }
}
