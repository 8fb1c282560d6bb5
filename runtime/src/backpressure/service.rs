use std::sync::Arc;
use std::task::{Context, Poll};

use tower_service::Service;

use super::limit::Step;
use super::{Backpressure, BackpressureError, BackpressureFuture, BackpressurePermit};

/// A service behind backpressure.
#[derive(Clone, Debug)]
pub struct BackpressureService<S> {
    inner: S,
    backpressure: Arc<Backpressure>,
}

impl<S> BackpressureService<S> {
    pub(super) fn new(inner: S, backpressure: Arc<Backpressure>) -> Self {
        Self {
            inner,
            backpressure,
        }
    }
}

impl<S, Request> Service<Request> for BackpressureService<S>
where
    S: Service<Request> + Clone,
{
    type Response = S::Response;
    type Error = BackpressureError<S::Error>;
    type Future = BackpressureFuture<S, Request>;

    // A closed one is ready: it refuses, or has the call wait, in `call`. Were it pending,
    // callers would queue up in front of it, beyond every bound.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx).map_err(BackpressureError::Inner)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        match self.backpressure.step() {
            Ok(Step::Inside { has_place }) => {
                let permit = BackpressurePermit::new(Arc::clone(&self.backpressure), has_place);
                BackpressureFuture::inside(self.inner.call(request), permit)
            }
            Ok(Step::Queued(ticket)) => {
                // The one that was made ready waits with the call; the clone takes its place.
                let ready = self.inner.clone();
                let ready = std::mem::replace(&mut self.inner, ready);
                let permit = Backpressure::wait(Arc::clone(&self.backpressure), ticket);
                BackpressureFuture::queued(Box::pin(permit), ready, request)
            }
            Err(full) => BackpressureFuture::refused(full),
        }
    }
}
