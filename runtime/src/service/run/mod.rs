//! The way of one call through the patterns around its handler.
//!
//! A stack is data, and this is its interpreter: it goes down the layers, runs an attempt of the
//! handler, and goes up again with what came of it, where a retry may send it down once more. One
//! loop for all operations and all orders, compiled once: what an operation adds is its attempt,
//! in a box.
//!
//! What a call holds (a circuit's permit, a deadline) stands in the future of its way. Dropped at
//! any await it gives everything back.

mod alone;
#[cfg(feature = "cache")]
mod cached;
mod deadline;
mod ended;
mod hedged;
mod part;
#[cfg(test)]
mod tests;
mod trip;

use std::time::Duration;

use axum::response::Response;

use self::alone::alone;
#[cfg(feature = "cache")]
pub use self::cached::ResponseCache;
use self::deadline::Bounds;
use self::part::walk;
pub(super) use self::trip::Trip;

/// Answers a call. `waited`: what it has already spent of its time, in queues.
pub(super) async fn answer(trip: &Trip<'_>, waited: Duration) -> Response {
    let bounds = Bounds {
        total: trip.end_of_all(waited),
        ..Bounds::default()
    };
    let ended = match bounds.total {
        None if trip.layers().is_empty() => alone(trip).await,
        _ => walk(trip, 0, bounds).await,
    };
    trip.record_latency();
    ended.log(trip.context);
    ended.into_response(trip.context)
}
