//! `--only` and `--exclude` as a person meets them.

mod command;

use std::{fs, path::Path, process::Output};

use command::{failsafe, good, words};

const DOCUMENT: &str = "\
openapi: 3.1.0
info: { title: Petty cash, version: '1' }
paths:
  /coins:
    get:
      operationId: listCoins
      tags: [coins]
      responses: { '204': { description: None left. } }
    post:
      operationId: addCoin
      tags: [coins]
      responses: { '204': { description: Added. } }
  /purses:
    get:
      operationId: listPurses
      tags: [purses]
      responses: { '204': { description: None left. } }
";

fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a temporary directory");
    fs::write(dir.path().join("api.yaml"), DOCUMENT).expect("written");
    dir
}

fn explained(dir: &Path, words: &[&str]) -> Vec<String> {
    let output = good(
        dir,
        &[&["explain", "api.yaml", "--format", "json"], words].concat(),
    );
    let list: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).expect("JSON");
    let id = |it: &serde_json::Value| it["operation"].as_str().expect("an id").to_owned();
    list.iter().map(id).collect()
}

#[test]
fn every_command_that_reads_a_document_takes_a_choice() {
    let dir = folder();
    let dir = dir.path();
    assert_eq!(explained(dir, &["--only", "tag:purses"]), ["listPurses"]);
    let words_of = ["--only", "/coins", "--exclude", "addCoin"];
    assert_eq!(explained(dir, &words_of), ["listCoins"]);
    let output = failsafe(dir, &["validate", "api.yaml", "--only", "listCoin"]);
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(words(&output));
    // What is no selector at all is the command line's fault.
    let output = failsafe(dir, &["validate", "api.yaml", "--only", "path:coins"]);
    assert_eq!(output.status.code(), Some(2), "{}", words(&output));

    fs::write(dir.join("failsafe.toml"), "exclude = ['tag:coins']\n").expect("written");
    assert_eq!(explained(dir, &[]), ["listPurses"]);
    assert_eq!(explained(dir, &["--all-operations"]).len(), 3);
}

#[test]
fn a_choice_is_remembered_until_another_is_made() {
    let dir = folder();
    let dir = dir.path();
    let served = || fs::read_to_string(dir.join("svc/openapi.yaml")).expect("written");
    let runtime = format!("path:{}/../runtime", env!("CARGO_MANIFEST_DIR"));
    let generate = ["generate", "api.yaml", "-o", "svc", "--runtime", &runtime];
    good(dir, &[&generate[..], &["--only", "tag:coins"]].concat());
    assert!(!served().contains("listPurses") && served().contains("addCoin"));
    let again = good(dir, &["generate", "api.yaml", "-o", "svc", "--check"]);
    assert_eq!(String::from_utf8_lossy(&again.stdout), "");

    // What is left out from now on is told like what the document has lost, and stays.
    let handlers = dir.join("svc/src/handlers/coins.rs");
    let before = fs::read_to_string(&handlers).expect("written");
    let output = good(
        dir,
        &["generate", "api.yaml", "-o", "svc", "--exclude", "addCoin"],
    );
    insta::assert_snapshot!("newly_excluded", told(&output));
    assert_eq!(fs::read_to_string(&handlers).expect("written"), before);
    assert!(!served().contains("addCoin"));

    good(
        dir,
        &["generate", "api.yaml", "-o", "svc", "--all-operations"],
    );
    assert_eq!(served(), DOCUMENT);
}

/// The notices alone: how many files there are is of no interest.
fn told(output: &Output) -> String {
    let words = words(output);
    words.split("    Read").next().expect("a text").to_owned()
}
