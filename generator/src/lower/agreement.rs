//! The service's checker and the generator's own say the same of any value, whatever the schema:
//! the tables that one compiles in are the tables that the other reads.

use failsafe_runtime::schema::{self, Additional, Discriminator, Literal, Number, Types};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{examples, schemas::Draft};
use crate::{
    ir::{self, JsonType},
    spec,
};

/// A table as the service has it. Each test leaks some: they are static in a service.
fn table(drafts: &[Draft<'_>], schema: &ir::Schema) -> &'static schema::Schema {
    let schema = match schema.reference {
        Some(id) => &drafts[id.0].schema,
        None => schema,
    };
    let all = |list: &[ir::Schema]| -> &'static [&'static schema::Schema] {
        leak(list.iter().map(|it| table(drafts, it)).collect())
    };
    let one = |it: &Option<Box<ir::Schema>>| it.as_deref().map(|it| table(drafts, it));
    let number = |it: &Option<serde_json::Number>| {
        it.as_ref()
            .and_then(|it| Number::of(&Value::Number(it.clone())))
    };
    let text = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
    let properties = schema.properties.iter();
    let discriminator = schema.discriminator.as_ref().map(|it| Discriminator {
        property: text(&it.property),
        mapping: leak(
            (it.mapping.iter())
                .map(|(tag, schema)| (text(tag), table(drafts, schema)))
                .collect(),
        ),
    });
    Box::leak(Box::new(schema::Schema {
        types: types(&schema.types),
        enumeration: leak(
            (schema.values.iter())
                .map(|value| Literal::Json(text(&value.to_string())))
                .collect(),
        ),
        min_length: schema.min_length,
        max_length: schema.max_length,
        pattern: schema.pattern.as_deref().map(text),
        minimum: number(&schema.minimum),
        maximum: number(&schema.maximum),
        exclusive_minimum: number(&schema.exclusive_minimum),
        exclusive_maximum: number(&schema.exclusive_maximum),
        multiple_of: number(&schema.multiple_of),
        prefix_items: all(&schema.prefix_items),
        items: one(&schema.items),
        min_items: schema.min_items,
        max_items: schema.max_items,
        unique_items: schema.unique_items,
        properties: leak(
            properties
                .map(|it| (text(&it.name), table(drafts, &it.schema)))
                .collect(),
        ),
        required: leak(schema.required.iter().map(|name| text(name)).collect()),
        additional: match &schema.additional {
            ir::Additional::Any => Additional::Any,
            ir::Additional::None => Additional::None,
            ir::Additional::Schema(it) => Additional::Schema(table(drafts, it)),
        },
        min_properties: schema.min_properties,
        max_properties: schema.max_properties,
        all_of: all(&schema.all_of),
        any_of: all(&schema.any_of),
        one_of: all(&schema.one_of),
        not: one(&schema.not),
        discriminator,
        ..schema::Schema::ANY
    }))
}

fn leak<T>(list: Vec<T>) -> &'static [T] {
    Vec::leak(list)
}

fn types(types: &[JsonType]) -> Types {
    let each = types.iter().map(|ty| match ty {
        JsonType::Null => Types::NULL,
        JsonType::Boolean => Types::BOOLEAN,
        JsonType::Integer => Types::INTEGER,
        JsonType::Number => Types::NUMBER,
        JsonType::String => Types::STRING,
        JsonType::Array => Types::ARRAY,
        JsonType::Object => Types::OBJECT,
    });
    each.reduce(Types::or).unwrap_or(Types::ANY)
}

/// Schemas over few names and small numbers, so that values meet them.
fn any_schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!({})),
        Just(json!({ "type": "boolean" })),
        Just(json!({ "type": "null" })),
        Just(json!({ "const": 1 })),
        Just(json!({ "enum": ["a", 1, null, [1]] })),
        (0..4_u64, 0..4_u64).prop_map(|(a, b)| json!({
            "type": "string", "minLength": a.min(b), "maxLength": a.max(b) })),
        Just(json!({ "type": "string", "pattern": "^a" })),
        (-3..3_i64, 0..3_i64).prop_map(|(least, more)| json!({
            "type": "integer", "minimum": least, "exclusiveMaximum": least + more + 1 })),
        Just(json!({ "type": "number", "multipleOf": 0.5 })),
        Just(json!({ "type": ["string", "null"] })),
    ];
    leaf.prop_recursive(3, 24, 3, |inner| {
        let some = prop::collection::vec(inner.clone(), 1..3);
        prop_oneof![
            (inner.clone(), 0..2_u64, any::<bool>()).prop_map(|(items, least, unique)| json!({
                "type": "array", "items": items, "minItems": least, "uniqueItems": unique })),
            some.clone()
                .prop_map(|items| json!({ "type": "array", "prefixItems": items })),
            (
                inner.clone(),
                inner.clone(),
                prop_oneof![Just(json!(true)), Just(json!(false)), inner.clone()]
            )
                .prop_map(|(a, b, rest)| json!({
                "type": "object", "properties": { "a": a, "b": b }, "required": ["a"],
                "additionalProperties": rest })),
            some.clone().prop_map(|parts| json!({ "allOf": parts })),
            some.clone().prop_map(|parts| json!({ "anyOf": parts })),
            some.prop_map(|parts| json!({ "oneOf": parts })),
            inner.prop_map(|not| json!({ "not": not })),
        ]
    })
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        (-4..6_i64).prop_map(|number| json!(number)),
        (-4..6_i64).prop_map(|number| json!(number as f64 / 4.0)),
        "[ab]{0,4}".prop_map(Value::String),
    ];
    leaf.prop_recursive(3, 16, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            prop::collection::btree_map("[abc]", inner, 0..3)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn the_service_and_the_generator_agree(
        schema in any_schema(),
        values in prop::collection::vec(any_value(), 8),
    ) {
        let document = json!({
            "openapi": "3.1.0", "info": { "title": "T", "version": "1" }, "paths": {},
            "components": { "schemas": { "S": schema } },
        });
        let input = spec::Input::Stdin(document.to_string().into());
        let document = spec::load(&input).expect("reads");
        let mut lowering = super::Lowering::new(&document);
        lowering.components();
        lowering.check_models();
        let drafts = &lowering.arena.drafts;
        let own = &drafts[0].schema;
        let table = table(drafts, own);
        let values = values.into_iter().chain(examples::made(drafts, own));
        for value in values {
            let findings = schema::check(table, &value);
            prop_assert_eq!(
                findings.is_empty(),
                examples::is_fit(drafts, own, &value),
                "{} {:?}", value, findings
            );
        }
    }
}
