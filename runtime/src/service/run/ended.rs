//! What a call ended with, as the patterns see it and as the client does.

use std::any::Any;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::FailureKind;
use crate::service::context::RequestContext;
use crate::service::error::{ApiError, failure_of};
use crate::service::fallback::FailedCall;
use crate::service::headers;
use crate::service::panic;
use crate::service::patience::{forbid_retry, forbids_retry};
use crate::service::problem::Problem;
use crate::service::refusal::Refusal;

/// What an attempt, or a pattern in place of one, ended with.
#[derive(Debug)]
pub(super) enum Ended {
    /// The handler answered.
    Answer(Response),
    /// The handler returned an error.
    Error(ApiError),
    /// The handler panicked.
    Panic(Box<dyn Any + Send>),
    /// A pattern refused to go on.
    Refused(Refusal),
    /// The end of all attempts has come: no layer may begin another one.
    OutOfTime(Duration),
    /// A failure that is in the log already, and the answer to it.
    #[cfg(feature = "cache")]
    Logged {
        kind: FailureKind,
        /// Whether the end of all attempts has come.
        is_over: bool,
        response: Response,
    },
}

impl From<Result<Response, ApiError>> for Ended {
    fn from(result: Result<Response, ApiError>) -> Ended {
        match result {
            Ok(response) => Ended::Answer(response),
            Err(error) => Ended::Error(error),
        }
    }
}

impl Ended {
    /// What the layers outside count this as; `None` is a success.
    pub(super) fn failure(&self) -> Option<FailureKind> {
        match self {
            Ended::Answer(response) => failure_of(response.status()),
            Ended::Error(error) => error.failure(),
            Ended::Panic(_) => Some(FailureKind::Panic),
            Ended::Refused(Refusal::Timeout { .. } | Refusal::HedgeTimeout { .. })
            | Ended::OutOfTime(_) => Some(FailureKind::Timeout),
            Ended::Refused(_) => Some(FailureKind::Status(
                StatusCode::SERVICE_UNAVAILABLE.as_u16(),
            )),
            #[cfg(feature = "cache")]
            Ended::Logged { kind, .. } => Some(*kind),
        }
    }

    /// Whether the end of all attempts has come: no layer may begin another one.
    pub(super) fn is_over(&self) -> bool {
        #[cfg(feature = "cache")]
        if let Ended::Logged { is_over, .. } = self {
            return *is_over;
        }
        matches!(self, Ended::OutOfTime(_))
    }

    /// A failure as a handler's fallback is told of it.
    pub(super) fn as_failed(&self, kind: FailureKind) -> FailedCall {
        let refused = match self {
            Ended::Refused(refusal) => Some(refusal.row()),
            Ended::OutOfTime(after) => Some(Refusal::Timeout { after: *after }.row()),
            _ => None,
        };
        FailedCall {
            kind,
            status: match (self, refused) {
                (_, Some((status, _))) => status,
                (Ended::Answer(response), _) => response.status(),
                #[cfg(feature = "cache")]
                (Ended::Logged { response, .. }, _) => response.status(),
                (Ended::Error(error), _) => error.status_code(),
                _ => StatusCode::INTERNAL_SERVER_ERROR,
            },
            refused_by: refused.map(|(_, word)| word),
        }
    }

    /// When a failure says to come back.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        match self {
            Ended::Refused(refusal) => refusal.retry_after(),
            Ended::Error(error) => error.retry_after(),
            Ended::Answer(response) => headers::asked_back(response.headers()),
            #[cfg(feature = "cache")]
            Ended::Logged { response, .. } => headers::asked_back(response.headers()),
            _ => None,
        }
    }

    /// Whether it says that it is not to be retried.
    pub(super) fn forbids_retry(&self) -> bool {
        match self {
            Ended::Answer(response) => forbids_retry(response.headers()),
            #[cfg(feature = "cache")]
            Ended::Logged { response, .. } => forbids_retry(response.headers()),
            _ => false,
        }
    }

    /// Writes a failure of the service's own making to the log: its cause goes nowhere else.
    pub(super) fn log(&self, context: &RequestContext) {
        let operation = context.operation.id;
        let request_id = context.request_id();
        match self {
            Ended::Error(error) if error.failure().is_some() => {
                tracing::error!(operation, request_id, %error, "handler failed");
            }
            Ended::Panic(panic) => {
                let message = panic::message(&**panic);
                tracing::error!(operation, request_id, message, "handler panicked");
            }
            Ended::Refused(Refusal::Timeout { after } | Refusal::HedgeTimeout { after })
            | Ended::OutOfTime(after) => {
                let after_ms = after.as_millis() as u64;
                tracing::warn!(operation, request_id, after_ms, "handler was cut off");
            }
            _ => {}
        }
    }

    /// The answer to the client.
    pub(super) fn into_response(self, context: &RequestContext) -> Response {
        let mut response = self.answered(context);
        let in_vain = context.arrival.retried_in_vain.load(Relaxed);
        if in_vain && failure_of(response.status()).is_some() {
            forbid_retry(response.headers_mut());
        }
        response
    }

    fn answered(self, context: &RequestContext) -> Response {
        match self {
            Ended::Answer(response) => response,
            Ended::Error(error) => error.into_response(),
            Ended::Panic(_) => Problem::new(StatusCode::INTERNAL_SERVER_ERROR)
                .operation(context.operation.id)
                .into_response(),
            Ended::Refused(refusal) => refusal.into_response(&context.client),
            Ended::OutOfTime(after) => Refusal::Timeout { after }.into_response(&context.client),
            #[cfg(feature = "cache")]
            Ended::Logged { response, .. } => response,
        }
    }
}
