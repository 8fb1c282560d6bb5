//! `failsafe init` as a person meets it.

mod command;

use std::fs;

use command::{failsafe, told};

const DOCUMENT: &str = "\
openapi: 3.1.0
info: { title: Petty cash, version: '1' }
paths:
  /coins:
    get:
      operationId: listCoins
      responses: { '204': { description: None left. } }
    post:
      operationId: addCoin
      responses: { '204': { description: Added. } }
";

fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a temporary directory");
    fs::write(dir.path().join("api.yaml"), DOCUMENT).expect("written");
    dir
}

#[test]
fn help_reads_well() {
    insta::assert_snapshot!(
        "init_help",
        told(&failsafe(folder().path(), &["init", "--help"]))
    );
}

#[test]
fn a_document_gets_policies_once() {
    let dir = folder();
    let dir = dir.path();
    let read = || fs::read_to_string(dir.join("api.yaml")).expect("there");
    insta::assert_snapshot!(
        "init_diff",
        told(&failsafe(dir, &["init", "api.yaml", "--diff"]))
    );
    assert!(
        failsafe(dir, &["init", "api.yaml", "--dry-run"])
            .status
            .success()
    );
    assert_eq!(read(), DOCUMENT);
    insta::assert_snapshot!("init", told(&failsafe(dir, &["init", "api.yaml"])));
    let written = read();
    insta::assert_snapshot!("init_again", told(&failsafe(dir, &["init", "api.yaml"])));
    assert_eq!(read(), written);
    let names = fs::read_dir(dir).expect("a folder").count();
    assert_eq!(names, 1, "nothing is left beside the document");
    let good = failsafe(dir, &["validate", "api.yaml", "--strict"]);
    assert!(good.status.success(), "{}", told(&good));
}

#[test]
fn what_stands_before_a_text_stays() {
    let dir = folder();
    let path = dir.path().join("api.yaml");
    fs::write(&path, format!("\u{feff}{DOCUMENT}")).expect("written");
    assert!(failsafe(dir.path(), &["init", "api.yaml"]).status.success());
    let text = fs::read_to_string(&path).expect("there");
    assert!(text.starts_with("\u{feff}openapi") && text.contains("x-telstra"));
    let utf16: Vec<u8> = DOCUMENT.encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(&path, &utf16).expect("written");
    assert_eq!(
        failsafe(dir.path(), &["init", "api.yaml"]).status.code(),
        Some(1)
    );
    assert_eq!(fs::read(&path).expect("there"), utf16);
}

#[test]
fn an_overlay_is_written_and_not_overwritten() {
    let dir = folder();
    let dir = dir.path();
    fs::create_dir(dir.join("ours")).expect("a folder");
    let words = ["init", "api.yaml", "--overlay", "ours/policies.yaml"];
    insta::assert_snapshot!("init_overlay", told(&failsafe(dir, &words)));
    assert_eq!(
        fs::read_to_string(dir.join("api.yaml")).expect("there"),
        DOCUMENT
    );
    let strict = [
        "validate",
        "api.yaml",
        "--strict",
        "--overlay",
        "ours/policies.yaml",
    ];
    let good = failsafe(dir, &strict);
    assert!(good.status.success(), "{}", told(&good));
    fs::write(dir.join("ours/policies.yaml"), "mine").expect("written");
    insta::assert_snapshot!("init_overlay_again", told(&failsafe(dir, &words)));
    assert!(
        failsafe(dir, &[&words[..], &["--force"]].concat())
            .status
            .success()
    );
    assert!(failsafe(dir, &strict).status.success());
}

#[test]
fn what_is_wrong_is_told_first() {
    let dir = folder();
    fs::write(
        dir.path().join("bad.yaml"),
        DOCUMENT.replace("3.1.0", "2.0.0"),
    )
    .expect("written");
    insta::assert_snapshot!(
        "init_faulty",
        told(&failsafe(dir.path(), &["init", "bad.yaml"]))
    );
}
