use tower_layer::Layer;

use super::{CircuitBreaker, CircuitBreakerService};
use crate::{AnyError, Shared};

/// Puts a circuit breaker around a service.
///
/// All services that it makes share the one circuit.
#[derive(Clone, Debug)]
pub struct CircuitBreakerLayer<C = AnyError> {
    breaker: Shared<CircuitBreaker>,
    classify: C,
}

impl CircuitBreakerLayer {
    /// A layer for which every `Err` is a failure.
    pub fn new(breaker: impl Into<Shared<CircuitBreaker>>) -> Self {
        Self {
            breaker: breaker.into(),
            classify: AnyError,
        }
    }
}

impl<C> CircuitBreakerLayer<C> {
    /// The same layer with another idea of what a failure is.
    pub fn classify<D>(self, classify: D) -> CircuitBreakerLayer<D> {
        CircuitBreakerLayer {
            breaker: self.breaker,
            classify,
        }
    }
}

impl<S, C: Clone> Layer<S> for CircuitBreakerLayer<C> {
    type Service = CircuitBreakerService<S, C>;

    fn layer(&self, inner: S) -> Self::Service {
        CircuitBreakerService::new(inner, self.breaker.clone(), self.classify.clone())
    }
}
