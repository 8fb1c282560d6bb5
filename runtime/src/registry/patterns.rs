use std::sync::Arc;

use super::shelf::Shelf;
use super::{Events, Pattern, PatternKind, Snapshot, Subscription};
use crate::ConfigError;

/// All patterns of a service, by type and name.
#[derive(Debug, Default)]
pub struct Patterns {
    shelf: Shelf,
    events: Events,
    #[cfg(feature = "retry")]
    budget: Arc<crate::RetryBudget>,
}

/// A method that gives the pattern of a name, made if there is none yet.
macro_rules! shelved {
    ($feature:literal, $method:ident, $kind:ident, $pattern:ident, $config:ident, $what:literal) => {
        #[doc = concat!("The ", $what, " of this name; made if there is none yet.")]
        ///
        /// # Errors
        ///
        /// When the configuration is out of range, or the name is in use with another one.
        #[cfg(feature = $feature)]
        pub fn $method(
            &self,
            name: &str,
            config: crate::$config,
        ) -> Result<Arc<crate::$pattern>, ConfigError> {
            self.shelf.get_or_create(
                PatternKind::$kind,
                name,
                &self.events,
                config,
                crate::$pattern::config,
                |config| crate::$pattern::new(name, config),
            )
        }
    };
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

    shelved!(
        "bulkhead",
        bulkhead,
        Bulkhead,
        Bulkhead,
        BulkheadConfig,
        "bulkhead"
    );
    shelved!(
        "failfast",
        fail_fast,
        FailFast,
        FailFast,
        FailFastConfig,
        "fail-fast"
    );
    shelved!(
        "fallback",
        fallback,
        Fallback,
        Fallback,
        FallbackConfig,
        "fallback"
    );
    shelved!(
        "backpressure",
        backpressure,
        Backpressure,
        Backpressure,
        BackpressureConfig,
        "backpressure"
    );
    shelved!(
        "concurrency",
        concurrency_limit,
        Concurrency,
        ConcurrencyLimit,
        ConcurrencyConfig,
        "concurrency limit"
    );
    shelved!(
        "loadshed",
        load_shedder,
        LoadShed,
        LoadShedder,
        LoadShedConfig,
        "load shedder"
    );
    shelved!(
        "featuretoggle",
        feature_toggle,
        FeatureToggle,
        FeatureToggle,
        FeatureToggleConfig,
        "feature toggle"
    );
    shelved!("hedge", hedge, Hedge, Hedge, HedgeConfig, "hedge");
    #[cfg(feature = "chaos")]
    shelved!("chaos", chaos, Chaos, Chaos, ChaosConfig, "chaos");
    shelved!(
        "ratelimit",
        rate_limit,
        RateLimit,
        RateLimit,
        RateLimitConfig,
        "rate limit"
    );
    shelved!(
        "circuitbreaker",
        circuit_breaker,
        CircuitBreaker,
        CircuitBreaker,
        CircuitBreakerConfig,
        "circuit breaker"
    );
    shelved!(
        "timeout",
        timeout,
        Timeout,
        Timeout,
        TimeoutConfig,
        "timeout"
    );

    /// The cache of this name; made if there is none yet.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range, or the name is in use with another one, or for
    /// other keys and values.
    #[cfg(feature = "cache")]
    pub fn cache<K: crate::CacheKey, V: crate::CacheValue, E: crate::CacheValue>(
        &self,
        name: &str,
        config: crate::CacheConfig,
    ) -> Result<Arc<crate::Cache<K, V, E>>, ConfigError> {
        self.shelf.get_or_create(
            PatternKind::Cache,
            name,
            &self.events,
            config,
            crate::Cache::config,
            |config| crate::Cache::new(name, config),
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
        self.shelf.get_or_create(
            PatternKind::Retry,
            name,
            &self.events,
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

    /// The pattern of this type and name, whatever it is.
    pub fn get(&self, kind: PatternKind, name: &str) -> Option<Arc<dyn Pattern>> {
        self.shelf.get(kind, name)
    }

    /// Every pattern, by type and then by name.
    pub fn all(&self) -> Vec<Arc<dyn Pattern>> {
        self.shelf.all()
    }

    /// The type and name of every pattern, by type and then by name.
    pub fn list(&self) -> Vec<(PatternKind, String)> {
        let all = self.shelf.all();
        all.iter()
            .map(|pattern| (pattern.kind(), pattern.name().to_owned()))
            .collect()
    }

    /// Every pattern's state and numbers at this moment, by type and then by name.
    pub fn snapshot(&self) -> Snapshot {
        let all = self.shelf.all();
        Snapshot {
            patterns: all.iter().map(|pattern| pattern.snapshot()).collect(),
        }
    }

    /// Tells subscribers what was done to a pattern from outside.
    #[cfg(feature = "overrides")]
    pub(crate) fn announce(&self, pattern: &dyn Pattern, what: super::Occurrence) {
        let name = pattern.name().into();
        self.events.emit(pattern.kind(), &name, || what);
    }

    /// What happens to the patterns from now on.
    pub fn subscribe(&self) -> Subscription {
        self.events.subscribe()
    }
}
