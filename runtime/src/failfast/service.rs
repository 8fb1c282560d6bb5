use std::task::{Context, Poll};

use tower_service::Service;

use super::{FailFast, FailFastError, FailFastFuture, FailFastPermit};
use crate::{Classify, Shared};

/// A service behind a fail-fast.
#[derive(Clone, Debug)]
pub struct FailFastService<S, C> {
    inner: S,
    fail_fast: Shared<FailFast>,
    classify: C,
}

impl<S, C> FailFastService<S, C> {
    pub(super) fn new(inner: S, fail_fast: Shared<FailFast>, classify: C) -> Self {
        Self {
            inner,
            fail_fast,
            classify,
        }
    }
}

impl<S, C, Request> Service<Request> for FailFastService<S, C>
where
    S: Service<Request>,
    C: Classify<S::Response, S::Error> + Clone,
{
    type Response = S::Response;
    type Error = FailFastError<S::Error>;
    type Future = FailFastFuture<S::Future, C>;

    // An open one is ready: it refuses in `call`. Were it pending, callers would queue up in front
    // of it, and nobody would wake them when it closes.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx).map_err(FailFastError::Inner)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let permit = |ticket| FailFastPermit::new(self.fail_fast.clone(), ticket);
        let classify = self.classify.clone();
        FailFastFuture::new(self.fail_fast.admit(), permit, classify, || {
            self.inner.call(request)
        })
    }
}
