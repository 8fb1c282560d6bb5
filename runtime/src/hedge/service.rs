use std::task::{Context, Poll};

use tower_service::Service;

use super::{Hedge, HedgeError, HedgeFuture};
use crate::{Classify, Shared};

/// A service whose slow calls are made again beside themselves.
///
/// Requests are cloned, one for each attempt, and so is the service.
#[derive(Clone, Debug)]
pub struct HedgeService<S, C> {
    inner: S,
    hedge: Shared<Hedge>,
    classify: C,
}

impl<S, C> HedgeService<S, C> {
    pub(super) fn new(inner: S, hedge: Shared<Hedge>, classify: C) -> Self {
        Self {
            inner,
            hedge,
            classify,
        }
    }
}

impl<S, C, Request> Service<Request> for HedgeService<S, C>
where
    S: Service<Request> + Clone,
    C: Classify<S::Response, S::Error> + Clone,
    Request: Clone,
{
    type Response = S::Response;
    type Error = HedgeError<S::Error>;
    type Future = HedgeFuture<S, C, Request>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx).map_err(HedgeError::Inner)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        // The instance that was made ready goes with the call; its clone is not ready and stays.
        let fresh = self.inner.clone();
        let ready = std::mem::replace(&mut self.inner, fresh);
        HedgeFuture::new(self.hedge.clone(), self.classify.clone(), ready, request)
    }
}
