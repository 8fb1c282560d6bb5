use serde_json::{Value, json};

use crate::{diagnostic::Diagnostics, lower, spec};

const DOCUMENT: &str = r##"
openapi: 3.1.0
info: { title: Things, version: '1' }
x-telstra: { resiliency: { timeout: { seconds: 5 } } }
paths:
  /things:
    x-failsafe: { resiliency: { ratelimit: { limit: 5/second } } }
    post:
      operationId: addThing
      x-circuitbreaker: {}
      requestBody:
        content:
          application/json:
            schema: { $ref: '#/components/schemas/Thing' }
      responses:
        '200': { description: Added. }
        '504': { description: The document's own words. }
    get:
      operationId: free
      x-ratelimit: false
      x-timeout: false
      responses: { '204': { description: Nothing. } }
components:
  schemas:
    FailsafeRefusal: { type: string }
    Thing:
      type: object
      properties: { x-retry: { type: string, default: no } }
      example: { x-retry: data }
"##;

fn served(yaml: &str) -> Value {
    let document = spec::load(&spec::Input::Stdin(yaml.into())).expect("reads");
    let mut found = Diagnostics::default();
    let service = lower::lower(&document, &mut found).expect("a service");
    service.openapi
}

/// What an operation answers, as it is served.
fn statuses<'d>(document: &'d Value, path: &str, method: &str) -> Vec<&'d str> {
    let responses = document["paths"][path][method]["responses"].as_object();
    let responses = responses.expect("responses");
    let mut statuses: Vec<&str> = responses.keys().map(String::as_str).collect();
    statuses.sort_unstable();
    statuses
}

#[test]
fn extensions_are_left_out_and_nothing_else() {
    let document = served(DOCUMENT);
    assert!(document.get("x-telstra").is_none());
    let item = &document["paths"]["/things"];
    assert!(item.get("x-failsafe").is_none());
    assert!(item["post"].get("x-circuitbreaker").is_none());
    let thing = &document["components"]["schemas"]["Thing"];
    assert_eq!(thing["properties"]["x-retry"]["type"], "string");
    assert_eq!(thing["example"], json!({ "x-retry": "data" }));
}

#[test]
fn operations_are_called_what_the_service_calls_them() {
    let document = served(
        "openapi: 3.0.3\ninfo: { title: T, version: '1' }\npaths:\n  /things:\n    get: { operationId: things }\n    \
         put: { operationId: things }\n    post: { operationId: '' }\n    patch: { operationId: 7 }\n    delete: {}\n",
    );
    let item = &document["paths"]["/things"];
    let id = |method: &str| item[method].get("operationId");
    assert_eq!(id("get"), Some(&json!("things")));
    assert_eq!(id("put"), Some(&json!("putThings")));
    assert_eq!(id("post"), Some(&json!("postThings")));
    assert_eq!(id("patch"), Some(&json!("7")));
    assert_eq!(id("delete"), None);
}

#[test]
fn refusals_are_declared_where_they_can_happen() {
    let document = served(DOCUMENT);
    let responses = |method: &str| statuses(&document, "/things", method);
    assert_eq!(
        responses("post"),
        [
            "200", "400", "408", "413", "415", "422", "429", "503", "504"
        ]
    );
    assert_eq!(responses("get"), ["204"]);
    let post = &document["paths"]["/things"]["post"]["responses"];
    assert_eq!(post["504"]["description"], "The document's own words.");
    assert!(post["200"]["headers"]["RateLimit-Remaining"].is_object());
}

#[test]
fn what_only_counts_is_no_refusal() {
    let document = served(
        "{openapi: 3.1.0, info: {title: a, version: '1'}, paths: {/a: {get: {\
         x-ratelimit: {mode: shadow}, x-timeout: {mode: 'off'}, x-mine: 1, \
         parameters: [{name: q, in: query, schema: {type: integer}}], \
         responses: {'200': {description: d}}}}}}",
    );
    let get = &document["paths"]["/a"]["get"];
    let responses = get["responses"].as_object().expect("responses");
    assert_eq!(responses.keys().collect::<Vec<_>>(), ["200", "400", "422"]);
    // Somebody else's extensions are no business of ours.
    assert_eq!(get["x-mine"], json!(1));
}

#[test]
fn every_reference_leads_somewhere() {
    fn walk(value: &Value, root: &Value) {
        match value {
            Value::Object(members) => {
                if let Some(Value::String(reference)) = members.get("$ref") {
                    let pointer = reference.strip_prefix('#').expect("within the file");
                    assert!(root.pointer(pointer).is_some(), "{reference}");
                }
                members.values().for_each(|member| walk(member, root));
            }
            Value::Array(items) => items.iter().for_each(|item| walk(item, root)),
            _ => {}
        }
    }
    let document = served(DOCUMENT);
    walk(&document, &document);
    // The document's own schema of that name stays what it is.
    assert_eq!(
        document["components"]["schemas"]["FailsafeRefusal"]["type"],
        "string"
    );
    assert_eq!(
        document["components"]["schemas"]["FailsafeRefusal2"]["type"],
        "object"
    );
}

#[test]
fn files_become_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("writes");
    };
    write(
        "api.yaml",
        "openapi: 3.1.0\ninfo: { title: T, version: '1' }\npaths:\n  /a: { $ref: 'item.yaml' }\n",
    );
    write(
        "item.yaml",
        "get:\n  operationId: readA\n  responses:\n    '200':\n      description: Yes.\n      \
         content: { application/json: { schema: { $ref: 'models.yaml#/Node' } } }\n",
    );
    write(
        "models.yaml",
        "Node:\n  type: object\n  properties: { next: { $ref: '#/Node' } }\n",
    );
    let input = spec::Input::Path(folder.path().join("api.yaml"));
    let document = spec::load(&input).expect("reads");
    let service = lower::lower(&document, &mut Diagnostics::default()).expect("a service");
    let served = service.openapi;
    let node = json!({ "$ref": "#/components/schemas/Node" });
    let content = &served["paths"]["/a"]["get"]["responses"]["200"]["content"];
    assert_eq!(content["application/json"]["schema"], node);
    let schema = &served["components"]["schemas"]["Node"];
    assert_eq!(schema["properties"]["next"], node);
}

#[test]
fn what_is_asked_of_values_is_written_out() {
    let served = served(
        "openapi: 3.1.0
info: { title: T, version: '1' }
paths: {}
components:
  schemas:
    Plain: { type: integer }
    Small: { type: [integer, 'null'], format: uint8, maximum: 100 }
    Named: { type: integer, format: int32 }
    Half: { type: number, format: float }
    Either:
      oneOf: [{ $ref: '#/components/schemas/Plain' }, { $ref: '#/components/schemas/Small' }]
      discriminator: { propertyName: kind }
",
    );
    let schema = |name: &str| served["components"]["schemas"][name].clone();
    assert_eq!(
        schema("Plain"),
        json!({ "type": "integer", "format": "int64" })
    );
    assert_eq!(schema("Small")["minimum"], 0);
    assert_eq!(schema("Small")["maximum"], 100);
    assert_eq!(
        schema("Named"),
        json!({ "type": "integer", "format": "int32" })
    );
    assert_eq!(schema("Half")["maximum"], json!(f64::from(f32::MAX)));
    assert_eq!(schema("Either")["required"], json!(["kind"]));
}

#[test]
fn refusals_stand_beside_declared_answers() {
    let served = served(
        "openapi: 3.1.0
info: { title: T, version: '1' }
paths:
  /a:
    get:
      parameters: [{ name: q, in: query, schema: { type: integer } }]
      responses:
        '200': { description: ok }
        '400': { $ref: '#/components/responses/Bad' }
        '422':
          description: no
          content: { application/problem+json: { schema: { type: string } } }
components:
  responses:
    Bad: { description: bad, content: { text/plain: {} } }
",
    );
    let bad = &served["components"]["responses"]["Bad"]["content"];
    assert!(bad.get("text/plain").is_some());
    assert!(
        bad["application/problem+json"]["schema"]
            .get("$ref")
            .is_some()
    );
    let schema =
        served.pointer("/paths/~1a/get/responses/422/content/application~1problem+json/schema");
    let either = schema
        .and_then(|schema| schema["anyOf"].as_array())
        .map(Vec::len);
    assert_eq!(either, Some(2));
    assert!(
        served["paths"]["/a"]["get"]["responses"]["200"]
            .get("content")
            .is_none()
    );
}

#[test]
fn constants_are_mapped_to_their_forms() {
    let served = served(
        "openapi: 3.0.3
info: { title: T, version: '1' }
paths: {}
components:
  schemas:
    Base: { type: object, properties: { kind: { type: string } } }
    Cat:
      allOf:
        - $ref: '#/components/schemas/Base'
        - { type: object, properties: { kind: { type: string, enum: [cat, tom] } } }
    Dog: { type: object, properties: { kind: { type: string, enum: [dog] } } }
    Cow: { type: object, properties: { kind: { type: string } } }
    Pet:
      oneOf:
        - $ref: '#/components/schemas/Cat'
        - $ref: '#/components/schemas/Dog'
        - $ref: '#/components/schemas/Cow'
      discriminator: { propertyName: kind }
    Twins:
      oneOf: [{ $ref: '#/components/schemas/Dog' }, { $ref: '#/components/schemas/Dog' }]
      discriminator: { propertyName: kind }
",
    );
    let schemas = &served["components"]["schemas"];
    assert_eq!(
        schemas["Pet"]["discriminator"]["mapping"],
        json!({
            "cat": "#/components/schemas/Cat",
            "tom": "#/components/schemas/Cat",
            "dog": "#/components/schemas/Dog",
        })
    );
    assert!(schemas["Twins"]["discriminator"].get("mapping").is_none());
}

#[test]
fn null_is_said_in_the_words_of_the_version() {
    let of = |version: &str| {
        let served = served(&format!(
            "openapi: {version}
info: {{ title: T, version: '1' }}
paths: {{}}
components:
  schemas:
    Listed: {{ type: string, enum: [a], nullable: true }}
    Referred: {{ $ref: '#/components/schemas/Listed', nullable: true }}
    Forms: {{ type: 'null', oneOf: [{{ type: string }}, {{ type: boolean }}] }}
",
        ));
        served["components"]["schemas"].clone()
    };
    let reference = json!({ "$ref": "#/components/schemas/Listed" });
    let of_two = json!({ "oneOf": [{ "type": "string" }, { "type": "boolean" }] });
    let forms = json!({ "anyOf": [{ "type": "null" }, of_two] });
    assert_eq!(
        of("3.0.3"),
        json!({
            "Listed": { "type": "string", "enum": ["a", null], "nullable": true },
            "Referred": { "anyOf": [reference, { "nullable": true, "enum": [null] }] },
            "Forms": forms,
        })
    );
    assert_eq!(
        of("3.1.0"),
        json!({
            "Listed": { "type": ["string", "null"], "enum": ["a", null] },
            "Referred": { "anyOf": [reference, { "type": "null" }] },
            "Forms": forms,
        })
    );
}

#[test]
fn answers_and_files_have_refusals_of_their_own() {
    let served = served(
        "openapi: 3.1.0
info: { title: T, version: '1' }
paths:
  /a:
    get:
      responses: { '200': { description: d, content: { text/csv: { schema: { type: string } } } } }
    put:
      requestBody:
        content:
          multipart/form-data:
            schema:
              type: object
              properties: { file: { type: string, contentMediaType: image/png } }
      responses: { '204': { description: d } }
",
    );
    let statuses = |method: &str| statuses(&served, "/a", method);
    assert_eq!(statuses("get"), ["200", "406"]);
    assert_eq!(
        statuses("put"),
        ["204", "400", "408", "413", "415", "422", "507"]
    );
}

#[test]
fn what_patterns_say_is_declared_on_shared_answers_as_well() {
    let served = served(
        "openapi: 3.1.0
info: { title: T, version: '1' }
paths:
  /a:
    get:
      x-cache: {}
      x-ratelimit: {}
      x-fallback: { status: 203 }
      responses:
        '200': { $ref: '#/components/responses/Fine' }
        '203': { $ref: '#/components/responses/Instead' }
        '429': { description: Mine., headers: { Retry-After: { description: Mine. } } }
    put:
      responses:
        '200': { $ref: '#/components/responses/Fine' }
    delete:
      x-ratelimit: {}
      responses: { default: { description: Whatever. } }
components:
  responses:
    Fine: { $ref: '#/components/responses/Good' }
    Good: { description: Good., headers: { x-cache: { description: Mine. } } }
    Instead: { description: Instead. }
",
    );
    let headers = |pointer: &str| {
        let headers = served.pointer(pointer).and_then(Value::as_object);
        let headers = headers.unwrap_or_else(|| panic!("no {pointer}"));
        let mut names: Vec<&str> = headers.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    };
    let of_limit = [
        "RateLimit-Limit",
        "RateLimit-Remaining",
        "RateLimit-Policy",
        "RateLimit",
        "X-Backpressure",
        "X-Client-Id",
    ];
    let said = |own: &[&'static str]| {
        let mut all: Vec<&str> = own.iter().copied().chain(of_limit).collect();
        all.sort_unstable();
        all
    };
    let good = headers("/components/responses/Good/headers");
    assert_eq!(good, said(&["Age", "x-cache"]));
    let instead = headers("/components/responses/Instead/headers");
    assert_eq!(instead, said(&["Age", "X-Cache", "X-Fallback"]));
    let whatever = headers("/paths/~1a/delete/responses/default/headers");
    assert_eq!(whatever, said(&[]));
    let limited = served.pointer("/paths/~1a/get/responses/429/headers");
    let limited = limited.and_then(Value::as_object).expect("headers");
    assert_eq!(limited["Retry-After"], json!({ "description": "Mine." }));
    assert!(limited.contains_key("X-RateLimit-Retry-After-Ms"));
}

#[test]
fn faults_that_are_made_on_purpose_are_declared() {
    let served = served(
        "openapi: 3.1.0
info: { title: T, version: '1' }
paths:
  /a:
    get:
      x-chaos: { fault_rate: 0.1 }
      x-bulkhead: {}
      responses: { '200': { description: d } }
    put:
      x-chaos: { fault_rate: 0.1, status: 418 }
      responses: { '200': { description: d } }
    delete:
      x-chaos: { latency: 1 }
      responses: { '200': { description: d } }
",
    );
    let media_types = |method: &str, status: &str| {
        let response = &served["paths"]["/a"][method]["responses"][status];
        let component = response["$ref"].as_str()?;
        let content = &served.pointer(component.strip_prefix('#')?)?["content"];
        let mut names: Vec<&String> = content.as_object()?.keys().collect();
        names.sort_unstable();
        Some(names.into_iter().cloned().collect::<Vec<_>>().join(" "))
    };
    let both = "application/json application/problem+json";
    assert_eq!(media_types("get", "503").as_deref(), Some(both));
    let problem = "application/problem+json";
    assert_eq!(media_types("put", "418").as_deref(), Some(problem));
    assert_eq!(media_types("delete", "503"), None);
}
