use serde_json::json;

use super::{Document, Extent, fitting, written_out};

fn made(schema: &serde_json::Value) -> serde_json::Value {
    let document = json!({ "components": { "schemas": {
        "Cat": { "type": "object", "required": ["kind"], "properties": { "kind": { "type": "string" } } },
        "Base": { "oneOf": [{ "$ref": "#/components/schemas/Heir" }] },
        "Heir": { "allOf": [
            { "$ref": "#/components/schemas/Base" },
            { "type": "object", "required": ["a"], "properties": { "a": { "const": 1 } } },
        ] },
        "Tree": { "type": "object", "required": ["child"], "properties": { "child": { "$ref": "#/components/schemas/Tree" } } },
    } } });
    fitting(Document(&document), schema, Extent::Least)
}

#[test]
fn numbers_keep_within_their_bounds() {
    assert_eq!(made(&json!({ "type": "integer", "minimum": 3 })), json!(3));
    assert_eq!(
        made(&json!({ "type": "integer", "exclusiveMinimum": 3 })),
        json!(4)
    );
    assert_eq!(
        made(&json!({ "type": "integer", "maximum": -3 })),
        json!(-3)
    );
    assert_eq!(
        made(&json!({ "type": "integer", "minimum": 3, "multipleOf": 5 })),
        json!(5)
    );
    assert_eq!(
        made(&json!({ "type": "number", "minimum": 0, "maximum": 1 })),
        json!(0.5)
    );
}

#[test]
fn objects_have_their_required_members_and_those_of_every_branch() {
    let schema = json!({
        "required": ["a"], "properties": { "a": { "type": "boolean" } },
        "allOf": [{ "required": ["b"], "properties": { "b": { "const": 7 } } }],
    });
    assert_eq!(made(&schema), json!({ "a": true, "b": 7 }));
}

#[test]
fn members_of_several_branches_fit_each_of_them() {
    let list = |items: serde_json::Value| json!({ "type": "array", "minItems": 1, "items": items });
    let schema = json!({
        "required": ["a"], "properties": { "a": list(json!({ "type": "object" })) },
        "allOf": [{ "properties": { "a": list(json!({ "required": ["b"], "properties": { "b": { "const": 7 } } })) } }],
    });
    assert_eq!(made(&schema), json!({ "a": [{ "b": 7 }] }));
}

#[test]
fn what_is_listed_is_of_the_type_that_is_asked_for() {
    let schema = json!({ "type": "integer", "enum": ["6", "12"] });
    assert_eq!(made(&schema), json!(6));
    let schema = json!({ "type": "string", "enum": [6, 12] });
    assert_eq!(made(&schema), json!("6"));
}

#[test]
fn a_variant_carries_the_tag_that_names_it() {
    let schema = json!({
        "oneOf": [{ "$ref": "#/components/schemas/Cat" }],
        "discriminator": { "propertyName": "kind", "mapping": { "c": "#/components/schemas/Cat" } },
    });
    assert_eq!(made(&schema), json!({ "kind": "c" }));
}

#[test]
fn a_base_is_named_unless_it_says_otherwise_itself() {
    let document = json!({ "components": { "schemas": {
        "Pet": { "type": "object", "required": ["kind"],
            "properties": { "kind": { "type": "string" } },
            "discriminator": { "propertyName": "kind",
                "mapping": { "dog": "#/components/schemas/Dog" } } },
        "Dog": { "allOf": [{ "$ref": "#/components/schemas/Pet" }] },
        "Cat": { "allOf": [{ "$ref": "#/components/schemas/Pet" }],
            "properties": { "kind": { "enum": ["tom"] } } },
    } } });
    for (name, kind) in [("Pet", "Pet"), ("Dog", "dog"), ("Cat", "tom")] {
        let schema = json!({ "$ref": format!("#/components/schemas/{name}") });
        let made = fitting(Document(&document), &schema, Extent::Least);
        assert_eq!(made, json!({ "kind": kind }));
    }
}

#[test]
fn a_base_that_means_an_heir_has_what_the_heir_requires() {
    let document = json!({ "components": { "schemas": {
        "Pet": { "type": "object", "required": ["kind"],
            "properties": { "kind": { "type": "string", "enum": ["a dog"] } },
            "discriminator": { "propertyName": "kind" } },
        "Dog": { "allOf": [{ "$ref": "#/components/schemas/Pet" }], "required": ["bark"],
            "properties": { "bark": { "type": "boolean" } }, "x-ms-discriminator-value": "a dog" },
    } } });
    let schema = json!({ "$ref": "#/components/schemas/Pet" });
    let made = fitting(Document(&document), &schema, Extent::Least);
    assert_eq!(made, json!({ "kind": "a dog", "bark": true }));
}

#[test]
fn what_is_written_out_leaves_a_trace() {
    let schema = json!({ "type": "object", "required": ["list", "object"], "properties": {
        "list": { "type": "array", "items": { "type": "string" } },
        "object": { "type": "object", "properties": { "a": { "type": "boolean" } } },
    } });
    let document = json!({});
    let made = written_out(Document(&document), &schema, Extent::Least);
    assert_eq!(made, json!({ "list": ["text"], "object": { "a": true } }));
}

#[test]
fn a_variant_has_nothing_that_only_others_require() {
    let schema = json!({
        "properties": { "id": { "type": "integer" }, "name": { "type": "string" } },
        "oneOf": [{ "required": ["id"] }, { "required": ["name"] }],
    });
    let document = json!({});
    let made = fitting(Document(&document), &schema, Extent::Full);
    assert_eq!(made, json!({ "id": 1 }));
}

#[test]
fn of_several_choices_one_is_made_that_ends() {
    let document = json!({ "openapi": "3.1.0", "components": { "schemas": {
        "Node": { "type": "object", "minProperties": 1, "maxProperties": 1, "properties": {
            "not": { "$ref": "#/components/schemas/Node" },
            "all": { "type": "object", "required": ["of"],
                "properties": { "of": { "$ref": "#/components/schemas/Either" } } },
            "is": { "$ref": "#/components/schemas/Word", "const": "x" },
        } },
        "Either": { "oneOf": [{ "$ref": "#/components/schemas/Node" }, { "const": 1 }] },
        "Word": { "type": "string" },
    } } });
    let schema = json!({ "$ref": "#/components/schemas/Node" });
    let made = fitting(Document(&document), &schema, Extent::Least).to_string();
    assert!(!made.contains("null"), "{made}");
    assert!(made.contains("\"is\":\"x\""), "{made}");
}

#[test]
fn endless_recursion_ends() {
    assert!(made(&json!({ "$ref": "#/components/schemas/Tree" })).is_object());
}

#[test]
fn a_variant_may_extend_what_it_is_a_variant_of() {
    let base = json!({ "$ref": "#/components/schemas/Base" });
    assert_eq!(made(&base), json!({ "a": 1 }));
}

#[test]
fn texts_match_length_pattern_and_format() {
    assert_eq!(
        made(&json!({ "type": "string", "minLength": 6 })),
        json!("textxx")
    );
    assert_eq!(
        made(&json!({ "type": "string", "pattern": "^[A-Z]{2}$" })),
        json!("AA")
    );
    assert_eq!(
        made(&json!({ "type": ["null", "string"], "format": "date" })),
        json!("2024-05-06")
    );
}
