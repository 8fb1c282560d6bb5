//! Services with `--stubs example`: every operation answers as the document says, from the first
//! start on.

use failsafe_tests::{Server, Tree, paths, probe::probes};
use serde_json::{Value, json};

fn check(file: &str) {
    let spec = paths::repository().join("specs").join(file);
    let stem = spec.file_stem().and_then(|stem| stem.to_str());
    let name = format!("stubs-{}", stem.expect("a name"));
    let options = [
        "--telemetry",
        "NONE",
        "--no-dockerfile",
        "--stubs",
        "example",
    ];
    let tree = Tree::new(&name, &spec, &options);
    let server = Server::start(&tree.check(&[]).build(), &[]);
    let document = server.get("/openapi.json").json();
    for probe in probes(&document).iter().filter(|probe| !probe.is_barred) {
        let answer = server.send(&probe.fits);
        let operation = &probe.operation;
        assert!(
            (200..400).contains(&answer.status),
            "{operation}: {answer:?}"
        );
        let response = response(&document, operation, answer.status);
        let media_type = answer.header("content-type").unwrap_or_default();
        let schema = &response["content"][media_type]["schema"];
        if !media_type.ends_with("json") || schema.is_null() || answer.body.is_empty() {
            continue;
        }
        // References lead into the components.
        let whole = json!({ "components": document["components"], "allOf": [schema] });
        let validator = jsonschema::validator_for(&whole).expect("a schema");
        if let Err(error) = validator.validate(&answer.json()) {
            panic!(
                "{operation}: {error} at {}: {}",
                error.instance_path(),
                answer.text()
            );
        }
    }
    server.stop();
}

/// What the document says of an answer.
fn response<'d>(document: &'d Value, operation: &str, status: u16) -> &'d Value {
    let (method, path) = operation.split_once(' ').expect("a method and a path");
    let responses = &document["paths"][path][method.to_lowercase()]["responses"];
    let of_class = format!("{}XX", status / 100);
    let names = [status.to_string(), of_class, "default".to_owned()];
    let declared = names.iter().find_map(|name| responses.get(name));
    let declared = declared.unwrap_or_else(|| panic!("{operation}: {status} is not declared"));
    let reference = declared["$ref"]
        .as_str()
        .and_then(|text| text.strip_prefix('#'));
    match reference {
        Some(pointer) => document.pointer(pointer).expect("it leads somewhere"),
        None => declared,
    }
}

#[test]
fn examples() {
    check("examples.yaml");
}

#[test]
fn inventory() {
    check("inventory.yaml");
}

#[test]
fn schemas() {
    check("schemas.yaml");
}

#[test]
fn parameters() {
    check("parameters.json");
}

#[test]
fn levels() {
    check("levels.yaml");
}

#[test]
fn basics() {
    check("conformance/basics.yaml");
}

#[test]
fn security() {
    check("conformance/security.yaml");
}

#[test]
fn forms() {
    check("conformance/forms.yaml");
}

#[test]
fn recursion() {
    check("stubs/recursion.yaml");
}

#[test]
fn joined() {
    check("stubs/joined.yaml");
}

#[test]
fn answers() {
    check("stubs/answers.yaml");
}

#[test]
fn values() {
    check("stubs/values.yaml");
}
