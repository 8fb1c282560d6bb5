//! Try again what failed by chance.
//!
//! Many failures are over before anybody could look: a connection that was reset, a node that
//! was being replaced. A retry makes the call again after a wait, and waits longer each time:
//! `min(delay * backoff^(n - 1), max_delay)`, spread by [`Jitter`] so that those who failed
//! together do not come back together.
//!
//! ```
//! use std::cell::Cell;
//! use std::time::Duration;
//! use failsafe_runtime::{Retry, RetryConfig};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), failsafe_runtime::ConfigError> {
//! let config = RetryConfig { attempts: 3, delay: Duration::from_millis(1), ..Default::default() };
//! let retry = Retry::new("fetch", config)?;
//!
//! let calls = Cell::new(0);
//! let answer = retry
//!     .call(|| async {
//!         calls.set(calls.get() + 1);
//!         if calls.get() < 3 { Err("connection reset") } else { Ok("page") }
//!     })
//!     .await;
//! assert_eq!(answer, Ok("page"));
//! assert_eq!(calls.get(), 3);
//! # Ok(())
//! # }
//! ```
//!
//! # When not to use it
//!
//! Not around what must not happen twice: a call that timed out may have had its effect. Not
//! around another retry: three layers of four attempts would be 64 calls, and all that keeps them from
//! it is that retries within an attempt of another one take from its budget. And not without a bound on
//! all retries together, which is why every [`Retry`] has a [`RetryBudget`].

mod backoff;
mod budget;
mod config;
mod error;
mod event;
#[cfg(feature = "tower")]
mod future;
#[cfg(feature = "tower")]
mod layer;
pub(crate) mod nesting;
mod policy;
#[cfg(feature = "tower")]
mod service;
mod state;
#[cfg(test)]
mod tests;

pub use self::budget::RetryBudget;
pub use self::config::{BudgetConfig, Jitter, RetryConfig};
pub use self::error::{RetryError, RetryExhausted};
pub use self::event::RetryEvent;
#[cfg(feature = "tower")]
pub use self::future::RetryFuture;
#[cfg(feature = "tower")]
pub use self::layer::RetryLayer;
pub use self::policy::Retry;
#[cfg(feature = "tower")]
pub use self::service::RetryService;
pub use self::state::RetryState;
