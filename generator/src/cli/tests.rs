use std::{path::Path, sync::Arc};

use clap::{CommandFactory, Parser};

use super::{
    args::{Args, Command},
    check,
    excerpt::{Mark, Position, Sources, show},
};
use crate::{
    diagnostic::{Diagnostics, Location},
    ir::ProtectionType,
    lower,
    options::{Options, Runtime, Telemetry},
    spec::{File, FileId, Input, Span, load},
};

#[test]
fn the_command_line_is_well_formed() {
    Args::command().debug_assert();
}

/// The options of a run, and what is said beside them.
fn options(document: &str, words: &[&str]) -> (Options, Vec<String>) {
    let words = [&["failsafe", "generate", "api.yaml"], words].concat();
    let Command::Generate(args) = Args::try_parse_from(words)
        .expect("a good command line")
        .command
    else {
        panic!("another command");
    };
    let document = load(&Input::Stdin(document.into())).expect("a good document");
    let mut diagnostics = Diagnostics::default();
    let service = lower::lower(&document, &mut diagnostics).expect("a good document");
    let options = args.choices().with(&service, &mut diagnostics);
    (
        options,
        diagnostics
            .iter()
            .map(|found| found.message.clone())
            .collect(),
    )
}

#[test]
fn the_command_line_wins_over_the_document_and_that_over_the_defaults() {
    let bare = "{openapi: 3.1.0, info: {}, paths: {}}";
    assert_eq!(options(bare, &[]).0, Options::default());

    let document = "
openapi: 3.1.0
info: { title: Stock, version: 7 }
x-telstra:
  otel: { endpoint: 'http://collector:4318' }
  controller: { enabled: false, prefix: /control }
  protection: { type: full }
paths: {}
";
    let (said, notes) = options(document, &[]);
    assert_eq!(
        said,
        Options {
            app_name: "Stock".to_owned(),
            app_version: "7".to_owned(),
            otel_endpoint: "http://collector:4318".to_owned(),
            controlplane: false,
            controlplane_prefix: "/control".to_owned(),
            protection_type: ProtectionType::Full,
            ..Options::default()
        }
    );
    assert_eq!(notes, ["the protection type `full` has no effect yet"]);

    let words = [
        "--app-name=Shop",
        "--app-version=8",
        "--otel-endpoint=https://elsewhere",
        "--controlplane",
        "--protection-type=ingress",
        "--telemetry=prometheus",
    ];
    let (chosen, _) = options(document, &words);
    assert_eq!(
        chosen,
        Options {
            app_name: "Shop".to_owned(),
            app_version: "8".to_owned(),
            otel_endpoint: "https://elsewhere".to_owned(),
            controlplane_prefix: "/control".to_owned(),
            telemetry: Telemetry::Prometheus,
            ..Options::default()
        }
    );
}

#[test]
fn a_document_may_turn_telemetry_off() {
    let document = "
openapi: 3.1.0
info: { title: Stock, version: '1' }
x-failsafe: { otel: { enabled: false } }
paths: {}
";
    assert_eq!(options(document, &[]).0.telemetry, Telemetry::None);
    assert_eq!(
        options(document, &["--telemetry", "Otel"]).0.telemetry,
        Telemetry::Otel
    );
}

#[test]
fn pairs_of_flags_override_each_other() {
    let document = "{openapi: 3.1.0, info: {}, paths: {}}";
    let protection = |words: &[&str]| options(document, words).0.protection;
    assert!(protection(&[]));
    assert!(!protection(&["--no-protection"]));
    assert!(protection(&["--no-protection", "--protection"]));
    let controlplane = |words: &[&str]| options(document, words).0.controlplane;
    assert!(controlplane(&[]));
    assert!(!controlplane(&["--controlplane", "--no-controlplane"]));
}

#[test]
fn runtimes_are_told_apart() {
    assert_eq!(check::runtime("Bundled"), Ok(Runtime::Bundled));
    assert_eq!(
        check::runtime("path:../runtime"),
        Ok(Runtime::Path("../runtime".to_owned()))
    );
    assert_eq!(
        check::runtime("version:0.1"),
        Ok(Runtime::Version("0.1".to_owned()))
    );
    for bad in ["", "path:", "version:", "version:latest", "git:somewhere"] {
        assert!(check::runtime(bad).is_err(), "{bad}");
    }
}

/// The path stands in the service's manifest, so it is seen from there.
#[test]
fn a_path_to_the_runtime_is_seen_from_the_service() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let runtime = dir.path().join("vendor/runtime");
    std::fs::create_dir_all(&runtime).expect("the directory is made");
    std::fs::write(runtime.join("Cargo.toml"), "").expect("the manifest is written");
    let runtime = runtime.to_str().expect("a path in Unicode");
    let path = |out: &str| check::runtime_path(runtime, &dir.path().join(out));
    assert_eq!(path("out/svc"), Ok("../../vendor/runtime".to_owned()));
    assert_eq!(path("vendor/svc"), Ok("../runtime".to_owned()));
    assert!(check::runtime_path("nowhere", Path::new("svc")).is_err());
}

#[test]
fn names_that_cargo_would_refuse_are_refused() {
    for good in ["service", "my-service", "a_b", "x1", "tests", "async-api"] {
        assert_eq!(check::package_name(good).as_deref(), Ok(good));
    }
    for bad in [
        "", "Stock", "a--b", "a_", "1x", "-x", "a b", "a/b", "a.b", "é", "fn", "crate", "self",
        "test", "std",
    ] {
        assert!(check::package_name(bad).is_err(), "{bad}");
    }
    assert!(check::package_name(&"x".repeat(65)).is_err());
}

/// A file of a text, and a place in it.
fn place(text: &str, start: usize, end: usize) -> (Vec<File>, Location) {
    let (name, root) = ("api.yaml".into(), load_root());
    let narrow = |offset: usize| u32::try_from(offset).expect("a short text");
    let span = Span {
        start: narrow(start),
        end: narrow(end),
    };
    (
        vec![File {
            name,
            text: Arc::new(text.to_owned()),
            root,
            base: 0,
        }],
        Location {
            file: FileId(0),
            span,
            pointer: Arc::from(""),
        },
    )
}

fn load_root() -> crate::spec::Node {
    let document = load(&Input::Stdin(b"{openapi: 3.1.0}".to_vec())).expect("a document");
    document.root().node().clone()
}

#[test]
fn columns_are_characters() {
    let text = "über:\r\n  größe: 1\r\n";
    let at = text.find('1').expect("it is there");
    let (files, location) = place(text, at, at + 1);
    let sources = Sources::new(&files);
    assert_eq!(
        sources.start(&location),
        Position {
            line: 2,
            column: 10
        }
    );
    assert_eq!(
        sources.end(&location),
        Position {
            line: 2,
            column: 11
        }
    );
}

#[test]
fn the_end_of_a_text_is_a_place() {
    for text in ["", "a", "a\n", "a\r\n"] {
        let (files, location) = place(text, text.len(), text.len());
        let sources = Sources::new(&files);
        assert_eq!(
            sources.start(&location).line,
            1 + text.matches('\n').count(),
            "{text:?}"
        );
    }
}

/// What is shown of a place, without the colours.
fn shown(text: &str, range: std::ops::Range<usize>) -> String {
    let (files, location) = place(text, range.start, range.end);
    let mut out = String::new();
    let mark = Mark {
        location: &location,
        caret: '^',
        style: anstyle::Style::new(),
        label: "here",
    };
    show(&mut out, &Sources::new(&files), &mark, 1);
    anstream::adapter::strip_str(&out).to_string()
}

#[test]
fn a_place_is_marked_below_its_line() {
    assert_eq!(
        shown("a: b\nkey: value\n", 10..15),
        "2 | key: value\n  |      ^^^^^ here\n"
    );
    // Only the first line of several.
    assert_eq!(shown("a: |\n  b\n", 3..9), "1 | a: |\n  |    ^ here\n");
    assert_eq!(shown("", 0..0), "1 | \n  | ^ here\n");
    // A tab is as wide as it is shown, and so is a character of two columns.
    assert_eq!(shown("\ta: b", 4..5), "1 |     a: b\n  |        ^ here\n");
    assert_eq!(shown("漢: b", 5..6), "1 | 漢: b\n  |     ^ here\n");
    // Nothing steers the terminal.
    assert_eq!(
        shown("a: \u{1b}[2J", 3..4),
        "1 | a: \u{fffd}[2J\n  |    ^ here\n"
    );
}

#[test]
fn long_lines_are_cut_around_the_place() {
    let text = format!("{}MARK{}", "x".repeat(500), "y".repeat(10_000_000));
    let out = shown(&text, 500..504);
    let (line, mark) = out.split_once('\n').expect("two lines");
    assert!(line.len() < 150, "{}", line.len());
    assert_eq!(line.find("MARK"), mark.find('^'));
    assert!(
        line.starts_with("1 | ... x") && line.ends_with("y ..."),
        "{line}"
    );

    let text = format!("{}END", "ü".repeat(5_000_000));
    let out = shown(&text, text.len() - 3..text.len());
    let (line, mark) = out.split_once('\n').expect("two lines");
    assert!(line.ends_with("üEND"), "{line}");
    assert_eq!(
        line.chars().count(),
        mark.trim_end_matches(" here\n").chars().count()
    );
}
