//! The command as a person runs it, and what it tells.

use std::{
    path::Path,
    process::{Command, Output},
};

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
