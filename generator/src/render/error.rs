//! Why a tree could not be rendered.

use std::fmt::Write as _;

use crate::diagnostic::Diagnostic;

/// A fault of the generator, but for templates of the person's: a document that has been lowered
/// cannot cause one.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    #[error("templates of the person's are at fault")]
    Own(Vec<Diagnostic>),
    #[error("{}", describe(.0))]
    Template(#[from] minijinja::Error),
    #[error("file is rendered twice: {0}")]
    Twice(String),
    #[error("path of a rendered file leaves the tree: {0}")]
    Outside(String),
    #[error("{file} of the runtime cannot be bundled: {reason}")]
    Bundle { file: String, reason: String },
    #[error("rendered Rust does not parse: {0}")]
    Rust(#[from] syn::Error),
}

/// minijinja keeps the reason of a failed filter in the chain of sources.
fn describe(error: &minijinja::Error) -> String {
    let mut text = format!("template does not render: {error}");
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        // Writing to a String cannot fail.
        let _ = write!(text, ": {cause}");
        source = cause.source();
    }
    text
}
