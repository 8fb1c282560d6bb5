use std::task::{Context, Poll};

use tower_service::Service;

use super::{Backpressure, BackpressureError, BackpressureFuture};
use crate::Shared;
use crate::awaited::Turn;

/// A service behind backpressure.
#[derive(Clone, Debug)]
pub struct BackpressureService<S> {
    inner: S,
    backpressure: Shared<Backpressure>,
}

impl<S> BackpressureService<S> {
    pub(super) fn new(inner: S, backpressure: Shared<Backpressure>) -> Self {
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
        let turn = Turn::at(&self.backpressure);
        BackpressureFuture::new(turn, &mut self.inner, request)
    }
}
