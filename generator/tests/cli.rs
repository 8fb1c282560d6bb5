//! The command as a person or a script meets it: words, exit codes, what is left on the disk.

use std::{
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

const DOCUMENT: &str = "\
openapi: 3.1.0
info: { title: 'Petty cash', version: 2024-spring }
paths:
  /coins:
    get:
      operationId: listCoins
      x-timeout: { seconds: 5 }
      responses: { '204': { description: None left. } }
";

/// Runs `failsafe` with words in a folder; what is given to it as standard input.
fn failsafe_with(dir: &Path, words: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_failsafe"))
        .current_dir(dir)
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    // It may end without having read; that is for the test to see.
    let _ = child
        .stdin
        .take()
        .expect("a pipe")
        .write_all(input.as_bytes());
    child.wait_with_output().expect("the command ends")
}

fn failsafe(dir: &Path, words: &[&str]) -> Output {
    failsafe_with(dir, words, "")
}

/// Exit code and stderr in one text.
fn told(output: &Output) -> String {
    format!(
        "exit {}\n{}",
        output.status.code().expect("an exit code"),
        uncounted(&String::from_utf8_lossy(&output.stderr))
    )
}

/// How many files stay as they are depends on how many the runtime has.
fn uncounted(text: &str) -> String {
    let mut told = String::with_capacity(text.len());
    let mut words = text.split_inclusive(' ').peekable();
    while let Some(word) = words.next() {
        let is_count = words
            .peek()
            .is_some_and(|next| next.starts_with("unchanged"));
        told.push_str(if is_count { "some " } else { word });
    }
    told
}

fn dir_with_document() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a temporary directory");
    std::fs::write(dir.path().join("api.yaml"), DOCUMENT).expect("the document is written");
    dir
}

#[test]
fn help_reads_well() {
    let dir = dir_with_document();
    let output = failsafe(dir.path(), &["generate", "--help"]);
    assert!(output.status.success());
    insta::assert_snapshot!(String::from_utf8_lossy(&output.stdout));
}

#[test]
fn a_missing_file_is_the_documents_fault() {
    let dir = dir_with_document();
    insta::assert_snapshot!(told(&failsafe(dir.path(), &["generate", "missing.yaml"])), @r"
    exit 1
    error[file-missing]: there is no file `missing.yaml`
     = help: name an OpenAPI document in YAML or JSON, or `-` to read it from standard input

    error: 1 error; nothing was written
    ");
}

#[test]
fn an_address_is_no_document() {
    let dir = dir_with_document();
    let output = failsafe(dir.path(), &["generate", "https://example.com/api.yaml"]);
    insta::assert_snapshot!(told(&output), @r"
    exit 1
    error[file-missing]: there is no file `https://example.com/api.yaml`
     = help: nothing is fetched from other hosts: `curl -fL -o api.yaml 'https://example.com/api.yaml'`, then name `api.yaml`

    error: 1 error; nothing was written
    ");
}

#[test]
fn a_directory_is_no_document() {
    let dir = dir_with_document();
    insta::assert_snapshot!(told(&failsafe(dir.path(), &["generate", "."])), @r"
    exit 1
    error[file-is-directory]: `.` is a directory
     = help: name the document inside it

    error: 1 error; nothing was written
    ");
}

#[cfg(unix)]
#[test]
fn a_device_is_not_read_for_ever() {
    let dir = dir_with_document();
    insta::assert_snapshot!(told(&failsafe(dir.path(), &["generate", "/dev/zero"])), @r"
    exit 1
    error[file-not-regular]: `/dev/zero` is not a regular file
     = help: to read from a pipe or a device, redirect it to standard input and name `-`

    error: 1 error; nothing was written
    ");
}

#[test]
fn an_output_path_that_is_a_file_stays_a_file() {
    let dir = dir_with_document();
    std::fs::write(dir.path().join("taken"), "mine").expect("the file is written");
    let output = failsafe(dir.path(), &["generate", "api.yaml", "-o", "taken"]);
    assert_eq!(output.status.code(), Some(1), "{}", told(&output));
    assert!(
        told(&output).contains("output path is a file"),
        "{}",
        told(&output)
    );
    let taken = std::fs::read_to_string(dir.path().join("taken")).expect("the file is there");
    assert_eq!(taken, "mine");
}

#[test]
fn bad_command_lines_are_told_apart() {
    let dir = dir_with_document();
    for words in [
        &["generate"][..],
        &["generate", "api.yaml", "-q", "-v"],
        &["generate", "api.yaml", "--telemetry", "statsd"],
        &["generate", "api.yaml", "--server-port", "0"],
        &["generate", "api.yaml", "--server-port", "65536"],
        &["generate", "api.yaml", "--package-name", "fn"],
        &["generate", "api.yaml", "--package-name", "../up"],
        &["generate", "api.yaml", "--app-name", " "],
        &["generate", "api.yaml", "--otel-endpoint", "collector:4318"],
        &["generate", "api.yaml", "--controlplane-prefix", "failsafe"],
        &["generate", "api.yaml", "--controlplane-prefix", "/a/../b"],
        &["generate", "api.yaml", "--runtime", "vendored"],
        &["generate", "api.yaml", "--runtime", "version:newest"],
        &["generate", "api.yaml", "--runtime", "path:nowhere"],
        &["generate", "api.yaml", "--unknown"],
        &["regenerate"],
    ] {
        let output = failsafe(dir.path(), words);
        assert_eq!(
            output.status.code(),
            Some(2),
            "{words:?}: {}",
            told(&output)
        );
        assert!(!dir.path().join("generated-server").exists(), "{words:?}");
    }
}

#[test]
fn a_keyword_is_no_package_name() {
    let dir = dir_with_document();
    let output = failsafe(
        dir.path(),
        &["generate", "api.yaml", "--package-name", "match"],
    );
    insta::assert_snapshot!(told(&output), @r"
    exit 2
    error: invalid value 'match' for '--package-name <NAME>': this is a keyword of Rust; `match-service` would do

    For more information, try '--help'.
    ");
}

#[test]
fn standard_input_is_a_document() {
    let dir = dir_with_document();
    let output = failsafe_with(dir.path(), &["generate", "-", "-o", "svc"], DOCUMENT);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert!(dir.path().join("svc/Cargo.toml").is_file());

    let output = failsafe_with(dir.path(), &["generate", "-", "-o", "other"], "paths: [");
    assert_eq!(output.status.code(), Some(1), "{}", told(&output));
    assert!(
        told(&output).contains("--> <stdin>:1:"),
        "{}",
        told(&output)
    );
    assert!(!dir.path().join("other").exists());
}

#[test]
fn the_last_of_a_pair_of_flags_wins() {
    let dir = dir_with_document();
    for (words, expected) in [
        (&["--no-dockerfile"][..], false),
        (&["--no-dockerfile", "--dockerfile"], true),
        (&["--dockerfile", "--no-dockerfile"], false),
    ] {
        let words = [&["generate", "api.yaml", "-o", "svc"], words].concat();
        let output = failsafe(dir.path(), &words);
        assert!(output.status.success(), "{}", told(&output));
        assert_eq!(
            dir.path().join("svc/Dockerfile").exists(),
            expected,
            "{words:?}"
        );
        std::fs::remove_dir_all(dir.path().join("svc")).expect("the tree is removed");
    }
}

#[test]
fn the_summary_says_what_was_read_and_what_is_next() {
    let dir = dir_with_document();
    let output = failsafe(dir.path(), &["generate", "api.yaml", "-o", "my svc"]);
    let told = told(&output);
    assert!(output.status.success(), "{told}");
    assert!(
        told.contains("Read Petty cash (OpenAPI 3.1): 1 operation, 0 models, 1 policy"),
        "{told}"
    );
    assert!(told.contains("Wrote my svc: "), "{told}");
    assert!(
        told.contains("cargo run --manifest-path 'my svc/Cargo.toml'"),
        "{told}"
    );
    assert!(output.stdout.is_empty(), "words belong to stderr");

    let again = failsafe(dir.path(), &["generate", "api.yaml", "-o", "my svc"]);
    assert!(
        !self::told(&again).contains(" new"),
        "{}",
        self::told(&again)
    );
}

#[test]
fn machines_get_one_json_document() {
    let dir = dir_with_document();
    let broken = DOCUMENT.replace("seconds: 5", "secnds: 5");
    std::fs::write(dir.path().join("broken.yaml"), broken).expect("the document is written");
    let output = failsafe(dir.path(), &["generate", "broken.yaml", "--format", "JSON"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stderr.is_empty(), "{}", told(&output));
    let document: serde_json::Value =
        serde_json::from_slice(&output.stdout).expect("one JSON document");
    insta::assert_snapshot!(serde_json::to_string_pretty(&document).expect("JSON"), @r##"
    {
      "done": false,
      "diagnostics": [
        {
          "file": "broken.yaml",
          "line": 7,
          "column": 20,
          "end": {
            "line": 7,
            "column": 26
          },
          "pointer": "/paths/~1coins/get/x-timeout/secnds",
          "severity": "error",
          "code": "unknown-extension-key",
          "message": "`secnds` is no key of `timeout`",
          "help": "did you mean `seconds`?",
          "related": []
        }
      ],
      "read": null,
      "written": null,
      "edited": []
    }
    "##);
}

#[test]
fn what_has_no_effect_yet_says_so_in_one_line() {
    let dir = dir_with_document();
    let words = [
        "generate",
        "api.yaml",
        "--protection-type",
        "full",
        "--controlplane-url",
        "http://failsafe-controlplane:8080",
    ];
    let output = failsafe(dir.path(), &words);
    let told = told(&output);
    assert!(output.status.success(), "{told}");
    for option in ["--protection-type FULL", "--controlplane-url"] {
        let line = format!("note[no-effect-yet]: `{option}` has no effect yet\n");
        assert_eq!(told.matches(&line).count(), 1, "{told}");
    }
}

#[test]
fn timings_are_told_when_they_are_asked_for() {
    let dir = dir_with_document();
    let words = ["generate", "api.yaml", "-o", "out", "--timings"];
    let output = failsafe(dir.path(), &words);
    let told = String::from_utf8_lossy(&output.stderr);
    let phases = ["read", "lower", "render", "write", "total"];
    let mut lines = told.lines().rev().filter(|line| !line.contains(" MiB"));
    for phase in phases.iter().rev() {
        let line = lines.next().expect("a line a phase");
        assert!(line.trim_start().starts_with(phase), "{told}");
        assert!(line.ends_with(" ms"), "{told}");
    }
    let words = [&words[..], &["--format", "json"]].concat();
    let output = failsafe(dir.path(), &words);
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let timings = &told["timings"];
    for phase in &phases[..4] {
        assert!(timings["phases"][phase].is_number(), "{timings}");
    }
    assert!(timings["total"].is_number(), "{timings}");
}

#[test]
fn an_edited_generated_file_stops_the_run_with_the_difference() {
    let dir = dir_with_document();
    let words = ["generate", "api.yaml", "-o", "svc"];
    assert!(failsafe(dir.path(), &words).status.success());
    let file = dir.path().join("svc/src/generated/apis/mod.rs");
    let text = std::fs::read_to_string(&file).expect("written");
    std::fs::write(&file, text + "pub mod mine;\n").expect("edited");
    insta::assert_snapshot!(told(&failsafe(dir.path(), &words)));

    let forced = failsafe(dir.path(), &[&words[..], &["--force"]].concat());
    assert!(told(&forced).contains("1 overwritten"), "{}", told(&forced));
}

#[test]
fn a_conflict_is_told_and_waits_beside_the_file() {
    let dir = dir_with_document();
    let words = [
        "generate",
        "api.yaml",
        "-o",
        "svc",
        "--runtime",
        "version:1",
    ];
    assert!(failsafe(dir.path(), &words).status.success());
    let file = dir.path().join("svc/.env");
    let text = std::fs::read_to_string(&file).expect("written");
    std::fs::write(&file, text.replace("PORT=8080", "PORT=9000")).expect("edited");
    let words = [&words[..], &["--server-port", "7000"]].concat();
    let output = failsafe(dir.path(), &words);
    assert!(output.status.success());
    insta::assert_snapshot!(told(&output));
    assert!(dir.path().join("svc/.env.failsafe-new").exists());
}

/// Adds an operation, renames one, removes one: what is new is in the person's file, what is
/// old is told.
#[test]
fn handlers_follow_the_document() {
    let dir = dir_with_document();
    let words = [
        "generate",
        "api.yaml",
        "-o",
        "svc",
        "--runtime",
        "version:1",
    ];
    let before = DOCUMENT.to_owned()
        + "  /coins/{id}:\n    delete: { operationId: dropCoin, parameters: [{ name: id, in: path, required: true, schema: { type: integer } }], responses: { '204': { description: Gone. } } }\n";
    std::fs::write(dir.path().join("api.yaml"), before).expect("written");
    assert!(failsafe(dir.path(), &words).status.success());
    let file = dir.path().join("svc/src/handlers/default.rs");
    let text = std::fs::read_to_string(&file).expect("written");
    let moved = dir.path().join("svc/src/handlers/coins.rs");
    std::fs::write(&moved, text + "\n// mine\n").expect("moved");
    std::fs::remove_file(file).expect("moved");
    let root = "mod coins;\n";
    std::fs::write(dir.path().join("svc/src/handlers/mod.rs"), root).expect("edited");

    let after = DOCUMENT.replace("listCoins", "findCoins")
        + "    post: { operationId: addCoin, responses: { '204': { description: Added. } } }\n";
    std::fs::write(dir.path().join("api.yaml"), after).expect("written");
    let output = failsafe(dir.path(), &words);
    assert!(output.status.success());
    insta::assert_snapshot!("handlers_are_told", told(&output));
    let text = std::fs::read_to_string(&moved).expect("there");
    insta::assert_snapshot!("handlers_are_added", text);
    let kept = std::fs::read_to_string(dir.path().join("svc/src/handlers/mod.rs")).expect("there");
    assert_eq!(kept, root);

    // Once more says the same, and changes nothing.
    let again = failsafe(dir.path(), &words);
    assert!(told(&again).contains("was `list_coins` and is `find_coins` now"));
    assert_eq!(std::fs::read_to_string(&moved).expect("there"), text);
}

#[test]
fn options_are_remembered_and_a_file_may_hold_them() {
    let dir = dir_with_document();
    let port = |out: &str| {
        let text = std::fs::read_to_string(dir.path().join(out).join(".env")).expect("written");
        let line = text.lines().find_map(|line| line.strip_prefix("PORT="));
        line.expect("a port").to_owned()
    };
    let words = [
        "generate",
        "api.yaml",
        "-o",
        "svc",
        "--server-port",
        "7000",
        "--no-dockerfile",
    ];
    assert!(failsafe(dir.path(), &words).status.success());
    let output = failsafe(
        dir.path(),
        &["generate", "api.yaml", "-o", "svc", "--check"],
    );
    assert!(output.status.success(), "{}", told(&output));

    // The project's file wins over what was said once, and the command line over both.
    let project = "spec = 'api.yaml'\nout = 'svc'\nserver-port = 9000\n";
    std::fs::write(dir.path().join("failsafe.toml"), project).expect("written");
    assert!(failsafe(dir.path(), &["generate"]).status.success());
    assert_eq!(port("svc"), "9000");
    assert!(!dir.path().join("svc/Dockerfile").exists());
    assert!(
        failsafe(dir.path(), &["generate", "--server-port", "9001"])
            .status
            .success()
    );
    assert_eq!(port("svc"), "9001");

    // A file about another document does not count.
    std::fs::write(dir.path().join("other.yaml"), DOCUMENT).expect("written");
    assert!(
        failsafe(dir.path(), &["generate", "other.yaml", "-o", "other"])
            .status
            .success()
    );
    assert_eq!(port("other"), "8080");

    std::fs::write(dir.path().join("failsafe.toml"), "tlemetry = 'NONE'").expect("written");
    insta::assert_snapshot!(told(&failsafe(dir.path(), &["generate"])), @r"
    exit 2
    error: failsafe.toml:1: there is no option `tlemetry`; did you mean `telemetry`?

    For more information, try '--help'.
    ");
    std::fs::remove_file(dir.path().join("failsafe.toml")).expect("removed");
    insta::assert_snapshot!(told(&failsafe(dir.path(), &["generate"])), @r#"
    exit 2
    error: name a document, or write `spec = "api.yaml"` into `failsafe.toml`

    For more information, try '--help'.
    "#);
}

#[test]
fn looking_changes_nothing() {
    let dir = dir_with_document();
    let generate = |words: &[&str]| {
        failsafe(
            dir.path(),
            &[&["generate", "api.yaml", "-o", "svc"], words].concat(),
        )
    };
    for word in ["--check", "--dry-run", "--diff"] {
        let output = generate(&[word]);
        assert_eq!(
            output.status.success(),
            word != "--check",
            "{}",
            told(&output)
        );
        assert!(!dir.path().join("svc").exists(), "{word}");
    }
    assert!(generate(&["--runtime", "version:1"]).status.success());
    let after = DOCUMENT.to_owned()
        + "    post: { operationId: addCoin, responses: { '204': { description: Added. } } }\n";
    std::fs::write(dir.path().join("api.yaml"), after).expect("written");
    let tree = || -> Vec<(std::path::PathBuf, std::time::SystemTime)> {
        let mut found = Vec::new();
        let mut open = vec![dir.path().join("svc")];
        while let Some(folder) = open.pop() {
            for entry in folder
                .read_dir()
                .expect("a folder")
                .map(|it| it.expect("an entry"))
            {
                let modified = entry
                    .metadata()
                    .and_then(|it| it.modified())
                    .expect("a time");
                found.push((entry.path(), modified));
                if entry.path().is_dir() {
                    open.push(entry.path());
                }
            }
        }
        found
    };
    let before = tree();
    let mut all = String::new();
    for word in ["--check", "--dry-run", "--diff"] {
        let output = generate(&[word]);
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        all.push_str(&format!("$ {word}\n{}\n{stdout}\n", told(&output)));
        assert_eq!(tree(), before, "{word}");
    }
    insta::assert_snapshot!(all);
    assert!(generate(&["--quiet"]).stderr.is_empty());
    assert!(generate(&["--check"]).status.success());
    let verbose = generate(&["-v"]);
    assert!(
        told(&verbose).contains("    kept src/handlers/default.rs"),
        "{}",
        told(&verbose)
    );
}

#[test]
fn strict_runs_fail_where_something_is_left_to_do() {
    let dir = dir_with_document();
    let words = ["generate", "api.yaml", "-o", "svc", "--strict"];
    assert!(failsafe(dir.path(), &words).status.success());
    let renamed = DOCUMENT.replace("listCoins", "findCoins");
    std::fs::write(dir.path().join("api.yaml"), renamed).expect("written");
    assert_eq!(failsafe(dir.path(), &words).status.code(), Some(1));
    assert!(failsafe(dir.path(), &words[..4]).status.success());
}
