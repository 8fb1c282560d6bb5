//! What OpenAPI says of each feature, asked of a running service: a request, and the typed values
//! that its handler gets or the violation that it is refused with.
//!
//! One document an area, in `specs/conformance`, with one path a feature.

mod basics;
mod contents;
mod forms;
mod methods;
mod names;
mod outgoing;
mod parameters;
mod paths;
mod references;
mod schemas;
mod security;
