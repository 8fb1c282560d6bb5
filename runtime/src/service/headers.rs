//! The headers that tell a client where it stands.

use std::time::Duration;

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
    headers.insert(POLICY, field(limit.policy_field()));
    headers.insert(STANDING, field(limit.grant_field(grant)));
    headers.insert(BACKPRESSURE, backpressure(grant.backpressure()));
    headers.insert(CLIENT_ID, client.header().clone());
}

/// Says on a refusal which limit it was; what else it says is the same for every refusal.
pub(crate) fn mark_refused(response: &mut Response, limit: &RateLimit, refused: &RateLimited) {
    let headers = response.headers_mut();
    headers.insert(POLICY, field(limit.policy_field()));
    headers.insert(STANDING, field(limit.refusal_field(refused)));
}

fn field(text: String) -> HeaderValue {
    HeaderValue::try_from(text).expect("a structured field is visible ASCII")
}

/// Whole seconds, rounded up: a client that comes back a moment too early is refused again. Nobody
/// is asked back at once.
pub(crate) fn retry_after(time: Duration) -> HeaderValue {
    let seconds = time.as_nanos().div_ceil(1_000_000_000);
    HeaderValue::from(u64::try_from(seconds).unwrap_or(u64::MAX).max(1))
}

/// What `Retry-After` asks for, where it is written in seconds.
pub(crate) fn asked_back(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(header::RETRY_AFTER)?.to_str().ok()?;
    value.trim().parse().ok().map(Duration::from_secs)
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
