use tower_layer::Layer;

use super::{Backpressure, BackpressureService};
use crate::Shared;

/// Puts backpressure around a service.
///
/// All services that it makes share its places.
///
/// ```
/// use std::sync::Arc;
/// use failsafe_runtime::backpressure::BackpressureLayer;
/// use failsafe_runtime::timeout::TimeoutLayer;
/// use failsafe_runtime::{Backpressure, BackpressureConfig, Timeout, TimeoutConfig};
/// use tower::{Layer, ServiceBuilder, ServiceExt, service_fn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), failsafe_runtime::ConfigError> {
/// let backpressure = Arc::new(Backpressure::new("import", BackpressureConfig::default())?);
/// let timeout = Timeout::new("import", TimeoutConfig::default())?;
/// let inner = service_fn(|name: &'static str| async move { Ok::<_, &str>(name.len()) });
///
/// // Alone:
/// let service = BackpressureLayer::new(backpressure.clone()).layer(inner);
/// assert_eq!(service.oneshot("shoes").await.ok(), Some(5));
///
/// // Stacked. The time of a call begins when it is let in.
/// let service = ServiceBuilder::new()
///     .layer(BackpressureLayer::new(backpressure))
///     .layer(TimeoutLayer::new(timeout))
///     .service(inner);
/// assert_eq!(service.oneshot("shoes").await.ok(), Some(5));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct BackpressureLayer {
    backpressure: Shared<Backpressure>,
}

impl BackpressureLayer {
    /// A layer whose calls need a place in this backpressure.
    pub fn new(backpressure: impl Into<Shared<Backpressure>>) -> Self {
        Self {
            backpressure: backpressure.into(),
        }
    }
}

impl<S> Layer<S> for BackpressureLayer {
    type Service = BackpressureService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        BackpressureService::new(inner, self.backpressure.clone())
    }
}
