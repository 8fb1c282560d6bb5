//! Schemas that lead back to themselves, and schemas that only seem to have no end.

use super::{Shape, Type, names, schema_codes, schemas};
use crate::ir::ModelId;

#[test]
fn a_schema_within_itself_through_all_of_is_an_error() {
    let through_itself = "{ A: { allOf: [{ $ref: '#/components/schemas/A' }, \
                            { type: object, properties: { a: { type: string } } }] } }";
    assert_eq!(schema_codes(through_itself), ["recursive-all-of"]);
    let through_another = "{ A: { allOf: [{ $ref: '#/components/schemas/B' }], properties: {} }, \
                             B: { allOf: [{ $ref: '#/components/schemas/A' }], properties: {} } }";
    assert!(!schema_codes(through_another).is_empty());
    let nothing_else = "{ A: { allOf: [{ $ref: '#/components/schemas/A' }] } }";
    assert_eq!(schema_codes(nothing_else), ["recursive-schema"]);
}

#[test]
fn types_that_hold_themselves_are_boxed_where_nothing_else_stands_between() {
    let service = schemas(
        "{ Node: { type: object, properties: { next: { $ref: '#/components/schemas/Node' }, \
           all: { type: array, items: { $ref: '#/components/schemas/Node' } } } } }",
    );
    let Shape::Struct(node) = &service.models[0].shape else {
        panic!("{:?}", service.models[0].shape);
    };
    let this = || Box::new(Type::Model(ModelId(0)));
    assert_eq!(node.fields[0].ty, Type::Boxed(this()));
    assert_eq!(node.fields[1].ty, Type::List(this()));
}

#[test]
fn a_name_that_contains_itself_becomes_a_type() {
    let service = schemas("{ J: { type: array, items: { $ref: '#/components/schemas/J' } } }");
    assert!(matches!(service.models[0].shape, Shape::Newtype(_)));
}

#[test]
fn deep_nesting_ends() {
    let depth = 90;
    let deep = format!(
        "{}{{ type: string }}{}",
        "{ type: array, items: ".repeat(depth),
        " }".repeat(depth)
    );
    assert_eq!(
        schema_codes(&format!("{{ A: {deep} }}")),
        Vec::<String>::new()
    );
}

#[test]
fn an_inline_schema_that_joins_the_one_around_it_is_one_type() {
    let service = schemas(
        "{ Concept: { type: object, properties: { broader: { type: array, items: { allOf: [\
           { type: object, properties: { id: { type: string } } }, \
           { $ref: '#/components/schemas/Concept' }] } } } } }",
    );
    assert_eq!(
        names(&service),
        ["Concept", "ConceptBroader", "ConceptBroaderItem"]
    );
    let Shape::Struct(item) = &service.models[2].shape else {
        panic!("{:?}", service.models[2].shape);
    };
    let fields: Vec<&str> = item.fields.iter().map(|it| it.json_name.as_str()).collect();
    assert_eq!(fields, ["id", "broader"]);
    assert_eq!(item.fields[1].ty, Type::Model(ModelId(1)));
    let items = Type::List(Box::new(Type::Model(ModelId(2))));
    assert_eq!(service.models[1].shape, Shape::Alias(items));
    // The same through a member that is an object itself.
    let codes = schema_codes(
        "{ Node: { type: object, properties: { parent: { allOf: [\
           { $ref: '#/components/schemas/Node' }, \
           { type: object, properties: { depth: { type: integer } } }] } } } }",
    );
    assert_eq!(codes, Vec::<String>::new());
}
