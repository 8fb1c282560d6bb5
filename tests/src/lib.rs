//! What the tests of whole services share: generating and compiling them, starting them, talking
//! to them.

pub mod http;
pub mod paths;
pub mod probe;
mod server;
mod tree;

pub use server::Server;
pub use tree::{Tree, failsafe, files, generate};
