//! What real documents get wrong: understood with a warning where it can be meant in one way only,
//! and otherwise an error that belongs to its operation alone.

use failsafe_generator::{
    diagnostic::{Diagnostics, Severity},
    ir::Service,
    lower,
    options::Stubs,
    spec::{self, Input},
};
use serde_json::json;

const FINE: &str =
    "/fine: { get: { operationId: fine, responses: { '204': { description: d } } } }";

/// A document of one operation beside a fine one: what its operation says, in flow style.
fn of_operation(operation: &str) -> String {
    format!(
        "openapi: 3.0.3\ninfo: {{ title: T, version: '1' }}\n\
         paths: {{ {FINE}, '/a/{{b}}': {{ get: {{ operationId: a, {operation} }} }} }}\n"
    )
}

const RESPONSES: &str = "responses: { '204': { description: d } }";
const PATH: &str = "{ name: b, in: path, required: true, schema: { type: string } }";

fn of_parameter(parameter: &str) -> String {
    of_operation(&format!("{RESPONSES}, parameters: [{PATH}, {parameter}]"))
}

fn of_schema(schema: &str) -> String {
    of_operation(&format!(
        "parameters: [{PATH}], responses: {{ '200': {{ description: d, content: \
         {{ application/json: {{ schema: {schema} }} }} }} }}"
    ))
}

/// The codes of warnings and errors, and the service of what can be generated.
fn read(
    text: &str,
) -> (
    Vec<&'static str>,
    Vec<&'static str>,
    Option<(Service, usize)>,
) {
    let mut document = spec::load(&Input::Stdin(text.into()))
        .unwrap_or_else(|failure| panic!("{text}: {:?}", failure.diagnostics));
    let mut found = Diagnostics::default();
    lower::check(&mut document, &mut found);
    let mut checked = Diagnostics::default();
    checked.extend(found.iter().cloned());
    lower::lower(&document, &mut found);
    found.dedup();
    let codes = |severity| -> Vec<&'static str> {
        let found = found.iter().filter(|found| found.severity == severity);
        found.map(|found| found.code).collect()
    };
    let rest = lower::lower_without(&document, Stubs::Todo, &mut checked);
    let rest = rest.map(|(service, left_out)| (service, left_out.len()));
    (codes(Severity::Warning), codes(Severity::Error), rest)
}

#[track_caller]
fn check_understood(text: &str, warnings: &[&str]) {
    let (found, errors, _) = read(text);
    assert_eq!(
        (found.as_slice(), errors.as_slice()),
        (warnings, &[][..]),
        "{text}"
    );
}

#[test]
fn what_can_be_understood_is_understood() {
    for (operation, warnings) in [
        (
            "responses: { '204': { description: d } }, parameters: null",
            &["null-value", "undeclared-path-parameter"][..],
        ),
        (
            &format!("{RESPONSES}, parameters: {{ b: {PATH} }}"),
            &["wrong-kind"],
        ),
        (
            &format!("parameters: [{PATH}], tags: null, security: null, responses: null"),
            &["null-value", "null-value", "null-value", "no-responses"],
        ),
        (&format!("parameters: [{PATH}]"), &["no-responses"]),
        (
            &format!("parameters: [{PATH}], responses: {{ 200 OK: {{ description: d }} }}"),
            &["unknown-status"],
        ),
        (
            &format!(
                "parameters: [{PATH}], responses: {{ ok: {{ description: d }}, '999': {{ description: d }}, '204': {{ description: d }} }}"
            ),
            &["unknown-status", "unknown-status"],
        ),
        (
            &format!("parameters: [{PATH}], respones: {{ '204': {{ description: d }} }}"),
            &["unknown-key"],
        ),
        (
            &format!(
                "{RESPONSES}, parameters: [{PATH}], deprecated: 'yes', security: [{{ none: [] }}]"
            ),
            &["text-for-boolean", "unknown-security-scheme"],
        ),
        (
            &format!("{RESPONSES}, parameters: [{{ name: b, schema: {{ type: string }} }}]"),
            &["missing-key"],
        ),
        (
            &format!(
                "{RESPONSES}, parameters: [{{ name: b, in: url, schema: {{ type: string }} }}]"
            ),
            &["unknown-place"],
        ),
        (
            &format!("{RESPONSES}, parameters: []"),
            &["undeclared-path-parameter"],
        ),
        (
            &format!(
                "{RESPONSES}, parameters: [{PATH}, {{ name: c, in: path, required: true, schema: {{ type: string }} }}]"
            ),
            &["unused-path-parameter"],
        ),
    ] {
        check_understood(&of_operation(operation), warnings);
    }
    for (parameter, warnings) in [
        (
            "{ name: c, in: Query, required: 'true', schema: { type: string } }",
            &["spelling", "text-for-boolean"][..],
        ),
        (
            "{ name: c, in: qurey, schema: { type: string } }",
            &["spelling"],
        ),
        (
            "{ name: 5, in: query, required: 1, explode: 'no', schema: { type: string } }",
            &["wrong-kind", "text-for-boolean", "text-for-boolean"],
        ),
        ("{ name: c, in: query, schema: string }", &["wrong-kind"]),
        (
            "{ name: c, in: query, schema: { type: string, pattern: '^.{0,2097152}$' } }",
            &["unchecked-pattern"],
        ),
        (
            "{ name: c, in: query, schema: null }",
            &["null-value", "untyped-parameter"],
        ),
        ("null", &["null-value"]),
        (
            "{ name: c, in: query, schema: { type: integer, default: '5' } }",
            &["default-not-typed"],
        ),
        (
            "{ name: b, in: path, required: true, schema: { type: string } }",
            &["duplicate-parameter"],
        ),
    ] {
        check_understood(&of_parameter(parameter), warnings);
    }
    for (schema, warnings) in [
        ("{ type: string, minLength: '3' }", &["text-for-number"][..]),
        (
            "{ type: number, maximum: '1.5', exclusiveMaximum: 'true' }",
            &["text-for-number", "text-for-boolean"],
        ),
        ("{ type: int }", &["unknown-type"]),
        ("{ type: String }", &["unknown-type"]),
        ("{ type: strng }", &["unknown-type"]),
        ("{ type: any }", &["unknown-type"]),
        ("{ type: [str, 'null'] }", &["unknown-type"]),
        ("{ type: null }", &["null-value"]),
        ("{ type: [string, null] }", &["null-value"]),
        (
            "{ type: object, properties: null, required: null, additionalProperties: null }",
            &["null-value", "null-value", "null-value"],
        ),
        (
            "{ type: object, properties: { a: null, b: string } }",
            &["null-value", "wrong-kind"],
        ),
        (
            "{ type: object, properties: { a: { type: string, required: true } } }",
            &["misplaced-required"],
        ),
        ("{ allOf: { type: string } }", &["wrong-kind"]),
        (
            "{ anyOf: { '0': { type: integer }, '2': { type: 'null' } } }",
            &["wrong-kind"],
        ),
        ("{ type: string, pattern: 404 }", &["wrong-kind"]),
        ("{ type: { type: string, enum: [a, b] } }", &["wrong-kind"]),
        (
            "{ description: d, type: { type: strng } }",
            &["wrong-kind", "unknown-type"],
        ),
        ("{ type: string, maxLenght: 5 }", &["unknown-key"]),
        (
            "{ type: object, additionalProperties: 'false' }",
            &["text-for-boolean"],
        ),
        ("{ type: object, properties: [] }", &["wrong-kind"]),
        (
            "{ type: object, properties: { a: [{ $ref: '#/components/parameters/a' }] } }",
            &["wrong-kind"],
        ),
        ("{ type: string, format: unheard-of }", &[]),
        (
            "{ type: integer, example: no number, examples: { a: b } }",
            &[],
        ),
    ] {
        check_understood(&of_schema(schema), warnings);
    }
    for (text, warnings) in [
        (
            format!("openapi: 3.0\npaths: {{ {FINE} }}"),
            &["missing-key"][..],
        ),
        (
            format!("\u{feff}openapi: v3.1.0\ninfo:\npaths: {{ {FINE} }}"),
            &["missing-key"],
        ),
        (
            format!("openapi:\t3.1.0\ninfo: {{ title: 5, version: 1.0 }}\t\npaths: {{ {FINE} }}"),
            &[],
        ),
        (
            format!(
                "openapi: 3.1.0\ninfo: {{ title: T, version: '1' }}\nservers: null\ncomponents: {{ schemas: null, examples: {{ A: {{ $ref: '#/components/examples/B' }} }} }}\npaths: {{ {FINE} }}"
            ),
            &["null-value", "null-value", "unknown-reference"],
        ),
        // A way back to itself says nothing, and what leads there from elsewhere is as good as it.
        (
            format!(
                "openapi: 3.0.3\ninfo: {{ title: T, version: '1' }}\npaths: {{ {FINE} }}\ncomponents: {{ schemas: {{ \
                 Out: {{ $ref: '#/components/schemas/A' }}, A: {{ $ref: '#/components/schemas/B' }}, \
                 B: {{ type: string, $ref: '#/components/schemas/A' }} }} }}"
            ),
            &["reference-cycle", "reference-cycle"],
        ),
        // What a reference of 3.0 silences is still there for others.
        (
            format!(
                "openapi: 3.0.3\ninfo: {{ title: T, version: '1' }}\npaths: {{ {FINE} }}\ncomponents: {{ schemas: {{ \
                 A: {{ $ref: '#/components/schemas/B', allOf: {{ '3': {{ type: string }} }} }}, B: {{ type: string }}, \
                 C: {{ $ref: '#/components/schemas/A/allOf/3' }} }} }}"
            ),
            &[],
        ),
        // Which value means a variant is said by the variants as well.
        (
            of_schema(
                "{ anyOf: [{ $ref: '#/paths/~1fine/get/x-a' }, { type: object, required: [t], \
                 properties: { t: { enum: [b] } } }], \
                 discriminator: { propertyName: t, mapping: { a: missing/models.yml#/a } } }",
            )
            .replace("operationId: fine,", "operationId: fine, x-a: { type: object, required: [t], properties: { t: { enum: [a] } } },"),
            &[],
        ),
    ] {
        check_understood(&text, warnings);
    }
}

#[test]
fn what_cannot_be_understood_belongs_to_its_operation() {
    for (text, code) in [
        (
            of_operation("responses: { '200': { $ref: '#/components/responses/Missing' } }"),
            "unknown-reference",
        ),
        (
            of_parameter("{ name: c, in: elsewhere, schema: { type: string } }"),
            "unknown-place",
        ),
        (
            of_parameter("{ in: query, schema: { type: string } }"),
            "missing-key",
        ),
        (
            of_parameter("{ $ref: '#/components/parameters/Missing' }"),
            "unknown-reference",
        ),
        (of_schema("{ type: Foo }"), "unknown-type"),
        (
            of_schema("{ $ref: '#/components/schemas/Missing' }"),
            "unknown-reference",
        ),
        (
            of_schema("{ $ref: 'https://elsewhere.example/a.json#/A' }"),
            "remote-reference",
        ),
    ] {
        let (_, errors, rest) = read(&text);
        assert_eq!(errors, [code], "{text}");
        let (service, left_out) = rest.unwrap_or_else(|| panic!("{text}"));
        let operations = service.apis.iter().flat_map(|api| &api.operations);
        let ids: Vec<&str> = operations.map(|operation| operation.id.as_str()).collect();
        assert_eq!((ids.as_slice(), left_out), (&["fine"][..], 1), "{text}");
    }
}

#[test]
fn every_operation_that_needs_another_host_is_left_out() {
    let of = |name: &str| {
        format!(
            "/{name}: {{ get: {{ operationId: {name}, responses: {{ '200': {{ description: d, content: \
             {{ application/json: {{ schema: {{ $ref: 'https://elsewhere.example/a.json#/{name}' }} }} }} }} }} }} }}"
        )
    };
    let (_, errors, rest) = read(&format!(
        "openapi: 3.0.3\ninfo: {{ title: T, version: '1' }}\npaths: {{ {FINE}, {}, {} }}\n",
        of("a"),
        of("b")
    ));
    assert_eq!(errors, ["remote-reference", "remote-reference"]);
    let (service, left_out) = rest.expect("one operation is fine");
    let operations: usize = service.apis.iter().map(|api| api.operations.len()).sum();
    assert_eq!((operations, left_out), (1, 2));
}

#[test]
fn one_fault_hides_no_other() {
    let text = of_parameter("{ name: c, in: elsewhere, schema: { type: Foo } }");
    let (_, errors, _) = read(&text);
    assert_eq!(errors, ["unknown-place", "unknown-type"]);
}

#[test]
fn what_is_meant_reaches_the_service() {
    let text = of_parameter(
        "{ name: c, in: QUERY, required: 'true', schema: { type: int64, minimum: '3' } }",
    );
    let (_, _, rest) = read(&text);
    let (service, _) = rest.expect("it is understood");
    let mut operations = service.apis.iter().flat_map(|api| &api.operations);
    let operation = operations
        .find(|operation| operation.id == "a")
        .expect("there");
    let shown = format!("{:?}", operation.parameters[1]);
    for part in ["Query", "Required", "I64", "3"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    // The document that the service serves is one that others understand.
    let served = service.openapi;
    let parameter = &served["paths"]["/a/{b}"]["get"]["parameters"][1];
    assert_eq!(parameter["in"], "query");
    assert_eq!(parameter["required"], true);
    assert_eq!(parameter["schema"]["type"], "integer");
    assert_eq!(parameter["schema"]["minimum"], 3);
}

#[test]
fn a_parameter_of_swagger_2_is_served_as_one_of_openapi_3() {
    let text = of_parameter("{ name: c, in: query, type: int64, minimum: '3', required: true }");
    let (warnings, errors, rest) = read(&text);
    assert_eq!(
        warnings,
        ["swagger-2-parameter", "unknown-type", "text-for-number"]
    );
    assert!(errors.is_empty(), "{errors:?}");
    let (service, _) = rest.expect("it is understood");
    let parameter = &service.openapi["paths"]["/a/{b}"]["get"]["parameters"][1];
    assert!(parameter.get("type").is_none(), "{parameter}");
    assert_eq!(parameter["schema"]["type"], "integer");
    assert_eq!(parameter["schema"]["format"], "int64");
    assert_eq!(parameter["schema"]["minimum"], 3);
}

#[test]
fn what_has_members_is_an_object() {
    let said = |schema: &str| {
        let text = of_schema(schema);
        check_understood(&text, &[]);
        let (_, _, rest) = read(&text);
        let (service, _) = rest.expect("a service");
        let served = &service.openapi["paths"]["/a/{b}"]["get"]["responses"]["200"];
        served["content"]["application/json"]["schema"].clone()
    };
    let served = said("{ properties: { a: { additionalProperties: { type: integer } } } }");
    assert_eq!(served["type"], "object");
    assert_eq!(served["properties"]["a"]["type"], "object");
    // What is said by the way means no more than it says.
    for (schema, pointer) in [
        (
            "{ not: { properties: { a: { type: integer } } } }",
            "/not/type",
        ),
        (
            "{ anyOf: [{ properties: { a: { type: integer } } }, { type: string }] }",
            "/anyOf/0/type",
        ),
        ("{ properties: { a: {} }, enum: [a] }", "/type"),
    ] {
        assert_eq!(said(schema).pointer(pointer), None, "{schema}");
    }
}

#[test]
fn the_values_that_an_array_lists_are_those_of_its_items() {
    for (schema, meant) in [
        (
            "{ type: array, enum: [a, b], items: { type: string } }",
            json!({ "type": "array", "items": { "type": "string", "enum": ["a", "b"] } }),
        ),
        (
            "{ type: array, enum: [a, b] }",
            json!({ "type": "array", "items": { "enum": ["a", "b"] } }),
        ),
        (
            "{ type: array, enum: [a], items: { enum: [a, b] } }",
            json!({ "type": "array", "items": { "enum": ["a", "b"] } }),
        ),
    ] {
        let text = of_schema(schema);
        check_understood(&text, &["contradicted-enum"]);
        let (_, _, rest) = read(&text);
        let (service, _) = rest.expect("a service");
        let served = &service.openapi["paths"]["/a/{b}"]["get"]["responses"]["200"];
        assert_eq!(served["content"]["application/json"]["schema"], meant);
    }
    check_understood(&of_schema("{ type: array, enum: [[a], [b]] }"), &[]);
}

#[test]
fn what_is_joined_with_null_may_be_null() {
    for schema in [
        "{ allOf: [{ type: integer }, { type: 'null' }] }",
        "{ allOf: [{ enum: [null] }, { type: integer, nullable: true }] }",
    ] {
        let text = of_schema(schema);
        check_understood(&text, &["contradicted-type"]);
        let (_, _, rest) = read(&text);
        let (service, _) = rest.expect("a service");
        let served = service.openapi["paths"].to_string();
        assert!(served.contains("anyOf"), "{served}");
    }
    for schema in [
        "{ allOf: [{ type: 'null' }, { description: d }] }",
        "{ allOf: [{ type: integer }, { nullable: true }] }",
    ] {
        check_understood(&of_schema(schema), &[]);
    }
}

#[test]
fn a_schema_in_place_of_a_type_is_one_that_fits_as_well() {
    let text = of_schema("{ description: d, type: { type: string, enum: [a, b] }, x-c: d }");
    let (_, _, rest) = read(&text);
    let (service, _) = rest.expect("a service");
    let served = &service.openapi["paths"]["/a/{b}"]["get"]["responses"]["200"];
    assert_eq!(
        served["content"]["application/json"]["schema"],
        json!({
            "description": "d",
            "allOf": [{ "type": "string", "enum": ["a", "b"] }],
            "x-c": "d"
        })
    );
    // It may be a property as well.
    let (_, errors, _) = read(&of_schema("{ id: {}, type: { type: string } }"));
    assert_eq!(errors, ["unknown-type"]);
}

#[test]
fn bounds_that_refuse_all_of_an_enum_are_not_meant() {
    let text = of_schema("{ type: string, enum: [MALE, FEMALE], minLength: 1, maxLength: 1 }");
    check_understood(&text, &["contradicted-bound"]);
    let (_, _, rest) = read(&text);
    let (service, _) = rest.expect("a service");
    let served = service.openapi.to_string();
    assert!(
        served.contains("FEMALE") && served.contains("minLength"),
        "{served}"
    );
    assert!(!served.contains("maxLength"), "{served}");
    check_understood(
        &of_schema("{ enum: [a, b], minLength: 2 }"),
        &["contradicted-bound"],
    );
    check_understood(&of_schema("{ enum: [a, bc], maxLength: 1 }"), &[]);
    check_understood(&of_schema("{ enum: [1, 2], maxLength: 0 }"), &[]);
}

#[test]
fn a_format_that_refuses_all_of_an_enum_is_not_meant() {
    for schema in [
        "{ type: string, enum: [now], format: date-time }",
        "{ const: now, format: uuid }",
    ] {
        let text = of_schema(schema);
        check_understood(&text, &["contradicted-format"]);
        let (_, _, rest) = read(&text);
        let (service, _) = rest.expect("a service");
        let served = service.openapi.to_string();
        assert!(
            served.contains("now") && !served.contains("format"),
            "{served}"
        );
    }
    check_understood(
        &of_schema("{ type: string, enum: [now, 20160128], format: date }"),
        &["contradicted-format", "enum-value-of-other-type"],
    );
    for schema in [
        "{ enum: [now, '2024-02-29'], format: date }",
        "{ enum: [1], format: date }",
        "{ enum: [now], format: whenever }",
    ] {
        check_understood(&of_schema(schema), &[]);
    }
}

#[test]
fn a_type_that_no_variant_is_of_is_not_meant() {
    let text = of_schema(
        "{ type: object, oneOf: [{ enum: [a, b] }, { type: integer }, { type: 'null' }] }",
    );
    check_understood(&text, &["contradicted-type"]);
    let (_, _, rest) = read(&text);
    let (service, _) = rest.expect("a service");
    let served = service.openapi["paths"].to_string();
    assert!(!served.contains("\"object\""), "{served}");
    for schema in [
        "{ type: object, oneOf: [{ type: string }, { type: object }] }",
        "{ type: number, anyOf: [{ type: integer }, { type: string }] }",
        "{ type: array, items: {}, oneOf: [{ type: object }, { type: array, items: {} }] }",
    ] {
        let text = of_schema(schema);
        check_understood(&text, &["contradicted-type"]);
        let (_, _, rest) = read(&text);
        let (service, _) = rest.expect("a service");
        let served = &service.openapi["paths"]["/a/{b}"]["get"]["responses"]["200"];
        let served = &served["content"]["application/json"]["schema"];
        let keys: Vec<_> = served.as_object().expect("a schema").keys().collect();
        assert_eq!(keys.len(), 1, "{served}");
    }
    for schema in [
        "{ type: object, oneOf: [{ type: string }, { description: d }] }",
        "{ type: object, properties: { a: {} }, oneOf: [{ type: string }, { type: object }] }",
        "{ type: array, items: {}, oneOf: [{ type: object }, { type: array }] }",
        "{ type: number, anyOf: [{ type: integer }, { enum: [1.5] }] }",
        "{ type: string, anyOf: [{ type: 'null' }] }",
    ] {
        check_understood(&of_schema(schema), &[]);
    }
}
