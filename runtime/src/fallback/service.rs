use std::task::{Context, Poll};

use tower_service::Service;

use super::{Fallback, FallbackFuture};
use crate::{Classify, Shared};

/// A service whose failures are answered with something else.
#[derive(Clone, Debug)]
pub struct FallbackService<S, F, C> {
    inner: S,
    fallback: Shared<Fallback>,
    answer: F,
    classify: C,
}

impl<S, F, C> FallbackService<S, F, C> {
    pub(super) fn new(inner: S, fallback: Shared<Fallback>, answer: F, classify: C) -> Self {
        Self {
            inner,
            fallback,
            answer,
            classify,
        }
    }
}

impl<S, F, C, Request> Service<Request> for FallbackService<S, F, C>
where
    S: Service<Request>,
    F: Fn(Result<S::Response, S::Error>) -> S::Response + Clone,
    C: Classify<S::Response, S::Error> + Clone,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = FallbackFuture<S::Future, F, C>;

    // A service that cannot be made ready is no call that failed: that is passed on.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        FallbackFuture::new(
            self.inner.call(request),
            self.fallback.clone(),
            self.answer.clone(),
            self.classify.clone(),
        )
    }
}
