//! Which files a tree has with which options, and those of them that the options change.

use std::{fmt::Write as _, fs};

use failsafe_tests::{files, generate, paths};

fn snapshot(name: &str, options: &[&str]) {
    let temp = tempfile::tempdir().expect("a folder");
    let tree = temp.path().join("svc");
    generate(
        &paths::repository().join("specs/inventory.yaml"),
        &tree,
        options,
    );
    let mut text = String::new();
    let all = files(&tree);
    for path in all.iter().filter(|path| !path.starts_with("runtime/src")) {
        let _ = writeln!(text, "{}", path.display());
    }
    // The generated Rust is seen whole in `examples/inventory`.
    for path in all.iter().filter(|path| {
        !path.starts_with("runtime/src")
            && !path.starts_with("src/generated")
            && !path.starts_with("src/handlers")
            && !path.starts_with("tests")
            && !path.starts_with(".failsafe")
            && !path.ends_with("openapi.yaml")
    }) {
        let content = fs::read_to_string(tree.join(path)).expect("UTF-8");
        let _ = write!(text, "\n======== {}\n{content}", path.display());
    }
    insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, text);
    });
}

#[test]
fn defaults() {
    snapshot("defaults", &[]);
}

#[test]
fn prometheus() {
    snapshot(
        "prometheus",
        &[
            "--telemetry",
            "prometheus",
            "--server-port",
            "9000",
            "--package-name",
            "stock-keeper",
        ],
    );
}

#[test]
fn no_telemetry() {
    snapshot(
        "no-telemetry",
        &[
            "--telemetry",
            "NONE",
            "--no-controlplane",
            "--runtime",
            "version:0.1",
        ],
    );
}

#[test]
fn no_protection() {
    snapshot(
        "no-protection",
        &[
            "--no-protection",
            "--no-dockerfile",
            "--app-name",
            "Stock \"keeper\"",
            "--app-version",
            "spring",
        ],
    );
}
