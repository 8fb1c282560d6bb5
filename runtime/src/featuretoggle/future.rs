use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use tower_service::Service;

use super::{FeatureDisabled, FeatureToggleError};

/// The answer of a provider: only a call that has to ask one pays for the box.
type Answer = Pin<Box<dyn Future<Output = Result<(), FeatureDisabled>> + Send>>;

pin_project! {
    /// The answer of a service behind a feature toggle, or its refusal.
    #[must_use = "futures do nothing unless polled"]
    pub struct FeatureToggleFuture<S: Service<Request>, Request> {
        #[pin]
        state: State<S::Future, S, Request>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<F, S, Request> {
        Asking {
            answer: Answer,
            // Taken when the call is made.
            call: Option<(S, Request)>,
        },
        Enabled {
            #[pin]
            call: F,
        },
        Refused {
            disabled: FeatureDisabled,
        },
    }
}

impl<S: Service<Request>, Request> FeatureToggleFuture<S, Request> {
    pub(super) fn asking(answer: Answer, service: S, request: Request) -> Self {
        Self {
            state: State::Asking {
                answer,
                call: Some((service, request)),
            },
        }
    }

    pub(super) fn enabled(call: S::Future) -> Self {
        Self {
            state: State::Enabled { call },
        }
    }

    pub(super) fn refused(disabled: FeatureDisabled) -> Self {
        Self {
            state: State::Refused { disabled },
        }
    }
}

impl<S: Service<Request>, Request> fmt::Debug for FeatureToggleFuture<S, Request> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            State::Asking { .. } => "asking",
            State::Enabled { .. } => "enabled",
            State::Refused { .. } => "refused",
        };
        f.debug_tuple("FeatureToggleFuture").field(&state).finish()
    }
}

impl<S: Service<Request>, Request> Future for FeatureToggleFuture<S, Request> {
    type Output = Result<S::Response, FeatureToggleError<S::Error>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            let next = match state.as_mut().project() {
                StateProjection::Asking { answer, call } => {
                    match (ready!(answer.as_mut().poll(cx)), call.take()) {
                        (Ok(()), Some((mut service, request))) => State::Enabled {
                            call: service.call(request),
                        },
                        (Err(disabled), _) => State::Refused { disabled },
                        (Ok(()), None) => unreachable!("the state changes when the call is made"),
                    }
                }
                StateProjection::Enabled { call } => {
                    return call.poll(cx).map_err(FeatureToggleError::Inner);
                }
                StateProjection::Refused { disabled } => {
                    return Poll::Ready(Err(FeatureToggleError::Disabled(*disabled)));
                }
            };
            state.set(next);
        }
    }
}
