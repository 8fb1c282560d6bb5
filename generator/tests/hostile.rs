//! Documents built to harm: whatever a text says, wherever it stands, what is generated is Rust
//! that parses and holds nothing but what the generator meant; and whatever a document's form
//! is, reading it ends soon.

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use failsafe_generator::{
    diagnostic::Diagnostics,
    lower,
    options::{Options, Runtime, Stubs},
    render,
    spec::{self, Input},
};

/// The codes of what is wrong with a document, and what it becomes.
fn generate(document: impl Into<Vec<u8>>, stubs: Stubs) -> (Vec<&'static str>, render::Files) {
    let mut document = match spec::load(&Input::Stdin(document.into())) {
        Ok(document) => document,
        Err(failure) => {
            let codes = failure.diagnostics.iter().map(|found| found.code);
            return (codes.collect(), render::Files::default());
        }
    };
    let mut found = Diagnostics::default();
    lower::check(&mut document, &mut found);
    let service = lower::lower_with(&document, stubs, &mut found);
    let errors = (document.problems.iter()).chain(found.iter());
    let errors =
        errors.filter(|found| found.severity == failsafe_generator::diagnostic::Severity::Error);
    let codes = errors.map(|found| found.code).collect();
    let options = Options {
        stubs,
        // The runtime's own sources are no part of what is looked at here.
        runtime: Runtime::Path("../runtime".to_owned()),
        ..Options::default()
    };
    let files = service.map(|service| render::render(&service, &options).expect("it renders"));
    (codes, files.unwrap_or_default())
}

/// Everything that could end a literal, a comment, a template, a line or a path.
const HARM: &[&str] = &[
    "\"; pub fn injected() {} //",
    "'; pub fn injected() {} //",
    "\"# ; pub fn injected() {} //",
    "*/ pub fn injected() {} /*",
    "\n} pub fn injected() {}\n",
    "\r\npub fn injected() {}\r",
    "\u{2028}pub fn injected() {}\u{85}",
    "#[doc(hidden)] pub fn injected() {}",
    "#![feature(injected)]",
    "{{ injected }}{% injected %}{# injected #}",
    "{injected}",
    "{",
    "}}",
    "../../../injected",
    "..\\injected",
    "/injected",
    "C:injected",
    "\\",
    "\\u{22}",
    "\u{0}injected",
    "\u{202e}detcejni\u{2066}",
    "```\npub fn injected() {}\n```",
    "`injected`",
    "$(injected)",
    "%s%n",
    "r#injected",
    "'static",
    "",
    " ",
    "é\u{301}",
    "_",
    "self",
];

/// A document in which one text stands wherever a text can stand that means nothing by itself.
fn document(text: &str) -> String {
    let text = serde_json::Value::from(text);
    let plain = text.as_str().unwrap_or_default();
    let named = serde_json::json!({
        "openapi": "3.1.0",
        "info": { "title": text, "version": text, "description": text, "x-a": text },
        "servers": [{ "url": text, "description": text }],
        "tags": [{ "name": text, "description": text }],
        "paths": {
            "/a": {
                "summary": text,
                "description": text,
                "post": {
                    "operationId": text,
                    "tags": [text],
                    "summary": text,
                    "description": text,
                    "parameters": [
                        { "name": text, "in": "query", "description": text,
                          "schema": { "type": "string", "default": text, "pattern": text } },
                        { "name": text, "in": "cookie", "schema": { "enum": [text, "other"] } },
                        { "name": text, "in": "header", "schema": { "type": "string", "const": text } },
                    ],
                    "requestBody": {
                        "description": text,
                        "content": { "application/json": {
                            "schema": { "$ref": "#/components/schemas/S" }, "example": text,
                        } },
                    },
                    "responses": {
                        "200": {
                            "description": text,
                            "headers": { plain: { "description": text, "schema": { "type": "string" } } },
                            "content": {
                                "application/json": {
                                    "schema": { "$ref": "#/components/schemas/S" },
                                    "examples": { plain: { "summary": text, "value": text } },
                                },
                            },
                        },
                        "default": {
                            "description": text,
                            "content": { plain: { "schema": { "type": "string" } } },
                        },
                    },
                },
            },
        },
        "components": {
            "schemas": {
                "S": {
                    "title": text,
                    "description": text,
                    "type": "object",
                    "required": [text],
                    "properties": {
                        plain: { "type": "string", "default": text, "description": text, "format": text },
                        "enum": { "type": "string", "enum": [text, "a", "b"], "default": text },
                        "inner": { "type": "object", "properties": { plain: { "$ref": "#/components/schemas/U" } } },
                        "any": { "const": text, "example": text },
                        "pattern": { "type": "string", "pattern": text },
                    },
                    "example": { plain: text },
                    "x-a": { plain: text },
                },
                "U": {
                    "oneOf": [
                        { "$ref": "#/components/schemas/A" },
                        { "$ref": "#/components/schemas/B" },
                    ],
                    "discriminator": { "propertyName": text, "mapping": { plain: "#/components/schemas/A" } },
                },
                "A": { "type": "object", "required": [text], "properties": { plain: { "type": "string" } } },
                "B": { "type": "object", "required": [text], "properties": { plain: { "type": "string" } } },
                plain: { "type": "object", "properties": { "a": { "type": "string", "description": text } } },
            },
            "securitySchemes": {
                plain: { "type": "apiKey", "in": "header", "name": text, "description": text },
            },
        },
        "security": [{ plain: [] }],
    });
    named.to_string()
}

/// The same with paths made of the text, which not every text can be.
fn with_paths(text: &str) -> String {
    let answers = serde_json::json!({ "200": { "description": "" } });
    serde_json::json!({
        "openapi": "3.0.3",
        "info": { "title": "t", "version": "1" },
        "paths": {
            format!("/{text}"): { "get": { "responses": answers } },
            format!("/a/{{{text}}}"): { "get": { "responses": answers, "parameters": [
                { "name": text, "in": "path", "required": true, "schema": { "type": "string" } },
            ] } },
            text: { "put": { "responses": answers } },
        },
        "components": { "schemas": { text: { "type": "string", "enum": [text] } } },
    })
    .to_string()
}

/// That the files stay inside the output folder, parse, and hold no item of the document's making.
fn check(files: &render::Files, text: &str) {
    for (path, file) in files.iter() {
        assert!(
            path.split('/').all(|part| !matches!(part, "" | "." | ".."))
                && !path.contains(['\\', '\0', ':']),
            "{path:?} for {text:?}"
        );
        if path.ends_with(".toml") {
            let parsed = file.text.parse::<toml::Table>();
            parsed.unwrap_or_else(|error| panic!("{path} for {text:?}: {error}"));
        }
        if !path.ends_with(".rs") {
            continue;
        }
        let parsed = syn::parse_file(&file.text)
            .unwrap_or_else(|error| panic!("{path} for {text:?}: {error}\n{}", file.text));
        let mut injected = Injected(false);
        syn::visit::visit_file(&mut injected, &parsed);
        assert!(!injected.0, "{path} for {text:?}:\n{}", file.text);
    }
}

/// Looks for what only the document could have made: functions with a body of nothing, and inner
/// attributes.
struct Injected(bool);

impl<'a> syn::visit::Visit<'a> for Injected {
    fn visit_item_fn(&mut self, item: &'a syn::ItemFn) {
        self.0 |= item.sig.ident == "injected" && item.block.stmts.is_empty();
        syn::visit::visit_item_fn(self, item);
    }

    fn visit_attribute(&mut self, attribute: &'a syn::Attribute) {
        self.0 |= attribute.path().is_ident("feature");
    }
}

#[test]
fn no_text_becomes_code_or_a_path() {
    let mut rendered = 0;
    for text in HARM {
        for stubs in [Stubs::Todo, Stubs::Example] {
            for document in [document(text), with_paths(text)] {
                let (_, files) = generate(document, stubs);
                check(&files, text);
                rendered += usize::from(files.iter().next().is_some());
            }
        }
    }
    assert!(rendered > HARM.len(), "most of them render: {rendered}");
}

#[test]
fn long_texts_are_texts() {
    let long = ("a", 20_000);
    let others = ["a-", "é", "\u{1f980}", "\"", "\n", "{", "A1"].map(|unit| (unit, 500));
    for (unit, count) in others.into_iter().chain([long]) {
        let text = unit.repeat(count);
        let begin = Instant::now();
        let (_, files) = generate(document(&text), Stubs::Todo);
        assert!(begin.elapsed() < BOUND, "{unit:?} {:?}", begin.elapsed());
        check(&files, &text[..unit.len()]);
    }
}

/// Far above what anything here takes: a bound against hanging, not a measurement.
const BOUND: Duration = Duration::from_secs(120);

fn yaml(rest: &str) -> String {
    format!("openapi: 3.1.0\ninfo: {{ title: a, version: '1' }}\npaths: {{}}\n{rest}")
}

fn json(rest: &str) -> String {
    format!(
        "{{\"openapi\":\"3.1.0\",\"info\":{{\"title\":\"a\",\"version\":\"1\"}},\"paths\":{{}},{rest}}}"
    )
}

#[test]
fn documents_of_nothing_end_soon() {
    let n = 2_000_000;
    let keys = |n: usize| {
        (0..n).fold(String::new(), |mut keys, i| {
            let _ = write!(keys, "\"k{i}\":1,");
            keys
        })
    };
    let laughs = (1..30).fold("x-0: &a0 [ha]\n".to_owned(), |mut lines, i| {
        let before = format!("*a{}", i - 1);
        let _ = writeln!(lines, "x-{i}: &a{i} [{}]", vec![before; 10].join(", "));
        lines
    });
    let aliases = format!(
        "x-a: &a {}\nx-b: [{}]",
        "b".repeat(100),
        "*a,".repeat(100_000)
    );
    let cases: Vec<(&str, String, &[&str])> = vec![
        ("spaces", " ".repeat(n), &["empty-document"]),
        ("newlines", "\n".repeat(n), &["empty-document"]),
        ("spaces behind", yaml(&" ".repeat(n)), &[]),
        (
            "one text",
            json(&format!("\"x-a\":\"{}\"", "a".repeat(n))),
            &[],
        ),
        ("a comment", yaml(&format!("#{}", "a".repeat(n))), &[]),
        ("brackets", "[".repeat(n), &["nested-too-deep"]),
        ("braces", "{\"a\":".repeat(n / 5), &["nested-too-deep"]),
        (
            "flow brackets",
            yaml(&format!("x-a: {}", "[".repeat(100_000))),
            &["nested-too-deep"],
        ),
        (
            "flow braces",
            yaml(&format!("x-a: {}", "{a: ".repeat(100_000))),
            &["nested-too-deep"],
        ),
        (
            "dashes",
            yaml(&format!("x-a:\n  {}", "- ".repeat(100_000))),
            &["nested-too-deep"],
        ),
        (
            "keys",
            json(&format!("\"x-a\":{{{}\"z\":1}}", keys(200_000))),
            &[],
        ),
        (
            "keys of the document",
            json(&format!("{}\"x-a\":1", keys(50_000))),
            &[],
        ),
        ("laughs", yaml(&laughs), &["too-many-aliases"]),
        ("aliases", yaml(&aliases), &["too-many-aliases"]),
        (
            "numbers",
            json("\"x-a\":[1e999,-1e999,1e-999,123456789012345678901234567890]"),
            &[],
        ),
        ("no numbers", yaml("x-a: [.inf, -.inf, .nan, NaN]"), &[]),
        (
            "a long number",
            json(&format!("\"x-a\":1{}", "0".repeat(n))),
            &["too-long"],
        ),
        ("zeros", "\0".repeat(1000), &["syntax"]),
    ];
    for (name, document, expected) in cases {
        let begin = Instant::now();
        let (codes, _) = generate(document, Stubs::Todo);
        assert!(begin.elapsed() < BOUND, "{name}: {:?}", begin.elapsed());
        let unlike = codes.iter().filter(|code| **code != "unknown-key");
        assert_eq!(unlike.copied().collect::<Vec<_>>(), expected, "{name}");
    }
}

#[test]
fn other_encodings_are_refused() {
    let mut utf16: Vec<u8> = yaml("").encode_utf16().flat_map(u16::to_le_bytes).collect();
    utf16.push(b'x');
    let cases: [(&[u8], &[&str]); 6] = [
        (b"\xff\xfeo\0p\0", &["not-openapi"]),
        (b"\xff\xfe\0\xd8o\0", &["not-utf8"]),
        (b"\0o\0p\xdc\0", &["not-utf8"]),
        (&utf16, &["not-utf8"]),
        (b"openapi: '\xc3\x28'", &["not-utf8"]),
        (b"\xef\xbb\xbf", &["empty-document"]),
    ];
    for (document, expected) in cases {
        assert_eq!(generate(document, Stubs::Todo).0, expected, "{document:?}");
    }
}

/// Schemas that grow with each step, or never end.
#[test]
fn schemas_without_end_have_one() {
    let chain = |n: usize, schema: &dyn Fn(usize) -> String| {
        (0..n)
            .map(|i| format!("\"S{i}\":{}", schema(i)))
            .collect::<Vec<_>>()
            .join(",")
    };
    let next = |i: usize| format!("{{\"$ref\":\"#/components/schemas/S{}\"}}", i + 1);
    let all = |n: usize| {
        let each = (0..n).map(|i| format!("{{\"$ref\":\"#/components/schemas/S{i}\"}}"));
        each.collect::<Vec<_>>().join(",")
    };
    let n = 2_000;
    let cases = [
        chain(n, &next),
        chain(n, &|i| {
            format!("{{\"$ref\":\"#/components/schemas/S{}\"}}", (i + 1) % n)
        }),
        chain(n, &|i| {
            format!("{{\"type\":\"array\",\"items\":{}}}", next(i))
        }),
        chain(n, &|i| {
            format!(
                "{{\"type\":\"array\",\"items\":{{\"$ref\":\"#/components/schemas/S{}\"}}}}",
                (i + 1) % n
            )
        }),
        chain(200, &|i| format!("{{\"allOf\":[{},{}]}}", next(i), next(i))),
        chain(30, &|i| {
            format!(
                "{{\"allOf\":[{},{}],\"properties\":{{\"a{i}\":{{}}}}}}",
                next(i),
                next(i)
            )
        }),
        chain(30, &|i| {
            format!(
                "{{\"oneOf\":[{},{}],\"properties\":{{\"a{i}\":{{}}}}}}",
                next(i),
                next(i)
            )
        }),
        chain(30, &|i| format!("{{\"anyOf\":[{},{}]}}", next(i), next(i))),
        // Everything combined of everything: more ways than anybody can walk.
        chain(30, &|_| format!("{{\"anyOf\":[{}]}}", all(30))),
        chain(30, &|_| format!("{{\"allOf\":[{}]}}", all(30))),
        chain(30, &|i| {
            format!(
                "{{\"oneOf\":[{}],\"discriminator\":{{\"propertyName\":\"a\"}},\"x\":{i}}}",
                all(30)
            )
        }),
        chain(30, &|i| {
            format!("{{\"properties\":{{\"$ref\":\"#/components/schemas\"}},\"x\":{i}}}")
        }),
        format!(
            "\"E\":{{\"enum\":[{}\"z\"]}}",
            (0..n).map(|i| format!("\"v{i}\",")).collect::<String>()
        ),
        format!(
            "\"E\":{{\"enum\":[{}\"z\"]}}",
            (1..500)
                .map(|i| format!("\"a{}\",", "-".repeat(i)))
                .collect::<String>()
        ),
    ];
    for schemas in cases {
        let document = format!(
            "{{\"openapi\":\"3.1.0\",\"info\":{{\"title\":\"a\",\"version\":\"1\"}},\"paths\":{{\"/a\":{{\"post\":{{\
             \"requestBody\":{{\"content\":{{\"application/json\":{{\"schema\":{{\"$ref\":\"#/components/schemas/S0\"}}}}}}}},\
             \"responses\":{{\"200\":{{\"description\":\"\",\"content\":{{\"application/json\":{{\"schema\":{{\"$ref\":\"#/components/schemas/S0\"}}}}}}}}}}}}}}}},\
             \"components\":{{\"schemas\":{{{schemas}}}}}}}"
        );
        let begin = &schemas[..schemas.len().min(120)];
        for stubs in [Stubs::Todo, Stubs::Example] {
            let started = Instant::now();
            let (_, files) = generate(document.as_str(), stubs);
            assert!(
                started.elapsed() < BOUND,
                "{begin}: {:?}",
                started.elapsed()
            );
            check(&files, begin);
        }
    }
}
