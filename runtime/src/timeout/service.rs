use std::sync::Arc;
use std::task::{Context, Poll};

use tower_service::Service;

use super::{Limited, Timeout, TimeoutError, TimeoutFuture};

/// A service whose calls are bounded in time.
#[derive(Clone, Debug)]
pub struct TimeoutService<S> {
    inner: S,
    timeout: Arc<Timeout>,
    total: bool,
}

impl<S> TimeoutService<S> {
    pub(super) fn new(inner: S, timeout: Arc<Timeout>, total: bool) -> Self {
        Self {
            inner,
            timeout,
            total,
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
        let timeout = Arc::clone(&self.timeout);
        let call = self.inner.call(request);
        TimeoutFuture::new(if self.total {
            Limited::total(timeout, call)
        } else {
            Limited::attempt(timeout, call)
        })
    }
}
