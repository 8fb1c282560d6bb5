use std::convert::identity;
use std::task::{Context, Poll};

use tower_service::Service;

use super::{ConcurrencyError, ConcurrencyFuture, ConcurrencyLimit};
use crate::{Classify, Shared};

/// A service behind a concurrency limit.
#[derive(Clone, Debug)]
pub struct ConcurrencyService<S, C> {
    inner: S,
    limit: Shared<ConcurrencyLimit>,
    classify: C,
}

impl<S, C> ConcurrencyService<S, C> {
    pub(super) fn new(inner: S, limit: Shared<ConcurrencyLimit>, classify: C) -> Self {
        Self {
            inner,
            limit,
            classify,
        }
    }
}

impl<S, C, Request> Service<Request> for ConcurrencyService<S, C>
where
    S: Service<Request>,
    C: Classify<S::Response, S::Error> + Clone,
{
    type Response = S::Response;
    type Error = ConcurrencyError<S::Error>;
    type Future = ConcurrencyFuture<S::Future, C>;

    // A limit that is reached is ready: it refuses in `call`. Were it pending, callers would queue
    // up in front of it, which is what it is there to prevent.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx).map_err(ConcurrencyError::Inner)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        // With a time in it a permit is quicker moved than made in its place.
        let permit = ConcurrencyLimit::acquire_by(self.limit.clone());
        let classify = self.classify.clone();
        ConcurrencyFuture::new(permit, identity, classify, || self.inner.call(request))
    }
}
