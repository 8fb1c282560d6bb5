//! The patterns of one operation in the order in which they stand around its handler.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::client::ClientKey;
use super::fallback::Instead;
#[cfg(feature = "cache")]
use super::run::ResponseCache;
#[cfg(feature = "chaos")]
use crate::Chaos;
use crate::retry::BudgetShare;
use crate::{
    Backpressure, Bulkhead, CircuitBreaker, ConcurrencyLimit, FailFast, Fallback, FeatureToggle,
    Hedge, LoadShedder, RateLimit, Retry, Timeout,
};

/// The patterns of one operation, outermost first.
///
/// Two groups are kept apart, whatever the order of calls between them: patterns that decide
/// before the request is read (feature toggle, rate limit, load shedding, concurrency limit,
/// backpressure, bulkhead), and patterns around the handler (cache, fallback, fail-fast, circuit
/// breaker, retry, hedge, timeout). Within a group the order of calls is the order of nesting.
///
/// ```
/// use std::time::Duration;
/// use failsafe_runtime::service::PolicyStack;
/// use failsafe_runtime::{ConfigError, Patterns, RateLimitConfig, RetryConfig, TimeoutConfig};
///
/// fn get_inventory(patterns: &Patterns) -> Result<PolicyStack, ConfigError> {
///     let name = "getInventory";
///     Ok(PolicyStack::new()
///         .rate_limit(patterns.rate_limit(
///             name,
///             RateLimitConfig { max_executions: 100, ..RateLimitConfig::default() },
///         )?)
///         .retry(patterns.retry(name, RetryConfig { attempts: 3, ..RetryConfig::default() })?)
///         .timeout(patterns.timeout(
///             name,
///             TimeoutConfig { seconds: Duration::from_secs(2), ..TimeoutConfig::default() },
///         )?))
/// }
/// # get_inventory(&Patterns::new()).unwrap();
/// ```
#[derive(Default)]
pub struct PolicyStack {
    pub(crate) before: Vec<Before>,
    pub(crate) client_keys: &'static [ClientKey],
    pub(crate) around: Vec<Layer>,
    /// Innermost, whatever the order of calls.
    #[cfg(feature = "chaos")]
    pub(crate) chaos: Option<Arc<Chaos>>,
}

/// One pattern that decides before the request is read.
pub(crate) enum Before {
    FeatureToggle(Arc<FeatureToggle>),
    RateLimit(Arc<RateLimit>),
    LoadShed(Arc<LoadShedder>),
    Concurrency(Arc<ConcurrencyLimit>),
    Backpressure(Arc<Backpressure>),
    Bulkhead(Arc<Bulkhead>),
}

/// One pattern around the handler.
pub(crate) enum Layer {
    #[cfg(feature = "cache")]
    Cache(Arc<ResponseCache>),
    Fallback(Arc<Fallback>, Instead),
    FailFast(Arc<FailFast>),
    CircuitBreaker(Arc<CircuitBreaker>),
    /// With what this operation has of the budget: others may share the retry.
    Retry(Arc<Retry>, Arc<BudgetShare>, RetryWhen),
    Hedge(Arc<Hedge>),
    Timeout(Arc<Timeout>),
}

/// For which requests a retry is there at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RetryWhen {
    Always,
    /// Only those that say, by an `Idempotency-Key`, that they may be repeated.
    Keyed,
}

/// More layers than there are patterns around a handler.
pub(crate) const MAX_LAYERS: usize = 8;

impl PolicyStack {
    /// No patterns.
    #[must_use]
    pub fn new() -> PolicyStack {
        PolicyStack::default()
    }

    /// Refuses the request while this is off for its client.
    #[must_use]
    pub fn feature_toggle(self, toggle: Arc<FeatureToggle>) -> PolicyStack {
        self.before(Before::FeatureToggle(toggle))
    }

    /// Refuses the request when this has no token for it. Several limits are asked in order.
    #[must_use]
    pub fn rate_limit(self, rate_limit: Arc<RateLimit>) -> PolicyStack {
        self.before(Before::RateLimit(rate_limit))
    }

    /// Refuses the request when the service, or the machine below it, has too much to do.
    #[must_use]
    pub fn load_shedder(self, shedder: Arc<LoadShedder>) -> PolicyStack {
        self.before(Before::LoadShed(shedder))
    }

    /// Bounds how many requests are answered at a time, by what it learns of their latencies and
    /// failures.
    #[must_use]
    pub fn concurrency_limit(self, limit: Arc<ConcurrencyLimit>) -> PolicyStack {
        self.before(Before::Concurrency(limit))
    }

    /// Has requests wait while too many are pending, until few enough are.
    #[must_use]
    pub fn backpressure(self, backpressure: Arc<Backpressure>) -> PolicyStack {
        self.before(Before::Backpressure(backpressure))
    }

    /// Bounds how many requests are answered at a time, until the last byte of each answer.
    #[must_use]
    pub fn bulkhead(self, bulkhead: Arc<Bulkhead>) -> PolicyStack {
        self.before(Before::Bulkhead(bulkhead))
    }

    /// What tells clients from each other, the first that a request has. By default the peer's
    /// address.
    #[must_use]
    pub fn client_keys(mut self, keys: &'static [ClientKey]) -> PolicyStack {
        self.client_keys = keys;
        self
    }

    /// Answers with what was answered before, under a key of method, path, query, the headers that
    /// the configuration names, and who asks. Somebody who is known by a certificate is always answered
    /// anew: nothing says whose it is but the person's own code. Streams, and answers that say `no-store`, are not
    /// kept; a body of more than a megabyte neither.
    #[cfg(feature = "cache")]
    #[must_use]
    pub fn cache(self, cache: Arc<ResponseCache>) -> PolicyStack {
        self.around(Layer::Cache(cache))
    }

    /// Answers a failure with something else.
    #[must_use]
    pub fn fallback(self, fallback: Arc<Fallback>, instead: Instead) -> PolicyStack {
        self.around(Layer::Fallback(fallback, instead))
    }

    /// Refuses the call while this is open, and opens after failures in a row.
    #[must_use]
    pub fn fail_fast(self, fail_fast: Arc<FailFast>) -> PolicyStack {
        self.around(Layer::FailFast(fail_fast))
    }

    /// Refuses the call while this is open.
    #[must_use]
    pub fn circuit_breaker(self, circuit_breaker: Arc<CircuitBreaker>) -> PolicyStack {
        self.around(Layer::CircuitBreaker(circuit_breaker))
    }

    /// Calls again after a failure.
    #[must_use]
    pub fn retry(self, retry: Arc<Retry>) -> PolicyStack {
        self.retry_when(retry, RetryWhen::Always)
    }

    /// Calls again after a failure, but only when the request has an `Idempotency-Key`: for
    /// operations that are not safe to repeat.
    #[must_use]
    pub fn retry_keyed(self, retry: Arc<Retry>) -> PolicyStack {
        self.retry_when(retry, RetryWhen::Keyed)
    }

    /// Calls once more beside a call that is slow.
    #[must_use]
    pub fn hedge(self, hedge: Arc<Hedge>) -> PolicyStack {
        self.around(Layer::Hedge(hedge))
    }

    /// Drops what takes too long.
    #[must_use]
    pub fn timeout(self, timeout: Arc<Timeout>) -> PolicyStack {
        self.around(Layer::Timeout(timeout))
    }

    /// Has attempts fail on purpose, so that the other patterns can be seen to work. It stands right
    /// around the handler, whatever the order of calls.
    #[cfg(feature = "chaos")]
    #[must_use]
    pub fn chaos(mut self, chaos: Arc<Chaos>) -> PolicyStack {
        self.chaos = Some(chaos);
        self
    }

    /// The rate limits, which learn how long calls take.
    pub(crate) fn rate_limits(&self) -> impl Iterator<Item = &Arc<RateLimit>> {
        self.before.iter().filter_map(|pattern| match pattern {
            Before::RateLimit(rate_limit) => Some(rate_limit),
            _ => None,
        })
    }

    /// What keeps its answers.
    #[cfg(feature = "cache")]
    pub(crate) fn response_cache(&self) -> Option<&ResponseCache> {
        self.around.iter().find_map(|layer| match layer {
            Layer::Cache(cache) => Some(&**cache),
            _ => None,
        })
    }

    /// The shortest time that all attempts, waits and queues may take together, and whose it is.
    pub(crate) fn total(&self) -> Option<(&Timeout, Duration)> {
        let totals = self.around.iter().filter_map(|layer| match layer {
            Layer::Timeout(timeout) => Some((&**timeout, timeout.total()?)),
            _ => None,
        });
        totals.min_by_key(|(_, total)| *total)
    }

    fn before(mut self, pattern: Before) -> PolicyStack {
        self.before.push(pattern);
        self
    }

    fn retry_when(self, retry: Arc<Retry>, when: RetryWhen) -> PolicyStack {
        let share = BudgetShare::of(Arc::clone(retry.budget()));
        self.around(Layer::Retry(retry, share, when))
    }

    fn around(mut self, layer: Layer) -> PolicyStack {
        // What a call holds of its layers stands in an array of this length.
        assert!(
            self.around.len() < MAX_LAYERS,
            "a stack has at most {MAX_LAYERS} layers"
        );
        self.around.push(layer);
        self
    }
}

/// One line, outermost first: `ratelimit(list) > circuitbreaker(list) > handler`.
impl fmt::Display for PolicyStack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for pattern in &self.before {
            match pattern {
                Before::FeatureToggle(toggle) => write!(f, "featuretoggle({}) > ", toggle.name()),
                Before::RateLimit(rate_limit) => write!(f, "ratelimit({}) > ", rate_limit.name()),
                Before::LoadShed(shedder) => write!(f, "loadshed({}) > ", shedder.name()),
                Before::Backpressure(backpressure) => {
                    write!(f, "backpressure({}) > ", backpressure.name())
                }
                Before::Concurrency(limit) => write!(f, "concurrency({}) > ", limit.name()),
                Before::Bulkhead(bulkhead) => write!(f, "bulkhead({}) > ", bulkhead.name()),
            }?;
        }
        for layer in &self.around {
            match layer {
                #[cfg(feature = "cache")]
                Layer::Cache(cache) => write!(f, "cache({}) > ", cache.name()),
                Layer::Fallback(fallback, _) => write!(f, "fallback({}) > ", fallback.name()),
                Layer::Hedge(hedge) => write!(f, "hedge({}) > ", hedge.name()),
                Layer::FailFast(fail_fast) => write!(f, "failfast({}) > ", fail_fast.name()),
                Layer::CircuitBreaker(breaker) => {
                    write!(f, "circuitbreaker({}) > ", breaker.name())
                }
                Layer::Retry(retry, ..) => write!(f, "retry({}) > ", retry.name()),
                Layer::Timeout(timeout) => write!(f, "timeout({}) > ", timeout.name()),
            }?;
        }
        #[cfg(feature = "chaos")]
        if let Some(chaos) = &self.chaos {
            write!(f, "chaos({}) > ", chaos.name())?;
        }
        f.write_str("handler")
    }
}

impl fmt::Debug for PolicyStack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PolicyStack({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CircuitBreakerConfig, Patterns, RateLimitConfig, RetryConfig};

    #[test]
    fn the_order_of_calls_is_the_order_of_nesting_within_a_group() {
        let patterns = Patterns::new();
        let stack = PolicyStack::new()
            .retry(patterns.retry("a", RetryConfig::default()).unwrap())
            .rate_limit(
                patterns
                    .rate_limit("b", RateLimitConfig::default())
                    .unwrap(),
            )
            .circuit_breaker(
                patterns
                    .circuit_breaker("c", CircuitBreakerConfig::default())
                    .unwrap(),
            );
        let text = "ratelimit(b) > retry(a) > circuitbreaker(c) > handler";
        assert_eq!(stack.to_string(), text);
        assert_eq!(format!("{:?}", PolicyStack::new()), "PolicyStack(handler)");
    }
}
