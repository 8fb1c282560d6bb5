//! Refuse at once what cannot work.
//!
//! Some failures do not pass by themselves: a wrong password, a schema that does not fit, a
//! disk that is full. To try again after a while only does harm, or noise. A fail-fast counts
//! failures in a row; at `failure_threshold` it *opens*, and calls are refused at once, until
//! somebody who knows that it is repaired closes it: a person ([`close`](FailFast::close), or the
//! control plane), a health check ([`with_health`](FailFast::with_health)), or, with a
//! `recovery_timeout`, time.
//!
//! ```
//! use failsafe_runtime::{FailFast, FailFastConfig, FailFastError};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), failsafe_runtime::ConfigError> {
//! let config = FailFastConfig { failure_threshold: 1, ..Default::default() };
//! let fail_fast = FailFast::new("ledger", config)?;
//!
//! let answer = fail_fast.call(|| async { Err::<(), _>("no such table") }).await;
//! assert_eq!(answer, Err(FailFastError::Inner("no such table")));
//!
//! // It is open now: the closure is not called.
//! let answer = fail_fast.call(|| async { Ok::<_, &str>(()) }).await;
//! assert!(matches!(answer, Err(FailFastError::Open(_))));
//!
//! fail_fast.close();
//! assert_eq!(fail_fast.call(|| async { Ok::<_, &str>(()) }).await, Ok(()));
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
//! use failsafe_runtime::{FailFast, FailFastConfig};
//!
//! let config = FailFastConfig { failure_threshold: 1, ..Default::default() };
//! let fail_fast = FailFast::new("ledger", config)?;
//!
//! fail_fast.acquire().expect("it is closed").success();
//! fail_fast.acquire().expect("it is closed").failure();
//! assert!(fail_fast.acquire().is_err(), "it is open until somebody closes it");
//! # Ok::<(), failsafe_runtime::ConfigError>(())
//! ```
//!
//! As a layer of tower, alone and stacked with others: `FailFastLayer` (feature `tower`) shows how.
//!
//! # When not to use it
//!
//! Not around what recovers by itself. A [circuit breaker](crate::circuitbreaker) finds out with a
//! few probes; a fail-fast has no probes: when it closes, everybody passes. And without a health
//! check and a `recovery_timeout` it stays open until a person comes, at whatever hour that is.
//!
//! # What counts
//!
//! As with a circuit breaker, only consecutive failures count, one success forgets them, and a
//! result counts only for the state in which its call was admitted: what was on its way when it
//! opened cannot close it, nor open it again after it was closed.
//!
//! # Dropped calls and panics
//!
//! A call that is dropped, or a permit, is nothing at all. A panic is a failure.

mod config;
mod error;
mod event;
mod fuse;
#[cfg(feature = "tower")]
mod layer;
mod permit;
mod policy;
#[cfg(feature = "tower")]
mod service;
mod state;
#[cfg(test)]
mod tests;

pub use self::config::FailFastConfig;
pub use self::error::{FailFastError, FailFastOpen};
pub use self::event::FailFastEvent;
#[cfg(feature = "tower")]
pub use self::layer::FailFastLayer;
pub use self::permit::{FailFastPermit, OwnedFailFastPermit};
pub use self::policy::FailFast;
#[cfg(feature = "tower")]
pub use self::service::FailFastService;
pub use self::state::FailFastState;

/// The answer of a service behind a fail-fast, or its refusal.
#[cfg(feature = "tower")]
pub type FailFastFuture<F, C> =
    crate::permitted::Permitted<F, FailFastPermit<crate::Shared<FailFast>>, C>;
