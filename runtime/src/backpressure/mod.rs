//! Too many calls at a time have the next ones wait until it is quiet again.
//!
//! A service that stops at its limit and goes on with every call that ends works at its limit all
//! the time. Backpressure lets the work drain first: between its two marks it has a memory, and
//! those in front of it feel in time that they are sending too much.
//!
//! ```
//! use failsafe_runtime::{Backpressure, BackpressureConfig, BackpressureError};
//! use std::time::Duration;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), failsafe_runtime::ConfigError> {
//! let config = BackpressureConfig {
//!     max_pending: Some(10),
//!     high_water_mark: Some(2),
//!     low_water_mark: Some(0),
//!     timeout: Duration::ZERO,
//!     ..Default::default()
//! };
//! let backpressure = Backpressure::new("import", config)?;
//!
//! let first = backpressure.try_acquire().expect("nobody is inside");
//! let second = backpressure.try_acquire().expect("one is inside");
//! drop(first);
//! let answer = backpressure.call(|| async { Ok::<_, &str>("done") }).await;
//! assert!(matches!(answer, Err(BackpressureError::Full(_))), "it is not quiet yet");
//!
//! drop(second);
//! let answer = backpressure.call(|| async { Ok::<_, &str>("done") }).await;
//! assert_eq!(answer, Ok("done"));
//! # Ok(())
//! # }
//! ```
//!
//! # The other ways to use it
//!
//! As a guard, where the call is made elsewhere. The place is held until the permit is dropped;
//! [`try_acquire`](Backpressure::try_acquire) is the same without waiting:
//!
//! ```
//! use failsafe_runtime::{Backpressure, BackpressureConfig};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), failsafe_runtime::ConfigError> {
//! let config = BackpressureConfig { high_water_mark: Some(1), ..Default::default() };
//! let backpressure = Backpressure::new("import", config)?;
//!
//! let permit = backpressure.acquire().await.expect("nobody is inside");
//! assert!(backpressure.is_closed());
//! // Waits until it is quiet.
//! let (next, ()) = tokio::join!(backpressure.acquire(), async { drop(permit) });
//! assert!(next.is_ok());
//! # Ok(())
//! # }
//! ```
//!
//! As a layer of tower, alone and stacked with others: `BackpressureLayer` (feature `tower`) shows how.
//!
//! # What is pending
//!
//! A call is *running* from the moment it is let in until its permit is dropped, and *waiting*
//! from the moment it asked until it is let in, refused or dropped. Both are *pending*. The marks
//! look at those who are running, as those who wait cannot become fewer before somebody is let
//! in; `max_pending` looks at both together.
//!
//! ```text
//!  running  high ┤          ┌── closes             ┌── closes again
//!                │        ╱ │╲                   ╱ │
//!                │      ╱   │  ╲               ╱   │
//!                │    ╱     │    ╲           ╱     │
//!            low ┤  ╱       │      ╲───────╱       │
//!                │ ╱        │      └ opens         │
//!                └──────────┴──────┴───────────────┴─────── time
//!                  let in     wait   let in, in order
//! ```
//!
//! - While it is open, calls are let in. The one that takes the last place below
//!   `high_water_mark` closes it.
//! - While it is closed, new calls wait, at most as long as `timeout`. When `low_water_mark` are
//!   left running, it opens, and those who wait are let in, first come, first served, until the
//!   high mark is reached again.
//! - When `max_pending` calls run or wait, a new one is refused at once.
//!
//! # When not to use it
//!
//! Where each call is waited for by somebody: the last one of a long queue has waited longest and
//! is the most likely to be given up by its caller. A [bulkhead](crate::bulkhead) without a queue
//! refuses earlier. It suits work that may take a while: imports, uploads, messages.
//!
//! # Dropped calls and panics
//!
//! A call that is dropped while it waits leaves the queue. One that is dropped while it runs, or panics, gives
//! its place back.

mod config;
mod error;
mod event;
#[cfg(feature = "tower")]
mod layer;
mod limit;
#[cfg(feature = "tower")]
mod service;
#[cfg(test)]
mod tests;

pub use self::config::BackpressureConfig;
pub use self::error::{BackpressureError, BackpressureFull};
pub use self::event::BackpressureEvent;
#[cfg(feature = "tower")]
pub use self::layer::BackpressureLayer;
pub use self::limit::Backpressure;
#[cfg(feature = "tower")]
pub use self::service::BackpressureService;

/// A place in backpressure, given back when it is dropped.
pub type BackpressurePermit<P> = crate::queued::Place<P>;

/// A place that keeps its owner alive.
pub type OwnedBackpressurePermit = BackpressurePermit<std::sync::Arc<Backpressure>>;

/// The answer of a service behind backpressure, or its refusal.
#[cfg(feature = "tower")]
pub type BackpressureFuture<S, Request> =
    crate::awaited::Awaited<S, Request, BackpressurePermit<crate::Shared<Backpressure>>>;
