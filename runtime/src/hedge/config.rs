use std::time::Duration;

use super::HedgeDelay;
use crate::{ConfigError, Mode, duration};

/// When another attempt is started beside one that is slow, and how many may be.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct HedgeConfig {
    /// Attempts of one call, the first included; 1 to 10. Default: 2.
    pub attempts: u32,
    /// How long an attempt runs alone before another is started beside it. Default: 30 ms.
    pub delay: HedgeDelay,
    /// The longest time of the whole call; more than zero. By default as long as it takes.
    #[cfg_attr(feature = "serde", serde(with = "crate::duration::serde::option"))]
    pub timeout: Option<Duration>,
    /// The most attempts beyond the first, as a share of the calls of the last ten seconds; 0 to
    /// 10. Unless it is 0, one in ten seconds is always allowed. Default: 0.1.
    pub max_extra: f64,
    /// Whether the hedge acts. In shadow there is one attempt, without a bound on its time; when
    /// others would have been started, or it would have been dropped, is counted.
    pub mode: Mode,
}

impl Default for HedgeConfig {
    fn default() -> Self {
        Self {
            attempts: 2,
            delay: HedgeDelay::default(),
            timeout: None,
            max_extra: 0.1,
            mode: Mode::Enforce,
        }
    }
}

impl HedgeConfig {
    /// Checks every value against its range.
    ///
    /// # Errors
    ///
    /// When a value is out of its range.
    pub fn validate(&self) -> Result<(), ConfigError> {
        if !(1..=10).contains(&self.attempts) {
            return Err(ConfigError::out_of_range(
                "attempts",
                "1 to 10",
                self.attempts,
            ));
        }
        match self.delay {
            HedgeDelay::After(delay) if delay > duration::LONGEST => {
                return Err(ConfigError::out_of_range(
                    "delay",
                    "at most ten years",
                    delay,
                ));
            }
            HedgeDelay::Percentile(percentile) if !(1..=99).contains(&percentile) => {
                return Err(ConfigError::out_of_range("delay", "p1 to p99", percentile));
            }
            _ => {}
        }
        if let Some(timeout) = self.timeout
            && (timeout.is_zero() || timeout > duration::LONGEST)
        {
            return Err(ConfigError::out_of_range(
                "timeout",
                "more than 0 and at most ten years",
                timeout,
            ));
        }
        if !(0.0..=10.0).contains(&self.max_extra) {
            return Err(ConfigError::out_of_range(
                "max_extra",
                "0 to 10",
                self.max_extra,
            ));
        }
        Ok(())
    }
}
