//! Text to positioned nodes: files, references, and the resilience extensions as written.

mod at;
mod bounds;
mod collect;
mod edit;
mod json;
mod links;
mod load;
mod node;
mod object;
mod overlay;
mod parse;
pub(crate) mod plain;
mod reference;
mod resolve;
mod scalars;
mod source;
mod tabs;
mod version;
mod yaml;

pub use at::{At, Document, File};
pub use edit::{Change, Edit};
pub use load::{LoadFailure, load, load_with};
pub use node::{Entry, FileId, Kind, Node, Number, Span};
pub use object::Object;
pub use source::{Input, read_stdin};
pub use version::OpenApiVersion;

#[cfg(test)]
mod tests;

/// The value of a text in YAML; none where it has none, or a key that is there twice.
pub(crate) fn yaml_value(text: &str) -> Option<Node> {
    let mut tally = bounds::Tally::after(0);
    let node = yaml::parse(text, &mut tally).ok()?;
    tally.duplicates.is_empty().then_some(node)
}
