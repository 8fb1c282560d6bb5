//! Variants that documents do not tell apart, or wrongly; closed objects that shut out what they ask
//! for.

use super::{Shape, Type, codes, schema_codes, schemas, service};
use std::collections::BTreeSet;

use crate::ir::Additional;

#[test]
fn variants_of_which_one_leaves_nothing_to_another_are_read_as_any_of() {
    for (schemas, is_loose) in [
        (
            "{ A: { oneOf: [{ type: string }, { type: string, nullable: true }] } }",
            true,
        ),
        (
            "{ A: { oneOf: [{ type: integer }, { type: number }] } }",
            true,
        ),
        (
            "{ A: { oneOf: [{ type: string, format: uuid }, { type: string }] } }",
            true,
        ),
        (
            "{ A: { oneOf: [{ enum: [a, b] }, { type: string }] } }",
            true,
        ),
        // Formats that nobody checks.
        (
            "{ A: { oneOf: [{ type: string, format: asset-id }, { type: string, format: upload-id }] } }",
            true,
        ),
        (
            "{ A: { oneOf: [{ type: string, format: date }, { type: string, format: uuid }] } }",
            false,
        ),
        // Objects that require nothing.
        (
            "{ A: { oneOf: [{ type: object, properties: { a: { type: string } } }, \
             { type: object, properties: { b: { type: string } } }] } }",
            true,
        ),
        (
            "{ A: { oneOf: [{ $ref: '#/components/schemas/B' }, { $ref: '#/components/schemas/C' }] }, \
             B: { type: object, required: [x], properties: { x: { type: string } } }, \
             C: { allOf: [{ $ref: '#/components/schemas/B' }], properties: { y: { type: string } } } }",
            true,
        ),
        (
            "{ A: { oneOf: [{ minProperties: 1, properties: { a: { type: string } } }, \
             { minProperties: 1, properties: { b: { type: string } } }] } }",
            true,
        ),
        (
            "{ A: { type: string, oneOf: [{ title: a }, { description: b }] } }",
            true,
        ),
        // Some values fit one alone.
        (
            "{ A: { oneOf: [{ minProperties: 1, properties: { a: { type: string } }, additionalProperties: false }, \
             { minProperties: 1, properties: { b: { type: string } }, additionalProperties: false }] } }",
            false,
        ),
        (
            "{ A: { oneOf: [{ type: string }, { type: integer }] } }",
            false,
        ),
        (
            "{ A: { oneOf: [{ type: integer, multipleOf: 3 }, { type: integer, multipleOf: 5 }] } }",
            false,
        ),
        (
            "{ A: { oneOf: [{ type: object, required: [a], properties: { a: { type: string } } }, \
             { type: object, required: [b], properties: { b: { type: string } } }] } }",
            false,
        ),
        (
            "{ A: { oneOf: [{ type: object, properties: { a: { type: string } }, additionalProperties: false }, \
             { type: object, properties: { b: { type: string } }, additionalProperties: false }] } }",
            true,
        ),
        (
            "{ A: { oneOf: [{ type: integer }, { minimum: 2 }] } }",
            false,
        ),
        (
            "{ A: { oneOf: [{ type: object, required: [a], properties: { a: { type: string } } }, \
             { type: object, required: [a], properties: { a: { type: integer } } }] } }",
            false,
        ),
        (
            "{ A: { oneOf: [{ type: array, items: { type: string } }, \
             { type: array, items: { type: integer } }] } }",
            true,
        ),
        (
            "{ A: { oneOf: [{ type: array, minItems: 1, items: { type: string } }, \
             { type: array, minItems: 1, items: { type: integer } }] } }",
            false,
        ),
        ("{ A: { oneOf: [{ type: number }, {}] } }", false),
        ("{ A: { oneOf: [true, true] } }", false),
    ] {
        let found = schema_codes(schemas);
        let is_reported = found
            .iter()
            .any(|code| code.starts_with("overlapping-variants"));
        assert_eq!(is_reported, is_loose, "{schemas} {found:?}");
        let service = self::schemas(schemas);
        let served = service.openapi.to_string();
        assert_eq!(served.contains("anyOf"), is_loose, "{served}");
    }
}

#[test]
fn members_that_no_value_can_have_make_no_object() {
    let service = schemas(
        "{ A: { additionalProperties: false, allOf: [{ $ref: '#/components/schemas/B' }] }, \
         B: { type: string, enum: [a, b] }, \
         C: { type: string, properties: { a: { type: string } } } }",
    );
    let shape = |index: usize| &service.models[index].shape;
    assert!(
        matches!(shape(0), Shape::Alias(Type::Model(of)) if of.0 == 1),
        "{:?}",
        shape(0)
    );
    assert!(
        matches!(shape(2), Shape::Alias(Type::String)),
        "{:?}",
        shape(2)
    );
}

#[test]
fn a_branch_that_says_nothing_takes_everything() {
    let service = schemas(
        "{ A: { type: object, properties: { a: { anyOf: [{}, { type: 'null' }] }, \
         b: { anyOf: [{ description: any }, { type: string }] } } } }",
    );
    let Shape::Struct(shape) = &service.models[0].shape else {
        panic!("{:?}", service.models);
    };
    for field in &shape.fields {
        assert!(matches!(&field.ty, Type::Any), "{field:?}");
    }
}

#[test]
fn a_discriminator_that_the_variants_contradict_is_not_used() {
    let schemas = "{ A: { oneOf: [{ $ref: '#/components/schemas/B' }, { $ref: '#/components/schemas/C' }], \
         discriminator: { propertyName: t, mapping: { b: '#/components/schemas/B', c: '#/components/schemas/C' } } }, \
         B: { type: object, required: [t, x], properties: { t: { enum: [p, q] }, x: { type: string } } }, \
         C: { type: object, required: [t, y], properties: { t: { enum: [q, r] }, y: { type: string } } } }";
    assert!(schema_codes(schemas).contains(&"contradicted-mapping".to_owned()));
    let service = self::schemas(schemas);
    let schema = service.models[0].schema.as_ref();
    assert!(schema.is_none_or(|schema| schema.discriminator.is_none()));
}

#[test]
fn closed_parts_let_in_what_they_are_joined_with() {
    let closed =
        "{ type: object, properties: { a: { type: string } }, additionalProperties: false }";
    let typed = closed.replace("false", "{ type: integer }");
    let reference = |name: &str| format!("{{ $ref: '#/components/schemas/{name}' }}");
    let other = "{ type: object, properties: { b: { type: string } } }";
    let variants =
        "{ oneOf: [{ type: object, required: [b], properties: { b: { type: string } } }] }";
    let two = format!("{{ allOf: [{}] }}", reference("Base"));
    for (base, part, joined) in [
        (
            closed,
            "{}",
            format!("allOf: [{}, {other}]", reference("Base")),
        ),
        (
            &typed,
            "{}",
            format!("allOf: [{other}, {}]", reference("Base")),
        ),
        (
            closed,
            "{}",
            format!("allOf: [{}, {variants}]", reference("Base")),
        ),
        (
            closed,
            two.as_str(),
            format!("allOf: [{}, {other}]", reference("Part")),
        ),
        (
            closed,
            "{}",
            format!(
                "allOf: [{}], properties: {{ b: {{ type: string }} }}",
                reference("Base")
            ),
        ),
        (
            other,
            "{}",
            format!(
                "allOf: [{}], properties: {{ a: {{ type: string }} }}, additionalProperties: false",
                reference("Base")
            ),
        ),
    ] {
        let schemas = format!("{{ A: {{ {joined} }}, Base: {base}, Part: {part} }}");
        let post = "{ /a: { post: { requestBody: { content: { application/json: { schema: \
                    { $ref: '#/components/schemas/A' } } } }, responses: { '204': { description: d } } } } }";
        assert_eq!(
            codes(post, &schemas),
            ["parted-schemas", "unneeded-schemas"],
            "{schemas}"
        );
        let service = service(post, &schemas);
        let table = service.models[0].schema.as_ref().expect("requests need it");
        let mut parts = vec![table];
        while let Some(part) = parts.pop() {
            let restricts = !matches!(part.additional, Additional::Any);
            let names = part
                .properties
                .iter()
                .map(|property| property.name.as_str());
            let mut names: Vec<_> = names.collect();
            names.sort_unstable();
            assert!(!restricts || names == ["a", "b"], "{schemas}: {names:?}");
            assert!(part.reference.is_none() || base == other, "{schemas}");
            parts.extend(&part.all_of);
        }
    }
}

#[test]
fn closed_parts_let_in_what_is_required_and_nowhere_declared() {
    let schemas = "{ A: { type: object, required: [a], properties: { b: {} }, additionalProperties: false, \
         allOf: [{ $ref: '#/components/schemas/B' }, { required: [d] }] }, \
         B: { type: object, properties: { c: {} }, additionalProperties: false } }";
    let post = "{ /a: { post: { requestBody: { content: { application/json: { schema: \
                { $ref: '#/components/schemas/A' } } } }, responses: { '204': { description: d } } } } }";
    let service = service(post, schemas);
    let table = service.models[0].schema.as_ref().expect("requests need it");
    for part in [table, &table.all_of[0]] {
        let names: BTreeSet<&str> = (part.properties.iter())
            .map(|property| property.name.as_str())
            .collect();
        assert_eq!(names.into_iter().collect::<Vec<_>>(), ["a", "b", "c", "d"]);
    }
}

#[test]
fn closed_objects_let_in_what_they_ask_for() {
    for (schemas, code, served) in [
        (
            "{ A: { type: object, required: [a, b], properties: { a: { type: string } }, \
             additionalProperties: false } }",
            "forgotten-property",
            "\"b\": {}",
        ),
        (
            "{ A: { type: object, required: [t], properties: { t: { type: string } }, \
             additionalProperties: false, oneOf: [{ $ref: '#/components/schemas/B' }] }, \
             B: { type: object, required: [t, b], properties: { t: { type: string }, b: { type: string } } } }",
            "shut-out-variant",
            "\"unevaluatedProperties\": false",
        ),
        (
            "{ A: { additionalProperties: false, oneOf: [{ $ref: '#/components/schemas/B' }] }, \
             B: { properties: { b: { type: string } } } }",
            "shut-out-variant",
            "\"unevaluatedProperties\": false",
        ),
    ] {
        let found = schema_codes(schemas);
        assert!(
            found.iter().any(|found| found.starts_with(code)),
            "{found:?}"
        );
        let document = format!("{:#}", self::schemas(schemas).openapi);
        assert!(document.contains(served), "{document}");
    }
    // What is optional may be left out.
    let fine = "{ A: { type: object, additionalProperties: false, properties: { t: { type: string } }, \
         anyOf: [{ properties: { b: { type: string } } }, { required: [t] }] } }";
    let found = schema_codes(fine);
    assert!(
        !found.iter().any(|found| found.starts_with("shut-out")),
        "{found:?}"
    );
}

#[test]
fn an_extension_may_say_which_value_means_a_schema() {
    let schemas = schemas(
        "{ Base: { type: object, required: [kind], discriminator: { propertyName: kind }, \
         properties: { kind: { type: string } } }, \
         Vm: { allOf: [{ $ref: '#/components/schemas/Base' }], properties: { size: { type: integer } }, \
         x-ms-discriminator-value: Compute/vm }, \
         Disk: { allOf: [{ $ref: '#/components/schemas/Base' }], properties: { room: { type: integer } } }, \
         Either: { oneOf: [{ $ref: '#/components/schemas/Vm' }, { $ref: '#/components/schemas/Disk' }], \
         discriminator: { propertyName: kind } }, \
         Inherited: { oneOf: [{ $ref: '#/components/schemas/Disk' }, { $ref: '#/components/schemas/Vm' }] } }",
    );
    let tags = |name: &str| -> Vec<Vec<String>> {
        let model = schemas.models.iter().find(|model| model.rust_name == name);
        let Some(Shape::Union(union)) = model.map(|model| &model.shape) else {
            panic!("{name} is no union");
        };
        union.variants.iter().map(|it| it.tags.clone()).collect()
    };
    let named = |names: &[&str]| -> Vec<Vec<String>> {
        names.iter().map(|name| vec![(*name).to_owned()]).collect()
    };
    let mut expected = named(&["Compute/vm", "Disk", "Base"]);
    expected[0].push("Vm".to_owned());
    assert_eq!(tags("Base"), expected);
    assert_eq!(tags("Either"), named(&["Compute/vm", "Disk"]));
    // Nothing else tells those apart that extend a schema with a discriminator.
    assert_eq!(tags("Inherited"), named(&["Disk", "Compute/vm"]));
    let served = &schemas.openapi["components"]["schemas"]["Inherited"];
    assert!(served.get("anyOf").is_some(), "{served}");
}
