//! Let through only as many calls as can be served.
//!
//! A service that takes every call that comes serves none of them well once there are too many.
//! A token bucket holds up to `bucket_size` tokens and gets `max_executions` new ones every
//! `per_time_secs`. A call spends `cost` of them or is refused: bursts pass, floods do not.
//!
//! ```
//! use failsafe_runtime::{RateLimit, RateLimitConfig, RateLimitError};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), failsafe_runtime::ConfigError> {
//! let config = RateLimitConfig { max_executions: 1, ..Default::default() };
//! let limit = RateLimit::new("search", config)?;
//!
//! let answer = limit.call(|| async { Ok::<_, &str>("found") }).await;
//! assert_eq!(answer, Ok("found"));
//!
//! let answer = limit.call(|| async { Ok::<_, &str>("found") }).await;
//! assert!(matches!(answer, Err(RateLimitError::Limited(_))));
//! # Ok(())
//! # }
//! ```
//!
//! # The other ways to use it
//!
//! As a guard, where the call is made elsewhere. A token that was spent is not given back, whatever
//! becomes of the call: what is limited is how often it is begun.
//!
//! ```
//! use failsafe_runtime::{RateLimit, RateLimitConfig};
//!
//! let config = RateLimitConfig { max_executions: 1, ..Default::default() };
//! let limit = RateLimit::new("search", config)?;
//!
//! let grant = limit.acquire(None).expect("the bucket is full");
//! assert_eq!((grant.limit(), grant.remaining()), (1, 0));
//!
//! let refused = limit.acquire(None).expect_err("the bucket is empty");
//! assert!(refused.retry_after >= refused.until_tokens);
//! # Ok::<(), failsafe_runtime::ConfigError>(())
//! ```
//!
//! As a layer of tower, alone and stacked with others: `RateLimitLayer` (feature `tower`) shows how.
//!
//! # When not to use it
//!
//! A rate is no measure of load: ten slow calls may weigh more than a thousand quick ones. Where
//! the number of calls *at a time* matters, limit that instead.
//!
//! # When to come back
//!
//! A refusal says how long to wait, by one of three strategies. `fixed` is the time `t` until the
//! tokens are there. `backpressure` asks for more patience the slower the service has become:
//!
//! ```text
//! b_p95        = share of the latencies of the last minute above p95_baseline
//! b_gradient   = (their mean - min_latency) / (min_latency * gradient_sensitivity)
//! b            = max(b_p95, b_gradient), between 0 and 1
//! retry after  = max((min_retry_delay + max_retry_penalty * b) * U(0.8, 1.2), t * U(1.0, 1.2))
//! ```
//!
//! `utilization` is the same with the mean share of the bucket that was in use at the last
//! `window_size` decisions, and needs no latencies. All three never name a time at which the
//! tokens are not there yet. The baseline follows the observed 95th percentile, by a twentieth of
//! the difference every ten seconds and never beyond four times what is configured.
//!
//! # Several limits
//!
//! `limit` takes up to four, such as a hundred a second and five thousand an hour. They are asked
//! as one: a call spends of all of them, or is refused and spends of none, so that those who are
//! refused by the second do not use up the hour.
//!
//! ```
//! use failsafe_runtime::{Rate, RateLimit, RateLimitConfig};
//!
//! # fn main() -> Result<(), failsafe_runtime::ConfigError> {
//! let config = RateLimitConfig {
//!     limit: vec![Rate::per_second(100), Rate::per_hour(5000)],
//!     ..Default::default()
//! };
//! let limit = RateLimit::new("search", config)?;
//! let grant = limit.acquire(None).expect("every bucket is full");
//! // Of the two, the second is nearer to its end.
//! assert_eq!((grant.limit(), grant.remaining()), (100, 99));
//! # Ok(())
//! # }
//! ```
//!
//! # Clients
//!
//! With `enable_per_client_tracking` every client has a bucket. There are at most `max_clients`
//! of them, whatever keys are invented; see [`RateLimitConfig::max_clients`].
//!
//! # Dropped calls and panics
//!
//! A call that is dropped keeps its token and gives no sample of its latency; nor does one that panics.

mod bucket;
mod clients;
mod config;
mod error;
mod event;
mod fields;
#[cfg(feature = "tower")]
mod future;
mod grant;
mod hot;
#[cfg(feature = "tower")]
mod layer;
mod limit;
mod pressure;
mod rate;
#[cfg(feature = "tower")]
mod service;
mod several;
mod snapshot;
#[cfg(test)]
mod tests;
mod wait;
mod window;

pub use self::config::{RateLimitConfig, RetryAfterStrategy};
pub use self::error::{RateLimitError, RateLimited};
pub use self::event::RateLimitEvent;
#[cfg(feature = "tower")]
pub use self::future::RateLimitFuture;
pub use self::grant::RateLimitGrant;
#[cfg(feature = "tower")]
pub use self::layer::RateLimitLayer;
pub use self::limit::RateLimit;
pub use self::rate::Rate;
#[cfg(feature = "tower")]
pub use self::service::RateLimitService;
pub use crate::key::{ClientKey, Everyone};
