use std::time::Duration;

use crate::{ConfigError, Mode, duration};

/// What is done to calls.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct ChaosConfig {
    /// The share of calls that fail instead of being made; 0 to 1. Default: 0.
    pub fault_rate: f64,
    /// How much longer every call takes, those that fail as well. Default: nothing.
    #[cfg_attr(feature = "serde", serde(with = "crate::duration::serde"))]
    pub latency: Duration,
    /// The HTTP status of a fault; 400 to 599. Default: 503.
    pub status: u16,
    /// Decides which calls fail: with the same seed, the same ones. Default: 0.
    pub seed: u64,
    /// Whether it acts. In shadow, faults are counted and not injected.
    pub mode: Mode,
}

impl Default for ChaosConfig {
    fn default() -> Self {
        Self {
            fault_rate: 0.0,
            latency: Duration::ZERO,
            status: 503,
            seed: 0,
            mode: Mode::Enforce,
        }
    }
}

impl ChaosConfig {
    /// Checks every value against its range.
    ///
    /// # Errors
    ///
    /// When a value is out of its range.
    pub fn validate(&self) -> Result<(), ConfigError> {
        if !(0.0..=1.0).contains(&self.fault_rate) {
            let rule = "0 to 1";
            return Err(ConfigError::out_of_range(
                "fault_rate",
                rule,
                self.fault_rate,
            ));
        }
        if self.latency > duration::LONGEST {
            let rule = "at most ten years";
            return Err(ConfigError::out_of_range("latency", rule, self.latency));
        }
        if !(400..=599).contains(&self.status) {
            return Err(ConfigError::out_of_range(
                "status",
                "400 to 599",
                self.status,
            ));
        }
        Ok(())
    }
}
