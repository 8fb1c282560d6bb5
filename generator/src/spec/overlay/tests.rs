use serde_json::{Value, json};

use super::*;
use crate::spec::{Input, LoadFailure, load_with, plain};

const DOCUMENT: &str = "
openapi: 3.1.0
info: { title: Zoo, version: '1' }
tags: [{ name: pets }]
paths:
  /pets:
    get: { operationId: list, parameters: [{ name: a, in: query }, { name: b, in: query }] }
    post: { operationId: add, x-retry: { attempts: 3, jitter: full } }
";

fn read(overlays: &[&str]) -> Result<Document, LoadFailure> {
    let dir = tempfile::tempdir().expect("a folder");
    let named = overlays.iter().enumerate().map(|(index, text)| {
        let path = dir.path().join(format!("{index}.yaml"));
        std::fs::write(&path, text).expect("written");
        path
    });
    let paths: Vec<_> = named.collect();
    let document = dir.path().join("api.yaml");
    std::fs::write(&document, DOCUMENT).expect("written");
    let input = Input::Path(document);
    load_with(&input, &paths)
}

/// The document that overlays make, and what is said of them.
fn overlaid(overlays: &[&str]) -> (Document, Vec<String>) {
    let document = read(overlays).expect("a document");
    let told = document.problems.iter();
    let told = told.map(|found| format!("{:?} {}: {}", found.severity, found.code, found.message));
    let told = told.collect();
    (document, told)
}

/// The whole of an overlay around its actions.
fn overlay(actions: &str) -> String {
    format!("overlay: 1.0.0\ninfo: {{ title: Ours, version: '1' }}\nactions:\n{actions}")
}

#[track_caller]
fn check(actions: &str, pointer: &str, expected: &Value) {
    let (document, told) = overlaid(&[&overlay(actions)]);
    assert!(told.is_empty(), "{told:?}");
    let value = plain::value(document.root().node());
    assert_eq!(value.pointer(pointer), Some(expected), "{value:#}");
    assert!(!document.is_as_written());
}

#[test]
fn members_are_merged_lists_continued_and_the_rest_replaced() {
    check(
        "- { target: $.paths.*.post, update: { summary: New, x-retry: { attempts: 5, delay: 1 } } }",
        "/paths/~1pets/post",
        &json!({ "operationId": "add", "x-retry": { "attempts": 5, "jitter": "full", "delay": 1 }, "summary": "New" }),
    );
    check(
        "- { target: $.paths.*.post, update: { x-retry: false } }",
        "/paths/~1pets/post/x-retry",
        &json!(false),
    );
    check(
        "- { target: $.tags, update: { name: shops } }",
        "/tags",
        &json!([{ "name": "pets" }, { "name": "shops" }]),
    );
    check(
        "- { target: $, update: { tags: [{ name: shops }], info: { title: Farm } } }",
        "/tags",
        &json!([{ "name": "pets" }, { "name": "shops" }]),
    );
    check(
        "- { target: $.tags, update: [{ name: a }, { name: b }] }",
        "/tags/2/name",
        &json!("b"),
    );
}

/// As in the specification's own example of a structured overlay.
#[test]
fn nothing_takes_nothing_away() {
    check(
        "- { target: $, update: { tags: , info: , x-new: } }",
        "/tags",
        &json!([{ "name": "pets" }]),
    );
    check(
        "- { target: $, update: { x-new: } }",
        "/x-new",
        &Value::Null,
    );
}

#[test]
fn what_is_removed_is_removed_whole_and_from_the_end() {
    check(
        "- { target: '$.paths.*.get.parameters.*', remove: true }",
        "/paths/~1pets/get/parameters",
        &json!([]),
    );
    check(
        "- { target: \"$.paths.*.get.parameters[?@.name == 'a']\", remove: true, update: { x: 1 } }",
        "/paths/~1pets/get/parameters",
        &json!([{ "name": "b", "in": "query" }]),
    );
    check(
        "- { target: '$.paths..*', remove: true }",
        "/paths",
        &json!({}),
    );
}

#[test]
fn each_action_sees_what_the_ones_before_it_made() {
    check(
        "- { target: $.paths, update: { /shops: { get: { operationId: shops } } } }\n\
         - { target: '$.paths.*.get', update: { x-timeout: { seconds: 1 } } }\n\
         - { target: \"$.paths['/pets']\", remove: true }",
        "/paths",
        &json!({ "/shops": { "get": { "operationId": "shops", "x-timeout": { "seconds": 1 } } } }),
    );
    let first = overlay("- { target: $.info, update: { title: One, first: true } }");
    let second = overlay("- { target: '$[?@.first]', update: { title: Two } }");
    let (document, _) = overlaid(&[&first, &second]);
    let value = plain::value(document.root().node());
    assert_eq!(value["info"]["title"], "Two");
}

/// Queries are asked of plain JSON, which has to be what the tree is.
#[test]
fn the_tree_and_its_plain_form_stay_the_same() {
    let actions = [
        "{ target: $.paths.*.*, update: { tags: [x], x-retry: { attempts: 9 }, parameters: } }",
        "{ target: $.tags, update: { name: y } }",
        "{ target: '$.paths.*.get.parameters[0]', remove: true }",
        "{ target: $, update: { paths: { /a: { get: {} }, /pets: { post: { x-retry: false } } } } }",
        "{ target: '$..operationId', remove: true }",
    ];
    let lines: Vec<String> = actions.iter().map(|action| format!("- {action}")).collect();
    let (document, told) = overlaid(&[&overlay(&lines.join("\n"))]);
    assert!(told.is_empty(), "{told:?}");
    let mut tree = document.files[0].root.clone();
    let again = Document::of_one(crate::spec::File {
        name: "again".into(),
        text: String::new().into(),
        root: plain_node(&overlay(&lines.join("\n"))),
        base: 0,
    });
    let mut subject = Subject::new(&mut tree);
    apply(&again, None, &mut subject, &mut Vec::new());
    let plain = subject.plain.clone();
    assert_eq!(plain::value(&tree), plain);
}

fn plain_node(text: &str) -> Node {
    crate::spec::yaml_value(text).expect("YAML")
}

/// What an overlay brings is found where it is written, by its line.
#[test]
fn places_are_those_of_the_overlay() {
    let text = overlay("- target: $.info\n  update:\n    description: Ours\n");
    let (document, _) = overlaid(&[&overlay("- { target: $.tags, update: { name: x } }"), &text]);
    let at = document
        .root()
        .get("info")
        .and_then(|info| info.get("description"))
        .expect("there");
    let location = at.location();
    assert_eq!(&*location.pointer, "/info/description");
    let file = document
        .files
        .iter()
        .rfind(|file| file.base > 0 && file.base <= location.span.start);
    let file = file.expect("an overlay");
    let range =
        (location.span.start - file.base) as usize..(location.span.end - file.base) as usize;
    assert_eq!(&file.text[range], "Ours");
    let title = document
        .root()
        .get("info")
        .and_then(|info| info.get("title"))
        .expect("there");
    assert!(!title.location().span.is_of_overlay());
}

#[test]
fn what_is_wrong_is_told_and_the_rest_is_done() {
    let told = |text: &str| overlaid(&[text]).1.join("\n");
    let mut all = String::new();
    let actions = [
        "- { target: $.pathes }",
        "- { target: $.pathes, update: {} }",
        "- { target: paths, update: {} }",
        "- { target: '$.paths./pets', update: {} }",
        "- { target: '$.info.title', update: Farm }",
        "- { target: '$.info', update: Farm }",
        "- { target: '$.info', remove: 1 }",
        "- { target: '$', remove: true }",
        "- { update: {} }",
        "- { target: 1, update: {} }",
        "- 1",
        "- { target: $.info, updat: {} }",
        "- { target: '$..*..*..*..*..*..*..*..*..*', remove: true }",
        "  []",
    ];
    let whole = actions.map(overlay);
    let others = [
        "1".to_owned(),
        DOCUMENT.to_owned(),
        "actions: []".to_owned(),
        overlay("- { target: $.info, update: { x: 1 } }").replace("1.0.0", "2.0.0"),
        overlay("- { target: $.info, update: { x: 1 } }").replace("1.0.0", "1.1.0"),
        overlay("- { target: $.info, update: { x: 1 } }").replace("title: Ours, ", ""),
        format!(
            "extends: other.yaml\n{}",
            overlay("- { target: $.info, update: { x: 1 } }")
        ),
        "overlay: [".to_owned(),
        String::new(),
    ];
    for text in whole.iter().chain(&others) {
        let shown = text.replace(
            "overlay: 1.0.0\ninfo: { title: Ours, version: '1' }\nactions:\n",
            "",
        );
        let shown = shown.lines().next().unwrap_or_default();
        all.push_str(&format!(
            "{shown}\n    {}\n",
            told(text).replace('\n', "\n    ")
        ));
    }
    insta::assert_snapshot!(all);
    let good = "- { target: '', update: {} }\n- { target: $.info, update: { title: Farm } }";
    let (document, told) = overlaid(&[&overlay(good)]);
    assert_eq!(told.len(), 1);
    assert_eq!(
        plain::value(document.root().node())["info"]["title"],
        "Farm"
    );
}

/// What an overlay may make of a document is bounded like a document itself.
#[test]
fn a_document_cannot_be_blown_up() {
    let told = |actions: &str| overlaid(&[&overlay(actions)]).1.join("\n");
    let many = "{ name: x }, ".repeat(5_000);
    let many = format!("- {{ target: $.tags, update: [{many}] }}\n");
    assert_eq!(told(&many), "");
    let members: Vec<String> = (0..1_000).map(|it| format!("m{it}: 1")).collect();
    let text = format!("description: {}", "x".repeat(1 << 20));
    for update in [members.join(", "), text] {
        let blown = format!("{many}- {{ target: $.tags.*, update: {{ {update} }} }}\n");
        assert!(told(&blown).contains("too-many-values"), "{}", told(&blown));
    }
    let deeper = "- { target: '$..z', update: { z: {} } }\n".repeat(130);
    let deep = format!("- {{ target: $.info, update: {{ z: {{}} }} }}\n{deeper}");
    assert!(told(&deep).contains("nested-too-deep"), "{}", told(&deep));
    let long = "['a','a']".repeat(300);
    let long = format!("- {{ target: \"${long}\", update: {{}} }}\n");
    assert!(told(&long).contains("target-too-wide"));
}

/// Whatever comes in by a pipe may be the document that is meant.
#[test]
fn a_document_without_a_name_is_not_another_one() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("ours.yaml");
    let actions = overlay("- { target: $.info, update: { x: 1 } }");
    std::fs::write(&path, format!("extends: other.yaml\n{actions}")).expect("written");
    let document = load_with(&Input::Stdin(DOCUMENT.into()), &[path]).expect("a document");
    assert!(document.problems.is_empty(), "{:?}", document.problems);
}

#[test]
fn no_target_is_too_much_for_its_reader() {
    for (open, close) in [
        ("[?@", "]"),
        ("[?(@", ")]"),
        ("[?count(@", ")>1]"),
        ("[?!(@", ")]"),
    ] {
        for times in [3, 40, 900] {
            let target = format!("${}{}", open.repeat(times), close.repeat(times));
            overlaid(&[&overlay(&format!(
                "- {{ target: '{target}', update: {{}} }}"
            ))]);
        }
    }
}

proptest::proptest! {
    #[test]
    fn whatever_a_target_says_is_read_or_refused(
        words in proptest::collection::vec(proptest::sample::select(vec![
            "$", ".", "..", "[", "]", "*", "?", "@", "'a'", "\"/pets\"", "paths", "get", "1", "-1", ":", ",", "==", "<",
            "&&", "!", "(", ")", "length(", "match(", "count(", "value(", "9007199254740993", "1e999", "null",
        ]), 0..12),
        removes in proptest::bool::ANY,
    ) {
        let target = serde_json::to_string(&format!("$.{}", words.concat())).expect("a text");
        let what = if removes { "remove: true" } else { "update: { a: [1] }" };
        // It may have taken away what makes it a document.
        let _ = read(&[&overlay(&format!("- {{ target: {target}, {what} }}"))]);
    }
}
