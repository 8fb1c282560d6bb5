use std::sync::Arc;
use std::task::{Context, Poll};

use tower_service::Service;

use super::limit::Step;
use super::{Bulkhead, BulkheadError, BulkheadFuture, BulkheadPermit};

/// A service behind a bulkhead.
#[derive(Clone, Debug)]
pub struct BulkheadService<S> {
    inner: S,
    bulkhead: Arc<Bulkhead>,
}

impl<S> BulkheadService<S> {
    pub(super) fn new(inner: S, bulkhead: Arc<Bulkhead>) -> Self {
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
        match self.bulkhead.step() {
            Ok(Step::Inside { has_place }) => {
                let permit = BulkheadPermit::new(Arc::clone(&self.bulkhead), has_place);
                BulkheadFuture::inside(self.inner.call(request), permit)
            }
            Ok(Step::Queued(ticket)) => {
                // The one that was made ready waits with the call; the clone takes its place.
                let ready = self.inner.clone();
                let ready = std::mem::replace(&mut self.inner, ready);
                let permit = Bulkhead::wait(Arc::clone(&self.bulkhead), ticket);
                BulkheadFuture::queued(Box::pin(permit), ready, request)
            }
            Err(full) => BulkheadFuture::refused(full),
        }
    }
}
