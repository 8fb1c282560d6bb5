use std::time::Duration;

use super::Rate;
use super::bucket::Quota;
use super::several::{MAX_LIMITS, Quotas};
use crate::clock::to_nanos;
use crate::{ConfigError, Mode, duration};

/// Tokens a second. A bucket counts in nanoseconds; a thousand of them to a token are exact
/// enough.
const MAX_RATE: f64 = 1e6;

/// How a refused client is told when to come back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum RetryAfterStrategy {
    /// Later the slower the service has become, with jitter.
    #[default]
    Backpressure,
    /// Exactly when the next token exists.
    Fixed,
    /// Later the emptier the bucket has been of late, with jitter.
    Utilization,
}

impl RetryAfterStrategy {
    /// The name that documents use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Backpressure => "backpressure",
            Self::Fixed => "fixed",
            Self::Utilization => "utilization",
        }
    }
}

/// A token bucket, and what a client that finds it empty is told.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct RateLimitConfig {
    /// Calls in [`per_time_secs`](Self::per_time_secs); at least 1. Default: 100.
    pub max_executions: u32,
    /// The time in which [`max_executions`](Self::max_executions) tokens are refilled; more than
    /// zero. Default: 60 s.
    #[cfg_attr(feature = "serde", serde(with = "crate::duration::serde"))]
    pub per_time_secs: Duration,
    /// Up to four limits in place of the one of [`max_executions`](Self::max_executions) and
    /// [`per_time_secs`](Self::per_time_secs). Several are checked as one: a call spends `cost` of
    /// each, or of none. As text `100/second`, with `second`, `minute`, `hour`, `day` or a
    /// duration. Default: none.
    #[cfg_attr(feature = "serde", serde(with = "super::rate::list"))]
    pub limit: Vec<Rate>,
    /// Tokens that an idle bucket holds: the largest burst. At least `cost`. Of several limits each
    /// holds its own calls, and this must not be given. Default: the calls of the limit.
    pub bucket_size: Option<u32>,
    /// How a refused client is told when to come back. Default: by backpressure.
    pub retry_after_strategy: RetryAfterStrategy,
    /// A bucket for every client instead of one for all. Default: off.
    pub enable_per_client_tracking: bool,
    /// Whether latencies are sampled; without them backpressure is zero. Default: on.
    pub track_latency: bool,
    /// A latency above this counts as slow; more than zero. Default: 0.2 s.
    #[cfg_attr(feature = "serde", serde(with = "crate::duration::serde"))]
    pub p95_baseline: Duration,
    /// The mean latency of a service at ease; more than zero. Default: 0.05 s.
    #[cfg_attr(feature = "serde", serde(with = "crate::duration::serde"))]
    pub min_latency: Duration,
    /// What a refused client is told to wait when the service is at ease. Default: 1 s.
    #[cfg_attr(feature = "serde", serde(with = "crate::duration::serde"))]
    pub min_retry_delay: Duration,
    /// What is added to that under full backpressure. Default: 15 s.
    #[cfg_attr(feature = "serde", serde(with = "crate::duration::serde"))]
    pub max_retry_penalty: Duration,
    /// How many times `min_latency` above itself the mean latency may rise until backpressure is
    /// full; more than zero. Default: 2.
    pub gradient_sensitivity: f64,
    /// Samples in the window; 1 to 10,000. Default: 100.
    pub window_size: usize,
    /// Clients that have a bucket of their own; 1 to 10,000,000. Default: 10,000.
    ///
    /// Each takes less than 100 bytes, however long its name. Beyond the bound, a newcomer gets
    /// the place of a client whose bucket is full, as that client loses nothing; while there is
    /// none to be found, all newcomers share one bucket.
    pub max_clients: usize,
    /// Tokens that a call costs; at least 1. Default: 1.
    pub cost: u32,
    /// Whether the limit acts. Default: it does.
    pub mode: Mode,
}

impl Default for RateLimitConfig {
    fn default() -> Self {
        Self {
            max_executions: 100,
            per_time_secs: Duration::from_secs(60),
            limit: Vec::new(),
            bucket_size: None,
            retry_after_strategy: RetryAfterStrategy::Backpressure,
            enable_per_client_tracking: false,
            track_latency: true,
            p95_baseline: Duration::from_millis(200),
            min_latency: Duration::from_millis(50),
            min_retry_delay: Duration::from_secs(1),
            max_retry_penalty: Duration::from_secs(15),
            gradient_sensitivity: 2.0,
            window_size: 100,
            max_clients: 10_000,
            cost: 1,
            mode: Mode::Enforce,
        }
    }
}

impl RateLimitConfig {
    /// The tokens that an idle bucket holds; of several, the first.
    pub fn burst(&self) -> u32 {
        self.bucket_size.unwrap_or(self.first().executions)
    }

    /// Tokens refilled in a second; of several limits, those of the first.
    pub fn refill_per_second(&self) -> f64 {
        self.first().per_second_f64()
    }

    /// The limit, or the first one of several.
    fn first(&self) -> Rate {
        let spelled = Rate::new(self.max_executions, self.per_time_secs);
        self.limit.first().copied().unwrap_or(spelled)
    }

    /// The limits beside the first.
    fn further(&self) -> &[Rate] {
        self.limit.get(1..).unwrap_or_default()
    }

    /// Whether there are several limits.
    pub(super) fn is_several(&self) -> bool {
        !self.further().is_empty()
    }

    /// The buckets as time.
    pub(super) fn quotas(&self) -> Quotas {
        let further: Vec<Quota> = self
            .further()
            .iter()
            .map(|rate| quota(*rate, rate.executions))
            .collect();
        Quotas::new(quota(self.first(), self.burst()), &further)
    }

    /// Checks every value against its range.
    ///
    /// # Errors
    ///
    /// When a value is out of its range.
    pub fn validate(&self) -> Result<(), ConfigError> {
        self.validate_limits()?;
        for (key, time) in [
            ("p95_baseline", self.p95_baseline),
            ("min_latency", self.min_latency),
        ] {
            if time.is_zero() || time > duration::LONGEST {
                return Err(ConfigError::out_of_range(
                    key,
                    "more than 0 and at most ten years",
                    time,
                ));
            }
        }
        for (key, time) in [
            ("min_retry_delay", self.min_retry_delay),
            ("max_retry_penalty", self.max_retry_penalty),
        ] {
            if time > duration::LONGEST {
                return Err(ConfigError::out_of_range(key, "at most ten years", time));
            }
        }
        if !(self.gradient_sensitivity.is_finite() && self.gradient_sensitivity > 0.0) {
            return Err(ConfigError::out_of_range(
                "gradient_sensitivity",
                "more than 0",
                self.gradient_sensitivity,
            ));
        }
        if !(1..=10_000).contains(&self.window_size) {
            return Err(ConfigError::out_of_range(
                "window_size",
                "1 to 10000",
                self.window_size,
            ));
        }
        if !(1..=10_000_000).contains(&self.max_clients) {
            return Err(ConfigError::out_of_range(
                "max_clients",
                "1 to 10000000",
                self.max_clients,
            ));
        }
        Ok(())
    }

    fn validate_limits(&self) -> Result<(), ConfigError> {
        if self.limit.len() > MAX_LIMITS {
            let (rule, count) = ("at most four limits", self.limit.len());
            return Err(ConfigError::out_of_range("limit", rule, count));
        }
        if let (true, Some(size)) = (self.is_several(), self.bucket_size) {
            let rule = "left out where there are several limits";
            return Err(ConfigError::out_of_range("bucket_size", rule, size));
        }
        let (executions, per) = match self.limit.is_empty() {
            true => ("max_executions", "per_time_secs"),
            false => ("limit", "limit"),
        };
        check(executions, per, self.first(), self.burst())?;
        for rate in self.further() {
            check(executions, per, *rate, rate.executions)?;
        }
        let bursts = self.further().iter().map(|rate| rate.executions);
        let smallest = bursts.fold(self.burst(), u32::min);
        if self.cost == 0 {
            return Err(ConfigError::out_of_range("cost", "at least 1", self.cost));
        }
        if self.cost > smallest {
            let rule = "at most bucket_size";
            return Err(ConfigError::out_of_range("cost", rule, self.cost));
        }
        Ok(())
    }
}

/// Checks one limit, whose calls and time are said by these keys.
fn check(
    executions: &'static str,
    per: &'static str,
    rate: Rate,
    burst: u32,
) -> Result<(), ConfigError> {
    if rate.executions == 0 {
        return Err(ConfigError::out_of_range(executions, "at least 1", 0));
    }
    if burst == 0 {
        return Err(ConfigError::out_of_range("bucket_size", "at least 1", 0));
    }
    if rate.per.is_zero() || rate.per > duration::LONGEST {
        let rule = "more than 0 and at most ten years";
        return Err(ConfigError::out_of_range(per, rule, rate.per));
    }
    if rate.per_second_f64() > MAX_RATE {
        let rule = "at most 1000000 a second";
        return Err(ConfigError::out_of_range(executions, rule, rate.executions));
    }
    let fill_secs = f64::from(burst) / rate.per_second_f64();
    if duration::from_secs(fill_secs).is_none() {
        let rule = "refilled in at most ten years";
        return Err(ConfigError::out_of_range("bucket_size", rule, burst));
    }
    Ok(())
}

/// A bucket as time: no token is ever late, and the rounding down of a token's time to whole
/// nanoseconds makes the rate too high by less than a thousandth.
fn quota(rate: Rate, burst: u32) -> Quota {
    Quota::new(to_nanos(rate.per) / u64::from(rate.executions), burst)
}
