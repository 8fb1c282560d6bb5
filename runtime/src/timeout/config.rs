use std::time::Duration;

use crate::{ConfigError, Mode, duration};

/// How long a call may take.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct TimeoutConfig {
    /// The longest time of one attempt; more than zero. Default: 30 s.
    #[cfg_attr(feature = "serde", serde(with = "crate::duration::serde"))]
    pub seconds: Duration,
    /// The longest time of all attempts, waits and queues together; none by default.
    #[cfg_attr(feature = "serde", serde(with = "crate::duration::serde::option"))]
    pub total: Option<Duration>,
    /// Whether the timeout acts. In shadow, a late call is counted and left to end by itself.
    pub mode: Mode,
}

impl Default for TimeoutConfig {
    fn default() -> Self {
        Self {
            seconds: Duration::from_secs(30),
            total: None,
            mode: Mode::Enforce,
        }
    }
}

impl TimeoutConfig {
    /// The time of one attempt: `seconds`, or `total` if that is shorter.
    pub fn per_attempt(&self) -> Duration {
        self.total
            .map_or(self.seconds, |total| total.min(self.seconds))
    }

    /// Checks every value against its range.
    ///
    /// # Errors
    ///
    /// When a time is zero or longer than ten years.
    pub fn validate(&self) -> Result<(), ConfigError> {
        for (key, time) in [("seconds", Some(self.seconds)), ("total", self.total)] {
            if let Some(time) = time
                && (time.is_zero() || time > duration::LONGEST)
            {
                return Err(ConfigError::out_of_range(
                    key,
                    "more than 0 and at most ten years",
                    time,
                ));
            }
        }
        Ok(())
    }
}
