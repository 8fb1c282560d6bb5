use std::task::{Context, Poll};

use tower_service::Service;

use super::limit::Scope;
use super::{Limited, Timeout, TimeoutError, TimeoutFuture};
use crate::Shared;

/// A service whose calls are bounded in time.
#[derive(Clone, Debug)]
pub struct TimeoutService<S> {
    inner: S,
    timeout: Shared<Timeout>,
    scope: Scope,
}

impl<S> TimeoutService<S> {
    pub(super) fn new(inner: S, timeout: Shared<Timeout>, scope: Scope) -> Self {
        Self {
            inner,
            timeout,
            scope,
        }
    }
}

impl<S, Request> Service<Request> for TimeoutService<S>
where
    S: Service<Request>,
{
    type Response = S::Response;
    type Error = TimeoutError<S::Error>;
    type Future = TimeoutFuture<S::Future>;

    // The wait for readiness is not bounded: no call was made yet, and whoever waits for it may
    // stop whenever he likes.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx).map_err(TimeoutError::Inner)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        TimeoutFuture::new(Limited::new(
            self.timeout.clone(),
            self.scope,
            self.inner.call(request),
        ))
    }
}
