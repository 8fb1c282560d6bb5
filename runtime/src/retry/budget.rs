use super::BudgetConfig;
use crate::ConfigError;

/// How many retries a whole service may make, shared by its retries.
#[derive(Debug, Default)]
pub struct RetryBudget {
    config: BudgetConfig,
}

impl RetryBudget {
    /// A budget.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range.
    pub fn new(config: BudgetConfig) -> Result<Self, ConfigError> {
        config.validate()?;
        Ok(Self { config })
    }

    /// The configuration in force.
    pub fn config(&self) -> BudgetConfig {
        self.config
    }

    /// Counts a call.
    pub fn deposit(&self) {}

    /// Asks for a retry.
    pub fn withdraw(&self) -> bool {
        true
    }
}
