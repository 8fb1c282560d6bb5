//! Documents broken in the ways that real ones are: by the editor that saved them, by the tool that
//! wrote them, by the version that they are of, by the folder that they were cut out of.

use std::fs;

use failsafe_generator::{
    diagnostic::{Diagnostics, Severity},
    ir::{Service, Shape},
    lower,
    options::Stubs,
    spec::{self, Input, OpenApiVersion},
};

/// The codes of what was found, and the service.
fn read(document: impl Into<Vec<u8>>) -> (Vec<&'static str>, Option<Service>) {
    lowered(&Input::Stdin(document.into()))
}

fn lowered(input: &Input) -> (Vec<&'static str>, Option<Service>) {
    let mut found = Diagnostics::default();
    let service = match spec::load(input) {
        Err(failure) => {
            found.extend(failure.diagnostics);
            None
        }
        Ok(mut document) => {
            found.extend(std::mem::take(&mut document.problems));
            lower::check(&mut document, &mut found);
            lower::lower(&document, &mut found)
        }
    };
    found.dedup();
    (found.iter().map(|found| found.code).collect(), service)
}

const OPERATION: &str =
    "/a: { get: { operationId: getA, responses: { '204': { description: d } } } }";

fn document(version: &str) -> String {
    format!("{version}\ninfo: {{ title: Ärger, version: '1' }}\npaths: {{ {OPERATION} }}\n")
}

/// The ids of operations.
fn ids(service: &Service) -> Vec<&str> {
    let operations = service.apis.iter().flat_map(|api| &api.operations);
    operations.map(|operation| operation.id.as_str()).collect()
}

#[test]
fn editors_write_utf_16() {
    let text = document("openapi: 3.1.0");
    let marked = format!("\u{feff}{text}");
    for text in [&text, &marked] {
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in [big, little, text.clone().into_bytes()] {
            let (found, service) = read(bytes);
            assert_eq!(found, [""; 0]);
            let service = service.expect("a service");
            assert_eq!(service.title, "Ärger");
            assert!(service.source.starts_with("openapi"), "without a mark");
        }
    }
}

#[test]
fn editors_indent_with_tabs() {
    let tabs = "openapi: 3.1.0\ninfo:\n\ttitle: T\n\tversion: '1'\npaths:\n\t/a:\n\t\tget:\n\
                \t\t\toperationId: getA\n\t\t\ttags:\n\t\t\t- x\n\t\t\tparameters:\n\
                \t\t\t\t- name: q\n\t\t\t\t  in: query\n\t\t\t\t  schema: { type: string }\n\
                \t\t\tresponses: { '204': { description: d } }\n";
    let (found, service) = read(tabs);
    assert_eq!(found, ["tab-indentation"]);
    let service = service.expect("a service");
    assert_eq!(service.apis[0].operations[0].parameters[0].name, "q");
    // As it was written: messages point into it.
    assert_eq!(*service.source, tabs);

    let mixed = tabs.replace("\ttitle", "  title");
    let failure = spec::load(&Input::Stdin(mixed.into())).expect_err("not clear");
    let [found] = failure.diagnostics.as_slice() else {
        panic!("{:?}", failure.diagnostics);
    };
    assert_eq!(found.message, "a tab in the indentation");
    let place = found.location.as_ref().expect("a place");
    assert_eq!(place.span.start, 32, "the first tab");
}

#[test]
fn versions_are_written_in_many_ways() {
    for (version, expected, served, warnings) in [
        ("openapi: 3.0", OpenApiVersion::V3_0, "3.0.0", &[][..]),
        ("openapi: '3.0'", OpenApiVersion::V3_0, "3.0.0", &[]),
        ("openapi: 3", OpenApiVersion::V3_0, "3.0.0", &[]),
        ("openapi: 3.1", OpenApiVersion::V3_1, "3.1.0", &[]),
        ("openapi: v3.0.1", OpenApiVersion::V3_0, "3.0.0", &[]),
        ("openapi: 3.0.99", OpenApiVersion::V3_0, "3.0.99", &[]),
        (
            "swagger: '3.0.0'",
            OpenApiVersion::V3_0,
            "3.0.0",
            &["misspelt-key"],
        ),
        (
            "swagger: 3.0",
            OpenApiVersion::V3_0,
            "3.0.0",
            &["misspelt-key"],
        ),
        (
            "openapi: 3.2.0",
            OpenApiVersion::V3_1,
            "3.2.0",
            &["newer-version"],
        ),
    ] {
        let text = document(version);
        let loaded = spec::load(&Input::Stdin(text.clone().into())).expect(version);
        assert_eq!(loaded.version, expected, "{version}");
        let (found, service) = read(text);
        assert_eq!(found, warnings, "{version}");
        let openapi = service.expect("a service").openapi;
        assert_eq!(openapi["openapi"], served);
        assert!(openapi.get("swagger").is_none());
    }
    assert_eq!(read(document("swagger: '2.0'")).0, ["swagger-2"]);
    assert_eq!(read(document("openapi: 4.0.0")).0, ["openapi-version"]);
}

#[test]
fn what_3_2_has_more_is_told_where_it_stands() {
    let (found, service) = read(
        "openapi: 3.2.0\n$self: https://example.com/api\n\
         info: { title: T, version: '1' }\ntags: [{ name: x, parent: y, kind: nav }]\n\
         paths:\n  /a:\n    get: { operationId: getA, tags: [x], responses: { '204': { description: d } } }\n\
         \x20   query: { responses: { '204': { description: d } } }\n\
         \x20   additionalOperations: { COPY: { responses: { '204': { description: d } } } }\n",
    );
    let newer = found
        .iter()
        .filter(|code| **code == "newer-version")
        .count();
    let unknown = found.iter().filter(|code| **code == "unknown-key").count();
    assert_eq!((newer, unknown, found.len()), (1, 5, 6), "{found:?}");
    assert_eq!(ids(&service.expect("a service")), ["getA"]);
}

#[test]
fn one_fault_is_told_with_the_way_around_it() {
    for fault in [
        "schema: { $ref: '#/components/schemas/Missing' }",
        "schema: { type: string, pattern: '[' }",
    ] {
        let text = format!(
            "openapi: 3.0.3\ninfo: {{ title: T, version: '1' }}\npaths:\n  {OPERATION}\n\
             \x20 /b: {{ get: {{ operationId: getB, parameters: [{{ name: q, in: query, {fault} }}], \
             responses: {{ '204': {{ description: d }} }} }} }}\n"
        );
        let (found, service) = read(text.clone());
        assert!(service.is_none());
        assert_eq!(found[1..], ["others-can-be-generated"], "{found:?}");
        let document = spec::load(&Input::Stdin(text.into())).expect("a document");
        let mut found = Diagnostics::default();
        let (service, left_out) =
            lower::lower_without(&document, Stubs::Todo, &mut found).expect("the others");
        assert_eq!(ids(&service), ["getA"]);
        assert_eq!(left_out[0].path, "/b");
        assert!(found.iter().all(|found| found.severity != Severity::Error));
    }
    // Where nothing else is left there is no way around.
    let alone = "openapi: 3.0.3\ninfo: { title: T, version: '1' }\npaths: { /b: { get: { responses: { \
                 '200': { $ref: '#/components/responses/Missing' } } } } }\n";
    assert!(!read(alone).0.contains(&"others-can-be-generated"));
}

/// A folder of files, and what becomes of one of them.
fn folder(files: &[(&str, &str)], root: &str) -> (Vec<&'static str>, Option<Service>) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("the folder is made");
        fs::write(path, text).expect("the file is written");
    }
    lowered(&Input::Path(dir.path().join(root)))
}

const OF_PETS: &str = "openapi: 3.0.3\ninfo: { title: T, version: '1' }\n\
    paths: { /pets: { get: { operationId: pets, responses: { '200': { description: d, content: { \
    application/json: { schema: { $ref: '#/components/schemas/Owner' } } } } } } } }\n";

#[test]
fn references_may_lead_out_of_the_folder_and_the_service_does_not_say_so() {
    let root = format!(
        "{OF_PETS}x-telstra: {{ resiliency: {{ timeout: {{}} }} }}\n\
         components: {{ schemas: {{ Owner: {{ type: object, properties: {{ \
         pet: {{ $ref: '../common/pet.yaml#/Pet' }} }} }} }} }}\n"
    );
    let files = [
        ("api/api.yaml", root.as_str()),
        (
            "common/pet.yaml",
            "Pet: { type: object, properties: { name: { type: string } } }\n",
        ),
    ];
    let (found, service) = folder(&files, "api/api.yaml");
    assert_eq!(found, [""; 0]);
    let service = service.expect("a service");
    let served = service.openapi.to_string();
    assert!(!served.contains(".."), "{served}");
    assert_eq!(
        service.openapi["components"]["schemas"]["Owner"]["properties"]["pet"]["$ref"],
        "#/components/schemas/Pet"
    );
    // What is kept is one file, and says the same, the policies included.
    assert!(!service.source.contains(".."), "{}", service.source);
    let (found, again) = read(service.source.as_bytes());
    let again = again.expect("a service");
    assert_eq!(found, [""; 0]);
    assert_eq!(again.openapi, service.openapi);
    let operation = &again.apis[0].operations[0];
    assert_eq!(operation.policies.len(), 1);
}

#[test]
fn a_component_that_is_a_reference_gives_its_name() {
    let root = format!(
        "{OF_PETS}components:\n  schemas:\n    Owner: {{ $ref: schemas/owner.yaml }}\n\
         \x20   Pet: {{ $ref: schemas/pet.yaml }}\n    Animal: {{ $ref: '#/components/schemas/Pet' }}\n"
    );
    let owner = "type: object\nproperties:\n  pets: { type: array, items: { $ref: pet.yaml } }\n\
                 \x20 first: { $ref: '../api.yaml#/components/schemas/Animal' }\n";
    let pet = "type: object\ndiscriminator: { propertyName: kind }\nrequired: [kind]\n\
               properties: { kind: { type: string } }\n";
    let files = [
        ("api.yaml", root.as_str()),
        ("schemas/owner.yaml", owner),
        ("schemas/pet.yaml", pet),
    ];
    let (found, service) = folder(&files, "api.yaml");
    assert_eq!(found, [""; 0]);
    let service = service.expect("a service");
    let needed = service.models.iter().filter(|model| model.is_needed);
    let shapes: Vec<(&str, bool)> = needed
        .map(|model| {
            let is_alias = matches!(model.shape, Shape::Alias(_));
            (model.rust_name.as_str(), is_alias)
        })
        .collect();
    assert_eq!(shapes, [("Owner", false), ("Pet", false), ("Animal", true)]);
}

#[test]
fn integers_in_enums_may_have_a_point() {
    let (found, service) = read(format!(
        "{OF_PETS}components: {{ schemas: {{ Owner: {{ type: integer, enum: [1.0, 2.0, 3e0] }} }} }}\n"
    ));
    assert_eq!(found, [""; 0]);
    let service = service.expect("a service");
    let Shape::Enum(variants) = &service.models[0].shape else {
        panic!("{:?}", service.models[0].shape);
    };
    let values: Vec<_> = variants
        .iter()
        .map(|variant| variant.value.as_i64())
        .collect();
    assert_eq!(values, [Some(1), Some(2), Some(3)]);
}

#[test]
fn servers_have_paths_of_many_kinds() {
    for (servers, expected) in [
        ("[{ url: /petstore }]", "/petstore"),
        ("[{ url: 'petstore/v1/' }]", "/petstore/v1"),
        (
            "[{ url: 'https://{host}:{port}/{base}', variables: { base: { default: v2 }, \
             host: { default: h }, port: { default: 8443 } } }]",
            "/v2",
        ),
        ("[{ url: 'https://h/{unknown}/v1' }]", "/v1"),
        ("[{ description: no url }]", ""),
        ("[]", ""),
    ] {
        let text = format!("{}servers: {servers}\n", document("openapi: 3.0.3"));
        let (_, service) = read(text);
        assert_eq!(service.expect(servers).base_path, expected, "{servers}");
    }
}
