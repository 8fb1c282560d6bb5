//! Services that stand alone: with the bundled runtime, moved elsewhere, inside another workspace,
//! in debug and in release.

use std::fs;

use failsafe_tests::{Tree, files, paths};

#[test]
fn the_bundled_runtime_compiles_with_each_telemetry() {
    let spec = paths::repository().join("specs/inventory.yaml");
    for telemetry in ["NONE", "PROMETHEUS", "OTEL"] {
        let name = format!("bundled-{}", telemetry.to_lowercase());
        let tree = Tree::bundled(&name, &spec, &["--telemetry", telemetry]);
        tree.check(&["--workspace"]);
        for path in files(tree.path()) {
            if path.extension() != Some("rs".as_ref()) && !path.ends_with("Cargo.toml") {
                continue;
            }
            let text = fs::read_to_string(tree.path().join(&path)).expect("UTF-8");
            for (word, belongs_to) in [
                ("opentelemetry", "OTEL"),
                ("prometheus_client", "PROMETHEUS"),
            ] {
                let is_there =
                    text.contains(&format!("{word}::")) || text.contains(&format!("\n{word} ="));
                assert!(
                    !is_there || telemetry == belongs_to,
                    "{} has {word}",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn release_has_no_warnings_either() {
    let spec = paths::repository().join("specs/inventory.yaml");
    let tree = Tree::bundled("bundled-release", &spec, &["--telemetry", "NONE"]);
    tree.check(&["--workspace", "--release"]);
}

#[test]
fn two_services_live_in_one_workspace() {
    let specs = paths::repository().join("specs");
    let workspace = paths::made().join("trees/workspace");
    let mut members = Vec::new();
    for (name, spec) in [("stock", "inventory.yaml"), ("levels", "levels.yaml")] {
        let tree = Tree::bundled(name, &specs.join(spec), &["--telemetry", "NONE"]);
        // Copied, so that nothing can depend on where it was made.
        let member = workspace.join(name);
        let made = files(tree.path());
        // What an earlier generator wrote there and this one does not.
        if member.exists() {
            for path in files(&member).iter().filter(|path| !made.contains(*path)) {
                fs::remove_file(member.join(path)).expect("removed");
            }
        }
        for path in made {
            let target = member.join(&path);
            let mut text = fs::read(tree.path().join(&path)).expect("readable");
            if path.as_os_str() == "Cargo.toml" {
                let manifest = String::from_utf8(text).expect("UTF-8");
                let (own, _) = manifest
                    .split_once("# A workspace of its own")
                    .expect("the comment that says what to delete");
                text = own.as_bytes().to_vec();
            }
            if path.ends_with("Cargo.lock") || fs::read(&target).ok().as_ref() == Some(&text) {
                continue;
            }
            fs::create_dir_all(target.parent().expect("below the workspace")).expect("a folder");
            fs::write(target, text).expect("written");
        }
        members.push(name);
    }
    let manifest = format!("[workspace]\nresolver = \"3\"\nmembers = {members:?}\n");
    fs::write(workspace.join("Cargo.toml"), manifest).expect("written");
    let lock = workspace.join("Cargo.lock");
    if !lock.exists() {
        fs::copy(paths::repository().join("Cargo.lock"), lock).expect("a lock file");
    }
    let output = std::process::Command::new(env!("CARGO"))
        .args([
            "clippy",
            "--quiet",
            "--workspace",
            "--all-targets",
            "--",
            "--deny",
            "warnings",
        ])
        .current_dir(&workspace)
        .env("CARGO_TARGET_DIR", paths::made().join("cargo"))
        .output()
        .expect("cargo starts");
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && words.is_empty(), "{words}");
}
