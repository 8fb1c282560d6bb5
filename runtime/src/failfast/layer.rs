use tower_layer::Layer;

use super::{FailFast, FailFastService};
use crate::{AnyError, Shared};

/// Puts a fail-fast around a service.
///
/// All services that it makes share its state.
///
/// ```
/// use std::sync::Arc;
/// use failsafe_runtime::failfast::FailFastLayer;
/// use failsafe_runtime::timeout::TimeoutLayer;
/// use failsafe_runtime::{FailFast, FailFastConfig, Timeout, TimeoutConfig};
/// use tower::{Layer, ServiceBuilder, ServiceExt, service_fn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), failsafe_runtime::ConfigError> {
/// let fail_fast = Arc::new(FailFast::new("ledger", FailFastConfig::default())?);
/// let timeout = Timeout::new("ledger", TimeoutConfig::default())?;
/// let inner = service_fn(|name: &'static str| async move { Ok::<_, &str>(name.len()) });
///
/// // Alone:
/// let service = FailFastLayer::new(fail_fast.clone()).layer(inner);
/// assert_eq!(service.oneshot("shoes").await.ok(), Some(5));
///
/// // Stacked. A call that takes too long is a failure.
/// let service = ServiceBuilder::new()
///     .layer(FailFastLayer::new(fail_fast))
///     .layer(TimeoutLayer::new(timeout))
///     .service(inner);
/// assert_eq!(service.oneshot("shoes").await.ok(), Some(5));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct FailFastLayer<C = AnyError> {
    fail_fast: Shared<FailFast>,
    classify: C,
}

impl FailFastLayer {
    /// A layer for which every `Err` is a failure.
    pub fn new(fail_fast: impl Into<Shared<FailFast>>) -> Self {
        Self {
            fail_fast: fail_fast.into(),
            classify: AnyError,
        }
    }
}

impl<C> FailFastLayer<C> {
    /// The same layer with another idea of what a failure is.
    pub fn classify<D>(self, classify: D) -> FailFastLayer<D> {
        FailFastLayer {
            fail_fast: self.fail_fast,
            classify,
        }
    }
}

impl<S, C: Clone> Layer<S> for FailFastLayer<C> {
    type Service = FailFastService<S, C>;

    fn layer(&self, inner: S) -> Self::Service {
        FailFastService::new(inner, self.fail_fast.clone(), self.classify.clone())
    }
}
