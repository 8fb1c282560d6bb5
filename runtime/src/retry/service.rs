use std::task::{Context, Poll};

use tower_service::Service;

use super::{Retry, RetryError, RetryFuture};
use crate::{Classify, Shared};

/// A service whose failed calls are repeated.
///
/// Requests are cloned, one for each attempt.
#[derive(Clone, Debug)]
pub struct RetryService<S, C> {
    inner: S,
    retry: Shared<Retry>,
    classify: C,
}

impl<S, C> RetryService<S, C> {
    pub(super) fn new(inner: S, retry: Shared<Retry>, classify: C) -> Self {
        Self {
            inner,
            retry,
            classify,
        }
    }
}

impl<S, C, Request> Service<Request> for RetryService<S, C>
where
    S: Service<Request> + Clone,
    C: Classify<S::Response, S::Error> + Clone,
    Request: Clone,
{
    type Response = S::Response;
    type Error = RetryError<S::Error>;
    type Future = RetryFuture<S, C, Request>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx).map_err(RetryError::Inner)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        // The instance that was made ready goes with the call; its clone is not ready and stays.
        let fresh = self.inner.clone();
        let ready = std::mem::replace(&mut self.inner, fresh);
        RetryFuture::new(ready, self.retry.clone(), self.classify.clone(), request)
    }
}
