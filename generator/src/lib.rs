//! From an OpenAPI document to a complete, protected axum service.
//!
//! Data flows one way: [`spec`] reads text into positioned nodes, `lower` finds every problem and
//! makes the [`ir`], `render` turns that into files in memory, `write` puts them on the disk.

pub mod diagnostic;
pub mod ir;
pub mod lower;
pub mod options;
pub mod render;
pub mod spec;
pub mod write;
