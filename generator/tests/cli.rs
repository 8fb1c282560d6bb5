//! The command as a person or a script meets it: words, exit codes, what is left on the disk.

mod command;

use std::{
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

use command::{DOCUMENT, dir_with_document, failsafe, verdict};

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
    insta::assert_snapshot!(verdict(&failsafe(dir.path(), &["generate", "missing.yaml"])), @r"
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
    insta::assert_snapshot!(verdict(&output), @r"
    exit 1
    error[file-missing]: there is no file `https://example.com/api.yaml`
     = help: nothing is fetched from other hosts: `curl -fL -o api.yaml 'https://example.com/api.yaml'`, then name `api.yaml`

    error: 1 error; nothing was written
    ");
}

#[test]
fn a_directory_is_no_document() {
    let dir = dir_with_document();
    insta::assert_snapshot!(verdict(&failsafe(dir.path(), &["generate", "."])), @r"
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
    insta::assert_snapshot!(verdict(&failsafe(dir.path(), &["generate", "/dev/zero"])), @r"
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
    assert_eq!(output.status.code(), Some(1), "{}", verdict(&output));
    assert!(
        verdict(&output).contains("output path is a file"),
        "{}",
        verdict(&output)
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
            verdict(&output)
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
    insta::assert_snapshot!(verdict(&output), @r"
    exit 2
    error: invalid value 'match' for '--package-name <NAME>': this is a keyword of Rust; `match-service` would do

    For more information, try '--help'.
    ");
}

#[test]
fn standard_input_is_a_document() {
    let dir = dir_with_document();
    let output = failsafe_with(dir.path(), &["generate", "-", "-o", "svc"], DOCUMENT);
    assert_eq!(output.status.code(), Some(0), "{}", verdict(&output));
    assert!(dir.path().join("svc/Cargo.toml").is_file());

    let output = failsafe_with(dir.path(), &["generate", "-", "-o", "other"], "paths: [");
    assert_eq!(output.status.code(), Some(1), "{}", verdict(&output));
    assert!(
        verdict(&output).contains("--> <stdin>:1:"),
        "{}",
        verdict(&output)
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
        assert!(output.status.success(), "{}", verdict(&output));
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
    let told = verdict(&output);
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
        !self::verdict(&again).contains(" new"),
        "{}",
        self::verdict(&again)
    );
}

#[test]
fn machines_get_one_json_document() {
    let dir = dir_with_document();
    let broken = DOCUMENT.replace("seconds: 5", "secnds: 5");
    std::fs::write(dir.path().join("broken.yaml"), broken).expect("the document is written");
    let output = failsafe(dir.path(), &["generate", "broken.yaml", "--format", "JSON"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stderr.is_empty(), "{}", verdict(&output));
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
    let told = verdict(&output);
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
