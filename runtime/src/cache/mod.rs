//! Gives the answer of an earlier call in place of another call.
//!
//! Much of what is asked was asked a moment ago. A cache saves the work, and protects what is
//! behind it from a crowd that wants one thing at a time: of many who ask for a key that is not
//! there, one makes the call, and all get its answer.
//!
//! ```
//! use failsafe_runtime::{Cache, CacheConfig, CacheState};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), failsafe_runtime::ConfigError> {
//! let cache = Cache::<u32, &str, String>::new("products", CacheConfig::default())?;
//!
//! let first = cache.get_or_call(7, || async { Ok("shoes") }).await.expect("shoes");
//! assert_eq!((first.value, first.state), ("shoes", CacheState::Miss));
//!
//! let again = cache.get_or_call(7, || async { Err("not called".to_owned()) }).await;
//! assert_eq!(again.expect("shoes").state, CacheState::Hit);
//!
//! cache.invalidate(&7);
//! assert!(cache.get(&7).is_none());
//! # Ok(())
//! # }
//! ```
//!
//! # The other ways to use it
//!
//! By hand, where the call is made elsewhere: [`get`](Cache::get) and [`insert`](Cache::insert), or
//! [`ask`](Cache::ask), which also says who makes the call of those who ask for one key at a time:
//!
//! ```
//! use failsafe_runtime::cache::Ask;
//! use failsafe_runtime::{Cache, CacheConfig};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), failsafe_runtime::ConfigError> {
//! let cache = Cache::<u32, &str, String>::new("products", CacheConfig::default())?;
//! let Ask::Lead(call, wait) = cache.ask(&7) else {
//!     panic!("nothing is there, and nobody has asked");
//! };
//! assert!(matches!(cache.ask(&7), Ask::Join(_)), "somebody makes the call");
//! call.land(Ok("shoes"), true);
//! let landed = wait.outcome().await.expect("it has landed").expect("it is good");
//! assert_eq!(landed.value, "shoes");
//! assert!(matches!(cache.ask(&7), Ask::Given(_)));
//! # Ok(())
//! # }
//! ```
//!
//! As a layer of tower, alone and stacked with others: `CacheLayer` (feature `tower`) shows how.
//!
//! # When not to use it
//!
//! For answers that differ by who asks, unless that is part of the key: a cache that mixes up
//! callers is a leak. For what must be true now, as a balance or a stock before an order. For calls
//! that change something: their point is to be made. And for large bodies that hardly anybody asks
//! for twice: `max_size` counts answers, not bytes.
//!
//! # How old an answer may be
//!
//! ```text
//!  0           ttl                                              time since it was written
//!  ├────────────┼──────────────────────────┬──────────────────►
//!  │ given      │ stale_while_revalidate:  │ gone, unless a call fails
//!  │            │ given, and fetched anew  │ within ttl + stale_on_error
//! ```
//!
//! - Within `ttl` it is given, and no call is made.
//! - For `stale_while_revalidate` after that it is given at once, and one call fetches a new one.
//!   That call runs on a task of its own, to its end, whoever asked for it.
//! - For `stale_on_error` after its `ttl` it is given where a call was made and failed.
//! - A failure is kept only for `error_ttl`, beside the last good answer.
//!
//! # One call for all who wait
//!
//! A call that several wait for runs on a task of its own. A failure is told to all who waited.
//! [`invalidate`](Cache::invalidate) holds for what is on its way, too: it is told to those who
//! wait for it, and not kept.
//!
//! Values are cloned for everybody who gets them, so what is large belongs in an
//! [`Arc`](std::sync::Arc). Time is that of tokio's clock; only the size is left to [`moka`].
//!
//! # Dropped calls and panics
//!
//! Who gives up waiting holds up nobody; when nobody waits any more, the call is dropped. A panic
//! is passed on to the one who brought the call, and another of those who wait makes his own.

mod ask;
mod cached;
mod config;
mod entry;
mod event;
mod flights;
#[cfg(feature = "tower")]
mod future;
#[cfg(feature = "tower")]
mod layer;
#[cfg(feature = "tower")]
mod service;
mod store;
#[cfg(test)]
mod tests;

pub use self::ask::{Ask, CacheCall, CacheWait};
pub use self::cached::{CacheState, Cached};
pub use self::config::CacheConfig;
pub use self::event::CacheEvent;
#[cfg(feature = "tower")]
pub use self::future::CacheFuture;
#[cfg(feature = "tower")]
pub use self::layer::CacheLayer;
#[cfg(feature = "tower")]
pub use self::service::CacheService;
pub use self::store::{Cache, CacheKey, CacheValue};
