mod references;

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
    assert_eq!(
        yaml("a: &a { b: 1 }\nc: { !!merge <<: *a, on: !!timestamp 2024-02-29 }"),
        "{a: {b: #1}, c: {on: \"2024-02-29\", b: #1}}"
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
