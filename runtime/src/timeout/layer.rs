use tower_layer::Layer;

use super::limit::Scope;
use super::{Timeout, TimeoutService};
use crate::Shared;

/// Puts a timeout around a service.
///
/// ```
/// use std::sync::Arc;
/// use failsafe_runtime::retry::RetryLayer;
/// use failsafe_runtime::timeout::TimeoutLayer;
/// use failsafe_runtime::{Retry, RetryConfig, Timeout, TimeoutConfig};
/// use tower::{Layer, ServiceBuilder, ServiceExt, service_fn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), failsafe_runtime::ConfigError> {
/// let timeout = Arc::new(Timeout::new("fetch", TimeoutConfig::default())?);
/// let retry = Retry::new("fetch", RetryConfig::default())?;
/// let inner = service_fn(|name: &'static str| async move { Ok::<_, &str>(name.len()) });
///
/// // Alone:
/// let service = TimeoutLayer::new(timeout.clone()).layer(inner);
/// assert_eq!(service.oneshot("shoes").await.ok(), Some(5));
///
/// // Stacked. `total` bounds all attempts, `seconds` each of them.
/// let service = ServiceBuilder::new()
///     .layer(TimeoutLayer::total(timeout.clone()))
///     .layer(RetryLayer::new(retry))
///     .layer(TimeoutLayer::new(timeout))
///     .service(inner);
/// assert_eq!(service.oneshot("shoes").await.ok(), Some(5));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct TimeoutLayer {
    timeout: Shared<Timeout>,
    scope: Scope,
}

impl TimeoutLayer {
    /// Bounds each call by the time of one attempt: goes inside a retry.
    pub fn new(timeout: impl Into<Shared<Timeout>>) -> Self {
        Self {
            timeout: timeout.into(),
            scope: Scope::Attempt,
        }
    }

    /// Bounds each call by `total`: goes around a retry.
    pub fn total(timeout: impl Into<Shared<Timeout>>) -> Self {
        Self {
            timeout: timeout.into(),
            scope: Scope::Total,
        }
    }
}

impl<S> Layer<S> for TimeoutLayer {
    type Service = TimeoutService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        TimeoutService::new(inner, self.timeout.clone(), self.scope)
    }
}
