//! Schemas: what is taken comes back as it went in, what does not fit is refused with the reason.
//!
//! Each schema of a document gets an operation that takes and answers it; its cases stand beside
//! it, under `x-fits`, `x-becomes` and `x-breaks`.

use std::{fs, path::PathBuf};

use failsafe_generator::spec::{self, At, Kind};
use failsafe_tests::{Server, http::Answer, mirror, paths, request, same};
use serde_json::{Map, Value, json};

struct Case {
    /// `/Name`, the operation's path.
    target: String,
    fits: Vec<Value>,
    becomes: Vec<Value>,
    breaks: Vec<Value>,
}

/// The document as it is generated from, and the cases that stood in it.
fn read(file: &str) -> (Value, Vec<Case>) {
    let path = paths::repository().join("specs/conformance").join(file);
    let document = spec::load(&spec::Input::Path(path)).expect("the document can be read");
    let mut document = value(&document.root());
    let mut cases = Vec::new();
    let schemas = document["components"]["schemas"].as_object_mut();
    for (name, schema) in schemas.expect("schemas").iter_mut() {
        let mut take = |key: &str| {
            let list = schema.as_object_mut().and_then(|it| it.remove(key));
            list.and_then(|list| list.as_array().cloned())
                .unwrap_or_default()
        };
        cases.push(Case {
            target: format!("/{name}"),
            fits: take("x-fits"),
            becomes: take("x-becomes"),
            breaks: take("x-breaks"),
        });
    }
    cases.retain(|case| {
        [&case.fits, &case.becomes, &case.breaks]
            .iter()
            .any(|list| !list.is_empty())
    });
    let operation = |(index, case): (usize, &Case)| {
        let reference = format!("#/components/schemas{}", case.target);
        let content = json!({ "application/json": { "schema": { "$ref": reference } } });
        let post = json!({
            "operationId": format!("mirror{index}"),
            "tags": ["mirror"],
            "requestBody": { "required": true, "content": content },
            "responses": { "200": { "description": "The same.", "content": content } },
        });
        (case.target.clone(), json!({ "post": post }))
    };
    document["paths"] = Value::Object(cases.iter().enumerate().map(operation).collect());
    (document, cases)
}

fn value(at: &At<'_>) -> Value {
    match &at.node().kind {
        Kind::Null => Value::Null,
        Kind::Bool(value) => json!(value),
        Kind::Number(number) => serde_json::from_str(&number.text)
            .unwrap_or_else(|error| panic!("{}: {error}", number.text)),
        Kind::String(text) => json!(text),
        Kind::Array(_) => at.items().map(|item| value(&item)).collect(),
        Kind::Object(_) => {
            let members = at.entries();
            Value::Object(
                members
                    .map(|(key, member)| (key.to_owned(), value(&member)))
                    .collect::<Map<_, _>>(),
            )
        }
    }
}

fn start(name: &str, document: &Value) -> Server {
    let folder = paths::made().join("documents");
    fs::create_dir_all(&folder).expect("a folder");
    let path: PathBuf = folder.join(format!("{name}.json"));
    let text = serde_json::to_string_pretty(document).expect("JSON");
    fs::write(&path, text).expect("the document can be written");
    mirror(name, &path)
}

fn post(server: &Server, target: &str, body: &[u8]) -> Answer {
    let headers = [("content-type", "application/json")];
    server.send(&request("POST", target, &headers, Some(body)))
}

/// `<pointer> <rule>` of everything that an answer complains of.
fn violations(answer: &Answer) -> Vec<String> {
    let of = |violation: &Value| {
        let text = |key: &str| violation[key].as_str().unwrap_or_default().to_owned();
        format!("{} {}", text("pointer"), text("rule"))
    };
    let problem: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let list = problem["violations"].as_array().cloned();
    list.unwrap_or_default().iter().map(of).collect()
}

fn check(name: &str, file: &str) {
    let (document, cases) = read(file);
    let server = start(name, &document);
    let mut wrong = Vec::new();
    for case in &cases {
        let target = &case.target;
        let pairs = case.becomes.iter().map(|pair| (&pair[0], &pair[1]));
        for (given, expected) in case.fits.iter().map(|it| (it, it)).chain(pairs) {
            let answer = post(&server, target, given.to_string().as_bytes());
            let found: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            if answer.status != 200 || !same(&found, expected) {
                let text = answer.text();
                wrong.push(format!("{target} {given} became {} {text}", answer.status));
            }
        }
        for broken in &case.breaks {
            let mut parts = broken.as_array().expect("a list").iter();
            let given = parts.next().expect("a value");
            let mut expected: Vec<String> = parts
                .map(|part| part.as_str().expect("place and rule").to_owned())
                .collect();
            let answer = post(&server, target, given.to_string().as_bytes());
            let mut found = violations(&answer);
            found.sort();
            expected.sort();
            if answer.status != 422 || found != expected {
                let text = answer.text();
                wrong.push(format!(
                    "{target} {given} was answered {} {text}",
                    answer.status
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    server.stop();
}

#[test]
fn as_3_1_has_them() {
    check("schemas-3-1", "schemas.yaml");
}

#[test]
fn as_3_0_has_them() {
    check("schemas-3-0", "schemas-3.0.yaml");
}

#[test]
fn numbers_keep_all_their_digits() {
    check("numbers", "numbers.yaml");
    let (document, _) = read("numbers.yaml");
    let server = start("numbers", &document);
    let integer = "123456789012345678901234567890";
    let decimal = "12345678901234567890.12345678901234567890";
    // By their text: no number that a test would compare with has so many digits.
    for (target, body) in [
        ("/Decimal", decimal.to_owned()),
        ("/Huge", format!("-{integer}")),
        ("/HugeByBounds", integer.to_owned()),
        (
            "/Within",
            format!(
                r#"{{"either":{integer},"anything":[{integer},{decimal}],"others":[{integer},"a"],"more":-{integer}}}"#
            ),
        ),
    ] {
        let answer = post(&server, target, body.as_bytes());
        assert_eq!(
            (answer.status, answer.text().as_str()),
            (200, body.as_str())
        );
    }
    server.stop();
}
