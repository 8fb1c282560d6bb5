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
    let mut text = serde_json::to_string_pretty(&root).expect("a JSON value is JSON");
    text.push('\n');
    text
}
