use std::ops::Deref;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use tokio::time::{Sleep, sleep_until};

use super::{Hedge, HedgeError, HedgeState, HedgeStep};
use crate::{Classify, FailureKind};

/// Where further attempts come from.
pub(super) trait Begin {
    type Attempt: Future;

    fn begin(&mut self) -> Self::Attempt;
}

impl<F, Fut> Begin for F
where
    F: FnMut() -> Fut,
    Fut: Future,
{
    type Attempt = Fut;

    fn begin(&mut self) -> Fut {
        self()
    }
}

pin_project! {
    /// The attempts of one call, of which the first that succeeds is the answer.
    ///
    /// Dropped, it drops every attempt and the timer with them.
    pub(super) struct Race<P, C, B: Begin> {
        hedge: P,
        state: HedgeState,
        classify: C,
        begin: B,
        #[pin]
        first: Option<B::Attempt>,
        // One thing to look at, and to drop, for a call that is ready at once.
        #[pin]
        beside: Option<Beside<B::Attempt>>,
    }
}

pin_project! {
    /// What a call has beside its first attempt, once that was found pending or has failed.
    #[project = BesideProjection]
    struct Beside<A> {
        // With their numbers. Only a call that is hedged pays for boxes.
        others: Vec<(u32, Pin<Box<A>>)>,
        // Armed when an attempt was found pending.
        #[pin]
        timer: Option<Sleep>,
    }
}

impl<A> Beside<A> {
    /// What stands there, which is nothing at first.
    fn of(mut place: Pin<&mut Option<Self>>) -> BesideProjection<'_, A> {
        if place.is_none() {
            place.set(Some(Self {
                others: Vec::new(),
                timer: None,
            }));
        }
        match place.as_pin_mut() {
            Some(beside) => beside.project(),
            None => unreachable!("it was put there just now"),
        }
    }
}

impl<P, C, B: Begin> Race<P, C, B> {
    pub(super) fn new(
        hedge: P,
        state: HedgeState,
        classify: C,
        first: B::Attempt,
        begin: B,
    ) -> Self {
        Self {
            hedge,
            state,
            classify,
            begin,
            first: Some(first),
            beside: None,
        }
    }

    #[cfg(feature = "tower")]
    pub(super) fn state(&self) -> &HedgeState {
        &self.state
    }
}

/// Attempts that failed in one round, and the outcome of the last.
struct Failed<T, E> {
    attempts: u32,
    last: Result<T, E>,
}

impl<P, C, B, T, E> Race<P, C, B>
where
    P: Deref<Target = Hedge>,
    C: Classify<T, E>,
    B: Begin,
    B::Attempt: Future<Output = Result<T, E>>,
{
    /// Polls every attempt: a success, or the failures, of which there may be none.
    #[inline]
    fn poll_attempts(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Result<Result<T, E>, Option<Failed<T, E>>> {
        let mut this = self.as_mut().project();
        let mut failed = None;
        if let Some(first) = this.first.as_mut().as_pin_mut()
            && let Poll::Ready(outcome) = first.poll(cx)
        {
            this.first.set(None);
            let failure = this.classify.classify(&outcome);
            if failure.is_none() {
                // Asked first: to drop even nothing is a call of a function.
                if this.beside.is_some() {
                    this.beside.set(None);
                }
                this.hedge.succeeded(this.state, 1);
                return Ok(outcome);
            }
            if failure == Some(FailureKind::Panic) {
                this.state.stop();
            }
            failed = Some(Failed {
                attempts: 1,
                last: outcome,
            });
        }
        if this.beside.is_none() {
            return Err(failed);
        }
        self.poll_others(cx, failed)
    }

    /// Polls all attempts but the first.
    #[inline(never)]
    fn poll_others(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut failed: Option<Failed<T, E>>,
    ) -> Result<Result<T, E>, Option<Failed<T, E>>> {
        let mut this = self.project();
        let others = Beside::of(this.beside).others;
        let mut place = 0;
        while let Some((number, attempt)) = others.get_mut(place) {
            let Poll::Ready(outcome) = attempt.as_mut().poll(cx) else {
                place += 1;
                continue;
            };
            let failure = this.classify.classify(&outcome);
            if failure.is_none() {
                this.hedge.succeeded(this.state, *number);
                // The losers are dropped before anybody learns of the answer.
                this.first.set(None);
                others.clear();
                return Ok(outcome);
            }
            drop(others.swap_remove(place));
            if failure == Some(FailureKind::Panic) {
                this.state.stop();
            }
            failed = Some(Failed {
                attempts: failed.map_or(0, |failed| failed.attempts) + 1,
                last: outcome,
            });
        }
        Err(failed)
    }
}

impl<P, C, B, T, E> Future for Race<P, C, B>
where
    P: Deref<Target = Hedge>,
    C: Classify<T, E>,
    B: Begin,
    B::Attempt: Future<Output = Result<T, E>>,
{
    type Output = Result<T, HedgeError<E>>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            let failed = match self.as_mut().poll_attempts(cx) {
                Ok(outcome) => return Poll::Ready(outcome.map_err(HedgeError::Inner)),
                Err(failed) => failed,
            };
            if let Next::Done(polled) = self.as_mut().next(cx, failed) {
                return polled;
            }
        }
    }
}

impl<P, C, B, T, E> Race<P, C, B>
where
    P: Deref<Target = Hedge>,
    C: Classify<T, E>,
    B: Begin,
    B::Attempt: Future<Output = Result<T, E>>,
{
    /// Begins what is to be begun after a round, or waits.
    // A call that is ready at once does not come here, and is faster without it in its way.
    #[inline(never)]
    fn next(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        failed: Option<Failed<T, E>>,
    ) -> Next<T, E> {
        let mut this = self.project();
        let BesideProjection { others, mut timer } = Beside::of(this.beside.as_mut());
        if let Some(Failed { attempts, last }) = failed {
            let mut is_another = false;
            for _ in 0..attempts {
                match this.hedge.failed(this.state) {
                    HedgeStep::Begin(number) => {
                        others.push((number, Box::pin(this.begin.begin())));
                        is_another = true;
                    }
                    HedgeStep::GiveUp => {
                        return Next::Done(Poll::Ready(last.map_err(HedgeError::Inner)));
                    }
                    HedgeStep::Wait | HedgeStep::TimedOut(_) => {}
                }
            }
            if is_another {
                return Next::Round;
            }
        }
        while let Some(at) = this.hedge.wake_at(this.state) {
            match timer.as_mut().as_pin_mut() {
                Some(timer) if timer.deadline() != at => timer.reset(at),
                Some(_) => {}
                None => timer.set(Some(sleep_until(at))),
            }
            if let Some(timer) = timer.as_mut().as_pin_mut()
                && timer.poll(cx).is_pending()
            {
                return Next::Done(Poll::Pending);
            }
            match this.hedge.woken(this.state) {
                HedgeStep::Begin(number) => {
                    others.push((number, Box::pin(this.begin.begin())));
                    return Next::Round;
                }
                HedgeStep::TimedOut(late) => {
                    this.first.set(None);
                    others.clear();
                    return Next::Done(Poll::Ready(Err(HedgeError::TimedOut(late))));
                }
                HedgeStep::Wait | HedgeStep::GiveUp => {}
            }
        }
        Next::Done(Poll::Pending)
    }
}

/// What a round of attempts ends with.
enum Next<T, E> {
    Done(Poll<Result<T, HedgeError<E>>>),
    /// Attempts were begun and are to be polled.
    Round,
}
