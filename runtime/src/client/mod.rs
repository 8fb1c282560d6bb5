//! Calls that a service makes itself: webhooks and callbacks.
//!
//! Whoever is told of something over HTTP may be slow, down or gone, and the service that tells
//! must not suffer for it. So a [`Client`] has a timeout for each attempt and repeats what is
//! worth it, by the same patterns that guard handlers ([`Timeout`](crate::Timeout),
//! [`Retry`](crate::Retry)):
//!
//! - nobody could be reached, or the answer was 429 or 503: nothing has happened at the other
//!   end, so every method is tried again, after the time that `Retry-After` asks for if that is not
//!   longer than the retry's `max_delay`;
//! - the connection broke, the time was up, or the answer was another 5xx: something may have
//!   happened, so only methods that may be repeated are, and requests with an `Idempotency-Key`.
//!
//! # For whom
//!
//! A call that a handler makes while it answers a request has no more time than the request has
//! left, and says in `X-Request-Timeout-Ms` how long its attempt will be waited for; a second attempt
//! of whatever kind says so in `X-Retry-Attempt`, so that whoever is called need not retry it as well.
//! A generated service at the other end heeds both. An answer with `X-Should-Retry: false` was retried
//! by whoever gave it, or by somebody behind, and is not retried again; a failure of the request that
//! the call was made for then says the same to its caller. A task that a handler spawns does so only if it
//! carries the request: see [`RequestContext::carry`](crate::service::RequestContext::carry).
//!
//! Redirects are not followed, and answers are read up to a limit.
//!
//! # Whose addresses these are
//!
//! The URLs of webhooks and callbacks are chosen by others, who may choose addresses inside your
//! network. [`Client::allowing`] says which ones are called; without it all are.

mod answer;
mod credentials;
pub(crate) mod current;
mod error;
mod expression;
mod form;
mod hosts;
mod request;
mod send;
#[cfg(test)]
mod tests;
mod write;

pub use self::answer::Answer;
pub use self::error::CallError;
pub use self::expression::pointed;
pub use self::form::{File, Form};
pub use self::request::Outgoing;
pub use self::send::Client;
pub use self::write::{Style, escaped};
pub use http::Uri;
