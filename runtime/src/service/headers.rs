//! The headers that tell a client where it stands.

use std::time::{Duration, SystemTime};

use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::client::ClientId;
use crate::{RateLimit, RateLimitGrant, RateLimited};

/// The IETF draft's fields, beside the older ones.
pub(crate) const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
pub(crate) const STANDING: HeaderName = HeaderName::from_static("ratelimit");
pub(crate) const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
pub(crate) const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
pub(crate) const BACKPRESSURE: HeaderName = HeaderName::from_static("x-backpressure");
pub(crate) const CLIENT_ID: HeaderName = HeaderName::from_static("x-client-id");
#[cfg(feature = "cache")]
pub(crate) const CACHE: HeaderName = HeaderName::from_static("x-cache");
pub(crate) const FALLBACK: HeaderName = HeaderName::from_static("x-fallback");
pub(crate) const RETRY_AFTER_MS: HeaderName = HeaderName::from_static("x-ratelimit-retry-after-ms");

/// Says on a passed answer what is left. Only a 2xx says so: others may not have spent a token
/// for what the client wanted.
pub(crate) fn mark_passed(
    response: &mut Response,
    limit: &RateLimit,
    grant: &RateLimitGrant,
    client: &ClientId,
) {
    if !response.status().is_success() {
        return;
    }
    let headers = response.headers_mut();
    headers.insert(LIMIT, HeaderValue::from(grant.limit()));
    headers.insert(REMAINING, HeaderValue::from(grant.remaining()));
    headers.insert(POLICY, field(&limit.policy()));
    headers.insert(STANDING, field(&limit.grant_field(grant)));
    headers.insert(BACKPRESSURE, backpressure(grant.backpressure()));
    headers.insert(CLIENT_ID, client.header().clone());
}

/// Says on a refusal which limit it was; what else it says is the same for every refusal.
pub(crate) fn mark_refused(response: &mut Response, limit: &RateLimit, refused: &RateLimited) {
    let headers = response.headers_mut();
    headers.insert(POLICY, field(&limit.policy()));
    headers.insert(STANDING, field(&limit.refusal_field(refused)));
}

fn field(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("a structured field is visible ASCII")
}

/// Whole seconds, rounded up: a client that comes back a moment too early is refused again. Nobody
/// is asked back at once.
pub(crate) fn retry_after(time: Duration) -> HeaderValue {
    let seconds = time.as_nanos().div_ceil(1_000_000_000);
    HeaderValue::from(u64::try_from(seconds).unwrap_or(u64::MAX).max(1))
}

/// What `Retry-After` asks for, in seconds or by a date.
pub(crate) fn asked_back(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| Some(headers.get(name)?.to_str().ok()?.trim());
    let asked = text(header::RETRY_AFTER)?;
    if let Ok(seconds) = asked.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(asked).ok()?;
    // Whoever wrote it has most likely said what time it is there: two clocks need not agree.
    let now = text(header::DATE).and_then(|date| httpdate::parse_http_date(date).ok());
    let now = now.unwrap_or_else(SystemTime::now);
    Some(date.duration_since(now).unwrap_or_default())
}

/// `0.0` to `1.0`, to three decimals.
pub(crate) fn backpressure(score: f64) -> HeaderValue {
    // A service at ease, which is what most are, needs no formatting.
    if score < 0.0005 {
        return HeaderValue::from_static("0.0");
    }
    let rounded = (score.min(1.0) * 1000.0).round() / 1000.0;
    HeaderValue::from_str(&format!("{rounded:?}")).expect("a number is visible ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_asked_for_in_seconds_or_by_a_date() {
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        for (asked, at, seconds) in [
            ("7", None, Some(7)),
            (" 7 ", Some(date), Some(7)),
            // By the clock of whoever asks, in each of the forms that a date may have.
            ("Sun, 06 Nov 1994 08:51:37 GMT", Some(date), Some(120)),
            ("Sunday, 06-Nov-94 08:51:37 GMT", Some(date), Some(120)),
            ("Sun Nov  6 08:51:37 1994", Some(date), Some(120)),
            ("Sun, 06 Nov 1994 08:49:36 GMT", Some(date), Some(0)),
            // By our own where he does not say: long ago.
            (date, None, Some(0)),
            (date, Some("noon"), Some(0)),
            ("-1", None, None),
            ("nan", None, None),
            ("99999999999999999999", None, None),
            ("Sun, 06 Nov 99999 08:49:37 GMT", None, None),
            ("tomorrow", Some(date), None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static(asked));
            headers.extend(at.map(|at| (header::DATE, HeaderValue::from_static(at))));
            let expected = seconds.map(Duration::from_secs);
            assert_eq!(asked_back(&headers), expected, "{asked:?} at {at:?}");
        }
        let far = HeaderValue::from_static("Fri, 31 Dec 9999 23:59:59 GMT");
        let headers = HeaderMap::from_iter([(header::RETRY_AFTER, far)]);
        assert!(asked_back(&headers) > Some(Duration::from_secs(1 << 32)));
    }
}
