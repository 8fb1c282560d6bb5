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
///
/// What is not given follows what is: with `initial_limit: 5` alone the limit never falls below 5
/// either, as it would be raised to its bound at once.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct ConcurrencyConfig {
    /// The calls that may run at a time before anything was learnt; from `min_limit` to
    /// `max_limit`. Default: 100, or the nearest between the two.
    pub initial_limit: Option<u32>,
    /// The limit never falls below this; at least 1. Default: 10, or `initial_limit` or
    /// `max_limit` where these are lower.
    pub min_limit: Option<u32>,
    /// The limit never rises above this; at most a million. Default: 1000, or `initial_limit` or
    /// `min_limit` where these are higher.
    pub max_limit: Option<u32>,
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
            initial_limit: None,
            min_limit: None,
            max_limit: None,
            increase_rate: 1.0,
            decrease_factor: 0.9,
            algorithm: LimitAlgorithm::Aimd,
            mode: Mode::Enforce,
        }
    }
}

impl ConcurrencyConfig {
    /// The calls that may run at a time before anything was learnt.
    pub fn initial_limit(&self) -> u32 {
        let (low, high) = (self.min_limit(), self.max_limit());
        self.initial_limit.unwrap_or_else(|| 100.max(low).min(high))
    }

    /// The limit never falls below this.
    pub fn min_limit(&self) -> u32 {
        let others = [self.initial_limit, self.max_limit];
        self.min_limit
            .unwrap_or_else(|| others.into_iter().flatten().fold(10, u32::min))
    }

    /// The limit never rises above this.
    pub fn max_limit(&self) -> u32 {
        let others = [self.initial_limit, self.min_limit];
        self.max_limit
            .unwrap_or_else(|| others.into_iter().flatten().fold(1000, u32::max))
    }

    /// Checks every value against its range.
    ///
    /// # Errors
    ///
    /// When `min_limit` is zero, `max_limit` is below it or above a million, `initial_limit` is
    /// not between them, `increase_rate` is not above 0 or not finite, or `decrease_factor` is
    /// not between 0 and 1.
    pub fn validate(&self) -> Result<(), ConfigError> {
        for (key, limit) in [
            ("initial_limit", self.initial_limit),
            ("min_limit", self.min_limit),
            ("max_limit", self.max_limit),
        ] {
            if limit == Some(0) {
                return Err(ConfigError::out_of_range(key, "at least 1", 0));
            }
        }
        let (min, max) = (self.min_limit(), self.max_limit());
        if max < min || max > HIGHEST {
            let rule = "at least min_limit and at most a million";
            return Err(ConfigError::out_of_range("max_limit", rule, max));
        }
        let initial = self.initial_limit();
        if !(min..=max).contains(&initial) {
            let rule = "from min_limit to max_limit";
            return Err(ConfigError::out_of_range("initial_limit", rule, initial));
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
