//! No input may panic the generator, hang it or take all memory.

use failsafe_generator::{
    diagnostic::{Diagnostic, Diagnostics},
    lower,
    spec::{File, Input, load},
};
use proptest::prelude::*;

/// Everything that happens before something is written.
fn read(bytes: Vec<u8>) {
    let mut document = match load(&Input::Stdin(bytes)) {
        Ok(document) => document,
        Err(failure) => return point_into(&failure.files, failure.diagnostics.iter()),
    };
    let mut found = Diagnostics::default();
    lower::check(&mut document, &mut found);
    let service = lower::lower(&document, &mut found);
    assert_eq!(service.is_none(), found.has_errors());
    point_into(&document.files, found.iter());
}

/// Places begin and end where characters do.
fn point_into<'a>(files: &[File], found: impl Iterator<Item = &'a Diagnostic>) {
    for place in found.filter_map(|it| it.location.as_ref()) {
        let text = &files[place.file.0 as usize].text;
        let span = place.span.start as usize..place.span.end as usize;
        assert!(text.get(span).is_some(), "{place:?} in {text:?}");
    }
}

fn document() -> &'static str {
    concat!(
        include_str!("../../specs/inventory.yaml"),
        "\nx-failsafe: { resiliency: { retry: { budget: { ratio: 0.1 } }, order: [timeout, retry] } }\n"
    )
}

/// Words that mean something to one part of the generator or another.
const WORDS: &[&str] = &[
    "null",
    "~",
    "{}",
    "[]",
    "false",
    "-1",
    "1e999",
    "'",
    "\"",
    "\n",
    "  ",
    "\t",
    ":",
    "- ",
    "&a ",
    "*a",
    "<<: ",
    "!!int ",
    "|",
    "#",
    "$ref: '#'",
    "$ref: '#/paths'",
    "type: [string, 'null']",
    "allOf: [{ $ref: '#/components/schemas/Inventory' }]",
    "x-retry: ",
    "x-ratelimit: { limit: 1/day }",
    "enabled: false",
    "name: a",
    "\u{feff}",
    "\u{0}",
    "\u{202e}",
    "é",
    "9999999999999999999999",
];

proptest! {
    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        read(bytes);
    }

    #[test]
    fn any_text_of_the_notations(text in "[\\[\\]{}:,\"'#&*!|>%@` \n\ta-c0-9\\\\é߉😀-]{0,200}") {
        read(text.clone().into_bytes());
        read(format!("openapi: 3.1.0\npaths:\n{text}").into_bytes());
        read(format!("{{\"openapi\":\"3.0.0\",\"paths\":{text}}}").into_bytes());
    }

    #[test]
    fn any_text_in_json(text in "[a-f0-9u\\\\\"/é߉😀\u{1}\n]{0,12}") {
        read(format!("{{\"openapi\":\"3.0.0\",\"{text}\":\"{text}\"}}").into_bytes());
        read(format!("{{\"openapi\":\"3.0.0\",\"x-a\":\"{text}").into_bytes());
    }

    #[test]
    fn a_document_with_something_elsewhere(
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..40usize, 0..WORDS.len()), 1..6)
    ) {
        let mut text: Vec<char> = document().chars().collect();
        for (at, removed, word) in edits {
            let from = at.index(text.len() + 1);
            let to = (from + removed).min(text.len());
            text.splice(from..to, WORDS[word].chars());
        }
        read(String::from_iter(text).into_bytes());
    }

    #[test]
    fn a_document_with_one_value_exchanged(
        line in any::<prop::sample::Index>(), word in 0..WORDS.len()
    ) {
        let mut lines: Vec<String> = document().lines().map(str::to_owned).collect();
        let at = line.index(lines.len());
        if let Some((key, _)) = lines[at].split_once(": ") {
            lines[at] = format!("{key}: {}", WORDS[word]);
            read(lines.join("\n").into_bytes());
        }
    }
}
