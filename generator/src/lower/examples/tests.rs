//! What is answered for a schema: one rule a test.

use serde_json::{Value, json};

use crate::{
    diagnostic::Diagnostics,
    ir::{Example, ExampleBody},
    lower,
    options::Stubs,
    spec,
};

/// The example of the only operation, whose responses are given in YAML's flow style.
#[track_caller]
fn example(responses: &str, schemas: &str) -> (Option<Example>, Vec<String>) {
    let text = format!(
        "openapi: 3.1.0\ninfo: {{ title: T, version: '1' }}\n\
         paths: {{ /a: {{ get: {{ operationId: a, responses: {responses} }} }} }}\n\
         components: {{ schemas: {schemas} }}\n"
    );
    let document = spec::load(&spec::Input::Stdin(text.into())).expect("reads");
    let mut found = Diagnostics::default();
    let service = lower::lower_with(&document, Stubs::Example, &mut found);
    let mut service = service.unwrap_or_else(|| panic!("{found:?}"));
    let codes = found
        .iter()
        .map(|found| format!("{}: {}", found.code, found.message));
    (
        service.apis[0].operations[0].example.take(),
        codes.collect(),
    )
}

#[track_caller]
fn body(media: &str, schemas: &str) -> (Value, Vec<String>) {
    let responses = format!("{{ '200': {{ content: {{ application/json: {media} }} }} }}");
    let (example, codes) = example(&responses, schemas);
    match example.and_then(|example| example.body) {
        Some(ExampleBody::Json(value)) => (value, codes),
        other => panic!("{other:?}, {codes:?}"),
    }
}

/// What is made for a schema, beside these.
#[track_caller]
fn made(schema: &str, schemas: &str) -> Value {
    body(&format!("{{ schema: {schema} }}"), schemas).0
}

#[test]
fn the_media_type_is_asked_first() {
    let schema = "{ type: string, example: of the schema, default: default }";
    let single = format!("{{ example: of the media type, schema: {schema} }}");
    assert_eq!(body(&single, "{}").0, "of the media type");
    let several =
        format!("{{ examples: {{ a: {{ value: 7 }}, b: {{ value: b }} }}, schema: {schema} }}");
    assert_eq!(body(&several, "{}").0, "b");
    assert_eq!(made(schema, "{}"), "of the schema");
    assert_eq!(
        made("{ type: string, examples: [first, second] }", "{}"),
        "first"
    );
    assert_eq!(made("{ type: string, default: default }", "{}"), "default");
    assert_eq!(made("{ const: only }", "{}"), "only");
    assert_eq!(made("{ enum: [null, first, second] }", "{}"), "first");
}

#[test]
fn an_example_that_does_not_fit_is_reported_and_not_used() {
    let schemas = "{ A: { type: object, required: [n], properties: { n: { type: integer } }, example: { n: x } } }";
    let (value, codes) = body("{ schema: { $ref: '#/components/schemas/A' } }", schemas);
    assert_eq!(value, json!({ "n": 1 }));
    assert_eq!(
        codes,
        ["example-does-not-fit: the example does not fit its schema: /n must be an integer"]
    );
}

#[test]
fn numbers_keep_their_bounds() {
    for (schema, value) in [
        ("{ type: integer }", json!(1)),
        ("{ type: integer, minimum: 7 }", json!(7)),
        ("{ type: integer, maximum: -7 }", json!(-7)),
        ("{ type: integer, exclusiveMinimum: 7 }", json!(8)),
        ("{ type: integer, minimum: 7, multipleOf: 5 }", json!(10)),
        (
            "{ type: integer, minimum: 18446744073709551615 }",
            json!(u64::MAX),
        ),
        ("{ type: number }", json!(1.5)),
        (
            "{ type: number, exclusiveMinimum: 0, exclusiveMaximum: 1 }",
            json!(0.5),
        ),
        (
            "{ type: number, minimum: 2.5, multipleOf: 0.5 }",
            json!(3.0),
        ),
    ] {
        assert_eq!(made(schema, "{}"), value, "{schema}");
    }
}

#[test]
fn texts_keep_their_length_pattern_and_format() {
    for (schema, text) in [
        ("{ type: string }", "text"),
        ("{ type: string, minLength: 6 }", "textxx"),
        ("{ type: string, maxLength: 2 }", "te"),
        ("{ type: string, format: date }", "2024-05-06"),
        (
            "{ type: string, pattern: '^[A-Z]{3}-[0-9]{4}$' }",
            "ABC-1234",
        ),
        (
            "{ type: string, pattern: '^[a-z]+$', minLength: 8 }",
            "abcdefgh",
        ),
        ("{ type: string, pattern: '^(?!abc)[a-z]{3}$' }", "text"),
    ] {
        let value = made(schema, "{}");
        match schema.contains("(?!") {
            true => assert_eq!(value.as_str().map(str::len), Some(3), "{value}"),
            false => assert_eq!(value, text, "{schema}"),
        }
    }
}

#[test]
fn objects_have_all_their_members() {
    let schemas = "{ Base: { type: object, required: [a], properties: { a: { type: string } } } }";
    let schema = "{ allOf: [{ $ref: '#/components/schemas/Base' }, { type: object, properties: {
        b: { type: boolean }, secret: { type: string, writeOnly: true },
        given: { type: string, readOnly: true } } }] }";
    let expected = json!({ "a": "text", "b": true, "given": "text" });
    assert_eq!(made(schema, schemas), expected);
    let map = "{ type: object, minProperties: 2, additionalProperties: { type: integer } }";
    assert_eq!(made(map, "{}"), json!({ "key": 1, "key2": 1 }));
    let few = "{ type: object, maxProperties: 1, required: [b], properties: { a: {}, b: {} } }";
    assert_eq!(made(few, "{}"), json!({ "b": "text" }));
}

#[test]
fn lists_have_as_many_items_as_they_need() {
    for (schema, value) in [
        ("{ type: array, items: { type: integer } }", json!([1])),
        (
            "{ type: array, maxItems: 0, items: { type: integer } }",
            json!([]),
        ),
        (
            "{ type: array, minItems: 3, uniqueItems: true, items: { type: integer } }",
            json!([1, 2, 0]),
        ),
        (
            "{ type: array, minItems: 2, uniqueItems: true, items: { enum: [a, b, c] } }",
            json!(["a", "b"]),
        ),
        ("{ type: array }", json!([])),
        (
            "{ type: array, minItems: 2, prefixItems: [{ type: string }, { type: integer }] }",
            json!(["text", 1]),
        ),
    ] {
        assert_eq!(made(schema, "{}"), value, "{schema}");
    }
}

#[test]
fn recursion_ends_where_it_may() {
    let schemas = "{
        Tree: { type: object, required: [children], properties: { name: { type: string },
            children: { type: array, items: { $ref: '#/components/schemas/Tree' } } } },
        Link: { type: object, required: [next], properties: {
            next: { oneOf: [{ $ref: '#/components/schemas/Link' }, { type: 'null' }] } } } }";
    let made = |name: &str| {
        made(
            &format!("{{ $ref: '#/components/schemas/{name}' }}"),
            schemas,
        )
    };
    assert_eq!(made("Tree"), json!({ "name": "text", "children": [] }));
    assert_eq!(made("Link"), json!({ "next": null }));
}

#[test]
fn the_first_form_that_works_is_taken() {
    let schemas = "{
        Never: { type: object, required: [x], properties: { x: false } },
        Cat: { type: object, required: [kind], properties: { kind: { type: string } } },
        Dog: { type: object, required: [kind], properties: { kind: { type: string } } } }";
    let schema =
        "{ oneOf: [{ $ref: '#/components/schemas/Never' }, { $ref: '#/components/schemas/Cat' }] }";
    assert_eq!(made(schema, schemas), json!({ "kind": "text" }));
    let told =
        "{ oneOf: [{ $ref: '#/components/schemas/Dog' }, { $ref: '#/components/schemas/Cat' }],
        discriminator: { propertyName: kind, mapping: { woof: '#/components/schemas/Dog' } } }";
    assert_eq!(made(told, schemas), json!({ "kind": "woof" }));
    // What both forms take is refused.
    let apart = "{ oneOf: [{ type: string, maxLength: 4 }, { type: string, minLength: 3 }] }";
    assert_eq!(made(apart, "{}"), "a");
}

#[test]
fn success_is_answered_where_it_is_declared() {
    let json = "content: { application/json: { schema: { type: integer } } }";
    for (responses, response, status) in [
        (
            format!("{{ '404': {{ {json} }}, '201': {{ {json} }} }}"),
            1,
            201,
        ),
        (
            format!("{{ '404': {{ {json} }}, 2XX: {{ {json} }} }}"),
            1,
            200,
        ),
        (
            format!("{{ '404': {{ {json} }}, default: {{ {json} }} }}"),
            1,
            200,
        ),
        ("{ '404': {}, '302': {} }".to_owned(), 1, 302),
        ("{ '404': {} }".to_owned(), 0, 404),
    ] {
        let (example, _) = example(&responses, "{}");
        let example = example.unwrap_or_else(|| panic!("{responses}"));
        assert_eq!(
            (example.response, example.status),
            (response, status),
            "{responses}"
        );
    }
}

#[test]
fn text_is_answered_as_it_is() {
    let responses =
        "{ '200': { content: { text/plain: { example: Hello, schema: { type: string } } } } }";
    let (example, _) = example(responses, "{}");
    assert_eq!(
        example.and_then(|it| it.body),
        Some(ExampleBody::Text("Hello".to_owned()))
    );
}

#[test]
fn what_nothing_fits_is_said() {
    let responses = "{ '200': { content: { application/json: { schema: { type: object, required: [x], properties: { x: false } } } } } }";
    let (example, codes) = example(responses, "{}");
    assert_eq!(example, None);
    assert_eq!(
        codes,
        ["no-example: no value was found that `a` could answer"]
    );
}

#[test]
fn headers_that_have_to_be_there_are_shown() {
    let headers = "{ X-Rate: { required: true, schema: { type: integer, minimum: 5 } }, \
                     X-Next: { schema: { type: string } }, \
                     X-At: { required: true, schema: { type: string, format: date-time }, \
                             example: '2020-01-02T03:04:05Z' }, \
                     Set-Cookie: { required: true, schema: { type: string } } }";
    let (example, _) = example(&format!("{{ '204': {{ headers: {headers} }} }}"), "{}");
    assert_eq!(
        example.expect("an example").headers,
        [
            (0, json!(5)),
            (2, json!("2020-01-02T03:04:05Z")),
            (3, json!(["text"])),
        ]
    );
}

#[test]
fn null_beside_forms_is_one_more_form() {
    let schema = "{ type: 'null', oneOf: [{ type: integer }, { type: boolean }] }";
    assert_eq!(made(schema, "{}"), json!(1));
    let recursive = "{ A: { type: 'null', oneOf: [{ type: string }, \
                       { type: array, items: { $ref: '#/components/schemas/A' } }] } }";
    assert_eq!(
        made("{ $ref: '#/components/schemas/A' }", recursive),
        "text"
    );
}

#[test]
fn forms_that_overlap_are_answered_as_one_of_them() {
    let form = |name: &str| {
        format!(
            "{{ type: object, properties: {{ same: {{ type: integer }}, {name}: {{ type: integer }} }} }}"
        )
    };
    let schema = format!("{{ oneOf: [{}, {}] }}", form("a"), form("b"));
    assert_eq!(made(&schema, "{}"), json!({ "same": 1, "a": 1 }));
}

#[test]
fn objects_that_must_differ_do() {
    let item = "{ type: object, required: [id], properties: { id: { type: string } } }";
    let schema = format!("{{ type: array, uniqueItems: true, minItems: 2, items: {item} }}");
    assert_eq!(
        made(&schema, "{}"),
        json!([{ "id": "text" }, { "id": "text2" }])
    );
}
