//! `--overlay` as a person meets it: policies for somebody else's document.

mod command;

use std::fs;

use command::{failsafe, good, words};

const DOCUMENT: &str = "\
openapi: 3.1.0
info: { title: Petty cash, version: '1' }
paths:
  # Nobody may change this file.
  /coins:
    get:
      operationId: listCoins
      responses: { '204': { description: None left. } }
";

const OVERLAY: &str = "\
overlay: 1.0.0
info: { title: Our policies, version: '1' }
extends: api.yaml
actions:
  - target: $.paths.*.get
    update:
      x-ratelimit: { limit: 7/second }
";

fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a temporary directory");
    fs::create_dir(dir.path().join("ours")).expect("a folder");
    for (name, text) in [("api.yaml", DOCUMENT), ("ours/policies.yaml", &extending())] {
        fs::write(dir.path().join(name), text).expect("written");
    }
    dir
}

fn extending() -> String {
    OVERLAY.replace("extends: api", "extends: ../api")
}

#[test]
fn an_overlay_reaches_the_service_and_is_remembered() {
    let dir = folder();
    let dir = dir.path();
    let runtime = format!("path:{}/../runtime", env!("CARGO_MANIFEST_DIR"));
    let generate = ["generate", "api.yaml", "-o", "out/svc"];
    let overlaid = ["--overlay", "ours/policies.yaml", "--runtime", &runtime];
    good(dir, &[&generate[..], &overlaid].concat());
    let read = |path: &str| fs::read_to_string(dir.join("out/svc").join(path)).expect(path);
    let stack = read("src/generated/resilience.rs");
    assert!(stack.contains("max_executions: 7"), "{stack}");
    let kept = read("openapi.yaml");
    assert!(
        kept.contains("      x-ratelimit: { limit: 7/second }\n"),
        "{kept}"
    );
    let remembered = read(".failsafe/options.toml");
    assert!(
        remembered.contains("overlay = [\"../../ours/policies.yaml\"]"),
        "{remembered}"
    );

    // What was said once need not be said again, from wherever the command is run.
    let again = good(dir, &[&generate[..], &["--check"]].concat());
    assert_eq!(String::from_utf8_lossy(&again.stdout), "");
    fs::create_dir(dir.join("deep")).expect("a folder");
    let words = ["generate", "../api.yaml", "-o", "../out/svc", "--check"];
    good(&dir.join("deep"), &words);

    let changed = extending().replace("7/second", "9/second");
    fs::write(dir.join("ours/policies.yaml"), changed).expect("written");
    good(dir, &generate);
    assert!(read("src/generated/resilience.rs").contains("max_executions: 9"));
    good(dir, &[&generate[..], &["--no-overlay"]].concat());
    assert_eq!(read("openapi.yaml"), DOCUMENT);
}

#[test]
fn what_is_wrong_in_an_overlay_is_shown_there() {
    let dir = folder();
    let dir = dir.path();
    // Two operations get the same, and what is wrong with it is told once.
    let twice = DOCUMENT.replace(
        "    get:",
        "    get: { responses: { '204': { description: None. } } }\n  /bills:\n    get:",
    );
    fs::write(dir.join("api.yaml"), twice).expect("written");
    let broken = extending().replace("7/second", "7/week")
        + "  - target: $.paths.*.gett\n    update: { x-timeout: {} }\n  \
           - target: \"$.paths./coins\"\n    remove: true\n";
    fs::write(dir.join("ours/policies.yaml"), broken).expect("written");
    let validate = ["validate", "api.yaml", "--overlay", "ours/policies.yaml"];
    let output = failsafe(dir, &validate);
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!("overlay_faults", words(&output));
    let output = failsafe(dir, &[&validate[..], &["--format", "json"]].concat());
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let wrong = told["diagnostics"].as_array().expect("a list");
    assert!(
        wrong.iter().all(|it| it["file"] == "ours/policies.yaml"),
        "{told:#}"
    );
    let output = failsafe(dir, &["validate", "api.yaml", "--overlay", "no.yaml"]);
    insta::assert_snapshot!("overlay_missing", words(&output));
}

#[test]
fn explain_names_the_overlay() {
    let dir = folder();
    let dir = dir.path();
    fs::write(
        dir.join("failsafe.toml"),
        "overlay = 'ours/policies.yaml'\n",
    )
    .expect("written");
    let output = good(dir, &["explain", "api.yaml"]);
    insta::assert_snapshot!("overlay_explained", String::from_utf8_lossy(&output.stdout));
    let plain = good(dir, &["explain", "api.yaml", "--no-overlay"]);
    assert!(!String::from_utf8_lossy(&plain.stdout).contains("ratelimit"));
}

/// An overlay changes one file. What stands in another one is told, and has a way.
#[test]
fn paths_of_other_files_take_policies_beside_their_reference() {
    let dir = folder();
    let dir = dir.path();
    let split = DOCUMENT.replace("  # Nobody", "  /bills: { $ref: bills.yaml }\n  # Nobody");
    fs::write(dir.join("api.yaml"), split).expect("written");
    let bills = "get: { operationId: listBills, responses: { '204': { description: None. } } }\n";
    fs::write(dir.join("bills.yaml"), bills).expect("written");
    let with = |target: &str| {
        let overlay = extending().replace("$.paths.*.get", &format!("\"{target}\""));
        fs::write(dir.join("ours/policies.yaml"), overlay).expect("written");
        good(
            dir,
            &["explain", "api.yaml", "--overlay", "ours/policies.yaml"],
        )
    };
    let explained = with("$.paths['/bills']");
    let explained = String::from_utf8_lossy(&explained.stdout);
    let (bills, coins) = explained.split_once("GET /coins").expect("two operations");
    assert!(bills.contains("at most 7 requests per second"), "{bills}");
    assert!(!coins.contains("ratelimit"), "{coins}");

    with("$.paths['/bills'].get");
    let validate = ["validate", "api.yaml", "--overlay", "ours/policies.yaml"];
    insta::assert_snapshot!("overlay_elsewhere", words(&good(dir, &validate)));
}
