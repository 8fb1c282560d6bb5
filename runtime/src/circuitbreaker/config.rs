use std::time::Duration;

use crate::{CircuitMode, ConfigError, duration};

/// Which calls a rate is a share of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum CircuitWindow {
    /// The last `window_size` calls.
    Count,
    /// The calls of the last `window_size` seconds.
    Time,
}

/// When a circuit opens, and how it closes again.
///
/// Without a `window` it opens on `failure_threshold` failures in a row. With one, it opens when
/// the share of failures among the last calls reaches `failure_rate`, or that of slow calls
/// `slow_call_rate`, once there are `minimum_calls` to judge by.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct CircuitBreakerConfig {
    /// Consecutive failures that open the circuit; at least 1. Default: 5. Not looked at with a
    /// `window`.
    pub failure_threshold: u32,
    /// The time that it stays open. Default: 30 s.
    #[cfg_attr(feature = "serde", serde(with = "crate::duration::serde"))]
    pub recovery_timeout: Duration,
    /// Probes at a time while it is half open; 1 to 255. Default: 3.
    pub half_open_requests: u32,
    /// Successes that close it; 1 to 255. Default: `half_open_requests`.
    pub success_threshold: Option<u32>,
    /// Judge by the last calls together rather than by failures in a row. Default: no.
    pub window: Option<CircuitWindow>,
    /// The calls or the seconds that the window holds; 1 to 100,000 calls or 1 to 3,600 seconds.
    /// Default: 100 calls, or 60 seconds.
    pub window_size: Option<u32>,
    /// The share of failures that opens the circuit; more than 0, at most 1. Default: 0.5, unless
    /// there is a `slow_call_rate`.
    pub failure_rate: Option<f64>,
    /// The share of slow calls that opens the circuit; more than 0, at most 1. Default: none.
    pub slow_call_rate: Option<f64>,
    /// The time from which a call is slow. While the circuit is half open, a slow probe is a
    /// failed one. Default: 60 s.
    #[cfg_attr(feature = "serde", serde(with = "crate::duration::serde::option"))]
    pub slow_call_duration: Option<Duration>,
    /// The calls that a window must hold to be judged by; at least 1. Default: 10, or
    /// `window_size` calls if these are fewer.
    pub minimum_calls: Option<u32>,
    /// Whether the circuit acts. Default: it does.
    pub mode: CircuitMode,
}

impl Default for CircuitBreakerConfig {
    fn default() -> Self {
        Self {
            failure_threshold: 5,
            recovery_timeout: Duration::from_secs(30),
            half_open_requests: 3,
            success_threshold: None,
            window: None,
            window_size: None,
            failure_rate: None,
            slow_call_rate: None,
            slow_call_duration: None,
            minimum_calls: None,
            mode: CircuitMode::Enforce,
        }
    }
}

impl CircuitBreakerConfig {
    /// The successes that close a half-open circuit.
    pub fn successes_to_close(&self) -> u32 {
        self.success_threshold.unwrap_or(self.half_open_requests)
    }

    /// The calls or the seconds of the window.
    pub fn window_size(&self) -> u32 {
        self.window_size.unwrap_or(match self.window {
            Some(CircuitWindow::Time) => 60,
            _ => 100,
        })
    }

    /// The share of failures that opens the circuit.
    pub fn failure_rate(&self) -> Option<f64> {
        let usual = self.slow_call_rate.is_none().then_some(0.5);
        self.failure_rate.or(usual)
    }

    /// The calls that a window must hold to be judged by.
    pub fn minimum_calls(&self) -> u32 {
        self.minimum_calls.unwrap_or(match self.window {
            Some(CircuitWindow::Count) => self.window_size().min(10),
            _ => 10,
        })
    }

    /// The time from which a call is slow; none where that does not matter.
    pub(super) fn slow_after(&self) -> Option<Duration> {
        let slow_after = self.slow_call_duration.unwrap_or(Duration::from_secs(60));
        (self.window.is_some() && self.slow_call_rate.is_some()).then_some(slow_after)
    }

    /// Checks every value against its range.
    ///
    /// # Errors
    ///
    /// When a value is out of its range.
    pub fn validate(&self) -> Result<(), ConfigError> {
        if self.failure_threshold == 0 {
            return Err(ConfigError::out_of_range(
                "failure_threshold",
                "at least 1",
                0,
            ));
        }
        for (key, value) in [
            ("half_open_requests", self.half_open_requests),
            ("success_threshold", self.successes_to_close()),
        ] {
            if !(1..=255).contains(&value) {
                return Err(ConfigError::out_of_range(key, "1 to 255", value));
            }
        }
        if self.recovery_timeout.is_zero() || self.recovery_timeout > duration::LONGEST {
            return Err(ConfigError::out_of_range(
                "recovery_timeout",
                "more than 0 and at most ten years",
                self.recovery_timeout,
            ));
        }
        self.validate_window()
    }

    fn validate_window(&self) -> Result<(), ConfigError> {
        for (key, rate) in [
            ("failure_rate", self.failure_rate),
            ("slow_call_rate", self.slow_call_rate),
        ] {
            if let Some(rate) = rate
                && !(rate > 0.0 && rate <= 1.0)
            {
                return Err(ConfigError::out_of_range(
                    key,
                    "more than 0 and at most 1",
                    rate,
                ));
            }
        }
        if let Some(slow) = self.slow_call_duration
            && (slow.is_zero() || slow > duration::LONGEST)
        {
            return Err(ConfigError::out_of_range(
                "slow_call_duration",
                "more than 0 and at most ten years",
                slow,
            ));
        }
        let (largest, rule) = match self.window {
            Some(CircuitWindow::Time) => (3600, "1 to 3600 seconds"),
            _ => (100_000, "1 to 100000 calls"),
        };
        if !(1..=largest).contains(&self.window_size()) {
            let size = self.window_size();
            return Err(ConfigError::out_of_range("window_size", rule, size));
        }
        if self.minimum_calls() == 0 {
            return Err(ConfigError::out_of_range("minimum_calls", "at least 1", 0));
        }
        if self.window == Some(CircuitWindow::Count) && self.minimum_calls() > self.window_size() {
            return Err(ConfigError::out_of_range(
                "minimum_calls",
                "at most window_size",
                self.minimum_calls(),
            ));
        }
        Ok(())
    }
}
