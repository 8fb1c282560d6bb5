//! Every kind of change, there and back again.

mod kinds;

use serde_json::{Value, json};

use super::{Change, Comparison, Flow, Rank, Section, diff};
use crate::{Source, spec::Input};

fn document() -> Value {
    let pet = json!({ "$ref": "#/components/schemas/Pet" });
    let of = |schema: Value| json!({ "application/json": { "schema": schema } });
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Pets", "version": "1" },
        "servers": [{ "url": "https://a.example/v1" }],
        "paths": { "/pets/{id}": {
            "parameters": [
                { "name": "id", "in": "path", "required": true, "schema": { "type": "string" } },
            ],
            "put": {
                "operationId": "putPet",
                "tags": ["pets"],
                "parameters": [
                    { "name": "limit", "in": "query", "schema": { "type": "integer", "maximum": 9 } },
                ],
                "requestBody": { "required": true, "content": of(pet.clone()) },
                "responses": {
                    "200": {
                        "description": "It.",
                        "headers": { "X-Total": { "required": true, "schema": { "type": "integer" } } },
                        "content": of(pet),
                    },
                    "404": { "description": "None." },
                },
                "x-ratelimit": { "limit": "100/second" },
                "x-timeout": { "seconds": 2 },
            },
        } },
        "webhooks": { "born": { "post": {
            "requestBody": { "required": true, "content": of(json!({
                "type": "object",
                "required": ["name"],
                "properties": { "name": { "type": "string" }, "again": { "type": "integer" } },
            })) },
            "responses": { "204": { "description": "Heard." } },
        } } },
        "components": { "schemas": { "Pet": {
            "type": "object",
            "required": ["name"],
            "properties": {
                "name": { "type": "string", "maxLength": 9 },
                "kind": { "type": "string", "enum": ["cat", "dog"] },
                "tags": { "type": "array", "items": { "type": "string" } },
                "child": { "$ref": "#/components/schemas/Pet" },
            },
        } } },
    })
}

/// A document with other values at some pointers; null takes away what is there.
fn edited(edits: &[(&str, Value)]) -> Value {
    let mut document = document();
    for (pointer, value) in edits {
        let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
        let key = key.replace("~1", "/").replace("~0", "~");
        let parent = document.pointer_mut(parent).expect(pointer);
        match (parent, value) {
            (Value::Object(parent), Value::Null) => drop(parent.remove(&key).expect(pointer)),
            (Value::Object(parent), value) => drop(parent.insert(key, value.clone())),
            (Value::Array(parent), value) => parent.push(value.clone()),
            _ => panic!("{pointer}"),
        }
    }
    document
}

fn compared(old: &Value, new: &Value) -> Comparison {
    let input = |document: &Value| Source::from(Input::Stdin(document.to_string().into()));
    let comparison = diff(&input(old), &input(new));
    assert!(comparison.is_whole, "{:#?}", comparison.faults);
    comparison
}

/// What clients see or policies do: `breaking property-removed response`.
fn told(comparison: &Comparison) -> Vec<String> {
    let changes = comparison.changes.iter().flatten();
    let mut told: Vec<String> = changes
        .filter(|change| change.section != Section::Handlers)
        .map(words)
        .collect();
    told.sort();
    told
}

fn words(change: &Change) -> String {
    let rank = match change.rank {
        Rank::Breaking => "breaking ",
        Rank::Risky => "risky ",
        Rank::Rework => "rework ",
        Rank::Stricter => "stricter ",
        Rank::Compatible => "",
    };
    let flow = match change.flows.as_slice() {
        [] => "",
        [Flow::Received] => " received",
        [Flow::Sent] => " sent",
        _ => " both",
    };
    format!("{rank}{}{flow}", change.code)
}

const PUT: &str = "/paths/~1pets~1{id}/put";
const PET: &str = "/components/schemas/Pet";

#[test]
fn what_says_the_same_in_other_words_is_no_change() {
    let pet = |rest: &str| format!("{PET}{rest}");
    let name = document()
        .pointer(&pet("/properties/name"))
        .cloned()
        .expect("a name");
    let whole = document().pointer(PET).cloned().expect("a schema");
    let same: &[&[(String, Value)]] = &[
        &[("/info/description".to_owned(), json!("Words."))],
        // Under a name of its own, or in `allOf`.
        &[
            ("/components/schemas/Name".to_owned(), name.clone()),
            (
                pet("/properties/name"),
                json!({ "$ref": "#/components/schemas/Name" }),
            ),
        ],
        &[(pet("/properties/name"), json!({ "allOf": [name.clone()] }))],
        &[(pet("/properties/name"), json!({ "oneOf": [name] }))],
        &[
            ("/components/schemas/Base".to_owned(), whole),
            (
                PET.to_owned(),
                json!({ "allOf": [{ "$ref": "#/components/schemas/Base" }] }),
            ),
        ],
        &[(
            pet("/properties/kind"),
            json!({ "oneOf": [{ "const": "cat", "title": "Cat" }, { "const": "dog" }] }),
        )],
        &[(pet("/required"), json!(["name", "name"]))],
        // What a parameter of the path is called goes over no wire.
        &[
            ("/paths/~1pets~1{id}".to_owned(), Value::Null),
            (
                "/paths/~1pets~1{pet}".to_owned(),
                serde_json::from_str(
                    &document()["paths"]["/pets/{id}"]
                        .to_string()
                        .replace("\"id\"", "\"pet\""),
                )
                .expect("JSON"),
            ),
        ],
    ];
    for edits in same {
        let edits: Vec<(&str, Value)> = edits
            .iter()
            .map(|(at, value)| (at.as_str(), value.clone()))
            .collect();
        let new = edited(&edits);
        for comparison in [compared(&document(), &new), compared(&new, &document())] {
            assert_eq!(
                told(&comparison),
                [""; 0],
                "{edits:?}: {:#?}",
                comparison.changes
            );
        }
    }
}

#[test]
fn nullable_of_3_0_is_null_of_3_1() {
    let of = |version: &str, schema: &Value| {
        json!({
            "openapi": version,
            "info": { "title": "Pets", "version": "1" },
            "paths": { "/": { "post": {
                "requestBody": { "content": { "application/json": { "schema": schema } } },
                "responses": { "204": { "description": "-" } },
            } } },
            "components": { "schemas": { "Pet": { "type": "object" } } },
        })
    };
    let pet = json!({ "$ref": "#/components/schemas/Pet" });
    for (old, new) in [
        (
            json!({ "type": "string", "nullable": true }),
            json!({ "type": ["string", "null"] }),
        ),
        (
            json!({ "type": "integer", "minimum": 1, "exclusiveMinimum": true }),
            json!({ "type": "integer", "exclusiveMinimum": 1 }),
        ),
        (
            json!({ "type": "object", "nullable": true, "allOf": [pet] }),
            json!({ "anyOf": [pet, { "type": "null" }] }),
        ),
    ] {
        let comparison = compared(&of("3.0.3", &old), &of("3.1.0", &new));
        assert_eq!(
            told(&comparison),
            [""; 0],
            "{old} {new}: {:#?}",
            comparison.changes
        );
    }
}

#[test]
fn alternatives_are_found_again() {
    let with = |schema: Value| {
        edited(&[
            (
                "/components/schemas/Cat",
                json!({ "type": "object", "properties": { "purrs": { "type": "boolean" } } }),
            ),
            (
                "/components/schemas/Dog",
                json!({ "type": "object", "properties": { "barks": { "type": "boolean" } } }),
            ),
            ("/components/schemas/Pet", schema),
        ])
    };
    let to = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let one = with(json!({ "oneOf": [to("Cat")] }));
    let two = with(json!({ "oneOf": [to("Dog"), to("Cat")] }));
    let turned = with(json!({ "oneOf": [to("Cat"), to("Dog")] }));
    assert_eq!(told(&compared(&two, &turned)), [""; 0]);
    let added = ["alternative-added received", "risky alternative-added sent"];
    assert_eq!(told(&compared(&one, &two)), added);
    let removed = [
        "alternative-removed sent",
        "breaking alternative-removed received",
    ];
    assert_eq!(told(&compared(&two, &one)), removed);
}

#[test]
fn an_operation_is_found_again_by_its_id() {
    let mut new = document();
    let item = new["paths"]["/pets/{id}"].take();
    new["paths"] = json!({ "/animals/{id}": item });
    let comparison = compared(&document(), &new);
    assert_eq!(told(&comparison), ["breaking operation-moved"]);
    let changes = comparison.changes.expect("compared");
    assert_eq!(changes[0].operations, ["PUT /animals/{id}"]);
}

#[test]
fn handlers_are_told_what_the_compiler_will_say() {
    let put = |rest: &str| format!("{PUT}{rest}");
    let of_handlers = |edits: &[(&str, Value)]| -> Vec<String> {
        let comparison = compared(&document(), &edited(edits));
        let changes = comparison.changes.into_iter().flatten();
        let changes = changes.filter(|change| change.section == Section::Handlers);
        changes
            .map(|it| format!("{}: {}", words(&it), it.message))
            .collect()
    };
    let mut all = String::new();
    for edits in [
        vec![(put("/operationId"), json!("setPet"))],
        vec![(put("/tags"), json!(["animals"]))],
        vec![(put("/requestBody/required"), json!(false))],
        vec![(put("/responses/202"), json!({ "description": "Later." }))],
        vec![(put("/responses/404"), Value::Null)],
        vec![(
            put("/parameters/-"),
            json!({ "name": "q", "in": "query", "schema": { "type": "string" } }),
        )],
        vec![(
            format!("{PET}/properties/age"),
            json!({ "type": "integer" }),
        )],
        vec![(
            format!("{PET}/properties/kind/enum"),
            json!(["cat", "dog", "bird"]),
        )],
        vec![("/paths/~1pets~1{id}".to_owned(), json!({}))],
        vec![(put("/x-fallback"), json!({ "handler": true }))],
    ] {
        let edits: Vec<(&str, Value)> = edits
            .iter()
            .map(|(at, value)| (at.as_str(), value.clone()))
            .collect();
        all.push_str(&format!("{}\n", edits[0].0));
        for line in of_handlers(&edits) {
            all.push_str(&format!("  {line}\n"));
        }
    }
    insta::assert_snapshot!(all);
}

#[test]
fn types_of_one_name_in_two_modules_are_told_apart() {
    // Also the name of what an operation answers with.
    let model =
        json!({ "type": "object", "properties": { "a": { "$ref": "#/components/schemas/Pet" } } });
    let document = edited(&[
        ("/components/schemas/PutPetResponse", model),
        (
            &format!("{PUT}/responses/200/content/application~1json/schema"),
            json!({ "$ref": "#/components/schemas/PutPetResponse" }),
        ),
    ]);
    let changes = compared(&document, &document).changes;
    assert_eq!(changes, Some(Vec::new()));
}

#[test]
fn a_document_is_itself() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    let mut open = vec![folder];
    let mut compared = 0;
    while let Some(path) = open.pop() {
        if path.is_dir() {
            let entries = path.read_dir().expect("readable");
            open.extend(entries.map(|entry| entry.expect("an entry").path()));
            continue;
        }
        let input = Source::from(Input::Path(path.clone()));
        // Those that cannot be read have nothing to compare.
        if let Some(changes) = diff(&input, &input).changes {
            assert_eq!(changes, [], "{}", path.display());
            compared += 1;
        }
    }
    assert!(compared > 20, "only {compared} documents");
}

#[test]
fn places_are_in_the_document_that_has_them() {
    let new = edited(&[(&format!("{PET}/properties/kind"), Value::Null)]);
    let comparison = compared(&document(), &new);
    let changes = comparison.changes.expect("compared");
    let gone = changes.iter().find(|it| it.code == "property-removed");
    assert_eq!(gone.expect("told").location.file.0, 0, "in the old one");
    let comparison = compared(&new, &document());
    let changes = comparison.changes.expect("compared");
    let come = changes.iter().find(|it| it.code == "property-added");
    assert_eq!(come.expect("told").location.file.0, 1, "in the new one");
    assert_eq!(comparison.files.len(), 2);
}
