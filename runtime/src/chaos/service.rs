use std::task::{Context, Poll};

use tower_service::Service;

use super::{Chaos, ChaosError, ChaosFuture, Injected};
use crate::Shared;

/// A service some of whose calls fail, or come late, on purpose.
#[derive(Clone, Debug)]
pub struct ChaosService<S> {
    inner: S,
    chaos: Shared<Chaos>,
}

impl<S> ChaosService<S> {
    pub(super) fn new(inner: S, chaos: Shared<Chaos>) -> Self {
        Self { inner, chaos }
    }
}

impl<S, Request> Service<Request> for ChaosService<S>
where
    S: Service<Request>,
{
    type Response = S::Response;
    type Error = ChaosError<S::Error>;
    type Future = ChaosFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx).map_err(ChaosError::Inner)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let Injected { latency, fault } = self.chaos.inject();
        match fault {
            Some(fault) => ChaosFuture::fault(latency, fault),
            // Made now, by the instance that is ready, and first polled when the time has passed.
            None => ChaosFuture::call(latency, self.inner.call(request)),
        }
    }
}
