use tower_layer::Layer;

use super::{Everyone, RateLimit, RateLimitService};
use crate::Shared;

/// Puts a rate limit before a service.
///
/// All services that it makes share the limit.
///
/// ```
/// use std::sync::Arc;
/// use failsafe_runtime::ratelimit::RateLimitLayer;
/// use failsafe_runtime::timeout::TimeoutLayer;
/// use failsafe_runtime::{RateLimit, RateLimitConfig, Timeout, TimeoutConfig};
/// use tower::{Layer, ServiceBuilder, ServiceExt, service_fn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), failsafe_runtime::ConfigError> {
/// let limit = Arc::new(RateLimit::new("search", RateLimitConfig::default())?);
/// let timeout = Timeout::new("search", TimeoutConfig::default())?;
/// let inner = service_fn(|name: &'static str| async move { Ok::<_, &str>(name.len()) });
///
/// // Alone:
/// let service = RateLimitLayer::new(limit.clone()).layer(inner);
/// assert_eq!(service.oneshot("shoes").await.ok(), Some(5));
///
/// // Stacked. What is refused takes no time of anybody's.
/// let service = ServiceBuilder::new()
///     .layer(RateLimitLayer::new(limit))
///     .layer(TimeoutLayer::new(timeout))
///     .service(inner);
/// assert_eq!(service.oneshot("shoes").await.ok(), Some(5));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct RateLimitLayer<K = Everyone> {
    limit: Shared<RateLimit>,
    key: K,
}

impl RateLimitLayer {
    /// A layer with one bucket for all requests.
    pub fn new(limit: impl Into<Shared<RateLimit>>) -> Self {
        Self {
            limit: limit.into(),
            key: Everyone,
        }
    }
}

impl<K> RateLimitLayer<K> {
    /// The same layer with a way to tell clients apart; see [`ClientKey`](super::ClientKey). It
    /// counts only with `enable_per_client_tracking`.
    pub fn client_key<L>(self, key: L) -> RateLimitLayer<L> {
        RateLimitLayer {
            limit: self.limit,
            key,
        }
    }
}

impl<S, K: Clone> Layer<S> for RateLimitLayer<K> {
    type Service = RateLimitService<S, K>;

    fn layer(&self, inner: S) -> Self::Service {
        RateLimitService::new(inner, self.limit.clone(), self.key.clone())
    }
}
