use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use pin_project_lite::pin_project;
use tokio::time::Sleep;
use tower_service::Service;

use super::{Retry, RetryError, RetryState, nesting};
use crate::{Classify, Shared};

pin_project! {
    /// The answer of a service whose failed calls are repeated.
    #[must_use = "futures do nothing unless polled"]
    pub struct RetryFuture<S: Service<Request>, C, Request> {
        service: S,
        retry: Shared<Retry>,
        classify: C,
        request: Request,
        state: RetryState,
        #[pin]
        step: Step<S::Future>,
    }
}

pin_project! {
    #[project = StepProjection]
    enum Step<F> {
        Calling { #[pin] call: F },
        // Only a call that has failed pays for the box; in here, every call would.
        Waiting { sleep: Pin<Box<Sleep>> },
        // Until the service is ready for another call.
        Readying,
    }
}

impl<S, C, Request> RetryFuture<S, C, Request>
where
    S: Service<Request>,
    Request: Clone,
{
    #[inline]
    pub(super) fn new(mut service: S, retry: Shared<Retry>, classify: C, request: Request) -> Self {
        Self {
            state: retry.start(),
            // Made where it stays: a future that is moved is copied.
            step: Step::Calling {
                call: nesting::within(retry.share().id(), || service.call(request.clone())),
            },
            service,
            retry,
            classify,
            request,
        }
    }
}

impl<S, C, Request> Future for RetryFuture<S, C, Request>
where
    S: Service<Request>,
    C: Classify<S::Response, S::Error>,
    Request: Clone,
{
    type Output = Result<S::Response, RetryError<S::Error>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            match this.step.as_mut().project() {
                StepProjection::Calling { call } => {
                    let share = this.retry.share().id();
                    let outcome = ready!(nesting::within(share, || call.poll(cx)));
                    let Some(failure) = this.classify.classify(&outcome) else {
                        this.retry.succeeded(this.state);
                        return Poll::Ready(outcome.map_err(RetryError::Inner));
                    };
                    let asked = this.classify.retry_after(&outcome);
                    let retry = &*this.retry;
                    match retry.next_within(this.state, failure, asked, Duration::MAX) {
                        Some(wait) => {
                            let sleep = Box::pin(tokio::time::sleep(wait));
                            this.step.set(Step::Waiting { sleep });
                        }
                        None => {
                            return Poll::Ready(this.retry.conclude(this.state, failure, outcome));
                        }
                    }
                }
                StepProjection::Waiting { sleep } => {
                    ready!(sleep.as_mut().poll(cx));
                    this.step.set(Step::Readying);
                }
                StepProjection::Readying => {
                    ready!(this.service.poll_ready(cx)).map_err(RetryError::Inner)?;
                    let share = this.retry.share().id();
                    let call = nesting::within(share, || this.service.call(this.request.clone()));
                    this.step.set(Step::Calling { call });
                }
            }
        }
    }
}

impl<S, C, Request> std::fmt::Debug for RetryFuture<S, C, Request>
where
    S: Service<Request>,
{
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RetryFuture")
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}
