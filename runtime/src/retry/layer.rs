use tower_layer::Layer;

use super::{Retry, RetryService};
use crate::{AnyError, Shared};

/// Puts a retry around a service.
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
/// let retry = Arc::new(Retry::new("fetch", RetryConfig::default())?);
/// let timeout = Timeout::new("fetch", TimeoutConfig::default())?;
/// let inner = service_fn(|name: &'static str| async move { Ok::<_, &str>(name.len()) });
///
/// // Alone:
/// let service = RetryLayer::new(retry.clone()).layer(inner);
/// assert_eq!(service.oneshot("shoes").await.ok(), Some(5));
///
/// // Stacked. Each attempt has its time.
/// let service = ServiceBuilder::new()
///     .layer(RetryLayer::new(retry))
///     .layer(TimeoutLayer::new(timeout))
///     .service(inner);
/// assert_eq!(service.oneshot("shoes").await.ok(), Some(5));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct RetryLayer<C = AnyError> {
    retry: Shared<Retry>,
    classify: C,
}

impl RetryLayer {
    /// A layer for which every `Err` is a failure.
    pub fn new(retry: impl Into<Shared<Retry>>) -> Self {
        Self {
            retry: retry.into(),
            classify: AnyError,
        }
    }
}

impl<C> RetryLayer<C> {
    /// The same layer with another idea of what a failure is.
    pub fn classify<D>(self, classify: D) -> RetryLayer<D> {
        RetryLayer {
            retry: self.retry,
            classify,
        }
    }
}

impl<S, C: Clone> Layer<S> for RetryLayer<C> {
    type Service = RetryService<S, C>;

    fn layer(&self, inner: S) -> Self::Service {
        RetryService::new(inner, self.retry.clone(), self.classify.clone())
    }
}
