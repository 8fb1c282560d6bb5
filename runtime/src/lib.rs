//! Resilience patterns for async Rust services.
//!
//! | pattern | what it does | folder and feature |
//! |---|---|---|
//! | [rate limit](ratelimit) | lets through only as many calls as can be served | `ratelimit` |
//! | [feature toggle](featuretoggle) | switches a feature on and off, or on for a share of the clients | `featuretoggle` |
//! | [bulkhead] | lets only so many calls run at a time | `bulkhead` |
//! | [backpressure] | has new calls wait until it is quiet again | `backpressure` |
//! | [adaptive concurrency](concurrency) | lets only as many calls run at a time as turn out to be good | `concurrency` |
//! | cache | gives the answer of an earlier call | `cache`, not a default |
//! | [load shedder](loadshed) | refuses while processor, memory or a queue are full | `loadshed` |
//! | [fallback] | answers a failure with something else, and says so | `fallback` |
//! | [fail-fast](failfast) | refuses at once what is broken, until it is repaired | `failfast` |
//! | [circuit breaker](circuitbreaker) | stops calling what keeps failing | `circuitbreaker` |
//! | [retry] | tries again what failed by chance | `retry` |
//! | [hedge] | makes a call that is slow a second time, and takes the first answer | `hedge` |
//! | [timeout] | does not wait for ever | `timeout` |
//! | chaos | fails on purpose, so that the others can be seen to work | `chaos`, not a default |
//!
//! Each can be used in four ways. As a call:
//!
//! ```
//! use failsafe_runtime::{CircuitBreaker, CircuitBreakerConfig, Timeout, TimeoutConfig};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), failsafe_runtime::ConfigError> {
//! let breaker = CircuitBreaker::new("search", CircuitBreakerConfig::default())?;
//! let timeout = Timeout::new("search", TimeoutConfig::default())?;
//!
//! // Stacked, without a box between them:
//! let answer = breaker.call(|| timeout.call(|| async { Ok::<_, &str>("found") })).await;
//! assert_eq!(answer, Ok("found"));
//! # Ok(())
//! # }
//! ```
//!
//! As a guard, where the call is made elsewhere:
//!
//! ```
//! # use failsafe_runtime::{CircuitBreaker, CircuitBreakerConfig};
//! # let breaker = CircuitBreaker::new("search", CircuitBreakerConfig::default())?;
//! if let Ok(permit) = breaker.acquire() {
//!     match "7".parse::<u8>() {
//!         Ok(_) => permit.success(),
//!         Err(_) => permit.failure(),
//!     }
//! }
//! # Ok::<(), failsafe_runtime::ConfigError>(())
//! ```
//!
//! As a tower layer (feature `tower`), and stacked with others in a `tower::ServiceBuilder`: each
//! module has its own, such as [`ratelimit::RateLimitLayer`] and [`hedge::HedgeLayer`].
//!
//! # Layers
//!
//! The services that a layer makes share one pattern, and so may as many layers as you like:
//! each takes the pattern itself, an [`Arc`](std::sync::Arc) of it, or a reference to one that is
//! there as long as the program runs; see [`Shared`].
//!
//! # What all of them have in common
//!
//! - A pattern has a name and a configuration that is checked when it is made, and can be
//!   reconfigured, switched to [`Mode::Shadow`] or off while calls are running.
//! - A future or a guard that is dropped at any point gives back what it held, and counts as no
//!   call at all. A panic is a failure.
//! - A call that succeeds allocates nothing, arms no timer that it does not need, holds no lock
//!   across an await, and writes no shared word that it need not write.
//! - Time is that of tokio's clock, so a test can pause it.
//! - [`Patterns`] keeps all patterns of a program by type and name, and reads their numbers.
//!
//! # Order
//!
//! From the outside: feature toggle, rate limit, load shedder, adaptive concurrency, backpressure,
//! bulkhead, cache, fallback, fail-fast, circuit breaker, retry, hedge, timeout. A refused call is then
//! neither a failure of the circuit nor worth another attempt, an open circuit is a reason to fall back,
//! the circuit sees what a caller sees, and each attempt has its time.

#![warn(missing_docs)]
#![cfg_attr(
    not(all(
        feature = "ratelimit",
        feature = "bulkhead",
        feature = "backpressure",
        feature = "concurrency",
        feature = "loadshed",
        feature = "failfast",
        feature = "fallback",
        feature = "featuretoggle",
        feature = "hedge",
        feature = "retry",
        feature = "circuitbreaker",
        feature = "timeout"
    )),
    allow(
        dead_code,
        unused_imports,
        unused_macros,
        unreachable_pub,
        reason = "each pattern uses a part of what all of them share"
    )
)]

#[cfg(all(
    feature = "tower",
    any(
        feature = "backpressure",
        feature = "bulkhead",
        feature = "featuretoggle"
    )
))]
mod awaited;
mod clock;
mod core;
pub mod duration;
mod error;
mod failure;
#[cfg(any(
    feature = "backpressure",
    feature = "bulkhead",
    feature = "concurrency",
    feature = "loadshed"
))]
mod gate;
#[cfg(any(feature = "ratelimit", feature = "featuretoggle"))]
mod key;
#[cfg(any(feature = "retry", feature = "hedge"))]
mod ledger;
mod listener;
mod mode;
#[cfg(feature = "overrides")]
mod overrides;
#[cfg(feature = "tower")]
mod permitted;
#[cfg(any(feature = "backpressure", feature = "bulkhead"))]
mod queued;
pub mod registry;
mod rng;
#[cfg(feature = "tower")]
mod shared;
mod stats;
mod sync;

#[cfg(feature = "backpressure")]
pub mod backpressure;
#[cfg(feature = "bulkhead")]
pub mod bulkhead;
#[cfg(feature = "cache")]
pub mod cache;
#[cfg(feature = "chaos")]
pub mod chaos;
#[cfg(feature = "circuitbreaker")]
pub mod circuitbreaker;
#[cfg(feature = "client")]
pub mod client;
#[cfg(feature = "concurrency")]
pub mod concurrency;
#[cfg(feature = "failfast")]
pub mod failfast;
#[cfg(feature = "fallback")]
pub mod fallback;
#[cfg(feature = "featuretoggle")]
pub mod featuretoggle;
#[cfg(feature = "hedge")]
pub mod hedge;
#[cfg(feature = "loadshed")]
pub mod loadshed;
#[cfg(feature = "ratelimit")]
pub mod ratelimit;
#[cfg(feature = "retry")]
pub mod retry;
#[cfg(feature = "schema")]
pub mod schema;
#[cfg(feature = "service")]
pub mod service;
#[cfg(feature = "sources")]
pub mod sources;
#[cfg(feature = "service")]
mod telemetry;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(feature = "timeout")]
pub mod timeout;

pub use self::error::ConfigError;
pub use self::failure::{AnyError, ByKind, Classify, Exception, Exceptions, Failure, FailureKind};
pub use self::mode::{CircuitMode, Mode};
pub use self::registry::Patterns;
#[cfg(feature = "tower")]
pub use self::shared::Shared;

#[cfg(feature = "backpressure")]
pub use self::backpressure::{
    Backpressure, BackpressureConfig, BackpressureError, BackpressureFull, BackpressurePermit,
};
#[cfg(feature = "bulkhead")]
pub use self::bulkhead::{Bulkhead, BulkheadConfig, BulkheadError, BulkheadFull, BulkheadPermit};
#[cfg(feature = "cache")]
pub use self::cache::{Cache, CacheConfig, CacheKey, CacheState, CacheValue, Cached};
#[cfg(feature = "chaos")]
pub use self::chaos::{Chaos, ChaosConfig, ChaosError, ChaosEvent, Injected, InjectedFault};
#[cfg(feature = "circuitbreaker")]
pub use self::circuitbreaker::{
    CircuitBreaker, CircuitBreakerConfig, CircuitBreakerError, CircuitOpen, CircuitPermit,
    CircuitState, CircuitWindow,
};
#[cfg(feature = "concurrency")]
pub use self::concurrency::{
    ConcurrencyConfig, ConcurrencyError, ConcurrencyLimit, ConcurrencyLimited, ConcurrencyPermit,
    LimitAlgorithm,
};
#[cfg(feature = "failfast")]
pub use self::failfast::{
    FailFast, FailFastConfig, FailFastError, FailFastOpen, FailFastPermit, FailFastState,
};
#[cfg(feature = "fallback")]
pub use self::fallback::{Fallback, FallbackAnswer, FallbackConfig, LastGood};
#[cfg(feature = "featuretoggle")]
pub use self::featuretoggle::{
    FeatureDisabled, FeatureToggle, FeatureToggleConfig, FeatureToggleError,
};
#[cfg(feature = "hedge")]
pub use self::hedge::{
    Hedge, HedgeConfig, HedgeDelay, HedgeError, HedgeState, HedgeStep, HedgeTimedOut,
};
#[cfg(feature = "loadshed")]
pub use self::loadshed::{
    LoadShed, LoadShedConfig, LoadShedError, LoadShedPermit, LoadShedReason, LoadShedder, Priority,
    SystemLoad,
};
#[cfg(feature = "ratelimit")]
pub use self::ratelimit::{
    Rate, RateLimit, RateLimitConfig, RateLimitError, RateLimitGrant, RateLimited,
    RetryAfterStrategy,
};
#[cfg(feature = "retry")]
pub use self::retry::{
    BudgetConfig, Jitter, Retry, RetryBudget, RetryConfig, RetryError, RetryExhausted, RetryState,
};
#[cfg(feature = "timeout")]
pub use self::timeout::{TimedOut, Timeout, TimeoutConfig, TimeoutError};
