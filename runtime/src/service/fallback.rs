//! What is answered in place of a call that failed.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};

use super::answer;
use super::headers;
use crate::FailureKind;

/// With what a fallback answers.
#[derive(Debug, Clone)]
pub enum Instead {
    /// Always with the same.
    Constant(Constant),
    /// With what the handler's [fallback](super::Handler::or_else) answers; while that is not
    /// written, or fails itself, the failure stands.
    Handler,
    /// With the last good answer that the operation's cache has for the same question, however
    /// old; where it has none, the failure stands.
    #[cfg(feature = "cache")]
    LastGood,
}

impl Instead {
    /// A status and a body.
    ///
    /// # Panics
    ///
    /// If the status has not three digits, which the generator sees to.
    #[must_use]
    pub fn body(status: u16, media_type: &'static str, body: &'static str) -> Instead {
        Instead::Constant(Constant {
            status: answer::status(status),
            content: Some((media_type, body)),
        })
    }

    /// A status without a body.
    ///
    /// # Panics
    ///
    /// If the status has not three digits, which the generator sees to.
    #[must_use]
    pub fn status(status: u16) -> Instead {
        Instead::Constant(Constant {
            status: answer::status(status),
            content: None,
        })
    }
}

/// An answer that is always the same.
#[derive(Debug, Clone)]
pub struct Constant {
    status: StatusCode,
    content: Option<(&'static str, &'static str)>,
}

impl Constant {
    pub(super) fn response(&self) -> Response {
        let Some((media_type, body)) = self.content else {
            return answer::empty(self.status);
        };
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status;
        let media_type = HeaderValue::from_static(media_type);
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, media_type);
        response
    }
}

/// Says that an answer is not the one that was asked for.
pub(super) fn marked(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(headers::FALLBACK, HeaderValue::from_static("true"));
    response
}

/// A call that failed, as a handler's fallback is told of it.
///
/// The cause is in the log. It is not told, since what is answered must not depend on it.
#[derive(Debug, Clone, Copy)]
pub struct FailedCall {
    pub(super) kind: FailureKind,
    pub(super) status: StatusCode,
    pub(super) refused_by: Option<&'static str>,
}

impl FailedCall {
    /// How it failed.
    #[must_use]
    pub fn kind(&self) -> FailureKind {
        self.kind
    }

    /// The status that the client would have seen.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The word of the refusal (`circuit_open`, `timeout`, `attempts_exceeded`) where it was a
    /// pattern that refused and not the handler that failed.
    #[must_use]
    pub fn refused_by(&self) -> Option<&'static str> {
        self.refused_by
    }
}
