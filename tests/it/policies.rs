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

/// Patterns that are not enforced, and load shedders that look at the machine.
const QUIET: &str = "openapi: 3.1.0
info: { title: Not enforced, version: 1.0.0 }
paths:
  /watched:
    get:
      operationId: readWatched
      x-featuretoggle: { mode: shadow }
      x-ratelimit: { limit: [5/second, 100/hour], mode: shadow }
      x-bulkhead: { max_queued: 3, queue_timeout: 1s, mode: shadow }
      x-circuitbreaker: { window: count, failure_rate: 0.5, mode: shadow }
      x-retry: { mode: shadow }
      x-timeout: { total: 5s, mode: shadow }
      responses: &fine { '200': { description: Fine., content: { text/plain: { schema: { type: string } } } } }
  /off:
    post:
      operationId: changeOff
      x-loadshed: { mode: 'off' }
      x-concurrency: { mode: 'off' }
      x-backpressure: { mode: 'off' }
      x-fallback: { body: instead, mode: 'off' }
      x-failfast: { mode: 'off' }
      x-circuitbreaker: { mode: forced_closed }
      x-hedge: { mode: 'off' }
      responses: *fine
  /cached:
    get:
      operationId: readCached
      x-cache: { mode: 'off' }
      x-circuitbreaker: { mode: forced_open }
      responses: *fine
  /machine:
    get:
      operationId: readMachine
      x-loadshed: { cpu_threshold: 80, memory_threshold: 92.5 }
      responses: *fine
  /urgent:
    get:
      operationId: readUrgent
      x-loadshed: { cpu_threshold: 80, priority: high }
      responses: *fine
";

#[test]
fn what_is_not_enforced_is_proved_to_be_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let spec = folder.path().join("quiet.yaml");
    fs::write(&spec, QUIET).expect("written");
    let options = ["--telemetry", "NONE", "--no-dockerfile"];
    let mut rows = 0;
    let quiet = |replaced: &str, by: &str| {
        Tree::edited("quiet", &spec, &options, |tree| {
            let file = tree.join(TESTS);
            let text = fs::read_to_string(&file).expect("the policies have tests");
            assert!(text.contains(replaced), "{text}");
            fs::write(file, text.replacen(replaced, by, 1)).expect("written");
        })
    };
    let tree = Tree::edited("quiet", &spec, &options, |tree| {
        let text = fs::read_to_string(tree.join(TESTS)).expect("the policies have tests");
        rows = text.matches("    mode: ").count();
    });
    assert_eq!(rows, 6 + 7 + 2);
    let (passed, said) = test(&tree);
    assert!(passed, "{said}");
    let wrong = quiet("cpu: Some(80.0)", "cpu: Some(90.0)");
    let (passed, said) = test(&wrong);
    assert!(!passed, "{said}");
    assert!(
        said.contains("readMachine: a call just below 90 % CPU"),
        "{said}"
    );
}
