use serde_json::json;

use super::probes;

#[test]
fn every_operation_gets_what_fits_and_what_does_not() {
    let document = json!({ "paths": { "/a/{id}": {
        "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "integer" } }],
        "get": { "parameters": [
            { "name": "ids", "in": "query", "required": true, "explode": false,
              "schema": { "type": "array", "minItems": 2, "items": { "type": "string" } } },
            { "name": "X-A", "in": "header", "required": true, "schema": { "type": "string" } },
        ] },
    }, "/b": { "post": { "requestBody": { "content": { "application/json": {
        "schema": { "type": "object", "required": ["n"], "properties": { "n": { "type": "number" } } },
    } } } }, "get": {} } } });
    let probes = probes(&document);
    let [a, list, create] = &probes[..] else {
        panic!("three operations, got {probes:?}")
    };
    assert_eq!(a.fits.target, "/a/1?ids=text,text");
    assert_eq!(a.fits.headers, [("X-A".to_owned(), "text".to_owned())]);
    assert_eq!(
        a.breaks.as_ref().map(|request| request.target.as_str()),
        Some("/a/%21no%21?ids=text,text")
    );
    assert_eq!(list.breaks, None);
    assert_eq!(create.fits.body.as_deref(), Some(&br#"{"n":1.5}"#[..]));
    assert_eq!(
        create
            .breaks
            .as_ref()
            .and_then(|request| request.body.as_deref()),
        Some(&b"{\""[..])
    );
}

#[test]
fn a_credential_is_not_left_out() {
    let key =
        json!({ "name": "key", "in": "query", "required": true, "schema": { "type": "string" } });
    let token =
        json!({ "name": "token", "in": "query", "required": true, "schema": { "type": "string" } });
    let document = json!({
        "paths": { "/a": { "get": { "security": [{ "key": [] }], "parameters": [key, token] } } },
        "components": { "securitySchemes": { "key": { "type": "apiKey", "in": "query", "name": "key" } } },
    });
    let probes = probes(&document);
    let breaks = probes[0].breaks.as_ref().map(|it| it.target.as_str());
    assert_eq!(breaks, Some("/a?key=text"));
}

#[test]
fn what_stands_behind_a_path_is_not_checked() {
    let parameter = |name: &str| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "integer" } });
    let document = json!({ "paths": { "/a/{id}?{search}=1": {
        "get": { "parameters": [parameter("search"), parameter("id")] },
    } } });
    let probes = probes(&document);
    let breaks = probes[0].breaks.as_ref().map(|it| it.target.as_str());
    assert_eq!(breaks, Some("/a/%21no%21?1=1"));
}
