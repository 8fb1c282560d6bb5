//! What a document says about one operation, as far as the runtime has to know it.

use http::Method;

#[cfg(feature = "security")]
use super::security::Requirement;
use super::when::When;

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
    /// Media types of the body, in the order in which [`Call::content`](super::Call::content)
    /// counts them; any other one is refused with 415. Empty: what the reader of the body takes.
    pub consumes: &'static [&'static str],
    /// Media types of the answers; a request whose `Accept` excludes them all is refused with
    /// 406. Empty: whatever the request accepts is fine.
    pub produces: &'static [&'static str],
    /// Who may call it: any of these alternatives. Empty: everybody.
    #[cfg(feature = "security")]
    pub security: &'static [Requirement],
    /// The path as the router matches it, where that is not `path` letter by letter.
    pub matching: Option<&'static str>,
    /// What a request has to bring to mean this operation and no other one with its method and
    /// path. Empty: nothing.
    pub when: &'static [When],
    /// The path under which it is, if that is not the one of all operations.
    pub base_path: Option<&'static str>,
}

impl Operation {
    /// An operation that answers with any media type.
    #[must_use]
    pub const fn new(id: &'static str, method: Method, path: &'static str) -> Operation {
        Operation {
            id,
            method,
            path,
            consumes: &[],
            produces: &[],
            #[cfg(feature = "security")]
            security: &[],
            matching: None,
            when: &[],
            base_path: None,
        }
    }

    /// Sets the media types of the body. Without any, only an operation of
    /// [`Routes::streamed`](super::Routes::streamed) has a body, and that is JSON.
    #[must_use]
    pub const fn consumes(mut self, media_types: &'static [&'static str]) -> Operation {
        self.consumes = media_types;
        self
    }

    /// Sets the path that the router matches, where the document writes it in another way:
    /// `/{bucket}/{*key}` for `/{bucket}/{key+}`. [`Routes`](super::Routes) says what it may hold.
    #[must_use]
    pub const fn matching(mut self, template: &'static str) -> Operation {
        self.matching = Some(template);
        self
    }

    /// Sets the signs by which a request means this operation.
    #[must_use]
    pub const fn when(mut self, signs: &'static [When]) -> Operation {
        self.when = signs;
        self
    }

    /// Sets a base path of its own, in place of that of [`Routes`](super::Routes::base_path).
    #[must_use]
    pub const fn under(mut self, base_path: &'static str) -> Operation {
        self.base_path = Some(base_path);
        self
    }

    /// The path for the router.
    pub(super) fn template(&self) -> &'static str {
        self.matching.unwrap_or(self.path)
    }

    /// Sets the media types of the answers.
    #[must_use]
    pub const fn produces(mut self, media_types: &'static [&'static str]) -> Operation {
        self.produces = media_types;
        self
    }

    /// Says who may call it: whoever meets one of the alternatives.
    #[cfg(feature = "security")]
    #[must_use]
    pub const fn secured_by(mut self, alternatives: &'static [Requirement]) -> Operation {
        self.security = alternatives;
        self
    }
}
