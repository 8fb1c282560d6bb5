//! All patterns of a service, by type and name.

mod numbers;
mod snapshot;

#[cfg(any(
    feature = "ratelimit",
    feature = "retry",
    feature = "circuitbreaker",
    feature = "timeout"
))]
use std::collections::BTreeMap;
#[cfg(any(
    feature = "ratelimit",
    feature = "retry",
    feature = "circuitbreaker",
    feature = "timeout"
))]
use std::sync::{Arc, Mutex, PoisonError};

pub(crate) use self::numbers::Numbers;
pub use self::snapshot::{Counter, Gauge, Histogram, PatternKind, PatternSnapshot, Snapshot};
#[cfg(any(
    feature = "ratelimit",
    feature = "retry",
    feature = "circuitbreaker",
    feature = "timeout"
))]
use crate::ConfigError;

#[cfg(any(
    feature = "ratelimit",
    feature = "retry",
    feature = "circuitbreaker",
    feature = "timeout"
))]
type Shelf<T> = Mutex<BTreeMap<String, Arc<T>>>;

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

#[cfg(any(
    feature = "ratelimit",
    feature = "retry",
    feature = "circuitbreaker",
    feature = "timeout"
))]
fn get_or_create<T, C: PartialEq>(
    shelf: &Shelf<T>,
    pattern: PatternKind,
    name: &str,
    config: C,
    config_of: impl FnOnce(&T) -> C,
    create: impl FnOnce(C) -> Result<T, ConfigError>,
) -> Result<Arc<T>, ConfigError> {
    let mut shelf = shelf.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(existing) = shelf.get(name) {
        return if config_of(existing) == config {
            Ok(Arc::clone(existing))
        } else {
            Err(ConfigError::Conflict {
                pattern: pattern.as_str(),
                name: name.to_owned(),
            })
        };
    }
    let created = Arc::new(create(config)?);
    shelf.insert(name.to_owned(), Arc::clone(&created));
    Ok(created)
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
        get_or_create(
            &self.rate_limits,
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
        get_or_create(
            &self.retries,
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
        get_or_create(
            &self.circuit_breakers,
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
        get_or_create(
            &self.timeouts,
            PatternKind::Timeout,
            name,
            config,
            crate::Timeout::config,
            |config| crate::Timeout::new(name, config),
        )
    }

    /// Every pattern's state and numbers at this moment, by type and then by name.
    pub fn snapshot(&self) -> Snapshot {
        #[allow(unused_mut, reason = "without any pattern there is nothing to add")]
        let mut patterns = Vec::new();
        #[cfg(feature = "ratelimit")]
        patterns.extend(
            all(&self.rate_limits)
                .iter()
                .map(|pattern| pattern.snapshot()),
        );
        #[cfg(feature = "circuitbreaker")]
        patterns.extend(
            all(&self.circuit_breakers)
                .iter()
                .map(|pattern| pattern.snapshot()),
        );
        #[cfg(feature = "retry")]
        patterns.extend(all(&self.retries).iter().map(|pattern| pattern.snapshot()));
        #[cfg(feature = "timeout")]
        patterns.extend(all(&self.timeouts).iter().map(|pattern| pattern.snapshot()));
        Snapshot { patterns }
    }
}

/// The patterns on a shelf by name; the shelf is not kept locked while they are looked at.
#[cfg(any(
    feature = "ratelimit",
    feature = "retry",
    feature = "circuitbreaker",
    feature = "timeout"
))]
fn all<T>(shelf: &Shelf<T>) -> Vec<Arc<T>> {
    shelf
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .values()
        .cloned()
        .collect()
}
