use std::time::Duration;

use crate::{ConfigError, Mode, duration};

/// When calls are refused, and how long.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct FailFastConfig {
    /// Consecutive failures that open it; at least 1. Default: 3.
    pub failure_threshold: u32,
    /// The time after which it closes by itself; more than zero. By default it never does.
    #[cfg_attr(feature = "serde", serde(with = "crate::duration::serde::option"))]
    pub recovery_timeout: Option<Duration>,
    /// Whether it acts. In shadow nobody is refused; what would have been refused is counted.
    pub mode: Mode,
}

impl Default for FailFastConfig {
    fn default() -> Self {
        Self {
            failure_threshold: 3,
            recovery_timeout: None,
            mode: Mode::Enforce,
        }
    }
}

impl FailFastConfig {
    /// Checks every value against its range.
    ///
    /// # Errors
    ///
    /// When `failure_threshold` is zero, or `recovery_timeout` is zero or longer than ten years.
    pub fn validate(&self) -> Result<(), ConfigError> {
        if self.failure_threshold == 0 {
            return Err(ConfigError::out_of_range(
                "failure_threshold",
                "at least 1",
                0,
            ));
        }
        match self.recovery_timeout {
            Some(time) if time.is_zero() || time > duration::LONGEST => {
                Err(ConfigError::out_of_range(
                    "recovery_timeout",
                    "more than 0 and at most ten years",
                    time,
                ))
            }
            _ => Ok(()),
        }
    }
}
