//! Only so many calls at a time.
//!
//! What is slow gathers calls, and each of them holds memory, a connection, a lock. A bulkhead
//! keeps the calls to one thing within their compartment, so that everything else stays afloat.
//!
//! ```
//! use failsafe_runtime::{Bulkhead, BulkheadConfig, BulkheadError};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), failsafe_runtime::ConfigError> {
//! let config = BulkheadConfig { max_concurrent: 1, ..Default::default() };
//! let bulkhead = Bulkhead::new("reports", config)?;
//!
//! let answer = bulkhead.call(|| async { Ok::<_, &str>("ready") }).await;
//! assert_eq!(answer, Ok("ready"));
//!
//! let _held = bulkhead.try_acquire().expect("nobody is inside");
//! let answer = bulkhead.call(|| async { Ok::<_, &str>("ready") }).await;
//! assert!(matches!(answer, Err(BulkheadError::Full(_))));
//! # Ok(())
//! # }
//! ```
//!
//! # The other ways to use it
//!
//! As a guard, where the call is made elsewhere. The place is held until the permit is dropped:
//!
//! ```
//! use failsafe_runtime::{Bulkhead, BulkheadConfig};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), failsafe_runtime::ConfigError> {
//! let config = BulkheadConfig { max_concurrent: 1, max_queued: 1, ..Default::default() };
//! let bulkhead = Bulkhead::new("reports", config)?;
//!
//! let permit = bulkhead.try_acquire().expect("nobody is inside");
//! assert!(bulkhead.try_acquire().is_err(), "the place is taken");
//!
//! // Waits in the queue until the place is free.
//! let (next, ()) = tokio::join!(bulkhead.acquire(), async { drop(permit) });
//! assert!(next.is_ok());
//! # Ok(())
//! # }
//! ```
//!
//! As a layer of tower, alone and stacked with others: `BulkheadLayer` (feature `tower`) shows how.
//!
//! # When not to use it
//!
//! It bounds how many calls run, not how many come: for that there is a
//! [rate limit](crate::ratelimit). And a number that is right today is wrong after the next
//! change of what is behind it; an adaptive limit finds it by itself.
//!
//! # The queue
//!
//! With `max_queued`, so many calls may wait for a place, first come, first served: a place that
//! becomes free is handed to the one who waits the longest, and nobody who comes later gets it
//! before him. Without a `queue_timeout` they wait as long as it takes. A queue hides bursts; one
//! that is never empty only adds its length to every call.
//!
//! # Dropped calls and panics
//!
//! A call that is dropped while it waits leaves the queue, and the place that it was just given goes to the
//! next one. One that is dropped while it runs, or panics, gives its place back.

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

pub use self::config::BulkheadConfig;
pub use self::error::{BulkheadError, BulkheadFull};
pub use self::event::BulkheadEvent;
#[cfg(feature = "tower")]
pub use self::layer::BulkheadLayer;
pub use self::limit::Bulkhead;
#[cfg(feature = "tower")]
pub use self::service::BulkheadService;

/// A place in a bulkhead, given back when it is dropped.
pub type BulkheadPermit<P> = crate::queued::Place<P>;

/// A place that keeps its bulkhead alive.
pub type OwnedBulkheadPermit = BulkheadPermit<std::sync::Arc<Bulkhead>>;

/// The answer of a service behind a bulkhead, or its refusal.
#[cfg(feature = "tower")]
pub type BulkheadFuture<S, Request> =
    crate::awaited::Awaited<S, Request, BulkheadPermit<crate::Shared<Bulkhead>>>;
