//! What a document says about one operation, as far as the runtime has to know it.

use http::Method;

/// One operation of the document. Generated code holds one `static` each.
///
/// ```
/// use failsafe_runtime::service::{Method, Operation};
///
/// static GET_INVENTORY: Operation =
///     Operation::new("getInventory", Method::GET, "/inventories/{inventoryId}");
/// ```
#[derive(Debug)]
pub struct Operation {
    /// The document's `operationId`, or the name made up for it.
    pub id: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path template, letter by letter as in the document: `/inventories/{inventoryId}`.
    pub path: &'static str,
    /// Media types of the answers; a request whose `Accept` excludes them all is refused with
    /// 406. Empty: whatever the request accepts is fine.
    pub produces: &'static [&'static str],
}

impl Operation {
    /// An operation that answers with any media type.
    #[must_use]
    pub const fn new(id: &'static str, method: Method, path: &'static str) -> Operation {
        Operation {
            id,
            method,
            path,
            produces: &[],
        }
    }

    /// Sets the media types of the answers.
    #[must_use]
    pub const fn produces(mut self, media_types: &'static [&'static str]) -> Operation {
        self.produces = media_types;
        self
    }
}
