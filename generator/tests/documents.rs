//! What is said of each document in `specs/invalid` and `specs/warnings`: a new case is a new
//! file there.

use std::{
    path::Path,
    process::{Command, Output},
};

/// Runs the command beside the document, so that no machine's paths are in its words.
fn generate(document: &Path, out: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_failsafe"))
        .current_dir(document.parent().expect("a document stands in a folder"))
        .arg("generate")
        .arg(document.file_name().expect("a document has a name"))
        .arg("--out")
        .arg(out)
        .output()
        .expect("the command starts")
}

#[test]
fn invalid_documents_are_refused() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    insta::glob!("../../specs/invalid", "*.*", |document| {
        let out = dir.path().join("out");
        let output = generate(document, &out);
        let stderr = String::from_utf8(output.stderr).expect("messages are text");
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        assert!(output.stdout.is_empty(), "words belong to stderr");
        assert!(!out.exists(), "nothing is written");
        assert!(
            !stderr.contains('\u{1b}'),
            "no colours where nobody sees them"
        );
        insta::assert_snapshot!(stderr);
    });
}

#[test]
fn dubious_documents_are_warned_of() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    insta::glob!("../../specs/warnings", "*.yaml", |document| {
        let out = dir
            .path()
            .join(document.file_stem().expect("a document has a name"));
        let output = generate(document, &out);
        let stderr = String::from_utf8(output.stderr).expect("messages are text");
        assert_eq!(output.status.code(), Some(0), "{stderr}");
        assert!(out.join("Cargo.toml").is_file());
        let (findings, _summary) = stderr.split_once("    Read ").expect("a summary");
        insta::assert_snapshot!(findings);
    });
}
