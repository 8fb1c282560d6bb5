use std::time::Duration;

use crate::{ConfigError, Mode, duration};

/// How many calls may run and wait.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct BulkheadConfig {
    /// The most calls that run at a time; at least 1. Default: 10.
    pub max_concurrent: u32,
    /// The most calls that wait for a place. Default: 0, so that nobody waits.
    pub max_queued: u32,
    /// The longest time that a call waits for a place. By default as long as it takes.
    #[cfg_attr(feature = "serde", serde(with = "crate::duration::serde::option"))]
    pub queue_timeout: Option<Duration>,
    /// Whether the bulkhead acts. In shadow nobody waits and nobody is refused; what would have
    /// been refused is counted.
    pub mode: Mode,
}

impl Default for BulkheadConfig {
    fn default() -> Self {
        Self {
            max_concurrent: 10,
            max_queued: 0,
            queue_timeout: None,
            mode: Mode::Enforce,
        }
    }
}

impl BulkheadConfig {
    /// Checks every value against its range.
    ///
    /// # Errors
    ///
    /// When `max_concurrent` is zero, or `queue_timeout` is longer than ten years.
    pub fn validate(&self) -> Result<(), ConfigError> {
        if self.max_concurrent == 0 {
            return Err(ConfigError::out_of_range("max_concurrent", "at least 1", 0));
        }
        match self.queue_timeout {
            Some(timeout) if timeout > duration::LONGEST => Err(ConfigError::out_of_range(
                "queue_timeout",
                "at most ten years",
                timeout,
            )),
            _ => Ok(()),
        }
    }
}
