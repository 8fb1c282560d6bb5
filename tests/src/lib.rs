//! What the tests of whole services share: generating and compiling them, starting them, talking
//! to them.

pub mod corpus;
mod echo;
pub mod http;
mod listener;
mod mirror;
pub mod paths;
pub mod probe;
mod server;
mod tree;

pub use echo::{Echo, Outcome, Violation, request};
pub use listener::{Heard, Listener};
pub use mirror::{mirror, same};
pub use server::Server;
pub use tree::{Tree, failsafe, files, generate};
