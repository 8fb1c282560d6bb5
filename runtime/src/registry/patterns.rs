use std::sync::Arc;

use super::shelf::Shelf;
use super::{PatternKind, Snapshot};
use crate::ConfigError;

/// All patterns of a service, by type and name.
#[derive(Debug, Default)]
pub struct Patterns {
    #[cfg(feature = "ratelimit")]
    rate_limits: Shelf<crate::RateLimit>,
    #[cfg(feature = "retry")]
    retries: Shelf<crate::Retry>,
    #[cfg(feature = "retry")]
    budget: Arc<crate::RetryBudget>,
    #[cfg(feature = "circuitbreaker")]
    circuit_breakers: Shelf<crate::CircuitBreaker>,
    #[cfg(feature = "timeout")]
    timeouts: Shelf<crate::Timeout>,
}

impl Patterns {
    /// No patterns yet, and the default retry budget.
    pub fn new() -> Self {
        Self::default()
    }

    /// No patterns yet, and this retry budget for all retries.
    ///
    /// # Errors
    ///
    /// When the budget is out of range.
    #[cfg(feature = "retry")]
    pub fn with_retry_budget(budget: crate::BudgetConfig) -> Result<Self, ConfigError> {
        Ok(Self {
            budget: Arc::new(crate::RetryBudget::new(budget)?),
            ..Self::default()
        })
    }

    /// The rate limit of this name; made if there is none yet.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range, or the name is in use with another one.
    #[cfg(feature = "ratelimit")]
    pub fn rate_limit(
        &self,
        name: &str,
        config: crate::RateLimitConfig,
    ) -> Result<Arc<crate::RateLimit>, ConfigError> {
        self.rate_limits.get_or_create(
            PatternKind::RateLimit,
            name,
            config,
            crate::RateLimit::config,
            |config| crate::RateLimit::new(name, config),
        )
    }

    /// The retry of this name; made if there is none yet. It shares this registry's budget.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range, or the name is in use with another one.
    #[cfg(feature = "retry")]
    pub fn retry(
        &self,
        name: &str,
        config: crate::RetryConfig,
    ) -> Result<Arc<crate::Retry>, ConfigError> {
        self.retries.get_or_create(
            PatternKind::Retry,
            name,
            config,
            crate::Retry::config,
            |config| crate::Retry::with_budget(name, config, Arc::clone(&self.budget)),
        )
    }

    /// The budget that all retries share.
    #[cfg(feature = "retry")]
    pub fn retry_budget(&self) -> &Arc<crate::RetryBudget> {
        &self.budget
    }

    /// The circuit breaker of this name; made if there is none yet.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range, or the name is in use with another one.
    #[cfg(feature = "circuitbreaker")]
    pub fn circuit_breaker(
        &self,
        name: &str,
        config: crate::CircuitBreakerConfig,
    ) -> Result<Arc<crate::CircuitBreaker>, ConfigError> {
        self.circuit_breakers.get_or_create(
            PatternKind::CircuitBreaker,
            name,
            config,
            crate::CircuitBreaker::config,
            |config| crate::CircuitBreaker::new(name, config),
        )
    }

    /// The timeout of this name; made if there is none yet.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range, or the name is in use with another one.
    #[cfg(feature = "timeout")]
    pub fn timeout(
        &self,
        name: &str,
        config: crate::TimeoutConfig,
    ) -> Result<Arc<crate::Timeout>, ConfigError> {
        self.timeouts.get_or_create(
            PatternKind::Timeout,
            name,
            config,
            crate::Timeout::config,
            |config| crate::Timeout::new(name, config),
        )
    }

    /// The type and name of every pattern, by type and then by name.
    pub fn list(&self) -> Vec<(PatternKind, String)> {
        #[allow(unused_mut, reason = "without any pattern there is nothing to add")]
        let mut names = Vec::new();
        #[cfg(feature = "ratelimit")]
        names.extend(self.rate_limits.names(PatternKind::RateLimit));
        #[cfg(feature = "circuitbreaker")]
        names.extend(self.circuit_breakers.names(PatternKind::CircuitBreaker));
        #[cfg(feature = "retry")]
        names.extend(self.retries.names(PatternKind::Retry));
        #[cfg(feature = "timeout")]
        names.extend(self.timeouts.names(PatternKind::Timeout));
        names
    }

    /// Every pattern's state and numbers at this moment, by type and then by name.
    pub fn snapshot(&self) -> Snapshot {
        #[allow(unused_mut, reason = "without any pattern there is nothing to add")]
        let mut patterns = Vec::new();
        #[cfg(feature = "ratelimit")]
        patterns.extend(
            self.rate_limits
                .all()
                .iter()
                .map(|pattern| pattern.snapshot()),
        );
        #[cfg(feature = "circuitbreaker")]
        patterns.extend(
            self.circuit_breakers
                .all()
                .iter()
                .map(|pattern| pattern.snapshot()),
        );
        #[cfg(feature = "retry")]
        patterns.extend(self.retries.all().iter().map(|pattern| pattern.snapshot()));
        #[cfg(feature = "timeout")]
        patterns.extend(self.timeouts.all().iter().map(|pattern| pattern.snapshot()));
        Snapshot { patterns }
    }
}
