//! Only as many calls at a time as turn out to be good.
//!
//! What is behind a service can bear so many calls at once, and beyond that everything only gets
//! slower. Nobody knows the number, and it changes with every release and every neighbour. This
//! limit finds it by itself: it rises while all is well and falls when it is not.
//!
//! ```
//! use failsafe_runtime::{ConcurrencyConfig, ConcurrencyError, ConcurrencyLimit};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), failsafe_runtime::ConfigError> {
//! let config = ConcurrencyConfig { initial_limit: Some(10), ..Default::default() };
//! let limit = ConcurrencyLimit::new("search", config)?;
//!
//! let answer = limit.call(|| async { Ok::<_, &str>("found") }).await;
//! assert_eq!(answer, Ok("found"));
//!
//! let answer = limit.call(|| async { Err::<&str, _>("timed out") }).await;
//! assert_eq!(answer, Err(ConcurrencyError::Inner("timed out")));
//! assert_eq!(limit.limit(), 10, "it is at its lowest");
//! # Ok(())
//! # }
//! ```
//!
//! # The other ways to use it
//!
//! As a guard, where the call is made elsewhere. Its permit says how the call ended, from which the limit
//! learns; dropped without a word, it tells nothing:
//!
//! ```
//! use failsafe_runtime::{ConcurrencyConfig, ConcurrencyLimit};
//!
//! let config = ConcurrencyConfig { initial_limit: Some(20), ..Default::default() };
//! let limit = ConcurrencyLimit::new("search", config)?;
//!
//! limit.acquire().expect("nobody is inside").success();
//! assert_eq!(limit.limit(), 20, "hardly any of it is used");
//! limit.acquire().expect("nobody is inside").failure();
//! assert_eq!(limit.limit(), 18, "nine tenths of what it was");
//! # Ok::<(), failsafe_runtime::ConfigError>(())
//! ```
//!
//! As a layer of tower, alone and stacked with others: `ConcurrencyLayer` (feature `tower`) shows how.
//!
//! # When not to use it
//!
//! Where the number is known and stays, as with the connections of a pool: a
//! [bulkhead](crate::bulkhead) keeps to it, and has a queue. And where failures say nothing about
//! load: name those that do with a classifier, or the limit falls for other people's mistakes.
//!
//! # How the limit moves
//!
//! Only calls that the limit could hinder tell something about it, so it rises only while at
//! least half of it is used: a service with little to do stays where it is.
//!
//! - `aimd`: when as many calls as the limit have succeeded, it grows by `increase_rate`.
//! - `gradient`: latencies are averaged over windows of 10 to 100 calls, for a short while and for
//!   a long one. With `g = clamp(1.5 * long / short, 0.5, 1)`, each window takes a fifth of the
//!   way to `limit * g + sqrt(limit)`. While calls take longer than usual, the long average does
//!   not learn that this be usual, unless the limit is at its lowest.
//! - Both: a failure multiplies it by `decrease_factor`, once in a round trip. Calls that were
//!   admitted before the decrease tell of a load that is no more, and change nothing; and for
//!   100 ms after it the limit stands still.
//!
//! The limit is always between `min_limit` and `max_limit`. There is no queue: who comes while it
//! is reached is refused at once.
//!
//! # Dropped calls and panics
//!
//! A call that is dropped gives its place back and teaches the limit nothing. A panic is a failure.
//!
//! # Where it comes from
//!
//! `aimd` is how TCP avoids congestion (RFC 5681, after Chiu and Jain, 1989). `gradient` follows the limit
//! `Gradient2` of Netflix's concurrency-limits, with a square root as the room for bursts.

mod adaptive;
mod config;
mod error;
mod event;
mod law;
#[cfg(feature = "tower")]
mod layer;
mod limit;
mod permit;
#[cfg(feature = "tower")]
mod service;
#[cfg(test)]
mod tests;

pub use self::config::{ConcurrencyConfig, LimitAlgorithm};
pub use self::error::{ConcurrencyError, ConcurrencyLimited};
pub use self::event::ConcurrencyEvent;
#[cfg(feature = "tower")]
pub use self::layer::ConcurrencyLayer;
pub use self::limit::ConcurrencyLimit;
pub use self::permit::{ConcurrencyPermit, OwnedConcurrencyPermit};
#[cfg(feature = "tower")]
pub use self::service::ConcurrencyService;

/// The answer of a service behind a concurrency limit, or its refusal.
#[cfg(feature = "tower")]
pub type ConcurrencyFuture<F, C> =
    crate::permitted::Permitted<F, ConcurrencyPermit<crate::Shared<ConcurrencyLimit>>, C>;
