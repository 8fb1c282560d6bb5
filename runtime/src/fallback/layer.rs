use tower_layer::Layer;

use super::{Fallback, FallbackService};
use crate::{AnyError, Shared};

/// Answers the failures of a service with something else.
///
/// What it answers with is a function from what failed to a response, which should say that it is
/// degraded, for instance by a header `X-Fallback: true`.
///
/// ```
/// use std::sync::Arc;
/// use failsafe_runtime::fallback::FallbackLayer;
/// use failsafe_runtime::{Fallback, FallbackConfig};
/// use tower::{Layer, ServiceExt, service_fn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), failsafe_runtime::ConfigError> {
/// let fallback = Arc::new(Fallback::new("prices", FallbackConfig::default())?);
/// let layer = FallbackLayer::new(fallback, |failed| match failed {
///     Ok(response) => response,
///     Err(error) => format!("degraded: {error}"),
/// });
/// let service = layer.layer(service_fn(|()| async { Err::<String, _>("no connection") }));
/// assert_eq!(service.oneshot(()).await, Ok("degraded: no connection".to_owned()));
/// # Ok(())
/// # }
/// ```
///
/// Stacked, an open circuit is a reason to fall back:
///
/// ```
/// use failsafe_runtime::circuitbreaker::CircuitBreakerLayer;
/// use failsafe_runtime::fallback::FallbackLayer;
/// use failsafe_runtime::{CircuitBreaker, CircuitBreakerConfig, Fallback, FallbackConfig};
/// use tower::{ServiceBuilder, ServiceExt, service_fn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), failsafe_runtime::ConfigError> {
/// let fallback = Fallback::new("prices", FallbackConfig::default())?;
/// let breaker = CircuitBreaker::new("prices", CircuitBreakerConfig::default())?;
/// breaker.set_mode(failsafe_runtime::CircuitMode::ForcedOpen);
/// let service = ServiceBuilder::new()
///     .layer(FallbackLayer::new(fallback, |failed: Result<u32, _>| failed.unwrap_or(0)))
///     .layer(CircuitBreakerLayer::new(breaker))
///     .service(service_fn(|()| async { Ok::<_, &str>(7) }));
/// assert_eq!(service.oneshot(()).await.ok(), Some(0));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct FallbackLayer<F, C = AnyError> {
    fallback: Shared<Fallback>,
    answer: F,
    classify: C,
}

impl<F> FallbackLayer<F> {
    /// A layer for which every `Err` is a failure.
    pub fn new(fallback: impl Into<Shared<Fallback>>, answer: F) -> Self {
        Self {
            fallback: fallback.into(),
            answer,
            classify: AnyError,
        }
    }
}

impl<F, C> FallbackLayer<F, C> {
    /// The same layer with another idea of what a failure is. Where an `Ok` may be one, the
    /// function is given that as well.
    pub fn classify<D>(self, classify: D) -> FallbackLayer<F, D> {
        FallbackLayer {
            fallback: self.fallback,
            answer: self.answer,
            classify,
        }
    }
}

impl<S, F: Clone, C: Clone> Layer<S> for FallbackLayer<F, C> {
    type Service = FallbackService<S, F, C>;

    fn layer(&self, inner: S) -> Self::Service {
        FallbackService::new(
            inner,
            self.fallback.clone(),
            self.answer.clone(),
            self.classify.clone(),
        )
    }
}
