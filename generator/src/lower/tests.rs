//! What a document becomes, and what is said about it: one rule a test.

mod circles;
mod names;
mod parameters;
mod sizes;
mod unions;

use std::fmt::Write as _;

use crate::{
    diagnostic::Diagnostics,
    ir::{Presence, Service, Shape, Type},
    lower, spec,
};

/// A document of these paths and schemas, in YAML's flow style.
fn document(paths: &str, schemas: &str) -> String {
    format!(
        "openapi: 3.1.0\ninfo: {{ title: T, version: '1' }}\npaths: {paths}\n\
         components: {{ schemas: {schemas} }}\n"
    )
}

fn run(text: &str) -> (Option<Service>, Diagnostics) {
    let document = spec::load(&spec::Input::Stdin(text.into())).expect("reads");
    let mut found = Diagnostics::default();
    let service = lower::lower(&document, &mut found);
    (service, found)
}

fn service(paths: &str, schemas: &str) -> Service {
    let (service, found) = run(&document(paths, schemas));
    service.unwrap_or_else(|| panic!("{found:?}"))
}

/// The codes of everything that was found, with the second places that were named.
fn codes(paths: &str, schemas: &str) -> Vec<String> {
    let (_, found) = run(&document(paths, schemas));
    found
        .iter()
        .map(|found| {
            let mut code = found.code.to_owned();
            for (location, _) in &found.related {
                let _ = write!(code, " and {}", location.pointer);
            }
            code
        })
        .collect()
}

fn schemas(schemas: &str) -> Service {
    service("{}", schemas)
}

fn schema_codes(schemas: &str) -> Vec<String> {
    codes("{}", schemas)
}

fn names(service: &Service) -> Vec<&str> {
    service
        .models
        .iter()
        .map(|model| model.rust_name.as_str())
        .collect()
}

/// The members of a struct as `name: presence`.
fn fields(service: &Service, model: &str) -> Vec<String> {
    let found = service.models.iter().find(|found| found.rust_name == model);
    let Some(Shape::Struct(shape)) = found.map(|found| &found.shape) else {
        panic!("no struct {model} among {:?}", names(service));
    };
    shape
        .fields
        .iter()
        .map(|field| format!("{}: {:?}", field.rust_name, field.presence))
        .collect()
}

/// The names of all operations, by tag.
fn operations(service: &Service) -> Vec<String> {
    let apis = service.apis.iter();
    apis.flat_map(|api| {
        let names = api.operations.iter();
        names.map(move |operation| format!("{}::{}", api.module, operation.rust_name))
    })
    .collect()
}

const GET: &str = "{ responses: { '204': { description: d } } }";

#[test]
fn components_keep_their_names_and_inline_schemas_follow() {
    let service = schemas(
        "{ Pet: { type: object, properties: { status: { type: string, enum: [a] }, \
           parts: { type: array, items: { type: object, properties: { a: { type: string } } } } } }, \
           PetStatus: { type: string } }",
    );
    assert_eq!(
        names(&service),
        ["Pet", "PetStatus", "PetStatus2", "PetPartsItem"]
    );
}

#[test]
fn a_member_with_a_digit_first_is_no_more_than_letters_and_digits() {
    let service = schemas(
        "{ A: { type: object, properties: { '2024-08': { type: object, properties: { \
           a: { type: object, properties: { b: { type: string } } } } } } } }",
    );
    assert_eq!(names(&service), ["A", "A202408A", "A202408"]);
}

#[test]
fn of_two_spellings_the_rust_name_wins() {
    let service =
        schemas("{ pet: { type: string }, Pet: { type: string }, PET: { type: string } }");
    assert_eq!(names(&service), ["Pet2", "Pet", "Pet3"]);
}

#[test]
fn a_member_says_whether_it_may_be_absent_or_null() {
    let service = schemas(
        "{ A: { type: object, required: [a, b], properties: { a: { type: string }, \
           b: { type: [string, 'null'] }, c: { type: string }, d: { type: [string, 'null'] }, \
           e: { type: integer, default: 3 }, f: { type: integer, default: x } } } }",
    );
    assert_eq!(
        fields(&service, "A"),
        [
            "a: Required",
            "b: RequiredNullable",
            "c: Optional",
            "d: OptionalNullable",
            "e: Defaulted",
            "f: Optional"
        ]
    );
}

#[test]
fn a_wrong_default_is_told() {
    assert_eq!(
        schema_codes("{ A: { type: object, properties: { f: { type: integer, default: x } } } }"),
        ["wrong-default"]
    );
}

#[test]
fn null_is_found_behind_references_and_branches() {
    let service = schemas(
        "{ N: { type: [string, 'null'] }, A: { type: object, properties: { \
           a: { $ref: '#/components/schemas/N' }, \
           b: { oneOf: [{ type: string }, { type: 'null' }] }, \
           c: { enum: [x, null] } } } }",
    );
    let all = fields(&service, "A");
    assert!(
        all.iter().all(|field| field.ends_with("OptionalNullable")),
        "{all:?}"
    );
}

#[test]
fn all_of_is_one_struct() {
    let service = schemas(
        "{ Base: { type: object, required: [a], properties: { a: { type: string } } }, \
           Child: { allOf: [{ $ref: '#/components/schemas/Base' }, \
             { required: [b, c], properties: { b: { type: string } } }] } }",
    );
    assert_eq!(
        fields(&service, "Child"),
        ["a: Required", "b: Required", "c: Required"]
    );
}

#[test]
fn a_discriminator_names_its_forms() {
    let service = schemas(
        "{ P: { oneOf: [{ $ref: '#/components/schemas/Cat' }, { $ref: '#/components/schemas/Dog' }], \
             discriminator: { propertyName: kind, mapping: { c: '#/components/schemas/Cat', \
               k: Cat } } }, \
           Cat: { type: object, properties: { a: { type: string } } }, \
           Dog: { type: object, properties: { a: { type: string } } } }",
    );
    let Shape::Union(union) = &service.models[0].shape else {
        panic!("{:?}", service.models[0].shape);
    };
    let tags: Vec<_> = union.variants.iter().map(|variant| &variant.tags).collect();
    assert_eq!(tags, [&["c", "k"][..], &["Dog"][..]]);
    assert_eq!(union.discriminator.as_deref(), Some("kind"));
}

#[test]
fn branches_beside_members_are_one_struct() {
    let service = schemas(
        "{ A: { type: object, required: [a], properties: { a: { type: string } }, \
           oneOf: [{ required: [b], properties: { b: { type: string } } }, \
                   { properties: { c: { type: string } } }] } }",
    );
    assert_eq!(
        fields(&service, "A"),
        ["a: Required", "b: Optional", "c: Optional"]
    );
}

#[test]
fn read_only_members_are_not_asked_of_requests() {
    let paths = "{ /a: { put: { operationId: a, requestBody: { content: { application/json: { \
                   schema: { $ref: '#/components/schemas/A' } } } }, \
                   responses: { '204': { description: d } } } } }";
    let schemas = "{ A: { type: object, required: [id], properties: { \
                     id: { type: string, readOnly: true } } }, \
                     B: { type: object, required: [id], properties: { \
                     id: { type: string, readOnly: true } } } }";
    let service = service(paths, schemas);
    assert_eq!(fields(&service, "A"), ["id: Optional"]);
    assert_eq!(fields(&service, "B"), ["id: Required"]);
    assert!(service.models[0].schema.is_some());
    assert!(
        service.models[1].schema.is_none(),
        "nobody asks at run time"
    );
}

#[test]
fn contradictions_are_told() {
    for (schema, code) in [
        (
            "{ type: string, minLength: 3, maxLength: 2 }",
            "empty-range",
        ),
        ("{ type: integer, minimum: 3, maximum: 2 }", "empty-range"),
        ("{ type: number, multipleOf: 0 }", "value-out-of-range"),
        ("{ type: string, pattern: '[' }", "invalid-pattern"),
        (
            "{ type: string, pattern: '/(?=.*[0-9])(?=.*[a-z])/' }",
            "slashed-pattern",
        ),
        (
            "{ type: string, pattern: '\\A[_-.]+\\z' }",
            "foreign-pattern",
        ),
        ("{ type: strng }", "unknown-type"),
        ("{ type: string, maxLength: -1 }", "value-out-of-range"),
        ("{ enum: [a, a] }", "duplicate-enum-value"),
        ("{ type: string, enum: [1.0] }", "enum-value-of-other-type"),
    ] {
        let found = schema_codes(&format!("{{ A: {schema} }}"));
        assert_eq!(found.len(), 1, "{schema}: {found:?}");
        assert!(found[0].starts_with(code), "{schema}: {found:?}");
    }
}

#[test]
fn what_is_not_built_yet_is_told() {
    let paths = format!(
        "{{ /a: {{ post: {{ \
         requestBody: {{ content: {{ application/xml: {{ schema: {{ type: object }} }} }} }}, {} }} }}",
        &GET[2..]
    );
    assert_eq!(codes(&paths, "{}"), ["media-type-not-read"]);
}

#[test]
fn the_first_server_says_where_operations_are() {
    for (servers, base, served) in [
        ("[]", "", "/"),
        ("[{ url: 'https://example.com' }]", "", "/"),
        ("[{ url: 'https://example.com/' }]", "", "/"),
        (
            "[{ url: 'https://example.com/api/v1/' }]",
            "/api/v1",
            "/api/v1",
        ),
        ("[{ url: /v2 }]", "/v2", "/v2"),
        ("[{ url: 'v2' }]", "/v2", "/v2"),
        (
            "[{ url: 'https://{host}/{base}/{nobody}', variables: { base: { default: v3 }, \
             host: { default: a.b } } }]",
            "/v3",
            "/v3",
        ),
        (
            "[{ url: '{root}/x', variables: { root: { default: 'http://a/b' } } }]",
            "/b/x",
            "/b/x",
        ),
    ] {
        let text = document(
            &format!(
                "{{ /a: {{ get: {GET} }}, /b: {{ servers: [{{ url: /other }}], get: {GET} }} }}\n\
                 servers: {servers}"
            ),
            "{}",
        );
        let (service, found) = run(&text);
        let service = service.unwrap_or_else(|| panic!("{found:?}"));
        assert_eq!(service.base_path, base, "{servers}");
        let own = &service.apis[0].operations[1].base_path;
        assert_eq!(own.as_deref(), Some("/other"));
        let json = &service.openapi;
        assert_eq!(json["servers"][0]["url"], served);
        assert_eq!(json["paths"]["/b"]["get"]["servers"][0]["url"], "/other");
    }
}

#[test]
fn what_cannot_be_generated_can_be_left_out() {
    let answer = |schema: &str| {
        format!(
            "{{ responses: {{ '200': {{ description: d, content: {{ application/json: \
             {{ schema: {schema} }} }} }} }} }}"
        )
    };
    let paths = format!(
        "{{ /own: {{ get: {}, put: {GET} }}, /reaching: {{ get: {} }}, /good: {{ get: {} }} }}",
        answer("{ type: Foo }"),
        answer("{ $ref: '#/components/schemas/Outer' }"),
        answer("{ $ref: '#/components/schemas/Good' }"),
    );
    let schemas = "{ Outer: { properties: { a: { $ref: '#/components/schemas/Bad' } } }, \
                   Bad: { allOf: [{ $ref: '#/components/schemas/Bad' }] }, Good: { type: string } }";
    let text = document(&paths, schemas);
    assert!(run(&text).0.is_none(), "without being asked to");
    let mut document = spec::load(&spec::Input::Stdin(text.into())).expect("reads");
    let mut found = Diagnostics::default();
    lower::check(&mut document, &mut found);
    let (service, left_out) = lower::lower_without(&document, Default::default(), &mut found)
        .unwrap_or_else(|| panic!("{found:?}"));
    let left_out: Vec<String> = left_out
        .iter()
        .map(|operation| {
            let reason = operation.reason.code;
            format!("{} {}: {reason}", operation.method, operation.path)
        })
        .collect();
    assert_eq!(
        left_out,
        ["GET /own: unknown-type", "GET /reaching: recursive-schema"]
    );
    assert_eq!(
        operations(&service),
        ["default::put_own", "default::get_good"]
    );
    assert!(!service.openapi.to_string().contains("strng"));
    assert_eq!(
        names(&service),
        ["Good"],
        "a model that cannot be is not generated"
    );
}

/// What is wrong with the document as a whole is nobody's alone.
#[test]
fn a_document_that_is_at_fault_is_not_generated_in_part() {
    let text = "openapi: 3.1.0\ninfo: { title: T, version: '1' }\n\
                x-failsafe: { protection: { type: sideways } }\npaths: {}\n";
    let document = spec::load(&spec::Input::Stdin(text.into())).expect("reads");
    let mut found = Diagnostics::default();
    assert!(lower::lower_without(&document, Default::default(), &mut found).is_none());
}
