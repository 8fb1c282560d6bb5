//! For every operation of a document a request that fits it and one that does not.

mod body;
mod complaint;
mod credentials;
mod ends;
mod form;
mod pattern;
mod request;
mod scalar;
mod value;

pub use complaint::Complaint;
pub use request::{Probe, Request, probes};
pub use value::{Document, Extent, fitting};
