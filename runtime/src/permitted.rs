//! Calls that need a permit, as the layers make them.

use std::fmt::Debug;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use crate::Classify;

/// Leave to make one call, held while the call is running.
///
/// Patterns implement it for their permits; there is no way to do so from outside.
pub trait Permit {
    /// Why there is none.
    type Refusal: Copy + Debug;
    /// Either that or the call's own error.
    type Error<E>;

    /// The call has ended: records how, and gives back the place.
    fn end(&mut self, failed: bool);

    /// The error of a call that was refused.
    fn refused<E>(refusal: Self::Refusal) -> Self::Error<E>;

    /// The error of a call that was made.
    fn inner<E>(error: E) -> Self::Error<E>;
}

pin_project! {
    /// The answer of a service that is called with a permit, or the refusal of one.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct Permitted<F, P: Permit, C> {
        #[pin]
        state: State<F, P, C>,
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = StateProjection]
    enum State<F, P: Permit, C> {
        Admitted {
            #[pin]
            call: F,
            permit: P,
            classify: C,
        },
        Refused { refusal: P::Refusal },
    }
}

impl<F, P: Permit, C> Permitted<F, P, C> {
    /// The permit is made where it will be: one that was written a moment ago and is moved has the
    /// processor wait.
    #[inline]
    pub(crate) fn new<T>(
        admission: Result<T, P::Refusal>,
        permit: impl FnOnce(T) -> P,
        classify: C,
        call: impl FnOnce() -> F,
    ) -> Self {
        Self {
            state: match admission {
                Ok(ticket) => State::Admitted {
                    permit: permit(ticket),
                    classify,
                    call: call(),
                },
                Err(refusal) => State::Refused { refusal },
            },
        }
    }
}

impl<F, P, C, T, E> Future for Permitted<F, P, C>
where
    F: Future<Output = Result<T, E>>,
    P: Permit,
    C: Classify<T, E>,
{
    type Output = Result<T, P::Error<E>>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProjection::Admitted {
                call,
                permit,
                classify,
            } => {
                let outcome = ready!(watched(permit, || call.poll(cx)));
                permit.end(classify.classify(&outcome).is_some());
                Poll::Ready(outcome.map_err(P::inner))
            }
            StateProjection::Refused { refusal } => Poll::Ready(Err(P::refused(*refusal))),
        }
    }
}

/// Polls a call. If that panics, the call has failed: its permit, which the future keeps, would be
/// dropped later, and look as if the call had been cancelled.
#[inline]
pub(crate) fn watched<P: Permit, R>(permit: &mut P, poll: impl FnOnce() -> R) -> R {
    struct Failing<'a, P: Permit>(&'a mut P);

    impl<P: Permit> Drop for Failing<'_, P> {
        fn drop(&mut self) {
            self.0.end(true);
        }
    }

    let failing = Failing(permit);
    let polled = poll();
    mem::forget(failing);
    polled
}
