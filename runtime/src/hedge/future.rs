use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use tower_service::Service;

use super::race::{Begin, Race};
use super::{Hedge, HedgeError};
use crate::{Classify, Shared};

/// What further attempts are made of: each calls a clone of the service that made the first call.
pub(super) struct Requests<S, Request> {
    service: S,
    request: Request,
}

impl<S, Request> Begin for Requests<S, Request>
where
    S: Service<Request> + Clone,
    Request: Clone,
{
    type Attempt = Attempt<S, Request>;

    fn begin(&mut self) -> Self::Attempt {
        Attempt {
            step: Step::Readying {
                call: Some((self.service.clone(), self.request.clone())),
            },
        }
    }
}

pin_project! {
    /// One attempt, which makes its service ready first.
    pub(super) struct Attempt<S: Service<Request>, Request> {
        #[pin]
        step: Step<S::Future, S, Request>,
    }
}

pin_project! {
    #[project = StepProjection]
    enum Step<F, S, Request> {
        Readying {
            // Taken when the call is made.
            call: Option<(S, Request)>,
        },
        Calling { #[pin] call: F },
    }
}

impl<S: Service<Request>, Request> Future for Attempt<S, Request> {
    type Output = Result<S::Response, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut step = self.project().step;
        loop {
            let next = match step.as_mut().project() {
                StepProjection::Readying { call } => {
                    if let Some((service, _)) = call {
                        ready!(service.poll_ready(cx))?;
                    }
                    let Some((mut service, request)) = call.take() else {
                        unreachable!("the step changes when the call is made")
                    };
                    Step::Calling {
                        call: service.call(request),
                    }
                }
                StepProjection::Calling { call } => return call.poll(cx),
            };
            step.set(next);
        }
    }
}

pin_project! {
    /// The answer of a service whose slow calls are made again beside themselves.
    #[must_use = "futures do nothing unless polled"]
    pub struct HedgeFuture<S, C, Request>
    where
        S: Service<Request>,
        S: Clone,
        Request: Clone,
    {
        #[pin]
        race: Race<Shared<Hedge>, C, Requests<S, Request>>,
    }
}

impl<S, C, Request> HedgeFuture<S, C, Request>
where
    S: Service<Request> + Clone,
    Request: Clone,
{
    /// The service was made ready for the first attempt.
    pub(super) fn new(hedge: Shared<Hedge>, classify: C, mut service: S, request: Request) -> Self {
        let state = hedge.start();
        let first = Attempt {
            step: Step::Calling {
                call: service.call(request.clone()),
            },
        };
        let requests = Requests { service, request };
        Self {
            race: Race::new(hedge, state, classify, first, requests),
        }
    }
}

impl<S, C, Request> Future for HedgeFuture<S, C, Request>
where
    S: Service<Request> + Clone,
    C: Classify<S::Response, S::Error>,
    Request: Clone,
{
    type Output = Result<S::Response, HedgeError<S::Error>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().race.poll(cx)
    }
}

impl<S, C, Request> fmt::Debug for HedgeFuture<S, C, Request>
where
    S: Service<Request> + Clone,
    Request: Clone,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HedgeFuture")
            .field("state", self.race.state())
            .finish_non_exhaustive()
    }
}
