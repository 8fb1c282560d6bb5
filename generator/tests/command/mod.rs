//! The command as a person runs it, and what it tells.
#![allow(dead_code, reason = "each of the tests uses some of it")]

use std::{
    path::Path,
    process::{Command, Output},
};

/// One operation with one pattern.
pub(crate) const DOCUMENT: &str = "\
openapi: 3.1.0
info: { title: 'Petty cash', version: 2024-spring }
paths:
  /coins:
    get:
      operationId: listCoins
      x-timeout: { seconds: 5 }
      responses: { '204': { description: None left. } }
";

/// A folder with it as `api.yaml`.
pub(crate) fn dir_with_document() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a temporary directory");
    std::fs::write(dir.path().join("api.yaml"), DOCUMENT).expect("the document is written");
    dir
}

pub(crate) fn failsafe(dir: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_failsafe"))
        .current_dir(dir)
        .args(words)
        .output()
        .expect("the command starts")
}

/// Exit code, standard output and standard error in one text.
pub(crate) fn told(output: &Output) -> String {
    format!(
        "exit {}\n--- stdout\n{}--- stderr\n{}",
        output.status.code().expect("an exit code"),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// What it says to a person.
pub(crate) fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The same with the exit code, and without what depends on the runtime: how many files of it stay
/// as they are.
pub(crate) fn verdict(output: &Output) -> String {
    let words = words(output);
    let mut told = format!("exit {}\n", output.status.code().expect("an exit code"));
    let mut words = words.split_inclusive(' ').peekable();
    while let Some(word) = words.next() {
        let is_count = words
            .peek()
            .is_some_and(|next| next.starts_with("unchanged"));
        told.push_str(if is_count { "some " } else { word });
    }
    told
}

/// Runs it to its good end.
#[track_caller]
pub(crate) fn good(dir: &Path, words: &[&str]) -> Output {
    let output = failsafe(dir, words);
    assert!(output.status.success(), "{words:?}: {}", told(&output));
    output
}
