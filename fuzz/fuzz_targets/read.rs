//! Text to positioned nodes, every reference in them followed, everything that is wrong found and
//! put into words.

#![no_main]

use std::path::Path;

use failsafe_generator::{
    Outcome, Timings, cli,
    diagnostic::Diagnostics,
    lower,
    spec::{self, At, Input},
};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    failsafe_fuzz::mutate(data, size, max_size, seed)
});

fuzz_target!(|data: &[u8]| {
    let mut diagnostics = Diagnostics::default();
    let files = match spec::load(&Input::Stdin(data.to_vec())) {
        Ok(mut document) => {
            walk(&document.root());
            diagnostics.extend(std::mem::take(&mut document.problems));
            lower::check(&mut document, &mut diagnostics);
            document.files
        }
        Err(failure) => {
            assert!(!failure.diagnostics.is_empty(), "a failure has a reason");
            diagnostics.extend(failure.diagnostics);
            failure.files
        }
    };
    for found in diagnostics.iter() {
        let Some(place) = &found.location else {
            continue;
        };
        let text = &files[place.file.0 as usize].text;
        let span = place.span.start as usize..place.span.end as usize;
        assert!(text.get(span).is_some(), "{found:?} points into the text");
    }
    let outcome = Outcome {
        files,
        diagnostics,
        done: None,
        edited: Vec::new(),
        timings: Timings::default(),
    };
    let words = cli::human(&outcome, Path::new("out"));
    let is_hidden = |c: char| c.is_control() && !matches!(c, '\n' | '\u{1b}');
    assert!(!words.contains(is_hidden), "{words:?}");
});

fn walk(at: &At<'_>) {
    assert!(at.node().span.start <= at.node().span.end);
    if at.reference().is_some() {
        let _ = at.resolve();
    }
    at.entries().for_each(|(_, member)| walk(&member));
    at.items().for_each(|item| walk(&item));
}
