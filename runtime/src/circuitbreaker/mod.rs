//! Stop calling what keeps failing.
//!
//! A service whose database is down makes it worse by asking on: every caller waits for its
//! timeout, holds its memory and its connection, and the database meets the whole crowd the
//! moment it comes back. A circuit breaker counts failures in a row. At `failure_threshold` it
//! *opens*: calls are refused at once and told when to come back. After `recovery_timeout` it is
//! *half open*: at most `half_open_requests` calls at a time go through as probes.
//! `success_threshold` successes *close* it; a single failure opens it again.
//!
//! ```
//! use failsafe_runtime::{CircuitBreaker, CircuitBreakerConfig, CircuitBreakerError};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), failsafe_runtime::ConfigError> {
//! let config = CircuitBreakerConfig { failure_threshold: 1, ..Default::default() };
//! let breaker = CircuitBreaker::new("database", config)?;
//!
//! let answer = breaker.call(|| async { Err::<(), _>("connection refused") }).await;
//! assert_eq!(answer, Err(CircuitBreakerError::Inner("connection refused")));
//!
//! // The circuit is open now: the closure is not called.
//! let answer = breaker.call(|| async { Ok::<_, &str>(()) }).await;
//! assert!(matches!(answer, Err(CircuitBreakerError::Open(_))));
//! # Ok(())
//! # }
//! ```
//!
//! # The other ways to use it
//!
//! As a guard, where the call is made elsewhere. Its permit says how the call ended; dropped without
//! a word, it counts as no call at all:
//!
//! ```
//! use failsafe_runtime::{CircuitBreaker, CircuitBreakerConfig, CircuitState};
//!
//! let config = CircuitBreakerConfig { failure_threshold: 1, ..Default::default() };
//! let breaker = CircuitBreaker::new("database", config)?;
//!
//! drop(breaker.acquire().expect("it is closed"));
//! assert_eq!(breaker.state(), CircuitState::Closed);
//!
//! breaker.acquire().expect("it is closed").failure();
//! let refused = breaker.acquire().expect_err("it is open");
//! assert_eq!(breaker.state(), CircuitState::Open);
//! # Ok::<(), failsafe_runtime::ConfigError>(())
//! ```
//!
//! As a layer of tower, alone and stacked with others: `CircuitBreakerLayer` (feature `tower`) shows how.
//!
//! # When not to use it
//!
//! Not around calls that fail one by one for reasons of their own: a breaker takes the failures
//! of some callers as a forecast for all. Not as a limit on load; that is a rate limit's work.
//!
//! # What counts
//!
//! Only consecutive failures count; one success forgets them. A result counts only for the state
//! in which its call was admitted: whatever was admitted before the circuit opened cannot close it,
//! nor push its recovery out. Probes that take longer than `recovery_timeout` are no longer waited
//! for, so the circuit is never stuck half open.
//!
//! # Dropped calls and panics
//!
//! A call that is dropped before it ended is nothing at all and gives its permit back, and so does a
//! permit that is dropped. A panic is a failure.
//!
//! # Where it comes from
//!
//! Michael Nygard, *Release It!* (2007). The sliding windows judge as those of resilience4j do.

mod breaker;
mod circuit;
mod config;
mod error;
mod event;
#[cfg(feature = "tower")]
mod layer;
mod permit;
#[cfg(feature = "tower")]
mod service;
mod state;
#[cfg(test)]
mod tests;
mod window;

pub use self::breaker::CircuitBreaker;
pub use self::config::{CircuitBreakerConfig, CircuitWindow};
pub use self::error::{CircuitBreakerError, CircuitOpen};
pub use self::event::CircuitBreakerEvent;
#[cfg(feature = "tower")]
pub use self::layer::CircuitBreakerLayer;
pub use self::permit::{CircuitPermit, OwnedCircuitPermit};
#[cfg(feature = "tower")]
pub use self::service::CircuitBreakerService;
pub use self::state::CircuitState;

/// The answer of a service behind a circuit breaker, or its refusal.
#[cfg(feature = "tower")]
pub type CircuitBreakerFuture<F, C> =
    crate::permitted::Permitted<F, CircuitPermit<crate::Shared<CircuitBreaker>>, C>;
