use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::{FailFastError, FailFastOpen, OwnedFailFastPermit};
use crate::Classify;

pin_project! {
    /// The answer of a service behind a fail-fast, or its refusal.
    #[derive(Debug)]
    pub struct FailFastFuture<F, C> {
        #[pin]
        state: State<F, C>,
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = StateProjection]
    enum State<F, C> {
        Admitted {
            #[pin]
            call: F,
            // Taken when the call has ended.
            permit: Option<OwnedFailFastPermit>,
            classify: C,
        },
        Refused { open: FailFastOpen },
    }
}

impl<F, C> FailFastFuture<F, C> {
    pub(super) fn admitted(call: F, permit: OwnedFailFastPermit, classify: C) -> Self {
        Self {
            state: State::Admitted {
                call,
                permit: Some(permit),
                classify,
            },
        }
    }

    pub(super) fn refused(open: FailFastOpen) -> Self {
        Self {
            state: State::Refused { open },
        }
    }
}

impl<F, C, T, E> Future for FailFastFuture<F, C>
where
    F: Future<Output = Result<T, E>>,
    C: Classify<T, E>,
{
    type Output = Result<T, FailFastError<E>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProjection::Admitted {
                call,
                permit,
                classify,
            } => {
                // Out of the future while it is polled: a panic in there drops it on its way up,
                // which is a failure. Left in place it would be dropped later, as if cancelled.
                let held = permit.take();
                let Poll::Ready(outcome) = call.poll(cx) else {
                    *permit = held;
                    return Poll::Pending;
                };
                if let Some(held) = held {
                    match classify.classify(&outcome) {
                        Some(_) => held.failure(),
                        None => held.success(),
                    }
                }
                Poll::Ready(outcome.map_err(FailFastError::Inner))
            }
            StateProjection::Refused { open } => Poll::Ready(Err(FailFastError::Open(*open))),
        }
    }
}
