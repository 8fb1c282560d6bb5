//! `examples/ci`: the files are YAML, and every command of ours in them works in a project that
//! has the files which they name.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use failsafe_generator::spec;

const DOCUMENT: &str = "\
openapi: 3.1.0
info: { title: Coins, version: '1' }
paths:
  /coins:
    get: { operationId: listCoins, responses: { '204': { description: None. } } }
";

fn failsafe(folder: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_failsafe"))
        .current_dir(folder)
        .args(words)
        .output()
        .expect("the command starts")
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/ci");
    let entries = folder.read_dir().expect("the examples");
    entries
        .map(|entry| entry.expect("an entry").path())
        .collect()
}

/// Our own commands in a pipeline.
fn commands(text: &str) -> Vec<Vec<&str>> {
    let lines = text.lines().map(str::trim_start);
    let begins = ["- run: failsafe ", "- failsafe ", "entry: failsafe "];
    let commands = lines.filter_map(|line| begins.iter().find_map(|it| line.strip_prefix(it)));
    commands.map(|words| words.split(' ').collect()).collect()
}

#[test]
fn they_are_yaml() {
    for path in files() {
        let found = match spec::load(&spec::Input::Path(path.clone())) {
            Ok(document) => document.problems,
            Err(failure) => failure.diagnostics,
        };
        for found in found {
            assert!(
                !["syntax", "duplicate-key"].contains(&found.code),
                "{}: {found:?}",
                path.display()
            );
        }
    }
}

#[test]
fn their_commands_pass_good_projects_and_refuse_others() {
    let temp = tempfile::tempdir().expect("a folder");
    let folder = temp.path();
    fs::write(folder.join("api.yaml"), DOCUMENT).expect("written");
    let project = "spec = 'api.yaml'\nout = 'svc'\nruntime = 'version:1'\n";
    fs::write(folder.join("failsafe.toml"), project).expect("written");
    assert!(failsafe(folder, &["generate"]).status.success());
    let run_all = |expected: bool, what: &str| {
        for path in files() {
            let text = fs::read_to_string(&path).expect("UTF-8");
            let commands = commands(&text);
            assert!(commands.len() >= 2, "{}", path.display());
            for words in commands.iter().filter(|words| words[0] == what) {
                let output = failsafe(folder, words);
                assert_eq!(
                    output.status.success(),
                    expected,
                    "{words:?}: {}",
                    String::from_utf8_lossy(&output.stderr)
                );
            }
        }
    };
    run_all(true, "validate");
    run_all(true, "generate");

    let grown = DOCUMENT.replace("listCoins", "findCoins");
    fs::write(folder.join("api.yaml"), grown).expect("written");
    run_all(true, "validate");
    run_all(false, "generate");
    let broken = DOCUMENT.replace("3.1.0", "9.9.9");
    fs::write(folder.join("api.yaml"), broken).expect("written");
    run_all(false, "validate");
}
