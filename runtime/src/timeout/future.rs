use std::ops::Deref;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use pin_project_lite::pin_project;
use tokio::time::Sleep;

use super::limit::Scope;
use super::{TimedOut, Timeout};
use crate::Mode;

pin_project! {
    /// A future whose time is bounded.
    ///
    /// Dropped, it drops the call and the timer with it.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct Limited<P, F> {
        timeout: P,
        #[pin]
        timer: Timer,
        #[pin]
        call: F,
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = TimerProjection]
    enum Timer {
        // The call was not found pending yet.
        Unarmed { scope: Scope },
        Armed { #[pin] sleep: Sleep, after: Duration, mode: Mode },
        // Nothing bounds the call, or nothing does so any more.
        Unbounded,
    }
}

impl<P: Deref<Target = Timeout>, F: Future> Limited<P, F> {
    #[inline]
    pub(super) fn new(timeout: P, scope: Scope, call: F) -> Self {
        Self {
            timeout,
            timer: Timer::Unarmed { scope },
            call,
        }
    }
}

impl<P: Deref<Target = Timeout>, F: Future> Future for Limited<P, F> {
    type Output = Result<F::Output, TimedOut>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        // The call first: one that is ready needs no timer, and one that became ready together
        // with its timer is not thrown away.
        if let Poll::Ready(output) = this.call.poll(cx) {
            this.timeout.ended_in_time();
            return Poll::Ready(Ok(output));
        }
        poll_timer(this.timeout, this.timer, cx).map(Err)
    }
}

fn poll_timer(
    timeout: &Timeout,
    mut timer: Pin<&mut Timer>,
    cx: &mut Context<'_>,
) -> Poll<TimedOut> {
    loop {
        match timer.as_mut().project() {
            TimerProjection::Unarmed { scope } => {
                let armed = match timeout.bound(*scope) {
                    Some((after, mode)) => Timer::Armed {
                        sleep: tokio::time::sleep(after),
                        after,
                        mode,
                    },
                    None => Timer::Unbounded,
                };
                timer.set(armed);
            }
            TimerProjection::Armed { sleep, after, mode } => {
                ready!(sleep.poll(cx));
                match timeout.time_is_up(*after, *mode) {
                    Err(late) => return Poll::Ready(late),
                    Ok(()) => timer.set(Timer::Unbounded),
                }
            }
            TimerProjection::Unbounded => return Poll::Pending,
        }
    }
}

#[cfg(feature = "tower")]
pin_project! {
    /// The answer of a service whose time is bounded.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct TimeoutFuture<F> {
        #[pin]
        limited: Limited<crate::Shared<Timeout>, F>,
    }
}

#[cfg(feature = "tower")]
impl<F> TimeoutFuture<F> {
    pub(super) fn new(limited: Limited<crate::Shared<Timeout>, F>) -> Self {
        Self { limited }
    }
}

#[cfg(feature = "tower")]
impl<F, T, E> Future for TimeoutFuture<F>
where
    F: Future<Output = Result<T, E>>,
{
    type Output = Result<T, super::TimeoutError<E>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(match ready!(self.project().limited.poll(cx)) {
            Ok(outcome) => outcome.map_err(super::TimeoutError::Inner),
            Err(late) => Err(super::TimeoutError::TimedOut(late)),
        })
    }
}
