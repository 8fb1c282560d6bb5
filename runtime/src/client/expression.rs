//! What the runtime expressions of callbacks name in a request or an answer.
//!
//! Generated code puts a URL together out of the parts of an expression.

use serde::Serialize;
use serde_json::Value;

use super::write::plain;

/// The text at a JSON pointer of a body; `""` for the whole of it. `None` where there is nothing.
///
/// ```
/// use failsafe_runtime::client::pointed;
///
/// let body = serde_json::json!({ "events": { "url": "https://example.com/hook" } });
/// assert_eq!(pointed(&body, "/events/url").as_deref(), Some("https://example.com/hook"));
/// assert_eq!(pointed(&body, "/events/other"), None);
/// ```
#[must_use]
pub fn pointed<T: Serialize + ?Sized>(body: &T, pointer: &str) -> Option<String> {
    let body = serde_json::to_value(body).ok()?;
    match body.pointer(pointer)? {
        Value::Null => None,
        value => Some(plain(value)),
    }
}
