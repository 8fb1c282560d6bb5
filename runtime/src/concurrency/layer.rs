use tower_layer::Layer;

use super::{ConcurrencyLimit, ConcurrencyService};
use crate::{AnyError, Shared};

/// Puts a concurrency limit around a service.
///
/// All services that it makes share the one limit.
///
/// ```
/// use std::sync::Arc;
/// use failsafe_runtime::concurrency::ConcurrencyLayer;
/// use failsafe_runtime::timeout::TimeoutLayer;
/// use failsafe_runtime::{ConcurrencyConfig, ConcurrencyLimit, Timeout, TimeoutConfig};
/// use tower::{Layer, ServiceBuilder, ServiceExt, service_fn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), failsafe_runtime::ConfigError> {
/// let limit = Arc::new(ConcurrencyLimit::new("search", ConcurrencyConfig::default())?);
/// let timeout = Timeout::new("search", TimeoutConfig::default())?;
/// let inner = service_fn(|name: &'static str| async move { Ok::<_, &str>(name.len()) });
///
/// // Alone:
/// let service = ConcurrencyLayer::new(limit.clone()).layer(inner);
/// assert_eq!(service.oneshot("shoes").await.ok(), Some(5));
///
/// // Stacked. A call that takes too long is a failure, and lowers the limit.
/// let service = ServiceBuilder::new()
///     .layer(ConcurrencyLayer::new(limit))
///     .layer(TimeoutLayer::new(timeout))
///     .service(inner);
/// assert_eq!(service.oneshot("shoes").await.ok(), Some(5));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ConcurrencyLayer<C = AnyError> {
    limit: Shared<ConcurrencyLimit>,
    classify: C,
}

impl ConcurrencyLayer {
    /// A layer for which every `Err` is a failure.
    pub fn new(limit: impl Into<Shared<ConcurrencyLimit>>) -> Self {
        Self {
            limit: limit.into(),
            classify: AnyError,
        }
    }
}

impl<C> ConcurrencyLayer<C> {
    /// The same layer with another idea of what a failure is.
    pub fn classify<D>(self, classify: D) -> ConcurrencyLayer<D> {
        ConcurrencyLayer {
            limit: self.limit,
            classify,
        }
    }
}

impl<S, C: Clone> Layer<S> for ConcurrencyLayer<C> {
    type Service = ConcurrencyService<S, C>;

    fn layer(&self, inner: S) -> Self::Service {
        ConcurrencyService::new(inner, self.limit.clone(), self.classify.clone())
    }
}
