use crate::{ConfigError, Mode};

/// The most calls that any limit may let run.
const HIGHEST: u32 = 1_000_000;

/// How the limit is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum LimitAlgorithm {
    /// By failures: a little more as long as calls succeed, less by a factor when one fails.
    #[default]
    Aimd,
    /// By latencies: less as soon as calls take longer than they use to.
    Gradient,
}

/// Between which bounds the limit moves, and how.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct ConcurrencyConfig {
    /// The calls that may run at a time before anything was learnt; from `min_limit` to
    /// `max_limit`. Default: 100.
    pub initial_limit: u32,
    /// The limit never falls below this; at least 1. Default: 10.
    pub min_limit: u32,
    /// The limit never rises above this; at most a million. Default: 1000.
    pub max_limit: u32,
    /// How much the limit grows when as many calls as the limit have succeeded; more than 0.
    /// Default: 1.0.
    pub increase_rate: f64,
    /// By what the limit is multiplied when a call has failed; between 0 and 1. Default: 0.9.
    pub decrease_factor: f64,
    /// How the limit is found. Default: `aimd`.
    pub algorithm: LimitAlgorithm,
    /// Whether the limit acts. In shadow it is found all the same, and what would have been
    /// refused is counted.
    pub mode: Mode,
}

impl Default for ConcurrencyConfig {
    fn default() -> Self {
        Self {
            initial_limit: 100,
            min_limit: 10,
            max_limit: 1000,
            increase_rate: 1.0,
            decrease_factor: 0.9,
            algorithm: LimitAlgorithm::Aimd,
            mode: Mode::Enforce,
        }
    }
}

impl ConcurrencyConfig {
    /// Checks every value against its range.
    ///
    /// # Errors
    ///
    /// When `min_limit` is zero, `max_limit` is below it or above a million, `initial_limit` is
    /// not between them, `increase_rate` is not above 0 or not finite, or `decrease_factor` is
    /// not between 0 and 1.
    pub fn validate(&self) -> Result<(), ConfigError> {
        if self.min_limit == 0 {
            return Err(ConfigError::out_of_range(
                "min_limit",
                "at least 1",
                self.min_limit,
            ));
        }
        if self.max_limit < self.min_limit || self.max_limit > HIGHEST {
            let rule = "at least min_limit and at most a million";
            return Err(ConfigError::out_of_range("max_limit", rule, self.max_limit));
        }
        if !(self.min_limit..=self.max_limit).contains(&self.initial_limit) {
            let rule = "from min_limit to max_limit";
            return Err(ConfigError::out_of_range(
                "initial_limit",
                rule,
                self.initial_limit,
            ));
        }
        if !(self.increase_rate > 0.0 && self.increase_rate.is_finite()) {
            return Err(ConfigError::out_of_range(
                "increase_rate",
                "above 0 and finite",
                self.increase_rate,
            ));
        }
        if !(self.decrease_factor > 0.0 && self.decrease_factor < 1.0) {
            let rule = "above 0 and below 1";
            return Err(ConfigError::out_of_range(
                "decrease_factor",
                rule,
                self.decrease_factor,
            ));
        }
        Ok(())
    }
}
