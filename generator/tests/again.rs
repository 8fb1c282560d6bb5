//! Running the command again: what a person has edited, moved and chosen meanwhile.

mod command;

use command::{DOCUMENT, dir_with_document, failsafe, verdict};

#[test]
fn an_edited_generated_file_stops_the_run_with_the_difference() {
    let dir = dir_with_document();
    let words = ["generate", "api.yaml", "-o", "svc"];
    assert!(failsafe(dir.path(), &words).status.success());
    let file = dir.path().join("svc/src/generated/apis/mod.rs");
    let text = std::fs::read_to_string(&file).expect("written");
    std::fs::write(&file, text + "pub mod mine;\n").expect("edited");
    insta::assert_snapshot!(verdict(&failsafe(dir.path(), &words)));

    let forced = failsafe(dir.path(), &[&words[..], &["--force"]].concat());
    assert!(
        verdict(&forced).contains("1 overwritten"),
        "{}",
        verdict(&forced)
    );
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
    insta::assert_snapshot!(verdict(&output));
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
    insta::assert_snapshot!("handlers_are_told", verdict(&output));
    let text = std::fs::read_to_string(&moved).expect("there");
    insta::assert_snapshot!("handlers_are_added", text);
    let kept = std::fs::read_to_string(dir.path().join("svc/src/handlers/mod.rs")).expect("there");
    assert_eq!(kept, root);

    // Once more says the same, and changes nothing.
    let again = failsafe(dir.path(), &words);
    assert!(verdict(&again).contains("was `list_coins` and is `find_coins` now"));
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
    assert!(output.status.success(), "{}", verdict(&output));

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
    insta::assert_snapshot!(verdict(&failsafe(dir.path(), &["generate"])), @r"
    exit 2
    error: failsafe.toml:1: there is no option `tlemetry`; did you mean `telemetry`?

    For more information, try '--help'.
    ");
    std::fs::remove_file(dir.path().join("failsafe.toml")).expect("removed");
    insta::assert_snapshot!(verdict(&failsafe(dir.path(), &["generate"])), @r#"
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
            verdict(&output)
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
        all.push_str(&format!("$ {word}\n{}\n{stdout}\n", verdict(&output)));
        assert_eq!(tree(), before, "{word}");
    }
    insta::assert_snapshot!(all);
    assert!(generate(&["--quiet"]).stderr.is_empty());
    assert!(generate(&["--check"]).status.success());
    let verbose = generate(&["-v"]);
    assert!(
        verdict(&verbose).contains("    kept src/handlers/default.rs"),
        "{}",
        verdict(&verbose)
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
