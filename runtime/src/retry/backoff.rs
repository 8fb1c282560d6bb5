//! How long to wait before the next attempt: arithmetic alone.

use std::time::Duration;

use super::{Jitter, RetryConfig};
use crate::{duration, rng};

/// `min(delay * backoff^(n - 1), max_delay)` before retry `n`, the first being 1.
///
/// Whatever the numbers, the result is finite and at most `max_delay`.
pub(super) fn exponential(config: &RetryConfig, n: u32) -> Duration {
    let exponent = i32::try_from(n.saturating_sub(1)).unwrap_or(i32::MAX);
    let secs = config.delay.as_secs_f64() * config.backoff.powi(exponent);
    // Too large for a duration, or infinite: the cap is what is meant.
    duration::from_secs(secs).map_or(config.max_delay(), |delay| delay.min(config.max_delay()))
}

/// The wait before retry `n`, spread as the configuration says. `previous` is the wait before
/// retry `n - 1`, which decorrelated jitter grows from.
pub(super) fn wait(config: &RetryConfig, n: u32, previous: Duration) -> Duration {
    let delay = exponential(config, n);
    match config.jitter {
        Jitter::None => delay,
        Jitter::Full => between(Duration::ZERO, delay),
        Jitter::Equal => between(delay / 2, delay),
        Jitter::Decorrelated => {
            let base = config.delay.min(config.max_delay());
            let highest = previous.max(base).saturating_mul(3);
            between(base, highest).min(config.max_delay())
        }
    }
}

fn between(low: Duration, high: Duration) -> Duration {
    let secs = rng::between(low.as_secs_f64(), high.as_secs_f64());
    duration::from_secs(secs).unwrap_or(high)
}
