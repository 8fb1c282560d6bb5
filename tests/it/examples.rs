//! `examples/inventory`: in step with the generator, and a service that works.

use std::fs;

use failsafe_tests::{Server, Tree, files, generate, http::Answer, paths, probe::Request};
use serde_json::{Value, json};

#[test]
fn generating_it_again_changes_nothing() {
    let example = paths::repository().join("examples/inventory");
    let temp = tempfile::tempdir().expect("a folder");
    let copy = temp.path().join("examples/inventory");
    for path in files(&example)
        .iter()
        .filter(|path| !path.starts_with("target"))
    {
        let target = copy.join(path);
        fs::create_dir_all(target.parent().expect("below the copy")).expect("a folder");
        fs::copy(example.join(path), target).expect("copied");
    }
    let before = contents(&copy);
    let spec = paths::repository().join("specs/inventory.yaml");
    // As far from the copy as the real one is from the example.
    let runtime = temp.path().join("runtime");
    fs::create_dir(&runtime).expect("a folder");
    fs::write(runtime.join("Cargo.toml"), "").expect("written");
    let runtime = format!("path:{}", runtime.display());
    generate(
        &spec,
        &copy,
        &["--package-name", "inventory", "--runtime", &runtime],
    );
    let after = contents(&copy);
    for path in before.keys().chain(after.keys()) {
        assert!(
            before.get(path) == after.get(path),
            "{path} is not what the generator writes; run: cargo run -- generate \
             specs/inventory.yaml -o examples/inventory --package-name inventory --runtime \
             path:runtime --force",
        );
    }
}

fn contents(folder: &std::path::Path) -> std::collections::BTreeMap<String, Vec<u8>> {
    files(folder)
        .into_iter()
        .map(|path| {
            (
                path.display().to_string(),
                fs::read(folder.join(path)).expect("readable"),
            )
        })
        .collect()
}

fn call(server: &Server, method: &str, target: &str, body: Option<Value>) -> Answer {
    let mut headers = vec![(
        "idempotency-key".to_owned(),
        format!("test-{method}-{target}"),
    )];
    if body.is_some() {
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
    }
    server.send(&Request {
        method: method.to_owned(),
        target: target.to_owned(),
        headers,
        body: body.map(|body| body.to_string().into_bytes()),
    })
}

#[test]
fn it_keeps_an_inventory() {
    let tree = Tree::at("inventory", &paths::repository().join("examples/inventory"));
    let server = Server::start(
        &tree.check(&["--locked"]).build(),
        &[("OTEL_SDK_DISABLED", "true")],
    );

    let article =
        json!({ "sku": "ABC-0001", "name": "Hammer", "quantity": 3, "category": "tools" });
    let added = call(&server, "POST", "/inventories", Some(article.clone()));
    assert_eq!(added.status, 201, "{}", added.text());
    let id = added.json()["id"].as_str().expect("an id").to_owned();
    assert_eq!(
        call(&server, "POST", "/inventories", Some(article)).status,
        409
    );

    let place = format!("/inventories/{id}");
    assert_eq!(server.get(&place).json()["sku"], "ABC-0001");
    let page = server.get("/inventories?category=tools").json();
    assert_eq!(page["items"].as_array().map(Vec::len), Some(1));
    let page = server.get("/inventories?category=food").json();
    assert_eq!(page["items"].as_array().map(Vec::len), Some(0));

    let adjust = |delta: i64, key: &str| {
        server.send(&Request {
            method: "POST".to_owned(),
            target: format!("{place}/adjustments"),
            headers: vec![
                ("idempotency-key".to_owned(), key.to_owned()),
                ("content-type".to_owned(), "application/json".to_owned()),
            ],
            body: Some(json!({ "delta": delta }).to_string().into_bytes()),
        })
    };
    assert_eq!(adjust(-2, "take-two-1").json()["quantity"], 1);
    assert_eq!(
        adjust(-2, "take-two-1").json()["quantity"],
        1,
        "a repeated key changes nothing"
    );
    assert_eq!(adjust(-2, "take-two-2").status, 409);

    // Everything that is wrong comes in one answer.
    let wrong = json!({ "sku": "abc", "name": "", "quantity": -1, "color": "red" });
    let refused = call(&server, "POST", "/inventories", Some(wrong));
    assert_eq!(refused.status, 422);
    assert_eq!(
        refused.header("content-type"),
        Some("application/problem+json")
    );
    let violations = refused.json()["violations"].clone();
    let mut pointers: Vec<_> = violations
        .as_array()
        .expect("a list")
        .iter()
        .map(|violation| violation["pointer"].as_str().unwrap_or_default().to_owned())
        .collect();
    pointers.sort();
    assert_eq!(
        pointers,
        ["/color", "/name", "/quantity", "/sku"],
        "{violations}"
    );

    assert_eq!(call(&server, "DELETE", &place, None).status, 204);
    assert_eq!(server.get(&place).status, 404);
    server.stop();
}
