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
//! # The other ways to use it
//!
//! By hand, where the attempts are made elsewhere: [`start`](Retry::start) counts a call, and
//! [`next`](Retry::next) says how long to wait before the next attempt, or that there is none:
//!
//! ```
//! use std::time::Duration;
//! use failsafe_runtime::{FailureKind, Retry, RetryConfig};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), failsafe_runtime::ConfigError> {
//! let config = RetryConfig { delay: Duration::from_millis(1), ..Default::default() };
//! let retry = Retry::new("fetch", config)?;
//!
//! let mut state = retry.start();
//! let answer = loop {
//!     // The first attempt fails, the second one does not.
//!     match state.attempts() {
//!         1 => match retry.next(&mut state, FailureKind::Connection) {
//!             Some(wait) => tokio::time::sleep(wait).await,
//!             None => break Err("gave up"),
//!         },
//!         _ => {
//!             retry.succeeded(&state);
//!             break Ok("page");
//!         }
//!     }
//! };
//! assert_eq!(answer, Ok("page"));
//! # Ok(())
//! # }
//! ```
//!
//! As a layer of tower, alone and stacked with others: `RetryLayer` (feature `tower`) shows how.
//!
//! # When not to use it
//!
//! Not around what must not happen twice: a call that timed out may have had its effect. Not
//! around another retry: three layers of four attempts would be 64 calls, and all that keeps them
//! from it is that retries within an attempt of another one take from its share of the budget. And
//! not without a bound on all retries together, which is why every [`Retry`] has a
//! [`RetryBudget`].
//!
//! # Dropped calls and panics
//!
//! A call that is dropped makes no further attempt. A panic is passed on as it is: to run into a fault of the
//! program once more helps nobody.
//!
//! # Where it comes from
//!
//! The forms of [`Jitter`] are those of Marc Brooker's *Exponential Backoff and Jitter* (AWS, 2015); that
//! retries are bounded as a share of the calls is an idea of Twitter's Finagle.

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
mod share;
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
pub(crate) use self::share::BudgetShare;
pub use self::state::RetryState;
