use tower_layer::Layer;

use super::{Hedge, HedgeService};
use crate::{AnyError, Shared};

/// Makes the slow calls of a service a second time, and takes the first answer.
///
/// All services that it makes share the hedge and its budget.
///
/// ```
/// use std::sync::Arc;
/// use failsafe_runtime::hedge::HedgeLayer;
/// use failsafe_runtime::timeout::TimeoutLayer;
/// use failsafe_runtime::{Hedge, HedgeConfig, Timeout, TimeoutConfig};
/// use tower::{Layer, ServiceBuilder, ServiceExt, service_fn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), failsafe_runtime::ConfigError> {
/// let hedge = Arc::new(Hedge::new("search", HedgeConfig::default())?);
/// let timeout = Timeout::new("search", TimeoutConfig::default())?;
/// let inner = service_fn(|name: &'static str| async move { Ok::<_, &str>(name.len()) });
///
/// // Alone:
/// let service = HedgeLayer::new(hedge.clone()).layer(inner);
/// assert_eq!(service.oneshot("shoes").await.ok(), Some(5));
///
/// // Stacked. Each attempt has its time.
/// let service = ServiceBuilder::new()
///     .layer(HedgeLayer::new(hedge))
///     .layer(TimeoutLayer::new(timeout))
///     .service(inner);
/// assert_eq!(service.oneshot("shoes").await.ok(), Some(5));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct HedgeLayer<C = AnyError> {
    hedge: Shared<Hedge>,
    classify: C,
}

impl HedgeLayer {
    /// A layer for which every `Err` is a failure.
    pub fn new(hedge: impl Into<Shared<Hedge>>) -> Self {
        Self {
            hedge: hedge.into(),
            classify: AnyError,
        }
    }
}

impl<C> HedgeLayer<C> {
    /// The same layer with another idea of what a failure is.
    pub fn classify<D>(self, classify: D) -> HedgeLayer<D> {
        HedgeLayer {
            hedge: self.hedge,
            classify,
        }
    }
}

impl<S, C: Clone> Layer<S> for HedgeLayer<C> {
    type Service = HedgeService<S, C>;

    fn layer(&self, inner: S) -> Self::Service {
        HedgeService::new(inner, self.hedge.clone(), self.classify.clone())
    }
}
