//! What a refused client is told: arithmetic alone.

use std::time::Duration;

use super::{RateLimitConfig, RetryAfterStrategy};
use crate::{duration, rng};

/// How long a client should wait whose tokens will be there after `until_token`.
///
/// Never less than that: an invitation that cannot be honoured only brings the client back for
/// another refusal. All but `fixed` are spread over a fifth of the wait, so that clients that were
/// refused together do not return together.
pub(super) fn retry_after(
    config: &RateLimitConfig,
    backpressure: f64,
    until_token: Duration,
) -> Duration {
    if config.retry_after_strategy == RetryAfterStrategy::Fixed {
        return until_token;
    }
    let advised = config.min_retry_delay.as_secs_f64()
        + config.max_retry_penalty.as_secs_f64() * backpressure;
    let advised = advised * rng::between(0.8, 1.2);
    let earliest = until_token.as_secs_f64() * rng::between(1.0, 1.2);
    // Rounding must not make it earlier than the token.
    duration::from_secs(advised.max(earliest))
        .unwrap_or(duration::LONGEST)
        .max(until_token)
}
