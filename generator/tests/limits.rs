//! Documents that ask for more than a machine has. The system bounds the memory and the processor
//! time of every run here: it ends with an answer, or the test fails.
#![cfg(unix)]

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs::{self, File},
    os::unix::fs::symlink,
    path::Path,
    process::Command,
};

/// KiB of address space.
const MEMORY: u32 = 2 << 20;

/// Seconds of a processor, for a binary that is not optimized.
const SECONDS: u32 = 240;

const MB: usize = 1_000_000;

/// Runs `failsafe` on a document, and says with which code it ended and which rules were broken.
#[track_caller]
fn run(spec: &Path, out: &Path) -> (i32, BTreeSet<String>) {
    let output = Command::new("sh")
        .args(["-c", "ulimit -v $0 && ulimit -t $1 && shift && exec \"$@\""])
        .args([MEMORY.to_string(), SECONDS.to_string()])
        .arg(env!("CARGO_BIN_EXE_failsafe"))
        .args(["generate", "--format", "json", "--stubs", "example"])
        .args([
            "--runtime",
            concat!("path:", env!("CARGO_MANIFEST_DIR"), "/../runtime"),
        ])
        .arg(spec)
        .arg("-o")
        .arg(out)
        .output()
        .expect("a shell");
    let words = String::from_utf8_lossy(&output.stderr);
    let code = output.status.code();
    let code = code.unwrap_or_else(|| panic!("{}: {words}", output.status));
    let told: serde_json::Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no answer: {words}"));
    let errors = told["diagnostics"].as_array().expect("a list").iter();
    let errors = errors.filter(|found| found["severity"] == "error");
    let codes = errors.map(|found| found["code"].as_str().expect("a code").to_owned());
    (code, codes.collect())
}

/// The same of a document that stands alone. No expected rule: it is generated.
#[track_caller]
fn ends(name: &str, document: impl AsRef<[u8]>, expected: &[&str]) {
    let dir = tempfile::tempdir().expect("a folder");
    let spec = dir.path().join("api.yaml");
    fs::write(&spec, document).expect("the document is written");
    let (code, found) = run(&spec, &dir.path().join("out"));
    let expected_code = i32::from(!expected.is_empty());
    let expected = expected.iter().map(|code| (*code).to_owned()).collect();
    assert_eq!((code, found), (expected_code, expected), "{name}");
}

fn yaml(rest: &str) -> String {
    format!("openapi: 3.1.0\ninfo: {{ title: a, version: '1' }}\npaths: {{}}\n{rest}")
}

fn json(rest: &str) -> String {
    format!(r#"{{"openapi":"3.1.0","info":{{"title":"a","version":"1"}},"paths":{{}},{rest}}}"#)
}

/// An operation that takes and gives the schema `S0`.
fn schemas(schemas: &str) -> String {
    format!(
        r##"{{"openapi":"3.1.0","info":{{"title":"a","version":"1"}},"paths":{{"/a":{{"post":{{
        "requestBody":{{"content":{{"application/json":{{"schema":{{"$ref":"#/components/schemas/S0"}}}}}}}},
        "responses":{{"200":{{"description":"","content":{{"application/json":
            {{"schema":{{"$ref":"#/components/schemas/S0"}}}}}}}}}}}}}}}},
        "components":{{"schemas":{{{schemas}}}}}}}"##
    )
}

fn paths(paths: &str) -> String {
    format!(r#"{{"openapi":"3.1.0","info":{{"title":"a","version":"1"}},"paths":{{{paths}}}}}"#)
}

/// So many pieces of text with commas between them.
fn list(count: usize, piece: impl Fn(usize) -> String) -> String {
    let mut out = String::new();
    for index in 0..count {
        let comma = if index > 0 { "," } else { "" };
        let _ = write!(out, "{comma}{}", piece(index));
    }
    out
}

#[test]
fn a_hundred_megabytes_of_nothing() {
    ends("spaces", " ".repeat(100 * MB), &["empty-document"]);
    ends("newlines", "\n".repeat(100 * MB), &["empty-document"]);
    ends("zeros", "\0".repeat(100 * MB), &["syntax"]);
    ends(
        "a comment",
        yaml(&format!("#{}", "a".repeat(100 * MB))),
        &[],
    );
}

#[test]
fn one_huge_thing() {
    let long = "a".repeat(20 * MB);
    ends("a text", json(&format!(r#""x-a":"{long}""#)), &["too-long"]);
    ends("a plain text", yaml(&format!("x-a: {long}")), &["too-long"]);
    ends("a key", json(&format!(r#""x-{long}":1"#)), &["too-long"]);
    ends("a plain key", yaml(&format!("x-{long}: 1")), &["syntax"]);
    let digits = "1".repeat(MB);
    ends(
        "a number",
        json(&format!(r#""x-a":{digits}"#)),
        &["too-long"],
    );
    ends(
        "a plain number",
        yaml(&format!("x-a: 0.{digits}")),
        &["too-long"],
    );
    let title = json("").replace(r#""a""#, &format!(r#""{}""#, "a".repeat(10 * MB)));
    ends("a title", title.replace(",}", "}"), &[]);
}

#[test]
fn numbers_beyond_every_type() {
    let digits = "1".repeat(400);
    let numbers = ["1e999999", "-1e999999", "1e-999999", "-0", "1e40", &digits];
    let keywords = ["minimum", "maximum", "multipleOf", "minLength", "maxItems"];
    let mut properties = Vec::new();
    for number in numbers {
        for keyword in keywords {
            for ty in ["integer", "number", "string", "array"] {
                properties.push(format!(
                    r#""p{}":{{"type":"{ty}","{keyword}":{number},"default":{number},"example":{number}}}"#,
                    properties.len()
                ));
            }
        }
    }
    let dir = tempfile::tempdir().expect("a folder");
    let spec = dir.path().join("api.json");
    let document = schemas(&format!(
        r#""S0":{{"properties":{{{}}}}}"#,
        properties.join(",")
    ));
    fs::write(&spec, document).expect("the document is written");
    // What it says is not the point here.
    run(&spec, &dir.path().join("out"));
}

#[test]
fn a_million_of_everything() {
    let million = |piece: fn(usize) -> String| list(1_000_000, piece);
    let text = |i: usize| format!(r#""v{i}""#);
    let path = |i: usize| format!(r#""/p{i}":{{}}"#);
    let cases = [
        ("paths", paths(&million(path))),
        (
            "enum",
            schemas(&format!(r#""S0":{{"enum":[{}]}}"#, million(text))),
        ),
        (
            "required",
            schemas(&format!(r#""S0":{{"required":[{}]}}"#, million(text))),
        ),
        (
            "properties",
            schemas(&format!(
                r#""S0":{{"properties":{{{}}}}}"#,
                million(|i| format!(r#""p{i}":{{}}"#))
            )),
        ),
        (
            "oneOf",
            schemas(&format!(
                r#""S0":{{"oneOf":[{}]}}"#,
                million(|_| "{}".to_owned())
            )),
        ),
        ("schemas", schemas(&million(|i| format!(r#""S{i}":{{}}"#)))),
        ("tags", json(&format!(r#""tags":[{}]"#, million(text)))),
        (
            "servers",
            json(&format!(r#""servers":[{}]"#, million(text))),
        ),
    ];
    for (name, document) in cases {
        ends(name, document, &["too-many-entries"]);
    }
    let methods = ["get", "put", "post", "delete", "patch"];
    let operations = list(30_000, |i| {
        let each = methods.map(|method| format!(r#""{method}":{{}}"#));
        format!(r#""/p{i}":{{{}}}"#, each.join(","))
    });
    ends("operations", paths(&operations), &["too-many-operations"]);
    let zeros = "0,".repeat(5 * MB);
    ends(
        "values",
        json(&format!(r#""x-a":[{zeros}0]"#)),
        &["too-many-values"],
    );
    ends(
        "plain values",
        yaml(&format!("x-a: [{zeros}0]")),
        &["too-many-values"],
    );
    let again = list(1_000_000, |_| r#""x-a":1"#.to_owned());
    ends("keys twice", json(&again), &["duplicate-key"]);
}

#[test]
fn aliases_without_end() {
    let laughs = (1..30).fold("x-0: &a0 [ha]\n".to_owned(), |mut lines, i| {
        let before = vec![format!("*a{}", i - 1); 10].join(", ");
        let _ = writeln!(lines, "x-{i}: &a{i} [{before}]");
        lines
    });
    let merges = (1..3_000).fold("x-0: &a0 {a: 1}\n".to_owned(), |mut lines, i| {
        let before = vec![format!("*a{}", i - 1); 10].join(", ");
        let _ = writeln!(lines, "x-{i}: &a{i} {{<<: [{before}], k{i}: 1}}");
        lines
    });
    let million = format!("x-a: &a [b]\nx-b: [{}]", "*a,".repeat(1_000_000));
    let nested = (0..120).fold("x-a: ".to_owned(), |text, i| format!("{text}&a{i} ["))
        + &"b".repeat(100_000)
        + &"]".repeat(120);
    for (name, rest) in [
        ("laughs", laughs),
        ("merges", merges),
        ("a million", million),
        ("anchors inside anchors", nested),
    ] {
        ends(name, yaml(&rest), &["too-many-aliases"]);
    }
}

/// Twenty thousand schemas that lead from one to the next, or in a circle.
#[test]
fn references_without_end() {
    let n = 20_000;
    let to = |i: usize| format!(r##"{{"$ref":"#/components/schemas/S{i}"}}"##);
    let chain = |end: usize, schema: &dyn Fn(usize) -> String| {
        schemas(&list(n, |i| format!(r#""S{i}":{}"#, schema((i + 1) % end))))
    };
    ends(
        "a ring",
        chain(n, &to),
        &["recursive-schema", "reference-chain"],
    );
    let items = |i: usize| format!(r#"{{"type":"array","items":{}}}"#, to(i));
    ends("a ring of lists", chain(n, &items), &[]);
    let dangling = chain(n + 1, &to);
    ends(
        "a chain",
        dangling,
        &["reference-chain", "unknown-reference"],
    );
}

#[test]
fn what_is_named_as_a_file_may_be_none() {
    let dir = tempfile::tempdir().expect("a folder");
    let at = |name: &str| dir.path().join(name);
    fs::create_dir(at("folder")).expect("a folder");
    assert!(
        Command::new("mkfifo")
            .arg(at("pipe"))
            .status()
            .expect("mkfifo")
            .success()
    );
    symlink(at("loop"), at("loop")).expect("a link");
    symlink("/dev/zero", at("zeros")).expect("a link");
    symlink("/proc/kmsg", at("kernel")).expect("a link");
    File::create(at("huge"))
        .and_then(|file| file.set_len(1 << 40))
        .expect("a file of holes");
    for (name, expected) in [
        ("folder", "file-is-directory"),
        ("pipe", "file-not-regular"),
        ("zeros", "file-not-regular"),
        ("loop", "file-unreadable"),
        ("kernel", "empty-document"),
        ("huge", "file-too-large"),
        ("missing", "file-missing"),
    ] {
        if name == "kernel" && !Path::new("/proc/kmsg").exists() {
            continue;
        }
        let answer = (1, BTreeSet::from([expected.to_owned()]));
        assert_eq!(run(&at(name), &at("out")), answer, "the document: {name}");
        let referring = schemas(&format!(r#""S0":{{"$ref":"{name}"}}"#));
        fs::write(at("api.json"), referring).expect("the document is written");
        assert_eq!(
            run(&at("api.json"), &at("out")),
            answer,
            "a reference: {name}"
        );
    }
}

/// Files that refer to each other, every one to the next and to the first.
#[test]
fn many_files() {
    let dir = tempfile::tempdir().expect("a folder");
    let n = 2_000;
    for i in 0..n {
        let next = (i + 1) % n;
        let schema = format!(
            r#"{{"type":"object","properties":{{"next":{{"$ref":"s{next}.json"}},"first":{{"$ref":"./s0.json"}}}}}}"#
        );
        fs::write(dir.path().join(format!("s{i}.json")), schema).expect("a schema is written");
    }
    let spec = dir.path().join("api.json");
    fs::write(&spec, schemas(r#""S0":{"$ref":"s0.json"}"#)).expect("the document is written");
    assert_eq!(run(&spec, &dir.path().join("out")), (0, BTreeSet::new()));
}
