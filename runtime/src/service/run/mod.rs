//! The way of one call through the patterns around its handler.
//!
//! A stack is data, and this is its interpreter: it goes down the layers ([`Run::enter`]), runs
//! an attempt of the handler ([`Run::drive`]), and goes up again with what came of it
//! ([`Run::leave`]), where a retry may send it down once more. One loop for all operations and
//! all orders, so that an operation costs no instantiation of its own stack and no box for it.
//!
//! What a call holds (a circuit's permit, a deadline) stands in [`Run`] itself. Dropped at any
//! await it gives everything back.

mod ended;
#[cfg(test)]
mod tests;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use axum::response::Response;
use http::HeaderMap;
use tokio::time::{Instant, Sleep, sleep, sleep_until};

pub(crate) use self::ended::Ended;
use super::context::RequestContext;
use super::error::ApiError;
use super::refusal::Refusal;
use super::stack::{Layer, MAX_LAYERS, PolicyStack, RetryWhen};
use crate::timeout::Scope;
use crate::{
    CircuitBreaker, CircuitPermit, FailFast, FailFastPermit, Mode, Retry, RetryState, Timeout,
};

/// What a call holds of one layer while it is inside.
enum Held<'s> {
    Nothing,
    Fuse(FailFastPermit<&'s FailFast>),
    Permit(CircuitPermit<&'s CircuitBreaker>),
    Attempts(RetryState),
    Deadline(Deadline<'s>),
}

#[derive(Debug, Clone, Copy)]
struct Deadline<'s> {
    timeout: &'s Timeout,
    at: Instant,
    after: Duration,
    mode: Mode,
}

impl<'s> Deadline<'s> {
    fn begin(timeout: &'s Timeout, scope: Scope, spent: Duration) -> Option<Deadline<'s>> {
        let (after, mode) = timeout.bound(scope)?;
        Some(Deadline {
            timeout,
            at: Instant::now() + after.saturating_sub(spent),
            after,
            mode,
        })
    }
}

/// Where a deadline stands.
#[derive(Debug, Clone, Copy)]
enum Whose {
    /// Around everything.
    Total,
    /// Around what is inside of this layer.
    Layer(usize),
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
    total: Option<Deadline<'s>>,
    /// That end has come: no layer may begin another attempt.
    out_of_time: bool,
    attempt: u32,
    /// Whether the present attempt may be followed by another one: what the handler was given was
    /// cloned for it. Decided once, since configurations may change meanwhile.
    repeatable: bool,
    first_attempt_at: Option<Instant>,
}

impl<'s> Run<'s> {
    /// A call that is about to go down. `waited`: what it has already spent of its time, in queues.
    pub(crate) fn new(
        stack: &'s PolicyStack,
        context: &'s RequestContext,
        headers: &'s HeaderMap,
        waited: Duration,
    ) -> Run<'s> {
        let layers: &[Layer] = if context.arrival.protected {
            &stack.around
        } else {
            &[]
        };
        let totals = layers.iter().filter_map(|layer| match layer {
            Layer::Timeout(timeout) => Deadline::begin(timeout, Scope::Total, waited),
            _ => None,
        });
        Run {
            stack,
            context,
            headers,
            layers,
            held: [const { Held::Nothing }; MAX_LAYERS],
            depth: 0,
            total: totals.min_by_key(|deadline| deadline.at),
            out_of_time: false,
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
                Layer::FailFast(fail_fast) => match fail_fast.acquire() {
                    Ok(permit) => Held::Fuse(permit),
                    Err(open) => {
                        return Err(Refusal::FailFastOpen {
                            retry_after: open.retry_after,
                        });
                    }
                },
                Layer::CircuitBreaker(breaker) => match breaker.acquire() {
                    Ok(permit) => Held::Permit(permit),
                    Err(open) => {
                        return Err(Refusal::CircuitOpen {
                            retry_after: open.retry_after,
                        });
                    }
                },
                Layer::Retry(retry, when) if self.applies(*when) => Held::Attempts(retry.start()),
                Layer::Retry(..) => Held::Nothing,
                Layer::Timeout(timeout) => Deadline::begin(timeout, Scope::Attempt, Duration::ZERO)
                    .map_or(Held::Nothing, Held::Deadline),
            };
            self.depth += 1;
        }
        self.attempt += 1;
        self.repeatable = self.layers.iter().zip(&self.held).any(|layer| match layer {
            (Layer::Retry(retry, _), Held::Attempts(state)) => {
                state.attempts() < retry.max_attempts()
            }
            _ => false,
        });
        if self.first_attempt_at.is_none() && self.tracks_latency() {
            self.first_attempt_at = Some(Instant::now());
        }
        let mut context = self.context.clone();
        context.attempt = self.attempt;
        context.deadline = self.enforced_end();
        Ok(context)
    }

    /// Whether another attempt may follow the present one.
    pub(crate) fn is_repeatable(&self) -> bool {
        self.repeatable
    }

    /// Runs one attempt to its end: its own, a panic, or a deadline. The handler is polled first,
    /// so that one which is ready at once costs no timer.
    pub(crate) async fn drive(
        &mut self,
        mut attempt: Pin<&mut (dyn Future<Output = Result<Response, ApiError>> + Send)>,
    ) -> Ended {
        let mut timer = pin!(None::<Sleep>);
        std::future::poll_fn(|cx| {
            match catch_unwind(AssertUnwindSafe(|| attempt.as_mut().poll(cx))) {
                Ok(Poll::Ready(Ok(response))) => return Poll::Ready(Ended::Answer(response)),
                Ok(Poll::Ready(Err(error))) => return Poll::Ready(Ended::Error(error)),
                Ok(Poll::Pending) => {}
                Err(panic) => return Poll::Ready(Ended::Panic(panic)),
            }
            while let Some((whose, deadline)) = self.nearest() {
                if timer.is_none() {
                    timer.set(Some(sleep_until(deadline.at)));
                }
                if let Some(timer) = timer.as_mut().as_pin_mut()
                    && timer.poll(cx).is_pending()
                {
                    return Poll::Pending;
                }
                timer.set(None);
                if let Some(ended) = self.expire(whose, deadline) {
                    return Poll::Ready(ended);
                }
            }
            Poll::Pending
        })
        .await
    }

    /// Goes up from where the call is. `None`: a layer has waited and wants another attempt.
    pub(crate) async fn leave(&mut self, mut ended: Ended) -> Option<Ended> {
        while let Some(index) = self.depth.checked_sub(1) {
            let held = std::mem::replace(&mut self.held[index], Held::Nothing);
            match (&self.layers[index], held) {
                (_, Held::Fuse(permit)) => match ended.failure() {
                    Some(_) => permit.failure(),
                    None => permit.success(),
                },
                (_, Held::Permit(permit)) => match ended.failure() {
                    Some(_) => permit.failure(),
                    None => permit.success(),
                },
                (_, Held::Deadline(deadline)) => deadline.timeout.ended_in_time(),
                (Layer::Retry(retry, _), Held::Attempts(mut state)) => {
                    match self.next_attempt(retry, &mut state, &ended) {
                        Some(wait) => {
                            self.held[index] = Held::Attempts(state);
                            // What failed is dropped before the wait, not after it.
                            drop(ended);
                            sleep(wait).await;
                            return None;
                        }
                        None => ended = self.conclude(retry, state, ended),
                    }
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
            for rate_limit in self.stack.rate_limits() {
                rate_limit.record_latency(latency);
            }
        }
        ended.log(self.context);
        ended.into_response(self.context)
    }

    /// How long to wait before another attempt. `None`: there is none.
    fn next_attempt(
        &self,
        retry: &Retry,
        state: &mut RetryState,
        ended: &Ended,
    ) -> Option<Duration> {
        let Some(failure) = ended.failure() else {
            retry.succeeded(state);
            return None;
        };
        // A wait that a deadline would cut short is not worth beginning.
        let time_left = match self.enforced_end() {
            _ if self.out_of_time || !self.repeatable => Duration::ZERO,
            Some(end) => end.saturating_duration_since(Instant::now()),
            None => Duration::MAX,
        };
        retry.next_within(state, failure, time_left)
    }

    /// What a retry that makes no further attempt passes on: its own refusal when the failure is
    /// of the kind that it retries, otherwise what it was given.
    fn conclude(&self, retry: &Retry, state: RetryState, ended: Ended) -> Ended {
        match ended.failure() {
            Some(failure) if retry.retries(failure) && !self.out_of_time => {
                ended.log(self.context);
                Ended::Refused(Refusal::AttemptsExceeded {
                    attempts: state.attempts(),
                    retry_after: ended.retry_after(),
                })
            }
            _ => ended,
        }
    }

    fn applies(&self, when: RetryWhen) -> bool {
        when == RetryWhen::Always || self.headers.contains_key("idempotency-key")
    }

    fn tracks_latency(&self) -> bool {
        self.context.arrival.protected
            && self
                .stack
                .rate_limits()
                .any(|rate_limit| rate_limit.tracks_latency())
    }

    /// The deadlines that stand around the call where it is.
    fn deadlines(&self) -> impl Iterator<Item = (Whose, Deadline<'s>)> {
        let total = self.total.map(|deadline| (Whose::Total, deadline));
        let layers = self.held[..self.depth].iter().enumerate();
        layers
            .filter_map(|(index, held)| match held {
                Held::Deadline(deadline) => Some((Whose::Layer(index), *deadline)),
                _ => None,
            })
            .chain(total)
    }

    /// The deadline that comes first.
    fn nearest(&self) -> Option<(Whose, Deadline<'s>)> {
        self.deadlines().min_by_key(|(_, deadline)| deadline.at)
    }

    /// When the call will be cut off.
    fn enforced_end(&self) -> Option<Instant> {
        let enforced = self
            .deadlines()
            .filter(|(_, deadline)| deadline.mode == Mode::Enforce);
        enforced.map(|(_, deadline)| deadline.at).min()
    }

    /// A deadline has come. Enforced, it drops what is inside of it, which counts as nothing, and
    /// the layers outside see a timeout; in shadow it is counted and forgotten.
    fn expire(&mut self, whose: Whose, deadline: Deadline<'s>) -> Option<Ended> {
        let enforced = deadline
            .timeout
            .time_is_up(deadline.after, deadline.mode)
            .is_err();
        match whose {
            Whose::Layer(index) if enforced => {
                self.held[index..self.depth].fill_with(|| Held::Nothing);
                self.depth = index;
            }
            Whose::Layer(index) => self.held[index] = Held::Nothing,
            Whose::Total => {
                self.total = None;
                self.out_of_time = enforced;
            }
        }
        if self.out_of_time {
            // The shorter deadlines within have not been kept either.
            for held in &mut self.held[..self.depth] {
                if matches!(held, Held::Deadline(_)) {
                    *held = Held::Nothing;
                }
            }
        }
        enforced.then_some(Ended::Refused(Refusal::Timeout {
            after: deadline.after,
        }))
    }
}
