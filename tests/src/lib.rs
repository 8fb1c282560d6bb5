//! Requests for a service, made from the document that it serves.

pub mod probe;
