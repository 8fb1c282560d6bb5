//! A token bucket: bursts up to its size, then a steady rate.

mod config;
mod error;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

pub use self::config::{RateLimitConfig, RetryAfterStrategy};
pub use self::error::{RateLimitError, RateLimited};
use crate::{ConfigError, Mode};

/// Leave to make a call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateLimitGrant {
    limit: u32,
    remaining: u32,
    backpressure: f64,
}

impl RateLimitGrant {
    /// The tokens that an idle bucket holds.
    pub fn limit(&self) -> u32 {
        self.limit
    }

    /// The whole tokens that are left.
    pub fn remaining(&self) -> u32 {
        self.remaining
    }

    /// How hard the service is pressed, 0 to 1.
    pub fn backpressure(&self) -> f64 {
        self.backpressure
    }
}

/// A token bucket.
#[derive(Debug)]
pub struct RateLimit {
    name: Box<str>,
    config: RateLimitConfig,
    buckets: Mutex<HashMap<String, (f64, Instant)>>,
}

impl RateLimit {
    /// A rate limit of this name.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range.
    pub fn new(name: impl Into<String>, config: RateLimitConfig) -> Result<Self, ConfigError> {
        config.validate()?;
        Ok(Self {
            name: name.into().into(),
            config,
            buckets: Mutex::default(),
        })
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The configuration in force.
    pub fn config(&self) -> RateLimitConfig {
        self.config.clone()
    }

    /// Whether every client has a bucket of its own.
    pub fn is_per_client(&self) -> bool {
        self.config.enable_per_client_tracking
    }

    /// Whether latencies are wanted by [`record_latency`](Self::record_latency).
    pub fn tracks_latency(&self) -> bool {
        self.config.track_latency && self.config.mode != Mode::Off
    }

    /// Spends the tokens of one call. The client counts only with per-client tracking.
    ///
    /// # Errors
    ///
    /// When the bucket holds too few tokens.
    pub fn acquire(&self, client: Option<&str>) -> Result<RateLimitGrant, RateLimited> {
        let limit = self.config.burst();
        let rate = self.config.refill_per_second();
        let now = Instant::now();
        let key = client
            .filter(|_| self.config.enable_per_client_tracking)
            .unwrap_or_default();
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let (tokens, at) = buckets
            .entry(key.to_owned())
            .or_insert_with(|| (f64::from(limit), now));
        *tokens = (*tokens + (now - *at).as_secs_f64() * rate).min(f64::from(limit));
        *at = now;
        let cost = f64::from(self.config.cost);
        if *tokens >= cost || self.config.mode != Mode::Enforce {
            *tokens = (*tokens - cost).max(0.0);
            return Ok(RateLimitGrant {
                limit,
                remaining: *tokens as u32,
                backpressure: 0.0,
            });
        }
        let retry_after = Duration::from_secs_f64((cost - *tokens) / rate);
        Err(RateLimited {
            retry_after,
            limit,
            remaining: *tokens as u32,
            backpressure: 0.0,
        })
    }

    /// Adds a latency sample: the time that the call behind the limit took.
    pub fn record_latency(&self, _client: Option<&str>, _latency: Duration) {}

    /// How hard the service is pressed, 0 to 1.
    pub fn backpressure(&self) -> f64 {
        0.0
    }

    /// Makes the call if a token is there.
    ///
    /// # Errors
    ///
    /// [`RateLimitError::Limited`] when no token is there, or the call's own error.
    pub async fn call<F, Fut, T, E>(&self, f: F) -> Result<T, RateLimitError<E>>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        self.acquire(None).map_err(RateLimitError::Limited)?;
        f().await.map_err(RateLimitError::Inner)
    }
}
