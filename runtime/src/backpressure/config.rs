use std::time::Duration;

use crate::{ConfigError, Mode, duration};

/// The marks, and how long calls wait between them.
///
/// What is not given follows what is: with `max_pending: 10` alone the marks are 8 and 2.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct BackpressureConfig {
    /// The most calls that run and wait, together; at least `high_water_mark`. Default: 1000, and
    /// never less than a quarter above the marks that are given.
    pub max_pending: Option<u32>,
    /// New calls have to wait when so many are running; more than `low_water_mark`. Default: 80 %
    /// of `max_pending`, and more than `low_water_mark`.
    pub high_water_mark: Option<u32>,
    /// Those who wait are let in when no more than so many are running. Default: a quarter of
    /// `high_water_mark`.
    pub low_water_mark: Option<u32>,
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
            max_pending: None,
            high_water_mark: None,
            low_water_mark: None,
            timeout: Duration::from_secs(5),
            mode: Mode::Enforce,
        }
    }
}

impl BackpressureConfig {
    /// The most calls that run and wait, together.
    pub fn max_pending(&self) -> u32 {
        let mark = self.high_water_mark.or(self.low_water_mark);
        let quarter_above = |mark: u32| mark.saturating_add((mark / 4).max(1));
        self.max_pending
            .unwrap_or_else(|| mark.map_or(1000, |mark| quarter_above(mark).max(1000)))
    }

    /// New calls have to wait when so many are running.
    pub fn high_water_mark(&self) -> u32 {
        self.high_water_mark.unwrap_or_else(|| {
            let max = self.max_pending();
            let most = max - max / 5;
            let low = self.low_water_mark.unwrap_or(0);
            most.max(low.saturating_add(1).min(max))
        })
    }

    /// Those who wait are let in when no more than so many are running.
    pub fn low_water_mark(&self) -> u32 {
        self.low_water_mark
            .unwrap_or_else(|| self.high_water_mark() / 4)
    }

    /// Checks every value against its range.
    ///
    /// # Errors
    ///
    /// When `low_water_mark < high_water_mark <= max_pending` does not hold, or `timeout` is
    /// longer than ten years.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let (max, high) = (self.max_pending(), self.high_water_mark());
        if max == 0 {
            return Err(ConfigError::out_of_range("max_pending", "at least 1", max));
        }
        if high <= self.low_water_mark() {
            let rule = "more than low_water_mark";
            return Err(ConfigError::out_of_range("high_water_mark", rule, high));
        }
        if max < high {
            let rule = "at least high_water_mark";
            return Err(ConfigError::out_of_range("max_pending", rule, max));
        }
        if self.timeout > duration::LONGEST {
            let rule = "at most ten years";
            return Err(ConfigError::out_of_range("timeout", rule, self.timeout));
        }
        Ok(())
    }
}
