//! Resilience patterns for async Rust services.

#![cfg_attr(
    not(all(
        feature = "ratelimit",
        feature = "retry",
        feature = "circuitbreaker",
        feature = "timeout"
    )),
    allow(
        dead_code,
        unused_imports,
        reason = "each pattern uses a part of what all of them share"
    )
)]

mod clock;
pub mod duration;
mod error;
mod failure;
mod listener;
mod mode;
pub mod registry;
mod rng;
mod stats;
mod sync;

#[cfg(feature = "circuitbreaker")]
pub mod circuitbreaker;
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
#[cfg(feature = "timeout")]
pub mod timeout;

pub use self::error::ConfigError;
pub use self::failure::{AnyError, ByKind, Classify, Exception, Exceptions, Failure, FailureKind};
pub use self::mode::{CircuitMode, Mode};
pub use self::registry::Patterns;

#[cfg(feature = "circuitbreaker")]
pub use self::circuitbreaker::{
    CircuitBreaker, CircuitBreakerConfig, CircuitBreakerError, CircuitOpen, CircuitPermit,
    CircuitState,
};
#[cfg(feature = "ratelimit")]
pub use self::ratelimit::{
    RateLimit, RateLimitConfig, RateLimitError, RateLimitGrant, RateLimited, RetryAfterStrategy,
};
#[cfg(feature = "retry")]
pub use self::retry::{
    BudgetConfig, Jitter, Retry, RetryBudget, RetryConfig, RetryError, RetryExhausted, RetryState,
};
#[cfg(feature = "timeout")]
pub use self::timeout::{TimedOut, Timeout, TimeoutConfig, TimeoutError};
