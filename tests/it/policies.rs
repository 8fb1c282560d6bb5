//! `tests/policies.rs` of a service: what its owner's CI says of the document's policies.

use std::fs;

use failsafe_tests::{Tree, paths};

const TESTS: &str = "tests/policies.rs";

fn tree(name: &str, edit: impl Fn(String) -> String) -> Tree {
    Tree::edited(
        name,
        &paths::repository().join("specs/patterns.yaml"),
        &["--telemetry", "NONE", "--no-dockerfile"],
        |tree| {
            let file = tree.join(TESTS);
            let text = fs::read_to_string(&file).expect("the policies have tests");
            fs::write(file, edit(text)).expect("the file can be written");
        },
    )
}

/// Whether all tests passed, and what cargo said.
fn test(tree: &Tree) -> (bool, String) {
    let mut cargo = tree.cargo();
    cargo.args(["test", "--quiet", "--test", "policies"]);
    let output = cargo.output().expect("cargo runs");
    let text = [output.stdout, output.stderr].map(|it| String::from_utf8_lossy(&it).into_owned());
    (output.status.success(), text.concat())
}

#[test]
fn every_policy_of_the_document_is_proved() {
    let (passed, said) = test(&tree("proved", |text| text));
    assert!(passed, "{said}");
    // And a value that is not the document's is found, with the operation's name.
    let wrong = tree("proved", |text| {
        let wrong = text.replacen("        calls: 5,", "        calls: 6,", 1);
        assert_ne!(text, wrong, "there is a limit of five");
        wrong
    });
    let (passed, said) = test(&wrong);
    assert!(!passed, "{said}");
    assert!(said.contains("readLimited: call 6 of 6 was"), "{said}");
}
