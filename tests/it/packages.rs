//! How many packages a service pulls in: each one is compile time and trust that its owner pays.

use std::collections::BTreeSet;

use failsafe_tests::{Tree, paths};

fn packages(name: &str, options: &[&str]) -> BTreeSet<String> {
    let tree = Tree::bundled(
        name,
        &paths::repository().join("specs/inventory.yaml"),
        options,
    );
    let output = tree
        .cargo()
        .args(["tree", "-e", "normal", "--prefix", "none", "--no-dedupe"])
        .output()
        .expect("cargo starts");
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.lines().map(str::to_owned).collect()
}

#[test]
fn a_service_without_telemetry_is_small() {
    let packages = packages(
        "bundled-none",
        &["--telemetry", "NONE", "--no-controlplane"],
    );
    assert!(
        packages.len() <= 90,
        "{} packages: {packages:#?}",
        packages.len()
    );
}

#[test]
fn a_service_with_the_defaults_is_not_large() {
    let packages = packages("bundled-otel", &[]);
    assert!(
        packages.len() <= 150,
        "{} packages: {packages:#?}",
        packages.len()
    );
}
