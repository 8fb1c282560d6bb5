use std::time::Duration;

use crate::{ConfigError, Mode, duration};

/// The marks, and how long calls wait between them.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct BackpressureConfig {
    /// The most calls that run and wait, together; at least `high_water_mark`. Default: 1000.
    pub max_pending: u32,
    /// New calls have to wait when so many are running; more than `low_water_mark`. Default: 800.
    pub high_water_mark: u32,
    /// Those who wait are let in when no more than so many are running. Default: 200.
    pub low_water_mark: u32,
    /// The longest time that a call waits. With 0 nobody waits: who comes while new calls have
    /// to wait is refused. Default: 5 s.
    #[cfg_attr(feature = "serde", serde(with = "crate::duration::serde"))]
    pub timeout: Duration,
    /// Whether it acts. In shadow nobody waits and nobody is refused; what would have been
    /// refused is counted.
    pub mode: Mode,
}

impl Default for BackpressureConfig {
    fn default() -> Self {
        Self {
            max_pending: 1000,
            high_water_mark: 800,
            low_water_mark: 200,
            timeout: Duration::from_secs(5),
            mode: Mode::Enforce,
        }
    }
}

impl BackpressureConfig {
    /// Checks every value against its range.
    ///
    /// # Errors
    ///
    /// When `low_water_mark < high_water_mark <= max_pending` does not hold, or `timeout` is
    /// longer than ten years.
    pub fn validate(&self) -> Result<(), ConfigError> {
        if self.high_water_mark <= self.low_water_mark {
            let rule = "more than low_water_mark";
            return Err(ConfigError::out_of_range(
                "high_water_mark",
                rule,
                self.high_water_mark,
            ));
        }
        if self.max_pending < self.high_water_mark {
            let rule = "at least high_water_mark";
            return Err(ConfigError::out_of_range(
                "max_pending",
                rule,
                self.max_pending,
            ));
        }
        if self.timeout > duration::LONGEST {
            let rule = "at most ten years";
            return Err(ConfigError::out_of_range("timeout", rule, self.timeout));
        }
        Ok(())
    }
}
