use tower_layer::Layer;

use super::{CircuitBreaker, CircuitBreakerService};
use crate::{AnyError, Shared};

/// Puts a circuit breaker around a service.
///
/// All services that it makes share the one circuit.
///
/// ```
/// use std::sync::Arc;
/// use failsafe_runtime::circuitbreaker::CircuitBreakerLayer;
/// use failsafe_runtime::timeout::TimeoutLayer;
/// use failsafe_runtime::{CircuitBreaker, CircuitBreakerConfig, Timeout, TimeoutConfig};
/// use tower::{Layer, ServiceBuilder, ServiceExt, service_fn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), failsafe_runtime::ConfigError> {
/// let breaker = Arc::new(CircuitBreaker::new("database", CircuitBreakerConfig::default())?);
/// let timeout = Timeout::new("database", TimeoutConfig::default())?;
/// let inner = service_fn(|name: &'static str| async move { Ok::<_, &str>(name.len()) });
///
/// // Alone:
/// let service = CircuitBreakerLayer::new(breaker.clone()).layer(inner);
/// assert_eq!(service.oneshot("shoes").await.ok(), Some(5));
///
/// // Stacked. A call that takes too long is a failure of the circuit.
/// let service = ServiceBuilder::new()
///     .layer(CircuitBreakerLayer::new(breaker))
///     .layer(TimeoutLayer::new(timeout))
///     .service(inner);
/// assert_eq!(service.oneshot("shoes").await.ok(), Some(5));
/// # Ok(())
/// # }
/// ```
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
