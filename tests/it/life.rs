//! A service whose document changes: what the generator adds compiles, and what it cannot mend the
//! compiler finds exactly where the report said.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use failsafe_tests::{Tree, failsafe, files, paths};
use serde_json::Value;

/// Generates into the tree of the example and says what the report has told: places in files.
fn regenerate(spec: &Path, tree: &Path) -> BTreeSet<(String, u64)> {
    let words = [
        "generate",
        spec.to_str().expect("UTF-8"),
        "-o",
        tree.to_str().expect("UTF-8"),
        "--runtime",
        &format!("path:{}", paths::repository().join("runtime").display()),
        "--format",
        "json",
    ];
    let output = failsafe(&words);
    let told: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(told["done"], true, "{told:#}");
    let notices = told["written"]["notices"].as_array().expect("a list");
    let place = |it: &Value| {
        let path = it["path"].as_str().expect("a path").to_owned();
        (path, it["line"].as_u64().expect("a line"))
    };
    notices.iter().map(place).collect()
}

/// Where the compiler complains about the person's code.
fn complaints(tree: &Tree) -> BTreeSet<(String, u64)> {
    let output = tree
        .cargo()
        .args(["check", "--quiet", "--lib", "--message-format", "json"])
        .output()
        .expect("cargo starts");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let messages = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let mut places = BTreeSet::new();
    for message in messages.filter(|it| it["message"]["level"] == "error") {
        let spans = message["message"]["spans"].as_array().expect("a list");
        for span in spans.iter().filter(|span| span["is_primary"] == true) {
            let path = span["file_name"].as_str().expect("a path").to_owned();
            places.insert((path, span["line_start"].as_u64().expect("a line")));
        }
    }
    places
}

/// Builds the service and says which packages had to be compiled for that.
fn compiled(tree: &Tree) -> BTreeSet<String> {
    let output = tree
        .cargo()
        .args(["check", "--quiet", "--locked", "--all-targets"])
        .args(["--message-format", "json"])
        .output()
        .expect("cargo starts");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let messages = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let made = messages
        .filter(|it| it["reason"] == "compiler-artifact" && it["fresh"] == false)
        .map(|it| it["package_id"].as_str().expect("an id").to_owned());
    // `path+file:///somewhere/grown#inventory@0.1.0`
    let name = |id: String| {
        let (_, name) = id.rsplit_once('#').expect("a name");
        name.split('@').next().expect("a name").to_owned()
    };
    made.map(name).collect()
}

#[track_caller]
fn all_told(told: &BTreeSet<(String, u64)>, complaints: &BTreeSet<(String, u64)>) {
    assert!(!complaints.is_empty());
    for place in complaints {
        assert!(told.contains(place), "{place:?} is not in {told:#?}");
    }
}

/// A copy of the example, which a person has written handlers for.
fn grown() -> PathBuf {
    let example = paths::repository().join("examples/inventory");
    let copy = paths::made().join("grown");
    let _ = fs::remove_dir_all(&copy);
    for path in files(&example)
        .iter()
        .filter(|path| !path.starts_with("target"))
    {
        let at = copy.join(path);
        fs::create_dir_all(at.parent().expect("below the copy")).expect("a folder");
        fs::copy(example.join(path), at).expect("copied");
    }
    copy
}

#[test]
fn what_is_added_compiles_and_what_is_left_is_told() {
    let specs = tempfile::tempdir().expect("a folder");
    let spec = specs.path().join("inventory.yaml");
    let before = fs::read_to_string(paths::repository().join("specs/inventory.yaml"));
    let before = before.expect("the document");
    let added = before.replacen(
        "\npaths:\n",
        "\npaths:\n  /audits:\n    get: { operationId: listAudits, tags: [audits], parameters: [{ name: since, in: query, schema: { type: string, format: date } }], responses: { '204': { description: None. } } }\n  /inventories/count:\n    get: { operationId: countInventories, tags: [inventories], responses: { '204': { description: None. } } }\n",
        1,
    );
    assert_ne!(added, before);
    let tree = Tree::at("inventory", &grown());
    // Where the copy stands, the runtime is reached by another path.
    fs::write(&spec, &before).expect("written");
    assert_eq!(regenerate(&spec, tree.path()), BTreeSet::new());
    assert!(compiled(&tree).contains("inventory"));
    // The same document again leaves nothing to compile.
    assert_eq!(regenerate(&spec, tree.path()), BTreeSet::new());
    assert_eq!(compiled(&tree), BTreeSet::new());
    fs::write(&spec, &added).expect("written");
    assert_eq!(regenerate(&spec, tree.path()), BTreeSet::new());
    assert_eq!(compiled(&tree), BTreeSet::from(["inventory".to_owned()]));
    tree.check(&["--locked"]);

    let renamed = added.replace("operationId: adjustStock", "operationId: changeStock");
    assert_ne!(renamed, added);
    fs::write(&spec, &renamed).expect("written");
    let told = regenerate(&spec, tree.path());
    all_told(&told, &complaints(&tree));

    // Back again, and a type changes under the person's code.
    fs::write(&spec, &added).expect("written");
    assert_eq!(regenerate(&spec, tree.path()), BTreeSet::new());
    let retyped = added.replace("nextCursor", "following");
    assert_ne!(retyped, added);
    fs::write(&spec, &retyped).expect("written");
    let told = regenerate(&spec, tree.path());
    all_told(&told, &complaints(&tree));
}
