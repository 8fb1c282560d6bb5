//! Answer with something rather than with nothing.
//!
//! A page without recommendations is better than no page, and the rate of a minute ago better than
//! none. A fallback answers in the place of a call that failed: with a constant, with another call,
//! or with the last good answer. The caller is told that the answer is degraded.
//!
//! ```
//! use failsafe_runtime::{Fallback, FallbackAnswer, FallbackConfig};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), failsafe_runtime::ConfigError> {
//! let fallback = Fallback::new("recommendations", FallbackConfig::default())?;
//!
//! let answer = fallback.call(|| async { Ok::<_, &str>(vec!["shoes"]) }, Vec::new).await;
//! assert_eq!(answer, Ok(FallbackAnswer::Own(vec!["shoes"])));
//!
//! let answer = fallback.call(|| async { Err("no connection") }, Vec::<&str>::new).await;
//! assert_eq!(answer, Ok(FallbackAnswer::Degraded(vec![])));
//! # Ok(())
//! # }
//! ```
//!
//! # The other ways to use it
//!
//! By hand, where the call is made elsewhere: [`invoke`](Fallback::invoke) says whether a failure is to be
//! answered with something else, and counts it:
//!
//! ```
//! use failsafe_runtime::{FailureKind, Fallback, FallbackConfig};
//!
//! let fallback = Fallback::new("recommendations", FallbackConfig::default())?;
//! let call: Result<&str, &str> = Err("no connection");
//! let answer = match call {
//!     Ok(answer) => {
//!         fallback.succeeded();
//!         answer
//!     }
//!     Err(_) if fallback.invoke(FailureKind::Connection) => "what most people buy",
//!     Err(error) => return Ok(println!("{error}")),
//! };
//! assert_eq!(answer, "what most people buy");
//! # Ok::<(), failsafe_runtime::ConfigError>(())
//! ```
//!
//! As a layer of tower, alone and stacked with others: `FallbackLayer` (feature `tower`) shows how.
//!
//! # When not to use it
//!
//! Not where a wrong answer is worse than none: a balance, a dose, a permission. Not for what
//! writes: "it was saved" must be true. And an answer that is made by much work, or by asking
//! another service, fails just when it is needed: what it depends on is often what has failed.
//!
//! # Which failures
//!
//! `on` names them, and the classifier says which one a failure is: with
//! [`ByKind`](crate::ByKind) and `on: [TimeoutError, 5xx]`, an answer of 404 is passed on as it is.
//! A fallback stands outside of whatever may refuse: an open circuit is a reason to fall back.
//!
//! # The last good answer
//!
//! [`call_or_last`](Fallback::call_or_last) keeps a copy of each good answer in a [`LastGood`], one
//! for each question that may be asked: whose answer it is, and to what, is for the caller to know.
//!
//! # Dropped calls and panics
//!
//! A call that is dropped is answered with nothing. A panic is passed on; whoever catches it may hand it to
//! [`invoke`](Fallback::invoke) as a failure.

mod answer;
mod config;
mod event;
#[cfg(feature = "tower")]
mod future;
mod last_good;
#[cfg(feature = "tower")]
mod layer;
mod policy;
#[cfg(feature = "tower")]
mod service;
#[cfg(test)]
mod tests;

pub use self::answer::FallbackAnswer;
pub use self::config::FallbackConfig;
pub use self::event::FallbackEvent;
#[cfg(feature = "tower")]
pub use self::future::FallbackFuture;
pub use self::last_good::LastGood;
#[cfg(feature = "tower")]
pub use self::layer::FallbackLayer;
pub use self::policy::Fallback;
#[cfg(feature = "tower")]
pub use self::service::FallbackService;
