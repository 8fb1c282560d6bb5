//! The service in the generator's own words.
//!
//! Plain data: every name a finished Rust name, every default filled in, every node with the
//! place where it was written. Knows neither OpenAPI nor templates.

mod content;
mod example;
mod header;
mod model;
mod operation;
mod outgoing;
mod policy;
mod schema;
mod security;
mod service;

pub use content::*;
pub use example::*;
pub use header::*;
pub use model::*;
pub use operation::*;
pub use outgoing::*;
pub use policy::*;
pub use schema::*;
pub use security::*;
pub use service::*;
