//! What an operation answers until its handler is written.

use serde_json::Value;

/// One answer of an operation, complete.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// Which of the operation's responses.
    pub response: usize,
    /// The status, where the response leaves it open.
    pub status: u16,
    /// The headers that have to be there, by their places among those of the response.
    pub headers: Vec<(usize, Value)>,
    pub body: Option<ExampleBody>,
}

/// What it says.
#[derive(Clone, Debug, PartialEq)]
pub enum ExampleBody {
    /// A value that the type of the response can be read from.
    Json(Value),
    /// Text as it is sent.
    Text(String),
}
