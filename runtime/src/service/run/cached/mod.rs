//! Answers that are given again.
//!
//! A call that is made for all who ask runs on a task of its own, with everything that it needs:
//! the request that began it may go away, and others may wait for it.

mod kept;
mod key;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::response::Response;
use tokio::time::timeout_at;

use self::kept::{Failed, How, Kept, Parts, told};
pub(super) use self::key::Key;
use super::deadline::{Bounds, Deadline};
use super::ended::Ended;
use super::part::{Within, walk};
use super::trip::Trip;
use crate::Cache;
use crate::cache::{Ask, CacheCall, CacheState, CacheWait, Cached};
use crate::service::context::RequestContext;
use crate::service::error::ApiError;
use crate::service::handler::Attempts;
use crate::service::stack::PolicyStack;

/// The cache of an operation's answers.
pub type ResponseCache = Cache<Key, Arc<Kept>, Arc<Failed>>;

type Call = CacheCall<Key, Arc<Kept>, Arc<Failed>>;
type Wait = CacheWait<Key, Arc<Kept>, Arc<Failed>>;

/// A kept answer, or that of what is inside of the cache.
pub(super) fn cached<'t>(
    trip: &'t Trip<'_>,
    cache: &'t ResponseCache,
    inside: usize,
    bounds: Bounds,
) -> Within<'t> {
    Box::pin(async move {
        let Some(key) = &trip.key else {
            return walk(trip, inside, bounds).await;
        };
        loop {
            match cache.ask(key) {
                Ask::Given(cached) => match given(&cached) {
                    Some(ended) => return ended,
                    None => return walk(trip, inside, bounds).await,
                },
                Ask::Failed(failed) => return failed.ended(trip.context),
                Ask::Refresh(cached, call) => {
                    // Nobody waits for it, so it has all of its time.
                    let total = trip.total(Duration::ZERO);
                    Flight::new(trip, key, inside, Bounds { total, ..bounds }).depart(call);
                    return given(&cached).unwrap_or_else(nothing);
                }
                Ask::Join(wait) => match in_time(trip, bounds.total, wait.outcome()).await {
                    Err(late) => return late,
                    Ok(Some(Ok(cached))) => match given(&cached) {
                        Some(ended) => return ended,
                        // Whoever made the call has it, and it cannot be had twice.
                        None => return walk(trip, inside, bounds).await,
                    },
                    Ok(Some(Err(failed))) => return failed.ended(trip.context),
                    Ok(None) => {}
                },
                Ask::Lead(call, wait) => return lead(trip, key, inside, bounds, call, wait).await,
                Ask::Pass(keeps) => {
                    let ended = walk(trip, inside, bounds).await;
                    return match keeps {
                        true => kept_in_shadow(cache, key, ended).await,
                        false => ended,
                    };
                }
            }
        }
    })
}

/// The last good answer to the same question.
pub(super) fn last_good(trip: &Trip<'_>) -> Option<Response> {
    let cached = trip.stack.response_cache()?.last(trip.key.as_ref()?)?;
    match &*cached.value {
        Kept::Answer(parts) => Some(parts.response(cached.state, cached.age)),
        Kept::Stream => None,
    }
}

/// Makes the call for all who ask, and waits for it.
async fn lead(
    trip: &Trip<'_>,
    key: &Key,
    inside: usize,
    bounds: Bounds,
    call: Call,
    wait: Wait,
) -> Ended {
    // What others wait for as well does not end with the patience of one.
    let (callers, total) = match bounds.total {
        Some(deadline) if deadline.is_callers() => (Some(deadline), trip.total(Duration::ZERO)),
        total => (None, total),
    };
    let own = Flight::new(trip, key, inside, Bounds { total, ..bounds }).depart(call);
    let outcome = match in_time(trip, callers, wait.outcome()).await {
        Ok(outcome) => outcome,
        Err(late) => return late,
    };
    match outcome {
        Some(Ok(cached)) => match given(&cached) {
            Some(ended) => ended,
            None => {
                let response = own.lock().unwrap_or_else(PoisonError::into_inner).take();
                response.map_or_else(nothing, Ended::Answer)
            }
        },
        Some(Err(failed)) => failed.ended(trip.context),
        None => nothing(),
    }
}

fn given(cached: &Cached<Arc<Kept>>) -> Option<Ended> {
    match &*cached.value {
        Kept::Answer(parts) => Some(Ended::Answer(parts.response(cached.state, cached.age))),
        Kept::Stream => None,
    }
}

/// A call that did not end, though it could not: the runtime is being shut down.
fn nothing() -> Ended {
    Ended::Error(ApiError::internal("the call was dropped before its end"))
}

/// Waits no longer than all attempts may take. The call itself goes on for others.
async fn in_time<F: Future>(
    trip: &Trip<'_>,
    total: Option<Deadline>,
    wait: F,
) -> Result<F::Output, Ended> {
    let Some(deadline) = total.filter(Deadline::is_enforced) else {
        return Ok(wait.await);
    };
    timeout_at(deadline.at, wait).await.map_err(|_| {
        trip.expire(&deadline);
        Ended::OutOfTime(deadline.after)
    })
}

/// The answer as it is, and a copy of it to be found later.
async fn kept_in_shadow(cache: &ResponseCache, key: &Key, ended: Ended) -> Ended {
    let response = match ended {
        Ended::Answer(response) if ended_well(&response) => response,
        ended => return ended,
    };
    match Parts::read(response).await {
        Err(response) => Ended::Answer(response),
        Ok(parts) => {
            let mut response = parts.response(CacheState::Miss, Duration::ZERO);
            // Nothing shows that there is a cache.
            response
                .headers_mut()
                .remove(crate::service::headers::CACHE);
            if parts.is_for_later() {
                cache.insert(key.clone(), Arc::new(Kept::Answer(parts)));
            }
            Ended::Answer(response)
        }
    }
}

fn ended_well(response: &Response) -> bool {
    response.status().is_success() || response.status().is_redirection()
}

/// A call on a task of its own, and what it takes with it.
struct Flight {
    stack: Arc<PolicyStack>,
    context: RequestContext,
    is_keyed: bool,
    key: Key,
    handler: Box<dyn Attempts>,
    inside: usize,
    bounds: Bounds,
}

/// Where who made a call finds an answer that cannot be had twice.
type Own = Arc<Mutex<Option<Response>>>;

impl Flight {
    fn new(trip: &Trip<'_>, key: &Key, inside: usize, bounds: Bounds) -> Flight {
        Flight {
            stack: Arc::clone(trip.stack),
            context: trip.context.clone(),
            is_keyed: trip.is_keyed,
            key: key.clone(),
            handler: trip.handler().detach(bounds.may_repeat),
            inside,
            // Who began it may be cut off before it: others may wait for it.
            bounds: Bounds {
                end: None,
                may_repeat: false,
                ..bounds
            },
        }
    }

    fn depart(self, call: Call) -> Own {
        let own = Own::default();
        let place = Arc::clone(&own);
        call.spawn(async move |call: Call| self.fly(call, &place).await);
        own
    }

    async fn fly(mut self, call: Call, own: &Own) {
        let mut trip = Trip::new(&self.stack, &self.context, &mut *self.handler);
        trip.is_keyed = self.is_keyed;
        trip.key = Some(self.key);
        let ended = walk(&trip, self.inside, self.bounds).await;
        trip.record_latency();
        ended.log(&self.context);
        let failure = ended.failure();
        let failed = |kind, how| Err(Arc::new(Failed { kind, how }));
        let response = match (ended.into_answer(&self.context), failure) {
            (Ok(response), _) => response,
            (Err(how), Some(kind)) => return call.land(failed(kind, how), true),
            (Err(_), None) => unreachable!("a refusal is a failure"),
        };
        match (Parts::read(response).await, failure) {
            (Ok(parts), Some(kind)) if !parts.is_fallback() => {
                call.land(failed(kind, How::Answer(Box::new(parts))), true);
            }
            (Ok(parts), _) => {
                let keep = parts.is_for_later();
                call.land(Ok(Arc::new(Kept::Answer(parts))), keep);
            }
            (Err(response), _) => {
                let response = told(response, CacheState::Miss, Duration::ZERO);
                *own.lock().unwrap_or_else(PoisonError::into_inner) = Some(response);
                call.land(Ok(Arc::new(Kept::Stream)), false);
            }
        }
    }
}
