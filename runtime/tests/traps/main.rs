//! Fifteen traps into which libraries of resilience have fallen, by their numbers, all through what
//! anybody can call. Each pattern's own tests look at the same more closely.
#![cfg(feature = "full")]

mod calls;
mod circuits;
mod limits;

use std::cell::Cell;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use failsafe_runtime::{
    BudgetConfig, Bulkhead, BulkheadConfig, ByKind, Cache, CacheConfig, CircuitBreaker,
    CircuitBreakerConfig, CircuitState, CircuitWindow, ConcurrencyConfig, ConcurrencyLimit,
    Failure, Hedge, HedgeConfig, RateLimit, RateLimitConfig, Retry, RetryBudget, RetryConfig,
};
use tokio::time::{Instant, advance, sleep};

const SECOND: Duration = Duration::from_secs(1);

fn breaker(config: CircuitBreakerConfig) -> CircuitBreaker {
    CircuitBreaker::new("trap", config).expect("in range")
}

fn rate_limit(config: RateLimitConfig) -> RateLimit {
    RateLimit::new("trap", config).expect("in range")
}

fn succeed(breaker: &CircuitBreaker) {
    breaker.acquire().expect("closed").success();
}

fn fail(breaker: &CircuitBreaker) {
    breaker.acquire().expect("closed").failure();
}

/// A circuit that opens with its first failure.
fn touchy() -> CircuitBreaker {
    breaker(CircuitBreakerConfig {
        failure_threshold: 1,
        ..CircuitBreakerConfig::default()
    })
}
