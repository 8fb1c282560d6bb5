//! Text to positioned nodes: files, references, and the resilience extensions as written.

mod at;
mod node;

pub use at::{At, Document, File};
pub use node::{Entry, FileId, Kind, Node, Number, Span};
