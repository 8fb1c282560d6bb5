//! Answers that several may have.

use std::fmt;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_body_util::BodyExt;

use crate::FailureKind;
use crate::cache::CacheState;
use crate::service::context::RequestContext;
use crate::service::headers;
use crate::service::refusal::Refusal;

use super::super::ended::Ended;

/// The longest body that is kept. Whatever is longer is passed on as it comes.
const LONGEST: u64 = 1024 * 1024;

/// What came of a call.
pub enum Kept {
    /// An answer.
    Answer(Parts),
    /// It cannot be had twice: only who made the call has it.
    Stream,
}

/// An answer with all of its body.
pub struct Parts {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

/// How a call failed.
pub struct Failed {
    pub(super) kind: FailureKind,
    pub(super) how: How,
}

pub(super) enum How {
    Answer(Box<Parts>),
    Refused(Refusal),
    OutOfTime(Duration),
}

impl Parts {
    /// Reads the body. An answer whose body is a stream, or too long, comes back as it is.
    pub(super) async fn read(response: Response) -> Result<Parts, Response> {
        let length = response.body().size_hint().exact();
        if length.is_none_or(|length| length > LONGEST) {
            return Err(response);
        }
        let (head, body) = response.into_parts();
        match body.collect().await {
            Ok(body) => Ok(Parts {
                status: head.status,
                headers: head.headers,
                body: body.to_bytes(),
            }),
            // It breaks off for the client, too.
            Err(error) => Err(Response::from_parts(head, Body::new(Broken(Some(error))))),
        }
    }

    /// Whether it is for those who ask later, too: a success that says nothing else, and that is
    /// the answer to the question and not something in its place.
    pub(super) fn is_for_later(&self) -> bool {
        let is_usual = match self.status {
            StatusCode::PARTIAL_CONTENT => false,
            StatusCode::MOVED_PERMANENTLY | StatusCode::PERMANENT_REDIRECT => true,
            status => status.is_success(),
        };
        let controls = self.headers.get_all(header::CACHE_CONTROL).iter();
        let mut directives = controls
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','));
        let is_private = directives.any(|directive| {
            let name = directive.split('=').next().unwrap_or_default().trim();
            ["no-store", "no-cache", "private"]
                .iter()
                .any(|other| name.eq_ignore_ascii_case(other))
        });
        is_usual
            && !is_private
            && !self.headers.contains_key(header::SET_COOKIE)
            && !self.is_fallback()
    }

    pub(super) fn is_fallback(&self) -> bool {
        self.headers.contains_key(headers::FALLBACK)
    }

    pub(super) fn response(&self, state: CacheState, age: Duration) -> Response {
        let mut response = Response::new(Body::from(self.body.clone()));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers.clone();
        told(response, state, age)
    }
}

impl Failed {
    /// The failure as one of those who waited for the call is told of it.
    pub(super) fn ended(&self, context: &RequestContext) -> Ended {
        let (is_over, response) = match &self.how {
            How::Answer(parts) => (false, parts.response(CacheState::Miss, Duration::ZERO)),
            How::OutOfTime(after) => {
                let late = Refusal::Timeout { after: *after };
                (true, late.into_response(&context.client))
            }
            How::Refused(late @ (Refusal::Timeout { .. } | Refusal::HedgeTimeout { .. })) => {
                (false, late.into_response(&context.client))
            }
            // Nothing of it is in the log, and it may say when to come back.
            How::Refused(refusal) => return Ended::Refused(*refusal),
        };
        Ended::Logged {
            kind: self.kind,
            is_over,
            response,
        }
    }
}

impl Ended {
    /// What came of a call as an answer, unless a pattern refused: that is told to each client in
    /// its own words.
    pub(super) fn into_answer(self, context: &RequestContext) -> Result<Response, How> {
        match self {
            Ended::Refused(refusal) => Err(How::Refused(refusal)),
            Ended::OutOfTime(after) => Err(How::OutOfTime(after)),
            ended => Ok(ended.into_response(context)),
        }
    }
}

/// Says where an answer came from, and, where it is not new, how old it is.
pub(super) fn told(mut response: Response, state: CacheState, age: Duration) -> Response {
    let headers = response.headers_mut();
    headers.insert(headers::CACHE, HeaderValue::from_static(state.as_str()));
    if state != CacheState::Miss {
        headers.insert(header::AGE, HeaderValue::from(age.as_secs()));
    }
    response
}

/// A body that could not be read.
struct Broken(Option<axum::Error>);

impl HttpBody for Broken {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<Bytes>, axum::Error>>> {
        std::task::Poll::Ready(self.0.take().map(Err))
    }
}

// What clients are answered is not for logs.
impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kept::Answer(parts) => parts.fmt(f),
            Kept::Stream => f.write_str("Stream"),
        }
    }
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failed")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}
