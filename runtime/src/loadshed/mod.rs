//! Refuses while there is too much to do.
//!
//! A service that takes on more than it can do does everything late, and what is late is often
//! not wanted any more. A load shedder says no early, when processor time or memory run out, when
//! a queue behind it is long, or when too many calls are running; the others are served in time.
//!
//! ```
//! use failsafe_runtime::{LoadShedConfig, LoadShedError, LoadShedder};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), failsafe_runtime::ConfigError> {
//! let config = LoadShedConfig { max_requests: 1, ..Default::default() };
//! let shedder = LoadShedder::new("search", config)?;
//!
//! let answer = shedder.call(|| async { Ok::<_, &str>("found") }).await;
//! assert_eq!(answer, Ok("found"));
//!
//! let _running = shedder.acquire().expect("nobody is inside");
//! let answer = shedder.call(|| async { Ok::<_, &str>("found") }).await;
//! assert!(matches!(answer, Err(LoadShedError::Shed(_))));
//! # Ok(())
//! # }
//! ```
//!
//! # The other ways to use it
//!
//! As a guard, where the call is made elsewhere. The call counts as running until the permit is dropped:
//!
//! ```
//! use failsafe_runtime::loadshed::Priority;
//! use failsafe_runtime::{LoadShedConfig, LoadShedder};
//!
//! let config = LoadShedConfig { max_requests: 1, ..Default::default() };
//! let shedder = LoadShedder::new("search", config)?;
//!
//! let permit = shedder.acquire().expect("nobody is inside");
//! assert!(shedder.acquire().is_err(), "one is the most");
//! drop(permit);
//! // What is important is not asked for the load of the machine.
//! assert!(shedder.acquire_as(Priority::High).is_ok());
//! # Ok::<(), failsafe_runtime::ConfigError>(())
//! ```
//!
//! As a layer of tower, alone and stacked with others: `LoadShedLayer` (feature `tower`) shows how.
//!
//! # What is looked at
//!
//! - `max_requests`: how many calls are running.
//! - `max_queue_depth`: how much waits in a queue of the owner's, who reports it by
//!   [`probe_queue`](LoadShedder::probe_queue) or item by item with
//!   [`queued`](LoadShedder::queued).
//! - `cpu_threshold` and `memory_threshold`: how much of what the process may use is used. In a
//!   container with limits (cgroup v2 or v1) that is the tightest limit of its group or one above
//!   it, and memory that only caches files does not count; elsewhere it is the whole system.
//!
//! One thread for the whole process reads the kernel's files twice a second, and only while some
//! load shedder has a threshold; a call reads an atomic. What cannot be read refuses nobody, and
//! is counted (`sampler_errors`). On systems other than Linux nothing is read, and the thresholds
//! are never reached.
//!
//! # When not to use it
//!
//! Thresholds see the machine and not what is behind the service: when a database is slow, the
//! processor is idle. For that there are adaptive limits and
//! circuit breakers. And a threshold near what the service uses on an
//! ordinary day refuses on ordinary days; shadow mode shows how often.
//!
//! # Dropped calls and panics
//!
//! A call that is dropped, or panics, is no longer running.

mod config;
mod error;
mod event;
#[cfg(feature = "tower")]
mod layer;
mod permit;
#[cfg(feature = "tower")]
mod service;
mod shedder;
mod system;
#[cfg(test)]
mod tests;

pub use self::config::{LoadShedConfig, Priority};
pub use self::error::{LoadShed, LoadShedError, LoadShedReason};
pub use self::event::LoadShedEvent;
#[cfg(feature = "tower")]
pub use self::layer::LoadShedLayer;
pub use self::permit::{LoadShedPermit, OwnedLoadShedPermit, QueuedItem};
#[cfg(feature = "tower")]
pub use self::service::LoadShedService;
pub use self::shedder::LoadShedder;
pub use self::system::SystemLoad;

/// The answer of a service behind a load shedder, or its refusal.
#[cfg(feature = "tower")]
pub type LoadShedFuture<F> =
    crate::permitted::Permitted<F, LoadShedPermit<crate::Shared<LoadShedder>>, crate::AnyError>;
