use std::fmt::Write;

use crate::diagnostic::Severity;

use super::{
    At, Document, FileId, Input, Kind, Node, bounds::Tally, json, load, parse::ParseError, yaml,
};

/// A value in one line, with the text that each scalar and key was read from.
fn shown(node: &Node) -> String {
    let mut out = String::new();
    write(node, &mut out);
    out
}

fn write(node: &Node, out: &mut String) {
    match &node.kind {
        Kind::Null => out.push_str("null"),
        Kind::Bool(value) => write!(out, "{value}").expect("a string grows"),
        Kind::Number(number) => write!(out, "#{}", number.text).expect("a string grows"),
        Kind::String(text) => write!(out, "{text:?}").expect("a string grows"),
        Kind::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                write(item, out);
            }
            out.push(']');
        }
        Kind::Object(object) => {
            out.push('{');
            for (index, (key, entry)) in object.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                write!(out, "{key}: ").expect("a string grows");
                write(&entry.value, out);
            }
            out.push('}');
        }
    }
}

fn parse_yaml(text: &str) -> Result<Node, ParseError> {
    yaml::parse(text, &mut Tally::after(0))
}

fn parse_json(text: &str) -> Result<Node, ParseError> {
    json::parse(text, &mut Tally::after(0))
}

fn yaml(text: &str) -> String {
    shown(&parse_yaml(text).expect("good YAML"))
}

fn json(text: &str) -> String {
    shown(&parse_json(text).expect("good JSON"))
}

fn document(text: &str) -> Document {
    load(&Input::Stdin(text.into())).expect("a good document")
}

#[test]
fn scalars_are_those_of_the_core_schema() {
    for (text, expected) in [
        ("~", "null"),
        ("Null", "null"),
        ("TRUE", "true"),
        // What only YAML 1.1 reads as a boolean, a number in base 60, a date or a number.
        ("on", "\"on\""),
        ("NO", "\"NO\""),
        ("12:30", "\"12:30\""),
        ("2024-06-01", "\"2024-06-01\""),
        ("1_000", "\"1_000\""),
        ("1.2.3", "\"1.2.3\""),
        ("'1'", "\"1\""),
        ("!!str 1", "\"1\""),
        ("!!int \"1\"", "#1"),
        // No digit is lost.
        ("12345678901234567890.10", "#12345678901234567890.10"),
        ("+5", "#5"),
        ("007", "#7"),
        ("0o17", "#15"),
        ("0x1F", "#31"),
        (".5", "#0.5"),
        ("-.5", "#-0.5"),
        ("5.", "#5.0"),
        ("1e3", "#1e3"),
        ("1E+3", "#1e+3"),
        (".", "\".\""),
        ("-", "[null]"),
        ("e3", "\"e3\""),
        (".inf", "\".inf\""),
    ] {
        assert_eq!(yaml(text), expected, "{text}");
    }
}

#[test]
fn yaml_numbers_are_numbers_of_json() {
    for text in [
        "+5",
        "007",
        "0o17",
        "0x1F",
        ".5",
        "-.5",
        "5.",
        "1e3",
        "1E+3",
        "-0",
        "00.10e-01",
    ] {
        let node = parse_yaml(text).expect("good YAML");
        let Kind::Number(number) = node.kind else {
            panic!("{text} is a number")
        };
        assert!(
            serde_json::from_str::<serde_json::Number>(&number.text).is_ok(),
            "{number:?}"
        );
    }
}

#[test]
fn anchors_aliases_and_merges_say_a_thing_once() {
    let text = "
base: &base { a: 1, b: 2 }
other: &other { b: 3, c: 4 }
alias: *base
merged: { b: 5, <<: *base }
later: { <<: [*base, *other], c: 6 }
'<<': quoted
";
    assert_eq!(
        yaml(text),
        "{base: {a: #1, b: #2}, other: {b: #3, c: #4}, alias: {a: #1, b: #2}, \
         merged: {b: #5, a: #1}, later: {c: #6, a: #1, b: #2}, <<: \"quoted\"}"
    );
}

#[test]
fn keys_of_other_types_are_texts_as_they_are_written() {
    assert_eq!(
        yaml("200: a\ntrue: b\n1.50: c\n~: d"),
        r#"{200: "a", true: "b", 1.50: "c", ~: "d"}"#
    );
}

#[test]
fn every_value_knows_where_it_stands() {
    let yaml_text = "# Ünïcode\nkey: värde  # comment\nlist:\n  - one\n  - 'two'\nblock: |\n  text\nlast: {a: [1]}\n";
    let json_text = "{\"key\": \"v\u{e4}rde\", \"list\": [\"one\", 12], \"last\": {\"a\": [1]}}";
    for (text, node) in [
        (yaml_text, parse_yaml(yaml_text).expect("good YAML")),
        (json_text, parse_json(json_text).expect("good JSON")),
    ] {
        check_spans(text, &node);
    }
}

fn check_spans(text: &str, node: &Node) {
    let written = |span: super::Span| &text[span.start as usize..span.end as usize];
    let source = written(node.span);
    match &node.kind {
        Kind::String(value) => {
            assert!(
                source.trim_matches(['\'', '"', '|']).trim() == value.trim(),
                "{source:?}"
            );
        }
        Kind::Number(number) => assert_eq!(source, number.text),
        Kind::Array(items) => items.iter().for_each(|item| check_spans(text, item)),
        Kind::Object(object) => {
            for (key, entry) in object.iter() {
                assert_eq!(written(entry.key_span).trim_matches('"'), key);
                check_spans(text, &entry.value);
            }
        }
        Kind::Null | Kind::Bool(_) => {}
    }
}

#[test]
fn json_is_read_to_the_letter() {
    for (text, expected) in [
        ("null", "null"),
        (" [true,false] ", "[true, false]"),
        ("-0.0e+1", "#-0.0e+1"),
        (r#""a\"\\\/\b\f\n\r\t""#, r#""a\"\\/\u{8}\u{c}\n\r\t""#),
        (r#""é😀""#, r#""é😀""#),
        (r#""""#, r#""""#),
        ("{}", "{}"),
        (r#"{"b":1,"a":{}}"#, "{b: #1, a: {}}"),
    ] {
        assert_eq!(json(text), expected, "{text}");
    }
    for bad in [
        "",
        "nul",
        "truE",
        "01",
        "1.",
        ".5",
        "+1",
        "1e",
        "--1",
        "[1,]",
        "[1 2]",
        "{\"a\"}",
        "{a: 1}",
        "{\"a\":1,}",
        "\"a",
        "\"\\x\"",
        "\"\\ud800\"",
        "\"\\ud800\\u0041\"",
        "\"\\u12\"",
        "\"\n\"",
        "1 2",
        "[",
        "{",
        "{\"a\":",
        "\"\\",
    ] {
        assert!(parse_json(bad).is_err(), "{bad}");
        assert!(
            serde_json::from_str::<serde_json::Value>(bad).is_err(),
            "{bad}"
        );
    }
}

#[test]
fn depth_is_bounded_in_both_notations() {
    let nested = |open: &str, close: &str, depth: usize| open.repeat(depth) + &close.repeat(depth);
    let is_too_deep = |result: Result<Node, ParseError>| {
        let error = result.expect_err("too deep").into_diagnostic(FileId(0));
        assert_eq!(error.code, "nested-too-deep");
    };
    assert!(parse_json(&nested("[", "]", 128)).is_ok());
    is_too_deep(parse_json(&nested("[", "]", 129)));
    is_too_deep(parse_json(&nested("{\"a\":", "}", 100_000)));
    assert!(parse_yaml(&nested("[", "]", 128)).is_ok());
    is_too_deep(parse_yaml(&nested("[", "]", 129)));
    is_too_deep(parse_yaml(&"- ".repeat(10_000)));
    // Aliases do not get around it.
    let doubled = format!(
        "a: &a {}\nb: {}*a{}",
        nested("[", "]", 100),
        "[".repeat(50),
        "]".repeat(50)
    );
    is_too_deep(parse_yaml(&doubled));
}

#[test]
fn an_alias_inside_its_own_value_is_refused() {
    let error = parse_yaml("a: &a [*a]")
        .expect_err("a cycle")
        .into_diagnostic(FileId(0));
    assert_eq!(error.code, "alias-cycle");
}

#[test]
fn a_byte_order_mark_and_other_line_ends_are_of_no_consequence() {
    let text = "\u{feff}openapi: 3.0.3\r\ninfo: {}\r\npaths: {}\r\n";
    let document = document(text);
    assert_eq!(
        document.root().get("openapi").and_then(|at| at.as_str()),
        Some("3.0.3")
    );
    assert_eq!(document.files[0].text.find("openapi"), Some(0));
}

#[test]
fn a_version_without_quotes_is_one() {
    assert_eq!(
        document("{openapi: 3.1, paths: {}}").version,
        super::OpenApiVersion::V3_1
    );
    assert_eq!(
        document("{\"openapi\": \"3.0.99\"}").version,
        super::OpenApiVersion::V3_0
    );
}

#[test]
fn references_are_followed_to_their_end() {
    let document = document(
        r##"
openapi: 3.1.0
paths:
  /a~b/{c}: { get: { summary: there } }
first: { $ref: '#/second' }
second: { $ref: '#/paths/~1a~0b~1%7Bc%7D/get' }
whole: { $ref: '#' }
anchor: { $ref: '#nobody' }
data: { $ref: { type: string } }
"##,
    );
    let root = document.root();
    let at = |key: &str| root.get(key).expect("it is there");
    let end = at("first").resolve().expect("it leads somewhere");
    assert_eq!(end.pointer(), "/paths/~1a~0b~1{c}/get");
    assert_eq!(
        end.get("summary").and_then(|at: At<'_>| at.as_str()),
        Some("there")
    );
    assert_eq!(at("whole").resolve().expect("the root").pointer(), "");
    assert_eq!(
        at("anchor").resolve().expect_err("no path").code,
        "unknown-reference"
    );
    // A property of this name is no reference.
    assert_eq!(at("data").resolve().expect("itself").pointer(), "/data");
}

#[test]
fn references_lead_into_other_files_and_back() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder is made");
        std::fs::write(path, text).expect("the file is written");
    };
    write(
        "api.yaml",
        "openapi: 3.1.0\n\
         paths: { /a: { $ref: 'paths/a b.yaml' } }\n\
         components: { schemas: { A: { $ref: schemas.json#/A }, default: { $ref: schemas.json#/B } } }\n\
         example: { $ref: nowhere.yaml }\n",
    );
    write(
        "paths/a b.yaml",
        "get: { description: { $ref: ../words.md } }\n",
    );
    write(
        "schemas.json",
        r##"{"A": {"$ref": "#/B"}, "B": {"$ref": "api.yaml#/openapi"}}"##,
    );
    write("words.md", "# Words: *of* [the\nwise");
    let renamed = |text: &str| text.replace("a b.yaml", "a%20b.yaml");
    write(
        "api.yaml",
        &renamed(&std::fs::read_to_string(dir.path().join("api.yaml")).expect("it is there")),
    );

    let document = load(&Input::Path(dir.path().join("api.yaml"))).expect("a good document");
    assert_eq!(document.files.len(), 4);
    let at = |pointer: &str| document.root().at_pointer(pointer).expect("it is there");
    let path = at("/paths/~1a").resolve().expect("it leads somewhere");
    let words = path
        .get("get")
        .and_then(|get| get.get("description"))
        .expect("it is there");
    assert_eq!(
        words.resolve().expect("a file").as_str(),
        Some("# Words: *of* [the\nwise")
    );
    let back = at("/components/schemas/A")
        .resolve()
        .expect("through both files");
    assert_eq!((back.file(), back.as_str()), (FileId(0), Some("3.1.0")));
    assert!(
        at("/components/schemas/default").resolve().is_ok(),
        "a name, not a default"
    );
}

/// Where the keys stand that are there twice.
fn duplicates(text: &str) -> Vec<String> {
    let document = document(text);
    let places = document
        .problems
        .iter()
        .map(|problem| problem.location.as_ref());
    places
        .map(|place| place.expect("a place").pointer.to_string())
        .collect()
}

#[test]
fn all_keys_that_are_there_twice_are_found() {
    let json =
        r#"{"openapi": "3.1.0", "a": [{"x/y": 1}, {"b": {"c": 1, "c": 2}}], "a": 3, "a": 4}"#;
    let yaml = "openapi: 3.1.0\na:\n  - x/y: 1\n  - b: {c: 1, c: 2}\na: 3\na: {d: 1, d: 1}\n";
    assert_eq!(duplicates(json), ["/a/1/b/c", "/a", "/a"]);
    assert_eq!(duplicates(yaml), ["/a/1/b/c", "/a", "/a", "/a/d"]);
    let document = document(json);
    assert!(
        document
            .root()
            .get("a")
            .is_some_and(|first| first.is_array()),
        "the first stays"
    );
}

/// Files in a folder of their own, and the document that the first of them is.
fn files(files: &[(&str, &str)]) -> (tempfile::TempDir, Document) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    for (name, text) in files {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder is made");
        std::fs::write(path, text).expect("the file is written");
    }
    let document = load(&Input::Path(dir.path().join(files[0].0))).expect("a good document");
    (dir, document)
}

/// The codes of what was found while reading, and what the values under `at` resolve to.
fn resolved(document: &Document) -> (Vec<&'static str>, Vec<String>) {
    let codes = document.problems.iter().map(|problem| problem.code);
    let at = document.root().get("at").expect("references to follow");
    let ends = at.items().map(|at| match at.resolve() {
        Ok(end) => shown(end.node()),
        Err(problem) => problem.code.to_owned(),
    });
    (codes.collect(), ends.collect())
}

#[test]
fn references_that_say_it_otherwise_are_understood_with_a_warning() {
    let (_dir, document) = files(&[
        (
            "api/root.yaml",
            r##"
openapi: 3.1.0
at:
  - $ref: 'sub\pet.yaml'
  - $ref: sub/pet.yaml
  - $ref: Pet
  - $ref: '#Pet'
  - $ref: '#components/schemas/Pet'
  - $ref: /components/schemas/Pet
  - $ref: sub/other.json#/a
  - $ref: sub/other.json#Named
  - $ref: a%20b.yaml
  - $ref: ../c%20d.yaml#/
  - $ref: ''
  - $ref: '#Nobody'
components: { schemas: { Pet: pet } }
"##,
        ),
        ("api/sub/pet.yaml", "in a file"),
        (
            "api/sub/other.json",
            r#"{"a": {"$ref": "sub/pet.yaml"}, "definitions": {"Named": 1}}"#,
        ),
        ("api/a b.yaml", "spaces"),
        ("c d.yaml", "above"),
    ]);
    let (codes, ends) = resolved(&document);
    assert_eq!(codes, ["misspelt-reference"; 7]);
    assert_eq!(
        ends,
        [
            "\"in a file\"",
            "\"in a file\"",
            "\"pet\"",
            "\"pet\"",
            "\"pet\"",
            "\"pet\"",
            "\"in a file\"",
            "#1",
            "\"spaces\"",
            "\"above\"",
            "unknown-reference",
            "unknown-reference",
        ]
    );
    assert_eq!(
        document.files.len(),
        6,
        "one file by any spelling, and the one that is not there"
    );
}

#[test]
fn anchors_and_ids_are_names() {
    let (_dir, document) = files(&[
        (
            "root.yaml",
            r##"
openapi: 3.1.0
at:
  - $ref: '#here'
  - $ref: other.yaml#there
  - $ref: https://schemas.example/pet
  - $ref: https://schemas.example/pet#/const
  - $ref: other.yaml#/way/const
components:
  schemas:
    A: { $anchor: here, const: 1 }
"##,
        ),
        (
            "other.yaml",
            "a: { $anchor: there, const: 2 }\n\
             b: { $id: https://schemas.example/pet, const: 3 }\n\
             way: { $ref: '#/b' }\n",
        ),
    ]);
    let (codes, ends) = resolved(&document);
    assert_eq!(codes, [""; 0]);
    assert_eq!(
        ends,
        [
            "{$anchor: \"here\", const: #1}",
            "{$anchor: \"there\", const: #2}",
            "{$id: \"https://schemas.example/pet\", const: #3}",
            "#3",
            "#3",
        ]
    );
}

#[test]
fn other_hosts_are_not_asked_and_that_is_said_of_each_reference() {
    let (_dir, document) = files(&[(
        "root.yaml",
        r##"
openapi: 3.1.0
at:
  - $ref: https://one.example/a.yaml
  - $ref: https://one.example/b.yaml#/c
  - $ref: http://two.example/
  - $ref: /etc/passwd
  - $ref: nowhere.yaml#/a
"##,
    )]);
    let (codes, ends) = resolved(&document);
    let expected = [
        "remote-reference",
        "remote-reference",
        "remote-reference",
        "absolute-reference",
        "file-missing",
    ];
    let mut codes_sorted = codes.clone();
    codes_sorted.sort_by_key(|code| expected.iter().position(|known| known == code));
    assert_eq!(codes_sorted, expected);
    assert_eq!(ends[..2], ["remote-reference"; 2]);
    let first = (document.problems.iter())
        .find(|problem| problem.message.contains("one.example"))
        .expect("a finding for the host");
    assert_eq!(
        first.message,
        "a reference leads to `https://one.example`, and other hosts are not asked"
    );
    assert!(
        first
            .help
            .as_deref()
            .is_some_and(|help| help.contains("redocly"))
    );
}

#[test]
fn words_that_are_not_there_are_no_fault() {
    let (_dir, document) = files(&[(
        "root.yaml",
        "openapi: 3.1.0\ninfo: { description: { $ref: words.md } }\n\
         components: { schemas: { A: { properties: { description: { $ref: missing.yaml } } } } }\n",
    )]);
    let found = document.problems.iter();
    let found: Vec<_> = found
        .map(|found| (found.severity, found.location.as_ref()))
        .map(|(severity, place)| (severity, place.expect("a place").pointer.to_string()))
        .collect();
    assert_eq!(
        found,
        [
            (Severity::Warning, "/info/description/$ref".to_owned()),
            (
                Severity::Error,
                "/components/schemas/A/properties/description/$ref".to_owned()
            )
        ]
    );
}

#[test]
fn whole_maps_may_stand_elsewhere() {
    let (_dir, document) = files(&[
        (
            "root.yaml",
            "openapi: 3.1.0\nmap: { own: 1, both: 2, $ref: map.yaml }\nat: []\n",
        ),
        ("map.yaml", "both: 3\nother: 4\n"),
    ]);
    let map = document.root().get("map").expect("a map");
    let members = map.members().into_iter();
    let members: Vec<_> = members.map(|(key, at)| (key, shown(at.node()))).collect();
    let expected = [("own", "#1"), ("both", "#2"), ("other", "#4")];
    assert_eq!(
        members,
        expected.map(|(key, value)| (key, value.to_owned()))
    );
}

#[test]
fn a_way_through_references_ends() {
    let (_dir, document) = files(&[(
        "root.yaml",
        "openapi: 3.1.0\n\
         at:\n  - $ref: '#/a/b/b/b'\n  - $ref: '#/c/x/x'\n\
         a: { $ref: '#/a/b' }\nc: { x: 1, $ref: '#/d' }\nd: { x: { $ref: '#/c' } }\n",
    )]);
    let (_, ends) = resolved(&document);
    assert_eq!(ends[0], "unknown-reference");
}
