use std::time::Duration;

use crate::{ConfigError, Exceptions, Mode, duration};

/// How delays are spread, so that clients that failed together do not return together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Jitter {
    /// Exactly the computed delay.
    None,
    /// Anything from zero to the computed delay.
    #[default]
    Full,
    /// Half of the computed delay, and anything up to the other half.
    Equal,
    /// Anything from `delay` to three times the delay before, at most `max_delay`.
    Decorrelated,
}

/// How often, when and for which failures a call is repeated.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct RetryConfig {
    /// Calls in all, the first included; 1 to 100. Default: 3.
    pub attempts: u32,
    /// The wait before the second attempt. Default: 1 s.
    #[cfg_attr(feature = "serde", serde(with = "crate::duration::serde"))]
    pub delay: Duration,
    /// What each further wait is multiplied by; at least 1. Default: 2.
    pub backoff: f64,
    /// The longest wait. Default: 60 s, or `delay` if that is longer.
    #[cfg_attr(feature = "serde", serde(with = "crate::duration::serde::option"))]
    pub max_delay: Option<Duration>,
    /// How waits are spread. Default: full.
    pub jitter: Jitter,
    /// The failures that are worth another attempt. Default: all.
    pub exceptions: Exceptions,
    /// Whether calls are repeated. In shadow, a retry is counted and not made. Default: they are.
    pub mode: Mode,
}

impl Default for RetryConfig {
    fn default() -> Self {
        Self {
            attempts: 3,
            delay: Duration::from_secs(1),
            backoff: 2.0,
            max_delay: None,
            jitter: Jitter::Full,
            exceptions: Exceptions::any(),
            mode: Mode::Enforce,
        }
    }
}

impl RetryConfig {
    /// The longest wait.
    pub fn max_delay(&self) -> Duration {
        let usual = Duration::from_secs(60);
        self.max_delay.unwrap_or_else(|| usual.max(self.delay))
    }

    /// Checks every value against its range.
    ///
    /// # Errors
    ///
    /// When a value is out of its range.
    pub fn validate(&self) -> Result<(), ConfigError> {
        if !(1..=100).contains(&self.attempts) {
            return Err(ConfigError::out_of_range(
                "attempts",
                "1 to 100",
                self.attempts,
            ));
        }
        if !(1.0..=1000.0).contains(&self.backoff) {
            return Err(ConfigError::out_of_range(
                "backoff",
                "1 to 1000",
                self.backoff,
            ));
        }
        for (key, time) in [("delay", self.delay), ("max_delay", self.max_delay())] {
            if time > duration::LONGEST {
                return Err(ConfigError::out_of_range(key, "at most ten years", time));
            }
        }
        Ok(())
    }
}

/// How many retries a whole service may make.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct BudgetConfig {
    /// Retries as a share of the calls; 0 to 10. Default: 0.2.
    pub ratio: f64,
    /// Retries a second that are allowed however few calls there are; at most 1,000,000.
    /// Default: 10.
    pub min_per_second: u32,
}

impl Default for BudgetConfig {
    fn default() -> Self {
        Self {
            ratio: 0.2,
            min_per_second: 10,
        }
    }
}

impl BudgetConfig {
    /// Checks every value against its range.
    ///
    /// # Errors
    ///
    /// When a value is out of its range.
    pub fn validate(&self) -> Result<(), ConfigError> {
        if !(0.0..=10.0).contains(&self.ratio) {
            return Err(ConfigError::out_of_range("ratio", "0 to 10", self.ratio));
        }
        if self.min_per_second > 1_000_000 {
            return Err(ConfigError::out_of_range(
                "min_per_second",
                "at most 1000000",
                self.min_per_second,
            ));
        }
        Ok(())
    }
}
