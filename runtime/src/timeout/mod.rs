//! Do not wait for ever.
//!
//! A call without a bound holds whatever its caller holds, for as long as the other side likes.
//! A timeout drops it when its time is up.
//!
//! ```
//! use std::time::Duration;
//! use failsafe_runtime::{Timeout, TimeoutConfig, TimeoutError};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), failsafe_runtime::ConfigError> {
//! let config = TimeoutConfig { seconds: Duration::from_millis(20), ..Default::default() };
//! let timeout = Timeout::new("search", config)?;
//!
//! let answer = timeout.call(|| async { Ok::<_, &str>("found") }).await;
//! assert_eq!(answer, Ok("found"));
//!
//! let answer = timeout.call(|| std::future::pending::<Result<(), &str>>()).await;
//! assert!(matches!(answer, Err(TimeoutError::TimedOut(_))));
//! # Ok(())
//! # }
//! ```
//!
//! # The other ways to use it
//!
//! Around a future that is there already, which need not be a `Result`:
//!
//! ```
//! use std::time::Duration;
//! use failsafe_runtime::{Timeout, TimeoutConfig};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), failsafe_runtime::ConfigError> {
//! let config = TimeoutConfig { seconds: Duration::from_millis(20), ..Default::default() };
//! let timeout = Timeout::new("search", config)?;
//!
//! assert_eq!(timeout.limit(async { 7 }).await, Ok(7));
//! assert!(timeout.limit(std::future::pending::<u8>()).await.is_err());
//! # Ok(())
//! # }
//! ```
//!
//! As a layer of tower, alone and stacked with others: `TimeoutLayer` (feature `tower`) shows how.
//!
//! # When not to use it
//!
//! A timeout cannot stop code that never awaits: a future that computes is dropped only when it
//! next returns to the runtime. And a dropped call may still have had its effect on the other
//! side; what it was is for the caller to find out.
//!
//! # Attempts and total
//!
//! `seconds` bounds one attempt: [`call`](Timeout::call), [`limit`](Timeout::limit). `total`
//! bounds attempts, waits and queues together, so it goes around a retry:
//! [`limit_total`](Timeout::limit_total). A call is polled before its timer is armed, so one that
//! is ready at once costs no timer.
//!
//! # Dropped calls and panics
//!
//! A call that its caller drops before the time is up is no timeout. A panic is passed on.

mod config;
mod error;
mod event;
mod future;
#[cfg(feature = "tower")]
mod layer;
mod limit;
#[cfg(feature = "tower")]
mod service;
#[cfg(test)]
mod tests;

pub use self::config::TimeoutConfig;
pub use self::error::{TimedOut, TimeoutError};
pub use self::event::TimeoutEvent;
pub use self::future::Limited;
#[cfg(feature = "tower")]
pub use self::future::TimeoutFuture;
#[cfg(feature = "tower")]
pub use self::layer::TimeoutLayer;
#[cfg(feature = "service")]
pub(crate) use self::limit::Scope;
pub use self::limit::Timeout;
#[cfg(feature = "tower")]
pub use self::service::TimeoutService;
