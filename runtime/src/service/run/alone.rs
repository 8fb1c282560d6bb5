//! The way of a call around which nothing stands: no layer to go through, and no end to keep.

use std::future::poll_fn;

use super::ended::Ended;
use super::part::caught;
use super::trip::Trip;
#[cfg(feature = "client")]
use crate::client::current::during;
use crate::retry::nesting::{ShareId, heeding, within};

/// Runs the only attempt. What [`walk`](super::part::walk) would do, without room for what layers
/// hold: most operations have none.
pub(super) async fn alone(trip: &Trip<'_>) -> Ended {
    let mut call = trip.attempt(None, false);
    #[cfg(feature = "client")]
    let current = trip.current(None);
    let is_retry = trip.is_retry();
    poll_fn(|cx| {
        let mut poll = || call.as_mut().poll(cx).map(Ended::from);
        let poll = || match is_retry {
            true => within(ShareId::NOTHING, poll),
            false => poll(),
        };
        #[cfg(feature = "client")]
        let poll = || during(current, poll);
        let (polled, in_vain) = heeding(|| caught(poll));
        if in_vain {
            trip.was_retried_in_vain();
        }
        polled
    })
    .await
}
