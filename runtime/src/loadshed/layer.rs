use tower_layer::Layer;

use super::{LoadShedService, LoadShedder};
use crate::Shared;

/// Puts a load shedder around a service.
///
/// All services that it makes are counted together.
///
/// ```
/// use std::sync::Arc;
/// use failsafe_runtime::bulkhead::BulkheadLayer;
/// use failsafe_runtime::loadshed::LoadShedLayer;
/// use failsafe_runtime::{Bulkhead, BulkheadConfig, LoadShedConfig, LoadShedder};
/// use tower::{Layer, ServiceBuilder, ServiceExt, service_fn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), failsafe_runtime::ConfigError> {
/// let shedder = Arc::new(LoadShedder::new("search", LoadShedConfig::default())?);
/// let bulkhead = Bulkhead::new("search", BulkheadConfig::default())?;
/// let inner = service_fn(|name: &'static str| async move { Ok::<_, &str>(name.len()) });
///
/// // Alone:
/// let service = LoadShedLayer::new(shedder.clone()).layer(inner);
/// assert_eq!(service.oneshot("shoes").await.ok(), Some(5));
///
/// // Stacked. While the machine is full, nobody waits for a place.
/// let service = ServiceBuilder::new()
///     .layer(LoadShedLayer::new(shedder))
///     .layer(BulkheadLayer::new(bulkhead))
///     .service(inner);
/// assert_eq!(service.oneshot("shoes").await.ok(), Some(5));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct LoadShedLayer {
    shedder: Shared<LoadShedder>,
}

impl LoadShedLayer {
    /// A layer whose calls this load shedder may refuse.
    pub fn new(shedder: impl Into<Shared<LoadShedder>>) -> Self {
        Self {
            shedder: shedder.into(),
        }
    }
}

impl<S> Layer<S> for LoadShedLayer {
    type Service = LoadShedService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        LoadShedService::new(inner, self.shedder.clone())
    }
}
