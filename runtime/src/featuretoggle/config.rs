use super::share::Share;
use crate::{ConfigError, Mode};

/// Whether a feature is on, and for whom.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct FeatureToggleConfig {
    /// The switch itself: off, the feature is refused to everybody. Default: on.
    pub enabled: bool,
    /// The status that a refusal is answered with; 400 to 599. Default: 403.
    pub status: u16,
    /// The share of clients for whom it is on, in percent; 0 to 100. Default: 100.
    pub percentage: f64,
    /// Whether the toggle acts. In shadow nobody is refused; who would have been is counted.
    pub mode: Mode,
}

impl Default for FeatureToggleConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            status: 403,
            percentage: 100.0,
            mode: Mode::Enforce,
        }
    }
}

impl FeatureToggleConfig {
    /// Checks every value against its range.
    ///
    /// # Errors
    ///
    /// When a value is out of its range.
    pub fn validate(&self) -> Result<(), ConfigError> {
        if !(400..=599).contains(&self.status) {
            return Err(ConfigError::out_of_range(
                "status",
                "400 to 599",
                self.status,
            ));
        }
        if !(0.0..=100.0).contains(&self.percentage) {
            return Err(ConfigError::out_of_range(
                "percentage",
                "0 to 100",
                self.percentage,
            ));
        }
        Ok(())
    }

    pub(super) fn share(&self) -> Share {
        Share::of_percent(self.percentage)
    }
}
