//! The document as the service shows it: in one file, with the refusals that its policies can
//! answer, and without the extensions that are for the generator alone.

mod beside;
mod bundle;
mod nulls;
mod operations;
mod paths;
mod ranges;
mod refusals;
mod servers;
mod tags;
#[cfg(test)]
mod tests;

use crate::{ir::Api, spec::Document};

/// The document as JSON.
pub(super) fn document(document: &Document, base_path: &str, apis: &[Api]) -> String {
    let mut root = bundle::bundle(document);
    operations::retain(&mut root, apis);
    servers::replace(&mut root, base_path, apis);
    refusals::declare(&mut root, apis);
    // Last: until here the keys are those of the operations.
    paths::simplify(&mut root, apis);
    let written: usize = document.files.iter().map(|file| file.text.len()).sum();
    // Mostly indentation comes on top. What grows step by step is copied at each of them.
    let mut text = Vec::with_capacity(written * 2);
    serde_json::to_writer_pretty(&mut text, &root).expect("a JSON value is JSON");
    text.push(b'\n');
    String::from_utf8(text).expect("JSON is UTF-8")
}
