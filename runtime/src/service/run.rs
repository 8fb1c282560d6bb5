//! The way of one call through the patterns around its handler.
//!
//! A stack is data, and this is its interpreter: it goes down the layers ([`Run::enter`]), runs
//! an attempt of the handler ([`Run::drive`]), and goes up again with what came of it
//! ([`Run::leave`]), where a retry may send it down once more. One loop for all operations and
//! all orders, so that an operation costs no instantiation of its own stack and no box for it.
//!
//! What a call holds (a circuit's permit, a deadline) stands in [`Run`] itself. Dropped at any
//! await it gives everything back.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use tokio::time::{Instant, sleep, sleep_until};

use super::context::RequestContext;
use super::error::{ApiError, failure_of};
use super::panic;
use super::problem::Problem;
use super::refusal::Refusal;
use super::stack::{Layer, MAX_LAYERS, PolicyStack, RetryWhen};
use crate::{CircuitBreaker, CircuitPermit, FailureKind, RetryState};

/// What an attempt, or a pattern in place of one, ended with.
#[derive(Debug)]
pub(crate) enum Ended {
    /// The handler answered.
    Answer(Response),
    /// The handler returned an error.
    Error(ApiError),
    /// The handler panicked.
    Panic(Box<dyn Any + Send>),
    /// A pattern refused to go on.
    Refused(Refusal),
}

impl Ended {
    /// What the layers outside count this as; `None` is a success.
    fn failure(&self) -> Option<FailureKind> {
        match self {
            Ended::Answer(response) => failure_of(response.status()),
            Ended::Error(error) => error.failure(),
            Ended::Panic(_) => Some(FailureKind::Panic),
            Ended::Refused(Refusal::Timeout { .. }) => Some(FailureKind::Timeout),
            Ended::Refused(_) => Some(FailureKind::Status(
                StatusCode::SERVICE_UNAVAILABLE.as_u16(),
            )),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Ended::Refused(refusal) => refusal.retry_after(),
            _ => None,
        }
    }
}

/// What a call holds of one layer while it is inside.
enum Held<'s> {
    Nothing,
    Permit(CircuitPermit<&'s CircuitBreaker>),
    Attempts(RetryState),
    Deadline(Deadline),
}

#[derive(Debug, Clone, Copy)]
struct Deadline {
    at: Instant,
    after: Duration,
}

/// A call on its way.
pub(crate) struct Run<'s> {
    stack: &'s PolicyStack,
    context: &'s RequestContext,
    headers: &'s HeaderMap,
    layers: &'s [Layer],
    held: [Held<'s>; MAX_LAYERS],
    /// How many layers the call is inside of.
    depth: usize,
    /// The end of all attempts, waits included.
    total: Option<Deadline>,
    attempt: u32,
    /// Whether the present attempt may be followed by another one: what the handler was given was
    /// cloned for it. Decided once, since configurations may change meanwhile.
    repeatable: bool,
    first_attempt_at: Option<Instant>,
}

impl<'s> Run<'s> {
    pub(crate) fn new(
        stack: &'s PolicyStack,
        context: &'s RequestContext,
        headers: &'s HeaderMap,
    ) -> Run<'s> {
        let layers: &[Layer] = if context.arrival.protected {
            &stack.around
        } else {
            &[]
        };
        let totals = layers.iter().filter_map(|layer| match layer {
            Layer::Timeout(timeout) => timeout.total(),
            _ => None,
        });
        let total = totals.min().map(|after| Deadline {
            at: Instant::now() + after,
            after,
        });
        Run {
            stack,
            context,
            headers,
            layers,
            held: [const { Held::Nothing }; MAX_LAYERS],
            depth: 0,
            total,
            attempt: 0,
            repeatable: false,
            first_attempt_at: None,
        }
    }

    /// Goes down to the handler. A layer that refuses ends the attempt before it began.
    pub(crate) fn enter(&mut self) -> Result<RequestContext, Refusal> {
        // Refused on the way down, the handler is given nothing, so that nothing is used up.
        self.repeatable = true;
        while let Some(layer) = self.layers.get(self.depth) {
            self.held[self.depth] = match layer {
                Layer::CircuitBreaker(breaker) => match breaker.acquire() {
                    Ok(permit) => Held::Permit(permit),
                    Err(open) => {
                        let retry_after = open.retry_after;
                        return Err(Refusal::CircuitOpen { retry_after });
                    }
                },
                Layer::Retry(retry, when) if self.applies(*when) => Held::Attempts(retry.start()),
                Layer::Retry(..) => Held::Nothing,
                Layer::Timeout(timeout) => match timeout.per_attempt() {
                    Some(after) => Held::Deadline(Deadline {
                        at: Instant::now() + after,
                        after,
                    }),
                    None => Held::Nothing,
                },
            };
            self.depth += 1;
        }
        self.attempt += 1;
        self.repeatable =
            self.layers
                .iter()
                .zip(&self.held)
                .any(|(layer, held)| match (layer, held) {
                    (Layer::Retry(retry, _), Held::Attempts(state)) => {
                        state.attempts() < retry.config().attempts
                    }
                    _ => false,
                });
        if self.first_attempt_at.is_none() && self.tracks_latency() {
            self.first_attempt_at = Some(Instant::now());
        }
        let mut context = self.context.clone();
        context.attempt = self.attempt;
        context.deadline = self.nearest().map(|(_, deadline)| deadline.at);
        Ok(context)
    }

    /// Whether another attempt may follow the present one.
    pub(crate) fn is_repeatable(&self) -> bool {
        self.repeatable
    }

    /// Runs one attempt to its end: its own, a panic, or the nearest deadline. The handler is
    /// polled first; one that is ready at once costs no timer.
    pub(crate) async fn drive(
        &mut self,
        mut attempt: Pin<&mut (dyn Future<Output = Result<Response, ApiError>> + Send)>,
    ) -> Ended {
        let nearest = self.nearest();
        let mut timer = pin!(None);
        let ended = std::future::poll_fn(|cx| {
            match catch_unwind(AssertUnwindSafe(|| attempt.as_mut().poll(cx))) {
                Ok(Poll::Ready(Ok(response))) => return Poll::Ready(Some(Ended::Answer(response))),
                Ok(Poll::Ready(Err(error))) => return Poll::Ready(Some(Ended::Error(error))),
                Ok(Poll::Pending) => {}
                Err(panic) => return Poll::Ready(Some(Ended::Panic(panic))),
            }
            let Some((_, deadline)) = nearest else {
                return Poll::Pending;
            };
            if timer.is_none() {
                timer.set(Some(sleep_until(deadline.at)));
            }
            match timer.as_mut().as_pin_mut() {
                Some(timer) => timer.poll(cx).map(|()| None),
                None => Poll::Pending,
            }
        })
        .await;
        match (ended, nearest) {
            (Some(ended), _) => ended,
            (None, nearest) => self.expire(nearest),
        }
    }

    /// Goes up from where the call is. `None`: a layer has waited and wants another attempt.
    pub(crate) async fn leave(&mut self, mut ended: Ended) -> Option<Ended> {
        while self.depth > 0 {
            let index = self.depth - 1;
            let held = std::mem::replace(&mut self.held[index], Held::Nothing);
            match (&self.layers[index], held) {
                (_, Held::Permit(permit)) => match ended.failure() {
                    Some(_) => permit.failure(),
                    None => permit.success(),
                },
                (Layer::Retry(retry, _), Held::Attempts(mut state)) => {
                    let failure = ended.failure();
                    let again = failure
                        .filter(|_| self.repeatable)
                        .and_then(|kind| retry.next(&mut state, kind));
                    if let Some(delay) = again
                        && self.leaves_time_for(delay)
                    {
                        self.held[index] = Held::Attempts(state);
                        // What failed is dropped before the wait, not after it.
                        drop(ended);
                        sleep(delay).await;
                        return None;
                    }
                    ended = give_up(ended, failure, retry, &state);
                }
                _ => {}
            }
            self.depth = index;
        }
        Some(ended)
    }

    /// The answer to the client.
    pub(crate) fn finish(self, ended: Ended) -> Response {
        if let Some(started) = self.first_attempt_at {
            let latency = started.elapsed();
            for rate_limit in &self.stack.rate_limits {
                rate_limit.record_latency(latency);
            }
        }
        let operation = self.context.operation;
        let request_id = self.context.request_id();
        match ended {
            Ended::Answer(response) => response,
            Ended::Error(error) => {
                if error.failure().is_some() {
                    tracing::error!(operation = operation.id, request_id, %error, "handler failed");
                }
                error.into_response()
            }
            Ended::Panic(panic) => {
                let message = panic::message(&*panic);
                tracing::error!(
                    operation = operation.id,
                    request_id,
                    message,
                    "handler panicked"
                );
                Problem::new(StatusCode::INTERNAL_SERVER_ERROR)
                    .operation(operation.id)
                    .into_response()
            }
            Ended::Refused(refusal) => refusal.into_response(&self.context.client),
        }
    }

    fn applies(&self, when: RetryWhen) -> bool {
        when == RetryWhen::Always || self.headers.contains_key("idempotency-key")
    }

    fn tracks_latency(&self) -> bool {
        self.context.arrival.protected
            && self
                .stack
                .rate_limits
                .iter()
                .any(|rate_limit| rate_limit.tracks_latency())
    }

    /// The deadline that comes first, and the layer that it belongs to (none: the total).
    fn nearest(&self) -> Option<(Option<usize>, Deadline)> {
        let total = self.total.map(|deadline| (None, deadline));
        let held = self.held[..self.depth].iter().enumerate();
        held.filter_map(|(index, held)| match held {
            Held::Deadline(deadline) => Some((Some(index), *deadline)),
            _ => None,
        })
        .chain(total)
        .min_by_key(|(_, deadline)| deadline.at)
    }

    /// Whether a wait ends before every deadline that stands around it.
    fn leaves_time_for(&self, delay: Duration) -> bool {
        self.nearest()
            .is_none_or(|(_, deadline)| Instant::now() + delay < deadline.at)
    }

    /// A deadline has come: what is inside of its layer is dropped, which counts as nothing, and
    /// the layers outside see a timeout.
    fn expire(&mut self, nearest: Option<(Option<usize>, Deadline)>) -> Ended {
        let after = nearest.map_or(Duration::ZERO, |(_, deadline)| deadline.after);
        if let Some((Some(index), _)) = nearest {
            for held in &mut self.held[index..self.depth] {
                *held = Held::Nothing;
            }
            self.depth = index;
        }
        Ended::Refused(Refusal::Timeout { after })
    }
}

/// What a retry that makes no further attempt passes on: its own refusal when the failure was of
/// the kind that it retries, otherwise what it was given.
fn give_up(
    ended: Ended,
    failure: Option<FailureKind>,
    retry: &crate::Retry,
    state: &RetryState,
) -> Ended {
    let config = retry.config();
    match failure {
        Some(kind)
            if kind != FailureKind::Panic
                && config.mode == crate::Mode::Enforce
                && config.exceptions.matches(kind) =>
        {
            if let Ended::Error(error) = &ended {
                tracing::error!(retry = retry.name(), %error, "the last attempt failed");
            }
            Ended::Refused(Refusal::AttemptsExceeded {
                attempts: state.attempts(),
                retry_after: ended.retry_after(),
            })
        }
        _ => ended,
    }
}
