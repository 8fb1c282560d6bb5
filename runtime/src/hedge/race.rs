use std::ops::Deref;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

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
        // With their numbers. Only a call that is hedged pays for boxes.
        others: Vec<(u32, Pin<Box<B::Attempt>>)>,
        // Armed when an attempt was found pending.
        #[pin]
        timer: Option<Sleep>,
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
            others: Vec::new(),
            timer: None,
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
    fn poll_attempts(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Result<Result<T, E>, Option<Failed<T, E>>> {
        let mut this = self.project();
        let mut failed = None;
        if let Some(first) = this.first.as_mut().as_pin_mut()
            && let Poll::Ready(outcome) = first.poll(cx)
        {
            this.first.set(None);
            let failure = this.classify.classify(&outcome);
            if failure.is_none() {
                this.others.clear();
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
        let mut place = 0;
        while let Some((number, attempt)) = this.others.get_mut(place) {
            let Poll::Ready(outcome) = attempt.as_mut().poll(cx) else {
                place += 1;
                continue;
            };
            let failure = this.classify.classify(&outcome);
            if failure.is_none() {
                this.hedge.succeeded(this.state, *number);
                // The losers are dropped before anybody learns of the answer.
                this.first.set(None);
                this.others.clear();
                return Ok(outcome);
            }
            drop(this.others.swap_remove(place));
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

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        'round: loop {
            let failed = match self.as_mut().poll_attempts(cx) {
                Ok(outcome) => return Poll::Ready(outcome.map_err(HedgeError::Inner)),
                Err(failed) => failed,
            };
            let mut this = self.as_mut().project();
            if let Some(Failed { attempts, last }) = failed {
                let mut is_another = false;
                for _ in 0..attempts {
                    match this.hedge.failed(this.state) {
                        HedgeStep::Begin(number) => {
                            this.others.push((number, Box::pin(this.begin.begin())));
                            is_another = true;
                        }
                        HedgeStep::GiveUp => {
                            return Poll::Ready(last.map_err(HedgeError::Inner));
                        }
                        HedgeStep::Wait | HedgeStep::TimedOut(_) => {}
                    }
                }
                if is_another {
                    continue;
                }
            }
            while let Some(at) = this.hedge.wake_at(this.state) {
                match this.timer.as_mut().as_pin_mut() {
                    Some(timer) if timer.deadline() != at => timer.reset(at),
                    Some(_) => {}
                    None => this.timer.set(Some(sleep_until(at))),
                }
                if let Some(timer) = this.timer.as_mut().as_pin_mut() {
                    ready!(timer.poll(cx));
                }
                match this.hedge.woken(this.state) {
                    HedgeStep::Begin(number) => {
                        this.others.push((number, Box::pin(this.begin.begin())));
                        continue 'round;
                    }
                    HedgeStep::TimedOut(late) => {
                        this.first.set(None);
                        this.others.clear();
                        return Poll::Ready(Err(HedgeError::TimedOut(late)));
                    }
                    HedgeStep::Wait | HedgeStep::GiveUp => {}
                }
            }
            return Poll::Pending;
        }
    }
}
