use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::{CircuitBreakerError, CircuitOpen, OwnedCircuitPermit};
use crate::Classify;

pin_project! {
    /// The answer of a service behind a circuit breaker, or its refusal.
    #[derive(Debug)]
    pub struct CircuitBreakerFuture<F, C> {
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
            permit: Option<OwnedCircuitPermit>,
            classify: C,
        },
        Refused { open: CircuitOpen },
    }
}

impl<F, C> CircuitBreakerFuture<F, C> {
    pub(super) fn admitted(call: F, permit: OwnedCircuitPermit, classify: C) -> Self {
        Self {
            state: State::Admitted {
                call,
                permit: Some(permit),
                classify,
            },
        }
    }

    pub(super) fn refused(open: CircuitOpen) -> Self {
        Self {
            state: State::Refused { open },
        }
    }
}

impl<F, C, T, E> Future for CircuitBreakerFuture<F, C>
where
    F: Future<Output = Result<T, E>>,
    C: Classify<T, E>,
{
    type Output = Result<T, CircuitBreakerError<E>>;

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
                Poll::Ready(outcome.map_err(CircuitBreakerError::Inner))
            }
            StateProjection::Refused { open } => Poll::Ready(Err(CircuitBreakerError::Open(*open))),
        }
    }
}
