//! The commands beside `generate`: what they write, and how they end.

mod command;

use std::{path::Path, process::Output};

use command::{failsafe, told};
use serde_json::{Value, json};

const DOCUMENT: &str = "\
openapi: 3.1.0
info: { title: Petty cash, version: '1' }
x-failsafe:
  resiliency: { timeout: { seconds: 2 } }
paths:
  /coins:
    x-bulkhead: { max_concurrent: 5, max_queued: 2, queue_timeout: 1 }
    get:
      operationId: listCoins
      x-retry: { attempts: 3, delay: 1, backoff: 2 }
      x-ratelimit: { limit: 10/second }
      responses: { '204': { description: None left. } }
    post:
      operationId: addCoin
      x-timeout: false
      responses: { '204': { description: Added. } }
";

fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a temporary directory");
    std::fs::write(dir.path().join("api.yaml"), DOCUMENT).expect("written");
    let broken = DOCUMENT
        .replace("attempts", "atempts")
        .replace("10/second", "10/week");
    std::fs::write(dir.path().join("broken.yaml"), broken).expect("written");
    dir
}

fn data(output: &Output) -> Value {
    assert!(output.stderr.is_empty(), "{}", told(output));
    serde_json::from_slice(&output.stdout).expect("one JSON document")
}

#[test]
fn help_names_every_command() {
    let output = failsafe(folder().path(), &["--help"]);
    insta::assert_snapshot!(String::from_utf8_lossy(&output.stdout));
}

/// Those that have no test file of their own.
#[test]
fn help_of_commands_reads_well() {
    let dir = folder();
    let mut all = String::new();
    for command in ["validate", "explain", "schema", "completions", "man"] {
        let output = failsafe(dir.path(), &[command, "--help"]);
        all += &format!(
            "== {command}\n{}\n",
            String::from_utf8_lossy(&output.stdout)
        );
    }
    insta::assert_snapshot!(all);
}

#[test]
fn validate_tells_people() {
    let dir = folder();
    insta::assert_snapshot!(
        "validate_good",
        told(&failsafe(dir.path(), &["validate", "api.yaml"]))
    );
    insta::assert_snapshot!(
        "validate_broken",
        told(&failsafe(dir.path(), &["validate", "broken.yaml"]))
    );
    insta::assert_snapshot!(
        "validate_missing",
        told(&failsafe(dir.path(), &["validate", "no.yaml"]))
    );
}

#[test]
fn validate_tells_programs() {
    let dir = folder();
    for format in ["json", "sarif"] {
        let output = failsafe(dir.path(), &["validate", "broken.yaml", "--format", format]);
        assert_eq!(output.status.code(), Some(1));
        let pretty = serde_json::to_string_pretty(&data(&output)).expect("JSON");
        insta::assert_snapshot!(format!("validate_{format}"), pretty);
        let good = failsafe(dir.path(), &["validate", "api.yaml", "--format", format]);
        assert!(good.status.success(), "{}", told(&good));
        data(&good);
    }
    let output = failsafe(
        dir.path(),
        &["validate", "broken.yaml", "--format", "github"],
    );
    insta::assert_snapshot!("validate_github", told(&output));
}

#[test]
fn explain_shows_the_stack_of_every_operation() {
    let dir = folder();
    insta::assert_snapshot!(
        "explain",
        told(&failsafe(dir.path(), &["explain", "api.yaml"]))
    );
    let words = ["explain", "api.yaml", "get /coins", "--format", "json"];
    let one = data(&failsafe(dir.path(), &words));
    insta::assert_snapshot!(
        "explain_json",
        serde_json::to_string_pretty(&one).expect("JSON")
    );
    let unknown = failsafe(dir.path(), &["explain", "api.yaml", "listCoin"]);
    insta::assert_snapshot!("explain_unknown", told(&unknown));
    let broken = failsafe(dir.path(), &["explain", "broken.yaml"]);
    assert_eq!(broken.status.code(), Some(1));
}

/// Each value is written, derived or the default.
#[test]
fn explain_says_where_values_come_from() {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    for name in ["patterns", "levels", "limits", "around", "warnings/later"] {
        let words = ["explain", &format!("{name}.yaml")];
        let output = told(&failsafe(&specs, &words));
        insta::assert_snapshot!(format!("explain_{}", name.replace('/', "_")), output);
    }
}

/// Defaults that follow what is written say what they follow, also where that follows something.
#[test]
fn explain_says_what_defaults_follow() {
    let dir = folder();
    let document = "\
openapi: 3.1.0
info: { title: Petty cash, version: '1' }
x-failsafe:
  client_key: [authorization, peer]
  resiliency: { retry: { budget: { ratio: 0.1 } } }
paths:
  /coins:
    get:
      operationId: listCoins
      x-ratelimit: { max_executions: 7 }
      x-concurrency: { initial_limit: 5 }
      x-backpressure: { max_pending: 10 }
      x-retry: { delay: 2m }
      x-circuitbreaker: { window: count, window_size: 4, slow_call_rate: 0.2 }
      x-timeout: { total: 10 }
      responses: { '204': { description: None left. } }
";
    std::fs::write(dir.path().join("follows.yaml"), document).expect("written");
    let words = ["explain", "follows.yaml", "listCoins"];
    insta::assert_snapshot!("explain_follows", told(&failsafe(dir.path(), &words)));
}

/// What the command takes and what the schema takes is the same, at the places that count.
#[test]
fn the_schema_knows_what_the_command_knows() {
    let dir = folder();
    let schema = data(&failsafe(dir.path(), &["schema"]));
    let schema = jsonschema::validator_for(&schema).expect("a schema");
    let document = |operation: Value| {
        json!({
            "openapi": "3.1.0",
            "info": { "title": "A", "version": "1" },
            "x-telstra": { "otel": { "enabled": false }, "resiliency": { "timeout": { "seconds": "250ms" } } },
            "paths": { "/a": { "x-bulkhead": { "max_concurrent": 5 }, "get": operation } },
        })
    };
    for (extension, is_good) in [
        (json!({}), true),
        (
            json!({ "x-retry": { "attempts": 3, "exceptions": ["5xx", 503] } }),
            true,
        ),
        (json!({ "x-retry": false }), true),
        (json!({ "x-retry": { "atempts": 3 } }), false),
        (json!({ "x-retry": { "attempts": 0 } }), false),
        (
            json!({ "x-ratelimit": { "limit": ["10/second", "100/minute"] } }),
            true,
        ),
        (
            json!({ "x-ratelimit": { "retry_after_strategy": "never" } }),
            false,
        ),
        (
            json!({ "x-failsafe": { "resiliency": { "retry": { "jitter": "none" }, "order": ["retry", "timeout"] } } }),
            true,
        ),
        (json!({ "x-failsafe": { "retry": {} } }), false),
        (json!({ "x-hedge": { "delay": "p95" } }), true),
    ] {
        let mut operation = extension.clone();
        operation["responses"] = json!({ "204": { "description": "Done." } });
        let document = document(operation);
        assert_eq!(schema.is_valid(&document), is_good, "{extension}");
        let path = dir.path().join("one.json");
        std::fs::write(&path, document.to_string()).expect("written");
        let output = failsafe(dir.path(), &["validate", "one.json"]);
        assert_eq!(
            output.status.success(),
            is_good,
            "{extension}: {}",
            told(&output)
        );
    }
}

#[test]
fn shells_and_readers_of_manuals_are_served() {
    let dir = folder();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = failsafe(dir.path(), &["completions", shell]);
        let script = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && script.contains("server-port"),
            "{shell}"
        );
    }
    for (words, expected) in [
        (&["man"][..], ".TH failsafe 1"),
        (&["man", "generate"], "server\\-port"),
    ] {
        let page = failsafe(dir.path(), words);
        let text = String::from_utf8_lossy(&page.stdout);
        assert!(text.contains(expected), "{text}");
    }
    assert_eq!(failsafe(dir.path(), &["man", "tea"]).status.code(), Some(2));
}
