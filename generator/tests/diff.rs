//! `failsafe diff`: what it writes, and how it ends.

mod command;

use std::{
    fs,
    io::Write,
    process::{Command, Stdio},
};

use command::{failsafe, told};
use serde_json::{Value, json};

const OLD: &str = "\
openapi: 3.0.3
info: { title: Pets, version: '1' }
x-failsafe:
  resiliency: { timeout: { seconds: 2 } }
paths:
  /pets:
    get:
      operationId: listPets
      tags: [pets]
      x-ratelimit: { limit: 100/second }
      parameters:
        - { name: limit, in: query, schema: { type: integer, maximum: 100 } }
      responses:
        '200':
          description: All.
          content:
            application/json:
              schema: { type: array, items: { $ref: '#/components/schemas/Pet' } }
    post:
      operationId: addPet
      tags: [pets]
      requestBody:
        required: true
        content: { application/json: { schema: { $ref: '#/components/schemas/Pet' } } }
      responses:
        '201': { description: Added. }
  /pets/{id}:
    delete:
      operationId: dropPet
      tags: [pets]
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
      responses: { '204': { description: Gone. } }
components:
  schemas:
    Pet:
      type: object
      required: [name]
      properties:
        name: { type: string }
        kind: { type: string, enum: [cat, dog] }
        note: { type: string }
        parent: { $ref: '#/components/schemas/Pet' }
";

fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let new = OLD
        .replace("limit: 100/second", "limit: 50/second")
        .replace("seconds: 2", "seconds: 1")
        .replace("[cat, dog]", "[cat, dog, bird]")
        .replace("required: [name]", "required: [name, kind]")
        .replace("        note: { type: string }\n", "")
        .replace("operationId: addPet", "operationId: newPet")
        .replace("/pets/{id}:", "/pets/{id}/gone:");
    let looser = OLD.replace("maximum: 100", "maximum: 200");
    let broken = OLD.replace("limit: 100/second", "limit: 100/week");
    for (name, text) in [
        ("old.yaml", OLD),
        ("new.yaml", &new),
        ("looser.yaml", &looser),
        ("broken.yaml", &broken),
        ("no.yaml", "just words"),
    ] {
        fs::write(dir.path().join(name), text).expect("written");
    }
    dir
}

#[test]
fn changes_are_told_to_people() {
    let dir = folder();
    let diff = |words: &[&str]| told(&failsafe(dir.path(), &[&["diff"], words].concat()));
    insta::assert_snapshot!("diff", diff(&["old.yaml", "new.yaml"]));
    insta::assert_snapshot!("diff_none", diff(&["old.yaml", "old.yaml"]));
    // Where only a policy is at fault, clients are compared all the same.
    insta::assert_snapshot!("diff_broken", diff(&["old.yaml", "broken.yaml"]));
    insta::assert_snapshot!("diff_unreadable", diff(&["no.yaml", "old.yaml"]));
    insta::assert_snapshot!("diff_help", diff(&["--help"]));
}

#[test]
fn changes_are_told_to_programs() {
    let dir = folder();
    for format in ["json", "sarif"] {
        let words = ["diff", "old.yaml", "new.yaml", "--format", format];
        let output = failsafe(dir.path(), &words);
        assert!(output.status.success() && output.stderr.is_empty());
        let document: Value = serde_json::from_slice(&output.stdout).expect("one JSON document");
        let pretty = serde_json::to_string_pretty(&document).expect("JSON");
        insta::assert_snapshot!(format!("diff_{format}"), pretty);
    }
    let words = ["diff", "old.yaml", "new.yaml", "--format", "github"];
    let output = failsafe(dir.path(), &words);
    insta::assert_snapshot!("diff_github", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn what_breaks_clients_ends_with_1_where_that_is_asked_for() {
    let dir = folder();
    let code = |words: &[&str]| {
        let output = failsafe(dir.path(), &[&["diff"], words].concat());
        output.status.code().expect("an exit code")
    };
    assert_eq!(code(&["old.yaml", "new.yaml"]), 0);
    assert_eq!(code(&["old.yaml", "new.yaml", "--breaking"]), 1);
    assert_eq!(code(&["old.yaml", "looser.yaml", "--breaking"]), 0);
    assert_eq!(code(&["looser.yaml", "old.yaml", "--breaking"]), 1);
    assert_eq!(code(&["no.yaml", "old.yaml"]), 1);
    assert_eq!(code(&["-", "-"]), 2);
    assert_eq!(code(&["old.yaml"]), 2);
}

#[test]
fn the_old_document_may_come_from_git() {
    let dir = folder();
    let mut child = Command::new(env!("CARGO_BIN_EXE_failsafe"))
        .current_dir(dir.path())
        .args(["diff", "-", "looser.yaml", "--format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the command starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(OLD.as_bytes()).expect("read");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    let document: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(document["changes"][0]["code"], json!("bound-loosened"));
    assert_eq!(document["changes"][0]["file"], json!("looser.yaml"));
    assert_eq!(document["breaking"], json!(false));
}

/// A new version of somebody else's document, seen as the service sees it.
#[test]
fn overlays_and_choices_count_for_both_documents() {
    let dir = folder();
    let overlay = "\
overlay: 1.0.0
info: { title: Ours, version: '1' }
actions:
  - target: $.paths['/pets'].post
    update: { x-bulkhead: { max_concurrent: 3 } }
";
    fs::write(dir.path().join("ours.yaml"), overlay).expect("written");
    let diff = |words: &[&str]| {
        let words = [&["diff", "old.yaml", "new.yaml", "--format", "json"], words].concat();
        let output = failsafe(dir.path(), &words);
        let document: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        document["changes"].as_array().expect("a list").clone()
    };
    // What both have is no change.
    let with = diff(&["--overlay", "ours.yaml"]);
    assert!(
        !with.is_empty() && with.len() == diff(&[]).len(),
        "{with:#?}"
    );
    let is_of_pets = |change: &Value| {
        let operations = change["operations"].as_array().expect("a list");
        operations.iter().all(|name| *name == json!("GET /pets"))
    };
    let chosen = diff(&["--only", "listPets"]);
    assert!(
        !chosen.is_empty() && chosen.iter().all(is_of_pets),
        "{chosen:#?}"
    );
}
