use serde_json::Value;

use super::*;
use crate::spec::{Input, plain};

fn proposal(document: &str) -> Box<Proposal> {
    match begin(
        &Source::from(Input::Stdin(document.into())),
        Timings::default(),
    ) {
        Begun::Planned(proposal) => proposal,
        Begun::HasPolicies(..) => panic!("it has policies: {document}"),
        Begun::Faulty(outcome) => panic!("{:#?}", outcome.diagnostics),
    }
}

/// The document with its policies; everything that was there before is there, in its order.
#[track_caller]
fn begun(document: &str) -> String {
    let text = proposal(document).inserted().expect("there is a place");
    let mut rest = text.as_str();
    for part in document.split_inclusive(['\n', ',', '{']) {
        let at = rest
            .find(part)
            .unwrap_or_else(|| panic!("{part:?} is gone:\n{text}"));
        rest = &rest[at + part.len()..];
    }
    let source = Source::from(Input::Stdin(text.clone().into_bytes()));
    let again = begin(&source, Timings::default());
    assert!(matches!(again, Begun::HasPolicies(..)), "{text}");
    let (_, outcome) = crate::explain(
        &Source::from(Input::Stdin(text.clone().into_bytes())),
        Timings::default(),
    );
    let worst = outcome.diagnostics.iter().map(|found| found.severity).min();
    assert!(
        worst.is_none_or(|it| it == Severity::Note),
        "{:#?}\n{text}",
        outcome.diagnostics
    );
    text
}

const BLOCK: &str = "\
# yaml-language-server: $schema=x
openapi: 3.1.0 # the version

info:
  title: Zoo
  version: '1'
  description: |+
    # Not a comment

    # nor this

# The paths of the zoo.
# All of them.
paths:
  /pets:
    # Reads.
    get:
      # Its name.
      operationId: listPets   # not to change
      responses: { '200': { description: All. } }
    post:
      description: |
        Adds one.
      requestBody:
        content:
          multipart/form-data:
            schema: { type: object, properties: { photo: { type: string, format: binary } } }
      responses: { '204': { description: Added. } }
  /events:
    get: { operationId: events, responses: { '200': { description: All., content: { text/event-stream: { schema: { type: string } } } } } }
    delete: {operationId: 'clear', responses: {'204': {description: Done.}}}
";

#[test]
fn policies_are_written_below_ids_and_before_the_paths() {
    insta::assert_snapshot!(begun(BLOCK));
    let windows = BLOCK.replace('\n', "\r\n");
    let text = begun(&windows);
    assert_eq!(text.replace("\r\n", "\n"), begun(BLOCK));
}

#[test]
fn json_stays_as_it_is_laid_out() {
    let json: Value = plain::value(&crate::spec::yaml_value(BLOCK).expect("YAML"));
    insta::assert_snapshot!("pretty", begun(&format!("{json:#}\n")));
    let compact = begun(&json.to_string());
    assert!(
        !compact.contains("\": ") && !compact.contains('\n'),
        "{compact}"
    );
    assert!(
        compact.contains(r#""operationId":"listPets","x-retry":{"attempts":2"#),
        "{compact}"
    );
}

#[test]
fn unusual_layouts_keep_their_meaning() {
    for document in [
        // The root in braces, with a comment behind the first of them.
        "{ # all\n  openapi: 3.1.0, info: {title: Zoo, version: '1'},\n paths: {/a: {get: {responses: {'204': {description: Done.}}}}}}",
        // A value over two lines, and one that is an anchor.
        "openapi: 3.1.0\ninfo: { title: Zoo, version: '1' }\npaths:\n  /a:\n    get: &get\n      operationId: \"one\n        more\"\n      \
         responses: { '204': { description: Done. } }\n",
        // What two paths share by an alias is written once.
        "openapi: 3.1.0\ninfo: { title: Zoo, version: '1' }\npaths:\n  /a:\n    get: &get\n      responses: { '204': { description: Done. } }\n  \
         /b:\n    get: *get\n",
        // Members that are merged.
        "openapi: 3.1.0\ninfo: { title: Zoo, version: '1' }\nx-base: &base\n  responses: { '204': { description: Done. } }\npaths:\n  /a:\n    \
         get:\n      <<: *base\n      operationId: one\n",
        // Everything indented, and no line at the end.
        "  openapi: 3.1.0\n  info: { title: Zoo, version: '1' }\n  paths:\n    /a:\n      get:\n        responses: { '204': { description: Done. } }",
        // Another use of the extension's name.
        "openapi: 3.1.0\ninfo: { title: Zoo, version: '1' }\nx-telstra: { otel: { enabled: false } }\npaths:\n  /a:\n    get:\n      \
         responses: { '204': { description: Done. } }\n",
        // The paths come first.
        "paths:\n  /a:\n    get:\n      operationId: ünï\n      responses: { '204': { description: Done. } }\nopenapi: 3.1.0\ninfo: { title: Zoo, version: '1' }\n",
    ] {
        begun(document);
    }
}

#[test]
fn the_overlay_says_the_same() {
    let text = proposal(BLOCK).overlay(Some("../api.yaml"));
    insta::assert_snapshot!("overlay", text);
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("ours.yaml");
    std::fs::write(&path, text).expect("written");
    let policies = |source: &Source| -> Vec<String> {
        let (service, outcome) = crate::explain(source, Timings::default());
        let worst = outcome.diagnostics.iter().map(|found| found.severity).min();
        // It stands elsewhere than it says.
        let is_good = worst.is_none_or(|it| it != Severity::Error);
        assert!(is_good, "{:#?}", outcome.diagnostics);
        let service = service.expect("a service");
        let operations = service.apis.iter().flat_map(|api| &api.operations);
        let patterns = operations.map(|it| {
            let patterns = it
                .policies
                .iter()
                .map(|policy| format!("{:?}", policy.pattern));
            format!("{}: {}", it.id, patterns.collect::<Vec<_>>().join(", "))
        });
        patterns.collect()
    };
    let mut overlaid = Source::from(Input::Stdin(BLOCK.into()));
    overlaid.overlays.push(path);
    let inserted = Source::from(Input::Stdin(begun(BLOCK).into_bytes()));
    assert_eq!(policies(&overlaid), policies(&inserted));
}
