//! References through files and folders, asked of a running service: what stands elsewhere is as
//! if it stood here.

use failsafe_tests::{Echo, paths, request};

#[test]
fn references_over_files() {
    let echo = Echo::start(
        "conformance-references",
        &paths::repository().join("specs/conformance/references/api.yaml"),
    );
    let post = |path: &str, body: &str| echo.post(path, "application/json", body.as_bytes());

    // Path items: a whole file, an encoded pointer, another path, and one with neighbours.
    assert_eq!(
        echo.get("/pets?limit=3").accepted(),
        "params=ListPetsParams { limit: Some(3) }"
    );
    echo.get("/pets?limit=11")
        .assert_rejected(422, &["query limit: maximum"]);
    // A component that is a reference gives its name to what it refers to.
    let pet = post("/pets", r#"{"name": "Rex"}"#);
    assert!(pet.accepted().ends_with(r#" { name: "Rex" }"#), "{pet:?}");
    post("/pets", r#"{"name": "Bucephalus"}"#).assert_rejected(422, &["body /name: maxLength"]);
    for path in ["/pets", "/animals"] {
        assert_eq!(echo.get(&format!("{path}/7")).accepted(), "id=7");
        echo.get(&format!("{path}/0"))
            .assert_rejected(422, &["path id: minimum"]);
    }
    assert_eq!(echo.get("/pets/latest").accepted(), "");
    assert_eq!(echo.ask("DELETE", "/pets/latest", &[]).accepted(), "");

    // Into the parameters of other paths.
    assert_eq!(
        echo.get("/echo/5?depth=3").accepted(),
        "id=5; params=EchoFirstParams { depth: Some(3) }"
    );
    echo.get("/echo/0?depth=4")
        .assert_rejected(422, &["path id: minimum", "query depth: maximum"]);

    // Parameters, bodies and whole maps out of other files.
    let order = |trace: &str, limit: u8, body: &str| {
        echo.send(&request(
            "POST",
            &format!("/orders?limit={limit}"),
            &[("content-type", "application/json"), ("x-trace", trace)],
            Some(body.as_bytes()),
        ))
    };
    assert_eq!(
        order("ab", 1, r#"{"pet": {"name": "Rex"}, "count": 2}"#).accepted(),
        "params=PlaceOrderParams { x_trace: Some(\"ab\"), limit: Some(1) }; \
         body=Order { pet: Pet { name: \"Rex\" }, count: Some(2) }"
    );
    order("a", 11, r#"{"pet": {}, "count": 0}"#).assert_rejected(
        422,
        &[
            "header X-Trace: minLength",
            "query limit: maximum",
            "body /pet/name: required",
            "body /count: minimum",
        ],
    );
    assert_eq!(
        post("/maps", r#"{"a": true}"#).accepted(),
        "body=ReadMapsBody { a: true }"
    );
    post("/maps", "{}").assert_rejected(422, &["body /a: required"]);

    // OpenAPI 3.1: what stands beside a reference to a schema counts as well.
    assert_eq!(
        post("/siblings", r#"{"short": "a", "long": "abcd"}"#).accepted(),
        r#"body=ReadSiblingsBody { short: "a", long: "abcd" }"#
    );
    post("/siblings", r#"{"short": "a", "long": "abc"}"#)
        .assert_rejected(422, &["body /long: minLength"]);
    post("/siblings", r#"{"short": "abcdefg", "long": "abcdefg"}"#)
        .assert_rejected(422, &["body /short: maxLength", "body /long: maxLength"]);

    // Cycles through files end where the value does.
    let tree = r#"{"name": "a", "branches": [{"tree": {"name": "b", "branches": []}}]}"#;
    assert_eq!(
        post("/trees", tree).accepted(),
        "body=Tree { name: \"a\", branches: Some([Branch { weight: None, \
         tree: Tree { name: \"b\", branches: Some([]) } }]) }"
    );
    post(
        "/trees",
        r#"{"name": "a", "branches": [{"tree": {"name": "", "branches": [{}]}}]}"#,
    )
    .assert_rejected(
        422,
        &[
            "body /branches/0/tree/name: minLength",
            "body /branches/0/tree/branches/0/tree: required",
        ],
    );

    // Names that have to be encoded, and definitions of Swagger 2.0.
    assert_eq!(
        post("/odd", r#"{"odd": true}"#).accepted(),
        "body=Defs { odd: true }"
    );
    post("/odd", "{}").assert_rejected(422, &["body /odd: required"]);
    assert_eq!(
        post("/old", r#"{"name": "a", "friend": {"name": "b"}}"#).accepted(),
        r#"body=Owner { name: "a", friend: Some(Owner { name: "b", friend: None }) }"#
    );
    post("/old", r#"{"name": "a", "friend": {}}"#)
        .assert_rejected(422, &["body /friend/name: required"]);

    // The document that the service serves refers to nothing outside of itself.
    let served = echo.server().get("/openapi.json");
    assert_eq!(served.status, 200);
    let mut outside = Vec::new();
    references(&served.json(), &mut outside);
    outside.retain(|reference| !reference.starts_with("#/"));
    assert_eq!(outside, Vec::<String>::new());
}

fn references(value: &serde_json::Value, found: &mut Vec<String>) {
    if let Some(reference) = value["$ref"].as_str() {
        found.push(reference.to_owned());
    }
    match value {
        serde_json::Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        serde_json::Value::Object(members) => {
            members
                .values()
                .for_each(|member| references(member, found));
        }
        _ => {}
    }
}
