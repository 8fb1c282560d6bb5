use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use tower_service::Service;

use super::{BackpressureError, BackpressureFull, OwnedBackpressurePermit};

/// Waiting for a place: only a call that has to wait pays for the box.
type Wait = Pin<Box<dyn Future<Output = Result<OwnedBackpressurePermit, BackpressureFull>> + Send>>;

pin_project! {
    /// The answer of a service behind backpressure, or its refusal.
    #[must_use = "futures do nothing unless polled"]
    pub struct BackpressureFuture<S: Service<Request>, Request> {
        #[pin]
        state: State<S::Future, S, Request>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<F, S, Request> {
        Queued {
            wait: Wait,
            // Taken when the call is made.
            call: Option<(S, Request)>,
        },
        Inside {
            #[pin]
            call: F,
            permit: Option<OwnedBackpressurePermit>,
        },
        Refused {
            full: BackpressureFull,
        },
    }
}

impl<S: Service<Request>, Request> BackpressureFuture<S, Request> {
    pub(super) fn inside(call: S::Future, permit: OwnedBackpressurePermit) -> Self {
        Self {
            state: State::Inside {
                call,
                permit: Some(permit),
            },
        }
    }

    pub(super) fn queued(wait: Wait, service: S, request: Request) -> Self {
        Self {
            state: State::Queued {
                wait,
                call: Some((service, request)),
            },
        }
    }

    pub(super) fn refused(full: BackpressureFull) -> Self {
        Self {
            state: State::Refused { full },
        }
    }
}

impl<S: Service<Request>, Request> fmt::Debug for BackpressureFuture<S, Request> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            State::Queued { .. } => "queued",
            State::Inside { .. } => "inside",
            State::Refused { .. } => "refused",
        };
        f.debug_tuple("BackpressureFuture").field(&state).finish()
    }
}

impl<S: Service<Request>, Request> Future for BackpressureFuture<S, Request> {
    type Output = Result<S::Response, BackpressureError<S::Error>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            let next = match state.as_mut().project() {
                StateProjection::Queued { wait, call } => {
                    match (ready!(wait.as_mut().poll(cx)), call.take()) {
                        (Ok(permit), Some((mut service, request))) => State::Inside {
                            call: service.call(request),
                            permit: Some(permit),
                        },
                        (Err(full), _) => State::Refused { full },
                        (Ok(_), None) => unreachable!("the state changes when the call is made"),
                    }
                }
                StateProjection::Inside { call, permit } => {
                    let outcome = ready!(call.poll(cx));
                    // The place is given back with the answer, not when the future is dropped.
                    *permit = None;
                    return Poll::Ready(outcome.map_err(BackpressureError::Inner));
                }
                StateProjection::Refused { full } => {
                    return Poll::Ready(Err(BackpressureError::Full(*full)));
                }
            };
            state.set(next);
        }
    }
}
