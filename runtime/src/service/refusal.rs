//! Every answer that a pattern gives in place of a handler: one table, one form.
//!
//! A client that is refused learns what refused it, in words and in one word, and, where that can
//! be known, when to come back: in `Retry-After` (whole seconds, rounded up) and in the body.

use std::time::Duration;

use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use super::answer;
use super::client::ClientId;
use super::headers;

/// Why a request was not answered by its handler.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Refusal {
    /// The rate limit has no token for it.
    RateLimit {
        retry_after: Duration,
        backpressure: f64,
    },
    /// All attempts failed. A refusal of the last one may have said when to come back.
    AttemptsExceeded {
        attempts: u32,
        retry_after: Option<Duration>,
    },
    /// The circuit is open.
    CircuitOpen { retry_after: Duration },
    /// The handler did not answer in time.
    Timeout { after: Duration },
}

/// The body, letter by letter as clients know it.
#[derive(Serialize)]
struct RefusalBody<'a> {
    error: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_seconds: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
    client_id: &'a str,
}

impl Refusal {
    /// Status and word.
    fn row(self) -> (StatusCode, &'static str) {
        match self {
            Refusal::RateLimit { .. } => (StatusCode::TOO_MANY_REQUESTS, "rate_limit_exceeded"),
            Refusal::AttemptsExceeded { .. } => {
                (StatusCode::SERVICE_UNAVAILABLE, "attempts_exceeded")
            }
            Refusal::CircuitOpen { .. } => (StatusCode::SERVICE_UNAVAILABLE, "circuit_open"),
            Refusal::Timeout { .. } => (StatusCode::GATEWAY_TIMEOUT, "timeout"),
        }
    }

    /// When to come back, where that is known.
    pub(crate) fn retry_after(self) -> Option<Duration> {
        match self {
            Refusal::RateLimit { retry_after, .. } | Refusal::CircuitOpen { retry_after } => {
                Some(retry_after)
            }
            Refusal::AttemptsExceeded { retry_after, .. } => retry_after,
            Refusal::Timeout { .. } => None,
        }
    }

    fn message(self, retry_after_ms: Option<u64>) -> String {
        let what = match self {
            Refusal::RateLimit { .. } => "Rate limit exceeded".to_owned(),
            Refusal::AttemptsExceeded { attempts: 1, .. } => "The only attempt failed".to_owned(),
            Refusal::AttemptsExceeded { attempts, .. } => format!("All {attempts} attempts failed"),
            Refusal::CircuitOpen { .. } => "Circuit open".to_owned(),
            Refusal::Timeout { after } => format!("No answer within {}ms", after.as_millis()),
        };
        match retry_after_ms {
            Some(ms) => format!("{what}. Retry after {ms}ms"),
            None => what,
        }
    }

    /// The answer to a client.
    pub(crate) fn into_response(self, client: &ClientId) -> Response {
        let (status, error) = self.row();
        let retry_after_ms = self.retry_after().map(whole_ms);
        let mut response = answer::json(
            status,
            &RefusalBody {
                error,
                message: self.message(retry_after_ms),
                retry_after_seconds: retry_after_ms.map(|ms| ms as f64 / 1000.0),
                retry_after_ms,
                client_id: client.as_str(),
            },
        );
        let to = response.headers_mut();
        if let Some(ms) = retry_after_ms {
            to.insert(
                header::RETRY_AFTER,
                HeaderValue::from(ms.div_ceil(1000).max(1)),
            );
        }
        if let Refusal::RateLimit { backpressure, .. } = self {
            to.insert(
                headers::RETRY_AFTER_MS,
                HeaderValue::from(retry_after_ms.unwrap_or(0)),
            );
            to.insert(headers::BACKPRESSURE, headers::backpressure(backpressure));
            to.insert(headers::CLIENT_ID, client.header().clone());
        }
        response
    }
}

/// Rounded up: a client that comes back a moment too early is refused again.
fn whole_ms(time: Duration) -> u64 {
    u64::try_from(time.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
}
