//! A part of the way: the layers from one place down to the handler, or to the next layer that
//! makes calls of its own ([hedge](super::hedged), [cache](super::cached)), which are parts again.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::response::Response;
use tokio::time::{Instant, Sleep, sleep, sleep_until};

#[cfg(feature = "cache")]
use super::cached::cached;
use super::deadline::{Bounds, Deadline};
use super::ended::Ended;
use super::hedged::hedged;
use super::trip::Trip;
#[cfg(feature = "client")]
use crate::client::current::during;
use crate::retry::BudgetShare;
use crate::retry::nesting::{self, ShareId, heeding};
use crate::service::error::ApiError;
use crate::service::fallback::{Instead, marked};
use crate::service::refusal::Refusal;
use crate::service::routes::BoxFuture;
use crate::service::stack::{Layer, MAX_LAYERS};
use crate::timeout::Scope;
use crate::{
    CircuitBreaker, CircuitPermit, FailFast, FailFastPermit, FailureKind, Fallback, Retry,
    RetryState,
};

/// Goes down from a layer to the handler and up again, as often as it takes.
pub(super) async fn walk(trip: &Trip<'_>, from: usize, bounds: Bounds) -> Ended {
    let mut part = Part::new(trip, from, bounds);
    loop {
        let ended = match part.enter() {
            Err(refusal) => Ended::Refused(refusal),
            Ok(()) => {
                let attempt = part.attempt();
                part.drive(attempt).await
            }
        };
        if let Some(ended) = part.leave(ended).await {
            return ended;
        }
    }
}

/// What a part of the way ends with, in a box where it stands inside of another one.
pub(super) type Within<'t> = Pin<Box<dyn Future<Output = Ended> + Send + 't>>;

/// What is at the end of a part.
pub(super) enum Attempt<'t> {
    Handler(BoxFuture<Result<Response, ApiError>>),
    Within(Within<'t>),
}

impl Attempt<'_> {
    /// Polls it so that retries within it take from a share of a budget.
    fn poll_within(&mut self, share: Option<ShareId>, cx: &mut Context<'_>) -> Poll<Ended> {
        match share {
            Some(share) => nesting::within(share, || self.poll(cx)),
            None => self.poll(cx),
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Ended> {
        match self {
            Attempt::Handler(call) => call.as_mut().poll(cx).map(Ended::from),
            Attempt::Within(part) => part.as_mut().poll(cx),
        }
    }
}

/// Polls an attempt, for which a panic is an end like any other.
pub(super) fn caught(poll: impl FnOnce() -> Poll<Ended>) -> Poll<Ended> {
    catch_unwind(AssertUnwindSafe(poll)).unwrap_or_else(|panic| Poll::Ready(Ended::Panic(panic)))
}

/// What a call holds of one layer while it is inside.
enum Held<'t> {
    Nothing,
    Fuse(FailFastPermit<&'t FailFast>),
    Permit(CircuitPermit<&'t CircuitBreaker>),
    Attempts(RetryState),
    Deadline(Deadline),
}

/// Where a deadline stands.
#[derive(Debug, Clone, Copy)]
enum Whose {
    /// Around everything.
    Total,
    /// Around what is inside of this layer.
    Layer(usize),
}

struct Part<'t, 'a> {
    trip: &'t Trip<'a>,
    layers: &'t [Layer],
    from: usize,
    held: [Held<'t>; MAX_LAYERS],
    /// How many layers the call is inside of.
    depth: usize,
    bounds: Bounds,
    /// Whether the present attempt may be followed by another one: what the handler was given was
    /// cloned for it. Decided once, since configurations may change meanwhile.
    may_repeat: bool,
    /// Whether somebody below has retried in vain: it would not be worth more attempts from here.
    retried_in_vain: bool,
}

impl<'t, 'a> Part<'t, 'a> {
    fn new(trip: &'t Trip<'a>, from: usize, bounds: Bounds) -> Part<'t, 'a> {
        Part {
            trip,
            layers: trip.layers(),
            from,
            held: [const { Held::Nothing }; MAX_LAYERS],
            depth: from,
            bounds,
            may_repeat: false,
            retried_in_vain: false,
        }
    }

    /// Goes down as far as this part goes. A layer that refuses ends the attempt before it began.
    fn enter(&mut self) -> Result<(), Refusal> {
        // Refused on the way down, the handler is given nothing, so that nothing is used up.
        self.may_repeat = true;
        while let Some(layer) = self.layers.get(self.depth) {
            self.held[self.depth] = match layer {
                #[cfg(feature = "cache")]
                Layer::Cache(_) if self.trip.key.is_some() => break,
                #[cfg(feature = "cache")]
                Layer::Cache(_) => Held::Nothing,
                Layer::Hedge(hedge) if hedge.is_enabled() => break,
                Layer::Hedge(_) | Layer::Fallback(..) => Held::Nothing,
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
                Layer::Retry(retry, share, when) if self.trip.applies(*when) => {
                    Held::Attempts(retry.start_on(share))
                }
                Layer::Retry(..) => Held::Nothing,
                Layer::Timeout(timeout) => {
                    Deadline::begin(self.depth, timeout, Scope::Attempt, Duration::ZERO)
                        .map_or(Held::Nothing, Held::Deadline)
                }
            };
            self.depth += 1;
        }
        let mut layers = self.layers.iter().zip(&self.held);
        self.may_repeat = self.bounds.may_repeat
            || layers.any(|layer| match layer {
                (Layer::Retry(retry, ..), Held::Attempts(state)) => {
                    state.attempts() < retry.max_attempts()
                }
                (Layer::Fallback(_, Instead::Handler), _) => true,
                _ => false,
            });
        Ok(())
    }

    /// What is at the end of this part.
    fn attempt(&self) -> Attempt<'t> {
        let bounds = Bounds {
            total: None,
            end: self.enforced_end(),
            may_repeat: self.may_repeat,
        };
        match self.layers.get(self.depth) {
            Some(Layer::Hedge(hedge)) => {
                Attempt::Within(hedged(self.trip, hedge, self.depth + 1, bounds))
            }
            #[cfg(feature = "cache")]
            Some(Layer::Cache(cache)) => {
                let total = self.bounds.total;
                let bounds = Bounds { total, ..bounds };
                Attempt::Within(cached(self.trip, cache, self.depth + 1, bounds))
            }
            _ => Attempt::Handler(self.trip.attempt(bounds.end, bounds.may_repeat)),
        }
    }

    /// Runs an attempt to its end: its own, a panic, or a deadline. The attempt is polled first,
    /// so that one which is ready at once costs no timer.
    async fn drive(&mut self, mut attempt: Attempt<'_>) -> Ended {
        let mut timer = pin!(None::<Sleep>);
        let share = self.payer();
        #[cfg(feature = "client")]
        let current = self.trip.current(self.enforced_end());
        std::future::poll_fn(|cx| {
            let poll = || attempt.poll_within(share, cx);
            #[cfg(feature = "client")]
            let poll = || during(current, poll);
            let (polled, in_vain) = heeding(|| catch_unwind(AssertUnwindSafe(poll)));
            if in_vain {
                self.retried_in_vain = true;
                self.trip.was_retried_in_vain();
            }
            match polled {
                Ok(Poll::Ready(ended)) => return Poll::Ready(ended),
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
    async fn leave(&mut self, mut ended: Ended) -> Option<Ended> {
        while self.depth > self.from {
            let index = self.depth - 1;
            let held = std::mem::replace(&mut self.held[index], Held::Nothing);
            self.depth = index;
            match (&self.layers[index], held) {
                (_, Held::Fuse(permit)) => match ended.failure() {
                    Some(_) => permit.failure(),
                    None => permit.success(),
                },
                (_, Held::Permit(permit)) => match ended.failure() {
                    Some(_) => permit.failure(),
                    None => permit.success(),
                },
                (Layer::Timeout(timeout), Held::Deadline(_)) => timeout.ended_in_time(),
                (Layer::Fallback(fallback, instead), _) => match ended.failure() {
                    None => fallback.succeeded(),
                    Some(failure) if fallback.invoke(failure) => {
                        ended = self.fall_back(fallback, instead, failure, ended).await;
                    }
                    Some(_) => {}
                },
                (Layer::Retry(retry, share, _), Held::Attempts(mut state)) => {
                    let next = || self.next_attempt(retry, share, &mut state, &ended);
                    let (next, in_vain) = heeding(next);
                    if in_vain {
                        self.trip.was_retried_in_vain();
                    }
                    match next {
                        Some(wait) => {
                            self.held[index] = Held::Attempts(state);
                            self.depth = index + 1;
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
        }
        Some(ended)
    }

    /// Answers a failure with something else. When that fails as well, the failure stands.
    async fn fall_back(
        &mut self,
        fallback: &Fallback,
        instead: &Instead,
        failure: FailureKind,
        failed: Ended,
    ) -> Ended {
        let answer = match instead {
            Instead::Constant(constant) => Some(constant.response()),
            #[cfg(feature = "cache")]
            Instead::LastGood => super::cached::last_good(self.trip),
            Instead::Handler => {
                let why = failed.as_failed(failure);
                let call = self.trip.fallback(self.enforced_end(), why);
                match call {
                    None => None,
                    Some(call) => match self.drive(Attempt::Handler(call)).await {
                        Ended::Answer(response) => Some(response),
                        // A deadline outside of the fallback.
                        late @ (Ended::Refused(_) | Ended::OutOfTime(_)) => return late,
                        ended => {
                            ended.log(self.trip.context);
                            None
                        }
                    },
                }
            }
        };
        match answer {
            Some(response) => {
                // Nobody else learns of it.
                failed.log(self.trip.context);
                Ended::Answer(marked(response))
            }
            None => {
                fallback.failed();
                failed
            }
        }
    }

    /// What retries within an attempt take from.
    fn payer(&self) -> Option<ShareId> {
        if self.trip.is_retry() {
            return Some(ShareId::NOTHING);
        }
        let mut layers = self.layers.iter().zip(&self.held[..self.depth]);
        layers.find_map(|layer| match layer {
            (Layer::Retry(_, share, _), Held::Attempts(_)) => Some(share.id()),
            _ => None,
        })
    }

    /// How long to wait before another attempt. `None`: there is none.
    fn next_attempt(
        &self,
        retry: &Retry,
        share: &BudgetShare,
        state: &mut RetryState,
        ended: &Ended,
    ) -> Option<Duration> {
        let Some(failure) = ended.failure() else {
            retry.succeeded(state);
            return None;
        };
        // A wait that a deadline would cut short is not worth beginning.
        let time_left = match self.enforced_end() {
            _ if ended.is_over() => Duration::ZERO,
            // In shadow it is only counted.
            _ if !self.may_repeat && !retry.is_in_shadow() => Duration::ZERO,
            _ if self.retried_in_vain || ended.forbids_retry() => Duration::ZERO,
            Some(end) => end.saturating_duration_since(Instant::now()),
            None => Duration::MAX,
        };
        let next = retry.next_on(share, state, failure, ended.retry_after(), time_left);
        next.filter(|_| self.may_repeat)
    }

    /// What a retry that makes no further attempt passes on: its own refusal when the failure is
    /// of the kind that it retries, otherwise what it was given.
    fn conclude(&self, retry: &Retry, state: RetryState, ended: Ended) -> Ended {
        match ended.failure() {
            Some(failure) if retry.retries(failure) && !ended.is_over() => {
                ended.log(self.trip.context);
                Ended::Refused(Refusal::AttemptsExceeded {
                    attempts: state.attempts(),
                    retry_after: ended.retry_after(),
                })
            }
            _ => ended,
        }
    }

    /// The deadlines that stand around the call where it is.
    fn deadlines(&self) -> impl Iterator<Item = (Whose, Deadline)> {
        // A cache sees to the total by itself: the call that it makes is not this one's alone.
        #[cfg(feature = "cache")]
        let is_kept_within =
            matches!(self.layers.get(self.depth), Some(Layer::Cache(_))) && self.trip.key.is_some();
        #[cfg(not(feature = "cache"))]
        let is_kept_within = false;
        let total = self.bounds.total.filter(|_| !is_kept_within);
        let total = total.map(|deadline| (Whose::Total, deadline));
        let layers = self.held[..self.depth].iter().enumerate();
        layers
            .filter_map(|(index, held)| match held {
                Held::Deadline(deadline) => Some((Whose::Layer(index), *deadline)),
                _ => None,
            })
            .chain(total)
    }

    /// The deadline that comes first.
    fn nearest(&self) -> Option<(Whose, Deadline)> {
        self.deadlines().min_by_key(|(_, deadline)| deadline.at)
    }

    /// When the call will be cut off.
    fn enforced_end(&self) -> Option<Instant> {
        let deadlines = self.deadlines().map(|(_, deadline)| deadline);
        let enforced = deadlines.filter(Deadline::is_enforced);
        let ends = enforced.map(|deadline| deadline.at);
        ends.chain(self.bounds.end).min()
    }

    /// A deadline has come. Enforced, it drops what is inside of it, which counts as nothing, and
    /// the layers outside see a timeout; in shadow it is counted and forgotten.
    fn expire(&mut self, whose: Whose, deadline: Deadline) -> Option<Ended> {
        self.trip.expire(&deadline);
        let is_enforced = deadline.is_enforced();
        match whose {
            Whose::Layer(index) if is_enforced => {
                let retried =
                    |held: &Held<'_>| matches!(held, Held::Attempts(state) if state.attempts() > 1);
                if self.held[index..self.depth].iter().any(retried) {
                    self.trip.was_retried_in_vain();
                }
                self.held[index..self.depth].fill_with(|| Held::Nothing);
                self.depth = index;
                Some(Ended::Refused(Refusal::Timeout {
                    after: deadline.after,
                }))
            }
            Whose::Layer(index) => {
                self.held[index] = Held::Nothing;
                None
            }
            Whose::Total => {
                self.bounds.total = None;
                if !is_enforced {
                    return None;
                }
                if deadline.is_callers() {
                    self.held[self.from..self.depth].fill_with(|| Held::Nothing);
                    self.depth = self.from;
                    return Some(Ended::OutOfTime(deadline.after));
                }
                // The shorter deadlines within have not been kept either.
                for held in &mut self.held[..self.depth] {
                    if matches!(held, Held::Deadline(_)) {
                        *held = Held::Nothing;
                    }
                }
                Some(Ended::OutOfTime(deadline.after))
            }
        }
    }
}
