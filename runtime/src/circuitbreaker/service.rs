use std::task::{Context, Poll};

use tower_service::Service;

use super::{CircuitBreaker, CircuitBreakerError, CircuitBreakerFuture, CircuitPermit};
use crate::{Classify, Shared};

/// A service behind a circuit breaker.
#[derive(Clone, Debug)]
pub struct CircuitBreakerService<S, C> {
    inner: S,
    breaker: Shared<CircuitBreaker>,
    classify: C,
}

impl<S, C> CircuitBreakerService<S, C> {
    pub(super) fn new(inner: S, breaker: Shared<CircuitBreaker>, classify: C) -> Self {
        Self {
            inner,
            breaker,
            classify,
        }
    }
}

impl<S, C, Request> Service<Request> for CircuitBreakerService<S, C>
where
    S: Service<Request>,
    C: Classify<S::Response, S::Error> + Clone,
{
    type Response = S::Response;
    type Error = CircuitBreakerError<S::Error>;
    type Future = CircuitBreakerFuture<S::Future, C>;

    // An open circuit is ready: it refuses in `call`. Were it pending, callers would queue up
    // in front of it, and nobody would wake them when the recovery is over.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner
            .poll_ready(cx)
            .map_err(CircuitBreakerError::Inner)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let permit = |ticket| CircuitPermit::new(self.breaker.clone(), ticket);
        let classify = self.classify.clone();
        CircuitBreakerFuture::new(self.breaker.admit(), permit, classify, || {
            self.inner.call(request)
        })
    }
}
