use std::time::Duration;

use crate::{CircuitMode, ConfigError, duration};

/// When a circuit opens, and how it closes again.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct CircuitBreakerConfig {
    /// Consecutive failures that open the circuit; at least 1. Default: 5.
    pub failure_threshold: u32,
    /// The time that it stays open. Default: 30 s.
    #[cfg_attr(feature = "serde", serde(with = "crate::duration::serde"))]
    pub recovery_timeout: Duration,
    /// Probes at a time while it is half open; 1 to 255. Default: 3.
    pub half_open_requests: u32,
    /// Successes that close it; 1 to 255. Default: `half_open_requests`.
    pub success_threshold: Option<u32>,
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
            mode: CircuitMode::Enforce,
        }
    }
}

impl CircuitBreakerConfig {
    /// The successes that close a half-open circuit.
    pub fn successes_to_close(&self) -> u32 {
        self.success_threshold.unwrap_or(self.half_open_requests)
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
        Ok(())
    }
}
