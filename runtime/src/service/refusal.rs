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
use super::patience::forbid_retry;

/// Why a request was not answered by its handler.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Refusal {
    /// The feature is off for the client.
    FeatureDisabled { status: u16 },
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
    /// It failed so often in a row that it is not tried any more.
    FailFastOpen { retry_after: Option<Duration> },
    /// The service, or the machine below it, has too much to do.
    LoadShed { retry_after: Option<Duration> },
    /// Too many requests are pending.
    BackpressureFull,
    /// As many requests are being answered as the service can answer well.
    ConcurrencyLimited,
    /// No place for it became free.
    BulkheadFull,
    /// The handler did not answer in time.
    Timeout { after: Duration },
    /// None of several attempts answered in time.
    HedgeTimeout { after: Duration },
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
    pub(crate) fn row(self) -> (StatusCode, &'static str) {
        let unavailable = |word| (StatusCode::SERVICE_UNAVAILABLE, word);
        match self {
            Refusal::FeatureDisabled { status } => (
                StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN),
                "feature_disabled",
            ),
            Refusal::RateLimit { .. } => (StatusCode::TOO_MANY_REQUESTS, "rate_limit_exceeded"),
            Refusal::LoadShed { .. } => unavailable("load_shed"),
            Refusal::ConcurrencyLimited => unavailable("concurrency_limited"),
            Refusal::BackpressureFull => unavailable("backpressure_full"),
            Refusal::BulkheadFull => unavailable("bulkhead_full"),
            Refusal::FailFastOpen { .. } => unavailable("fail_fast_open"),
            Refusal::CircuitOpen { .. } => unavailable("circuit_open"),
            Refusal::AttemptsExceeded { .. } => unavailable("attempts_exceeded"),
            Refusal::Timeout { .. } => (StatusCode::GATEWAY_TIMEOUT, "timeout"),
            Refusal::HedgeTimeout { .. } => (StatusCode::GATEWAY_TIMEOUT, "hedge_timeout"),
        }
    }

    /// When to come back, where that is known.
    pub(crate) fn retry_after(self) -> Option<Duration> {
        match self {
            Refusal::RateLimit { retry_after, .. } | Refusal::CircuitOpen { retry_after } => {
                Some(retry_after)
            }
            Refusal::AttemptsExceeded { retry_after, .. }
            | Refusal::LoadShed { retry_after }
            | Refusal::FailFastOpen { retry_after } => retry_after,
            Refusal::FeatureDisabled { .. }
            | Refusal::ConcurrencyLimited
            | Refusal::BackpressureFull
            | Refusal::BulkheadFull
            | Refusal::Timeout { .. }
            | Refusal::HedgeTimeout { .. } => None,
        }
    }

    fn message(self, retry_after_ms: Option<u64>) -> String {
        let what = match self {
            Refusal::RateLimit { .. } => "Rate limit exceeded".to_owned(),
            Refusal::AttemptsExceeded { attempts: 1, .. } => "The only attempt failed".to_owned(),
            Refusal::AttemptsExceeded { attempts, .. } => format!("All {attempts} attempts failed"),
            Refusal::CircuitOpen { .. } => "Circuit open".to_owned(),
            Refusal::FailFastOpen { .. } => "Failed too often in a row".to_owned(),
            Refusal::FeatureDisabled { .. } => "Not available".to_owned(),
            Refusal::LoadShed { .. } => "The service has too much to do".to_owned(),
            Refusal::BackpressureFull => "Too many requests are pending".to_owned(),
            Refusal::ConcurrencyLimited => {
                "As many requests as can be served are being served".to_owned()
            }
            Refusal::BulkheadFull => "Too many requests at the same time".to_owned(),
            Refusal::Timeout { after } | Refusal::HedgeTimeout { after } => {
                format!("No answer within {}ms", after.as_millis())
            }
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
            let retry_after = headers::retry_after(Duration::from_millis(ms));
            to.insert(header::RETRY_AFTER, retry_after);
        }
        if let Refusal::AttemptsExceeded { .. } = self {
            // A retry around this one would make many of a few.
            forbid_retry(to);
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::service::testing::Answer;

    async fn answer(refusal: Refusal) -> Answer {
        let client = ClientId::of_address([192, 168, 1, 100].into());
        Answer::read(refusal.into_response(&client)).await
    }

    #[tokio::test]
    async fn every_refusal_has_its_row() {
        let second = Duration::from_secs(1);
        for (refusal, status, error, retry_after) in [
            (
                Refusal::RateLimit {
                    retry_after: second,
                    backpressure: 0.25,
                },
                429,
                "rate_limit_exceeded",
                Some("1"),
            ),
            (
                Refusal::AttemptsExceeded {
                    attempts: 3,
                    retry_after: None,
                },
                503,
                "attempts_exceeded",
                None,
            ),
            (
                Refusal::AttemptsExceeded {
                    attempts: 3,
                    retry_after: Some(second),
                },
                503,
                "attempts_exceeded",
                Some("1"),
            ),
            (
                Refusal::CircuitOpen {
                    retry_after: second,
                },
                503,
                "circuit_open",
                Some("1"),
            ),
            (
                Refusal::FailFastOpen { retry_after: None },
                503,
                "fail_fast_open",
                None,
            ),
            (
                Refusal::FeatureDisabled { status: 403 },
                403,
                "feature_disabled",
                None,
            ),
            (
                Refusal::LoadShed {
                    retry_after: Some(second),
                },
                503,
                "load_shed",
                Some("1"),
            ),
            (Refusal::BackpressureFull, 503, "backpressure_full", None),
            (
                Refusal::ConcurrencyLimited,
                503,
                "concurrency_limited",
                None,
            ),
            (Refusal::BulkheadFull, 503, "bulkhead_full", None),
            (Refusal::Timeout { after: second }, 504, "timeout", None),
            (
                Refusal::HedgeTimeout { after: second },
                504,
                "hedge_timeout",
                None,
            ),
        ] {
            let answer = answer(refusal).await;
            assert_eq!(answer.status, status, "{refusal:?}");
            assert_eq!(answer.json()["error"], error);
            assert_eq!(answer.json()["client_id"], "192.168.1.100");
            let header = answer
                .headers
                .get("retry-after")
                .map(|value| value.to_str().unwrap());
            assert_eq!(header, retry_after, "{refusal:?}");
            let says_no = answer.headers.contains_key("x-should-retry");
            assert_eq!(says_no, error == "attempts_exceeded", "{refusal:?}");
        }
    }

    #[tokio::test]
    async fn a_rate_limit_says_to_the_millisecond_when_to_come_back() {
        let retry_after = Duration::from_micros(1_849_300);
        let answer = answer(Refusal::RateLimit {
            retry_after,
            backpressure: 0.250_04,
        })
        .await;
        assert_eq!(
            answer.json(),
            json!({
                "error": "rate_limit_exceeded",
                "message": "Rate limit exceeded. Retry after 1850ms",
                "retry_after_seconds": 1.85,
                "retry_after_ms": 1850,
                "client_id": "192.168.1.100",
            })
        );
        assert_eq!(answer.header("retry-after"), "2");
        assert_eq!(answer.header("x-ratelimit-retry-after-ms"), "1850");
        assert_eq!(answer.header("x-backpressure"), "0.25");
        assert_eq!(answer.header("x-client-id"), "192.168.1.100");
    }

    #[tokio::test]
    async fn nobody_is_asked_back_at_once_or_after_more_than_can_be_written() {
        let no_wait = answer(Refusal::CircuitOpen {
            retry_after: Duration::ZERO,
        })
        .await;
        assert_eq!(no_wait.header("retry-after"), "1");
        let forever = answer(Refusal::CircuitOpen {
            retry_after: Duration::MAX,
        })
        .await;
        assert!(forever.header("retry-after").parse::<u64>().is_ok());
    }
}
