//! Every operation of our own documents, asked with requests that fit it and with one that does not.

use std::path::Path;

use failsafe_tests::{Server, Tree, corpus, paths, probe::probes};
use serde_json::Value;

fn check(name: &str, spec: &Path) {
    let options = ["--telemetry", "NONE", "--no-dockerfile"];
    let tree = Tree::edited(name, spec, &options, corpus::admit_everybody);
    let server = Server::start(&tree.check(&[]).build(), &[]);

    assert_eq!(server.get("/livez").status, 200);
    assert_eq!(server.get("/readyz").status, 200);
    let document = server.get("/openapi.json");
    assert_eq!(document.status, 200);
    let document: Value = document.json();
    assert!(!document.to_string().contains("\"x-telstra\""));

    let probes = probes(&document);
    assert!(!probes.is_empty());
    for probe in probes {
        let complaints = probe.complaints(&server);
        assert!(complaints.is_empty(), "{}", complaints[0]);
    }
    assert_eq!(server.get("/no/such/path").status, 404);
    server.stop();
}

fn check_own(name: &str, file: &str) {
    check(name, &paths::repository().join("specs").join(file));
}

#[test]
fn inventory() {
    check_own("serve-inventory", "inventory.yaml");
}

#[test]
fn levels() {
    check_own("serve-levels", "levels.yaml");
}

#[test]
fn parameters() {
    check_own("serve-parameters", "parameters.json");
}

#[test]
fn schemas() {
    check_own("serve-schemas", "schemas.yaml");
}
