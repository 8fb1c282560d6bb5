//! Do not wait for the one that is slow.
//!
//! Of many calls to one thing a few take much longer than the others: a node that collects its
//! garbage, a packet that was lost. A hedge waits for `delay`; when there is no answer by then, it
//! makes the call once more beside the first, and takes the answer that is there first. The others
//! are dropped. The slowest calls become nearly as fast as the usual ones, for a few extra calls.
//!
//! ```
//! use failsafe_runtime::{Hedge, HedgeConfig};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), failsafe_runtime::ConfigError> {
//! let hedge = Hedge::new("search", HedgeConfig::default())?;
//!
//! let mut calls = 0;
//! let answer = hedge
//!     .call(|| {
//!         calls += 1;
//!         let hangs = calls == 1;
//!         async move {
//!             if hangs {
//!                 std::future::pending::<()>().await;
//!             }
//!             Ok::<_, &str>("found")
//!         }
//!     })
//!     .await;
//! assert_eq!(answer, Ok("found"));
//! assert_eq!(calls, 2);
//! # Ok(())
//! # }
//! ```
//!
//! # The other ways to use it
//!
//! By hand, where the attempts are made elsewhere: see [`start`](Hedge::start).
//!
//! As a layer of tower, alone and stacked with others: `HedgeLayer` (feature `tower`) shows how.
//!
//! # When not to use it
//!
//! Not around what must not happen twice: a call that lost the race may have had its effect all
//! the same. And not against a load: what is slow because it has too much to do becomes slower by
//! every call that is made twice. `max_extra` bounds that share, whatever happens; within an attempt of a
//! retry, the budget of that retry pays for each as well.
//!
//! # How attempts follow each other
//!
//! The first is polled before anything else: one that is ready at once costs no timer. Another
//! begins when `delay` has passed since the last one began, and at once when one has failed. At
//! most `attempts` begin, and as long as one is running, nobody is told of failures: a fast error
//! does not beat a slow success. The first success is the answer in the moment that it is there,
//! and before it is returned the others are dropped. When all have failed, the failure of the last
//! one is the answer. When nothing may be started any more, the attempts that run go on.
//!
//! # An observed delay
//!
//! With `delay: p95` another attempt begins when a call takes longer than 95 % of those that
//! succeeded, of the last 128 and the last minute; while fewer than 20 are known, after 30 ms. A
//! call that was decided by another attempt counts with the time that it took, which is the least
//! that its first attempt would have needed: what is looked at is not made faster by looking.
//!
//! # Dropped calls and panics
//!
//! Dropped at any await, a hedge drops every attempt. A panic of one attempt drops the others and is passed on.
//!
//! # Where it comes from
//!
//! Jeffrey Dean and Luiz André Barroso, *The Tail at Scale* (Communications of the ACM, 2013), call it a hedged
//! request; there, too, the second one is made after the 95th percentile.

mod budget;
mod config;
mod delay;
mod error;
mod event;
#[cfg(feature = "tower")]
mod future;
mod latencies;
#[cfg(feature = "tower")]
mod layer;
mod policy;
mod race;
#[cfg(feature = "tower")]
mod service;
mod state;
#[cfg(test)]
mod tests;

pub use self::config::HedgeConfig;
pub use self::delay::HedgeDelay;
pub use self::error::{HedgeError, HedgeTimedOut};
pub use self::event::HedgeEvent;
#[cfg(feature = "tower")]
pub use self::future::HedgeFuture;
#[cfg(feature = "tower")]
pub use self::layer::HedgeLayer;
pub use self::policy::Hedge;
#[cfg(feature = "tower")]
pub use self::service::HedgeService;
pub use self::state::{HedgeState, HedgeStep};
