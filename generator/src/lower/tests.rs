//! What a document becomes, and what is said about it: one rule a test.

mod circles;
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
fn a_path_and_its_parameters_agree() {
    let named = "parameters: [{ name: b, in: path, required: true, schema: { type: string } }]";
    for (path, operation, expected) in [
        ("/a/{b}", GET.to_owned(), "undeclared-path-parameter"),
        (
            "/a",
            format!("{{ {named}, {}", &GET[2..]),
            "unused-path-parameter",
        ),
        (
            "/a/{b}{c}",
            format!(
                "{{ parameters: [{{ name: b, in: path, schema: {{}} }}, \
                 {{ name: c, in: path, schema: {{}} }}], {}",
                &GET[2..]
            ),
            "touching-parameters",
        ),
        ("a", GET.to_owned(), "path-without-slash"),
    ] {
        let paths = format!("{{ '{path}': {{ get: {operation} }} }}");
        assert_eq!(codes(&paths, "{}"), [expected], "{path}");
    }
}

#[test]
fn operations_that_cannot_be_told_apart_are_told() {
    let same_id = format!(
        "{{ /a: {{ get: {{ operationId: x, {get}, put: {{ operationId: x, {get} }} }}",
        get = &GET[2..]
    );
    assert_eq!(
        codes(&same_id, "{}"),
        ["duplicate-operation-id and /paths/~1a/get/operationId"]
    );
    let parameter = |name: &str| {
        format!(
            "{{ get: {{ parameters: [{{ name: {name}, in: path, required: true, \
             schema: {{ type: string }} }}], {} }}",
            &GET[2..]
        )
    };
    let same_route = format!(
        "{{ '/a/{{b}}': {}, '/a/{{c}}': {} }}",
        parameter("b"),
        parameter("c")
    );
    assert_eq!(
        codes(&same_route, "{}"),
        ["duplicate-route and /paths/~1a~1{b}/get"]
    );
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

/// An operation of this id; none: without.
fn called(id: &str) -> String {
    match id {
        "" => GET.to_owned(),
        id => format!("{{ operationId: {id}, {}", &GET[2..]),
    }
}

#[test]
fn every_id_becomes_a_method() {
    for (id, name) in [
        ("'get user/by.id'", "get_user_by_id"),
        ("type", "r#type"),
        ("self", "self_"),
        ("'1st'", "n1st"),
        ("17", "n17"),
        ("größe", "grosse"),
        ("''", "get_a"),
        ("[a]", "get_a"),
        ("Option", "option"),
    ] {
        let service = service(&format!("{{ /a: {{ get: {} }} }}", called(id)), "{}");
        assert_eq!(operations(&service), [format!("default::{name}")], "{id}");
    }
}

#[test]
fn a_document_that_grows_renames_nothing() {
    let names = |paths: &[(&str, &str)]| {
        let paths: Vec<String> = paths
            .iter()
            .map(|(path, id)| format!("'{path}': {{ get: {} }}", called(id)))
            .collect();
        operations(&service(&format!("{{ {} }}", paths.join(", ")), "{}"))
    };
    // Written ids come before made up ones, wherever they stand.
    let grown = names(&[("/a", ""), ("/b", "getA")]);
    assert!(grown[0].starts_with("default::get_ax"), "{grown:?}");
    assert_eq!(grown[1], "default::get_a");
    // Of those that are alike the first keeps its name, the others say what they do.
    assert_eq!(
        names(&[
            ("/a", "get_x"),
            ("/b", "getX"),
            ("/c", "GetX"),
            ("/b/", "getX")
        ]),
        [
            "default::get_x",
            "default::get_x_get_b",
            "default::get_x_get_c",
            "default::get_b"
        ]
    );
    assert_eq!(
        names(&[("/a", ""), ("/a/", "")]),
        ["default::get_a", "default::get_a_slash"]
    );
}

#[test]
fn every_tag_becomes_a_module() {
    let tagged = |tag: &str| format!("{{ tags: {tag}, {}", &GET[2..]);
    for (tag, module) in [
        ("['../x']", "x"),
        ("['🦀']", "crab"),
        ("['']", "empty"),
        ("[type]", "type_"),
        ("[std]", "std_"),
        ("[resilience]", "resilience_"),
        ("pets", "pets"),
        ("[]", "default"),
        ("null", "default"),
    ] {
        let service = service(&format!("{{ /a: {{ get: {} }} }}", tagged(tag)), "{}");
        assert_eq!(service.apis[0].module, module, "{tag}");
    }
    let long = format!("['{}']", "tag ".repeat(100));
    let service = service(&format!("{{ /a: {{ get: {} }} }}", tagged(&long)), "{}");
    assert!(service.apis[0].module.len() < 140);
}

#[test]
fn operations_without_a_name_are_called_what_they_do() {
    let service = service(
        &format!("{{ /users/all: {{ get: {GET} }}, /: {{ delete: {GET} }} }}"),
        "{}",
    );
    let ids: Vec<&str> = service.apis[0]
        .operations
        .iter()
        .map(|operation| operation.id.as_str())
        .collect();
    assert_eq!(ids, ["getUsersAll", "delete"]);
    assert_eq!(service.apis[0].trait_name, "DefaultApi");
}

#[test]
fn tags_that_are_one_word_in_rust_are_one_api() {
    let operation = |id: &str, tag: &str| {
        format!(
            "{{ get: {{ operationId: {id}, tags: [{tag}], {} }}",
            &GET[2..]
        )
    };
    let paths = format!(
        "{{ /a: {}, /b: {}, /c: {} }}",
        operation("a", "Pets"),
        operation("b", "pets"),
        operation("c", "mod")
    );
    let service = service(&paths, "{}");
    let modules: Vec<&str> = service.apis.iter().map(|api| api.module.as_str()).collect();
    assert_eq!(modules, ["pets", "mod_"]);
    assert_eq!(service.apis[0].operations.len(), 2);
}

#[test]
fn a_parameter_with_a_default_is_there() {
    let paths = format!(
        "{{ /a: {{ get: {{ parameters: [\
         {{ name: limit, in: query, schema: {{ type: integer, default: 20 }} }}, \
         {{ name: type, in: query, schema: {{ type: string }} }}], {} }} }}",
        &GET[2..]
    );
    let service = service(&paths, "{}");
    let parameters = &service.apis[0].operations[0].parameters;
    assert_eq!(parameters[0].presence, Presence::Defaulted);
    assert_eq!(parameters[1].rust_name, "r#type");
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
fn a_parameter_is_read_as_its_type_and_style_ask() {
    use crate::ir::{Parameter, Reading, Style};
    let parameter = |text: &str| -> Parameter {
        let paths = format!(
            "{{ /a: {{ get: {{ parameters: [{text}], {} }} }}",
            &GET[2..]
        );
        let mut service = service(
            &paths,
            "{ O: { type: object, additionalProperties: { type: string } } }",
        );
        service.apis[0].operations[0].parameters.remove(0)
    };
    let list = "schema: { type: array, items: { type: string } }";
    let object = "schema: { $ref: '#/components/schemas/O' }";
    for (text, reading, style, explode) in [
        (
            "schema: { type: string }".to_owned(),
            Reading::Single,
            Style::Form,
            true,
        ),
        (list.to_owned(), Reading::List, Style::Form, true),
        (
            format!("explode: false, {list}"),
            Reading::List,
            Style::Form,
            false,
        ),
        (
            format!("style: pipeDelimited, {list}"),
            Reading::List,
            Style::PipeDelimited,
            false,
        ),
        (
            format!("style: deepObject, {list}"),
            Reading::Value,
            Style::DeepObject,
            true,
        ),
        (
            format!("collectionFormat: csv, {list}"),
            Reading::List,
            Style::Form,
            false,
        ),
        (
            format!("style: simple, {list}"),
            Reading::List,
            Style::Form,
            false,
        ),
        (object.to_owned(), Reading::Value, Style::Form, true),
        (
            format!("style: deepObject, {object}"),
            Reading::Value,
            Style::DeepObject,
            true,
        ),
        (
            format!("content: {{ application/json: {{ {object} }} }}"),
            Reading::Value,
            Style::Json,
            false,
        ),
        (
            "content: { text/plain: { schema: { type: string } } }".to_owned(),
            Reading::Single,
            Style::Form,
            true,
        ),
        (
            "schema: { oneOf: [{ type: string }, { type: integer }] }".to_owned(),
            Reading::Value,
            Style::Form,
            true,
        ),
        ("schema: {}".to_owned(), Reading::Single, Style::Form, true),
        (
            "type: integer".to_owned(),
            Reading::Single,
            Style::Form,
            true,
        ),
    ] {
        let found = parameter(&format!("{{ name: p, in: query, {text} }}"));
        assert_eq!(
            (found.reading, found.style, found.explode),
            (reading, style, explode),
            "{text}"
        );
    }
}

#[test]
fn an_object_knows_what_belongs_to_others() {
    let paths = format!(
        "{{ /a: {{ get: {{ parameters: [\
         {{ name: free, in: query, schema: {{ type: object, additionalProperties: {{ type: string }} }} }}, \
         {{ name: page, in: query, schema: {{ type: integer }} }}, \
         {{ name: filter, in: query, schema: {{ type: object, properties: {{ age: {{ type: integer }} }} }} }}, \
         {{ name: deep, in: query, style: deepObject, schema: {{ type: object }} }}, \
         {{ name: X-A, in: header, schema: {{ type: string }} }}], {} }} }}",
        &GET[2..]
    );
    let service = service(&paths, "{}");
    let beside = service.apis[0].operations[0]
        .parameters
        .iter()
        .map(|found| &found.beside);
    let expected = ["age", "deep", "filter", "page"]
        .map(str::to_owned)
        .to_vec();
    assert_eq!(
        beside.collect::<Vec<_>>(),
        [&Some(expected), &None, &None, &None, &None]
    );
}

#[test]
fn a_parameter_may_have_any_default_that_is_sure_to_be_read() {
    let schemas = "{ O: { type: object, required: [a], properties: { a: { type: integer } } } }";
    for (schema, is_read) in [
        (
            "{ type: array, items: { type: integer }, default: [1, 2] }",
            true,
        ),
        (
            "{ type: array, items: { type: integer }, default: [x] }",
            false,
        ),
        (
            "{ allOf: [{ $ref: '#/components/schemas/O' }], default: { a: 1 } }",
            true,
        ),
        (
            "{ allOf: [{ $ref: '#/components/schemas/O' }], default: { b: 1 } }",
            false,
        ),
        (
            "{ type: string, format: date, default: '2024-02-29' }",
            true,
        ),
        ("{ type: string, format: date, default: today }", false),
        (
            "{ oneOf: [{ type: string }, { type: integer }], default: 1 }",
            true,
        ),
    ] {
        let paths = format!(
            "{{ /a: {{ get: {{ parameters: [{{ name: p, in: query, explode: false, schema: {schema} }}], {} }} }}",
            &GET[2..]
        );
        let service = service(&paths, schemas);
        let found = &service.apis[0].operations[0].parameters[0];
        assert_eq!(found.json_default.is_some(), is_read, "{schema}");
        let expected = match is_read {
            true => Presence::Defaulted,
            false => Presence::Optional,
        };
        assert_eq!(found.presence, expected, "{schema}");
    }
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
