//! The document as the service shows it: in one file, with the refusals that its policies can
//! answer, and without the extensions that are for the generator alone.

mod beside;
mod bundle;
mod headers;
mod nulls;
mod operations;
mod paths;
mod ranges;
mod refusals;
mod servers;
mod tags;
#[cfg(test)]
mod tests;

pub(super) use bundle::{bundle, in_one_file};

use serde_json::Value;

use crate::ir::Api;

/// Makes of the bundled document what is served.
pub(super) fn finish(mut root: Value, base_path: &str, apis: &[Api]) -> Value {
    operations::retain(&mut root, apis);
    servers::replace(&mut root, base_path, apis);
    refusals::declare(&mut root, apis);
    // Last: until here the keys are those of the operations.
    paths::simplify(&mut root, apis);
    root
}
