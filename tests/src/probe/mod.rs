//! For every operation of a document a request that fits it and one that does not.

mod pattern;
mod request;
mod value;

pub use request::{Probe, Request, probes};
pub use value::{Document, fitting};
