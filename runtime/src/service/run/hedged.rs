//! A call that is made again beside itself when it is slow.

use std::convert::Infallible;

use tokio::time::Instant;

use super::deadline::Bounds;
use super::ended::Ended;
use super::part::{Within, walk};
use super::trip::Trip;
use crate::service::refusal::Refusal;
use crate::{Classify, FailureKind, Hedge, HedgeError};

/// Attempts of what is inside of a hedge. The first answer is the answer; the others are dropped,
/// and what they held counts as nothing.
pub(super) fn hedged<'t>(
    trip: &'t Trip<'_>,
    hedge: &'t Hedge,
    inside: usize,
    bounds: Bounds,
) -> Within<'t> {
    Box::pin(async move {
        let state = hedge.start();
        let own_end = hedge.timeout().map(|timeout| Instant::now() + timeout);
        let bounds = Bounds {
            end: own_end.into_iter().chain(bounds.end).min(),
            may_repeat: bounds.may_repeat || state.may_repeat(),
            ..bounds
        };
        let attempt = || async move { Ok(walk(trip, inside, bounds).await) };
        match hedge.call_from(state, ByEnding, attempt).await {
            Ok(ended) => ended,
            Err(HedgeError::TimedOut(late)) => {
                Ended::Refused(Refusal::HedgeTimeout { after: late.after })
            }
            Err(HedgeError::Inner(never)) => match never {},
        }
    })
}

/// What has ended in a failure has failed.
struct ByEnding;

impl Classify<Ended, Infallible> for ByEnding {
    fn classify(&self, outcome: &Result<Ended, Infallible>) -> Option<FailureKind> {
        match outcome {
            Ok(ended) => ended.failure(),
            Err(never) => match *never {},
        }
    }
}
