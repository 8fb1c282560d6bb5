use std::task::{Context, Poll};

use tower_service::Service;

use super::{Bulkhead, BulkheadError, BulkheadFuture};
use crate::Shared;
use crate::awaited::Turn;

/// A service behind a bulkhead.
#[derive(Clone, Debug)]
pub struct BulkheadService<S> {
    inner: S,
    bulkhead: Shared<Bulkhead>,
}

impl<S> BulkheadService<S> {
    pub(super) fn new(inner: S, bulkhead: Shared<Bulkhead>) -> Self {
        Self { inner, bulkhead }
    }
}

impl<S, Request> Service<Request> for BulkheadService<S>
where
    S: Service<Request> + Clone,
{
    type Response = S::Response;
    type Error = BulkheadError<S::Error>;
    type Future = BulkheadFuture<S, Request>;

    // A full bulkhead is ready: it refuses, or has the call wait, in `call`. Were it pending,
    // callers would queue up in front of it, beyond every bound.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx).map_err(BulkheadError::Inner)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let turn = Turn::at(&self.bulkhead);
        BulkheadFuture::new(turn, &mut self.inner, request)
    }
}
