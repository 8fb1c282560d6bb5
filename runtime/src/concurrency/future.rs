use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::{ConcurrencyError, ConcurrencyLimited, OwnedConcurrencyPermit};
use crate::Classify;

pin_project! {
    /// The answer of a service behind a concurrency limit, or its refusal.
    #[derive(Debug)]
    pub struct ConcurrencyFuture<F, C> {
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
            permit: Option<OwnedConcurrencyPermit>,
            classify: C,
        },
        Refused { limited: ConcurrencyLimited },
    }
}

impl<F, C> ConcurrencyFuture<F, C> {
    pub(super) fn admitted(call: F, permit: OwnedConcurrencyPermit, classify: C) -> Self {
        Self {
            state: State::Admitted {
                call,
                permit: Some(permit),
                classify,
            },
        }
    }

    pub(super) fn refused(limited: ConcurrencyLimited) -> Self {
        Self {
            state: State::Refused { limited },
        }
    }
}

impl<F, C, T, E> Future for ConcurrencyFuture<F, C>
where
    F: Future<Output = Result<T, E>>,
    C: Classify<T, E>,
{
    type Output = Result<T, ConcurrencyError<E>>;

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
                Poll::Ready(outcome.map_err(ConcurrencyError::Inner))
            }
            StateProjection::Refused { limited } => {
                Poll::Ready(Err(ConcurrencyError::Limited(*limited)))
            }
        }
    }
}
