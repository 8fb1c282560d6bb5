//! What the other side said.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use super::error::CallError;
use crate::service::body::read;
use crate::service::headers::asked_back;

/// An answer, read to its end.
#[derive(Clone)]
pub struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body as it came.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.body
    }

    /// The body as text; what is no UTF-8 is replaced.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Errors
    ///
    /// When it is no JSON, or none of this type.
    pub fn json<T: DeserializeOwned>(self) -> Result<T, CallError> {
        read(&self.body).map_err(|source| CallError::Unreadable {
            source,
            answer: Box::new(self),
        })
    }

    /// The error for a status that the document does not declare.
    #[must_use]
    pub fn undeclared(self) -> CallError {
        CallError::Undeclared(Box::new(self))
    }

    /// How long the other side asks to be left alone, by `Retry-After` in seconds or by a date, which
    /// counts from the answer's own `Date` where it has one.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        asked_back(&self.headers)
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("headers", &self.headers)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish()
    }
}
