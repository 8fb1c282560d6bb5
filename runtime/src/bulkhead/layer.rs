use tower_layer::Layer;

use super::{Bulkhead, BulkheadService};
use crate::Shared;

/// Puts a bulkhead around a service.
///
/// All services that it makes share its places.
///
/// ```
/// use std::sync::Arc;
/// use failsafe_runtime::bulkhead::BulkheadLayer;
/// use failsafe_runtime::timeout::TimeoutLayer;
/// use failsafe_runtime::{Bulkhead, BulkheadConfig, Timeout, TimeoutConfig};
/// use tower::{Layer, ServiceBuilder, ServiceExt, service_fn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), failsafe_runtime::ConfigError> {
/// let bulkhead = Arc::new(Bulkhead::new("reports", BulkheadConfig::default())?);
/// let timeout = Timeout::new("reports", TimeoutConfig::default())?;
/// let inner = service_fn(|name: &'static str| async move { Ok::<_, &str>(name.len()) });
///
/// // Alone:
/// let service = BulkheadLayer::new(bulkhead.clone()).layer(inner);
/// assert_eq!(service.oneshot("shoes").await.ok(), Some(5));
///
/// // Stacked. Who hangs gives his place back when his time is up.
/// let service = ServiceBuilder::new()
///     .layer(BulkheadLayer::new(bulkhead))
///     .layer(TimeoutLayer::new(timeout))
///     .service(inner);
/// assert_eq!(service.oneshot("shoes").await.ok(), Some(5));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct BulkheadLayer {
    bulkhead: Shared<Bulkhead>,
}

impl BulkheadLayer {
    /// A layer whose calls need a place in this bulkhead.
    pub fn new(bulkhead: impl Into<Shared<Bulkhead>>) -> Self {
        Self {
            bulkhead: bulkhead.into(),
        }
    }
}

impl<S> Layer<S> for BulkheadLayer {
    type Service = BulkheadService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        BulkheadService::new(inner, self.bulkhead.clone())
    }
}
