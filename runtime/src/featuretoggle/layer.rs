use tower_layer::Layer;

use super::{Everyone, FeatureToggle, FeatureToggleService};
use crate::Shared;

/// Puts a service behind a feature toggle.
///
/// All services that it makes share the toggle.
///
/// ```
/// use std::sync::Arc;
/// use failsafe_runtime::featuretoggle::FeatureToggleLayer;
/// use failsafe_runtime::ratelimit::RateLimitLayer;
/// use failsafe_runtime::{FeatureToggle, FeatureToggleConfig, RateLimit, RateLimitConfig};
/// use tower::{Layer, ServiceBuilder, ServiceExt, service_fn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), failsafe_runtime::ConfigError> {
/// let toggle = Arc::new(FeatureToggle::new("new-checkout", FeatureToggleConfig::default())?);
/// let limit = RateLimit::new("new-checkout", RateLimitConfig::default())?;
/// let inner = service_fn(|name: &'static str| async move { Ok::<_, &str>(name.len()) });
///
/// // Alone:
/// let service = FeatureToggleLayer::new(toggle.clone()).layer(inner);
/// assert_eq!(service.oneshot("shoes").await.ok(), Some(5));
///
/// // Stacked. Who is not let in spends no token.
/// let service = ServiceBuilder::new()
///     .layer(FeatureToggleLayer::new(toggle))
///     .layer(RateLimitLayer::new(limit))
///     .service(inner);
/// assert_eq!(service.oneshot("shoes").await.ok(), Some(5));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct FeatureToggleLayer<K = Everyone> {
    toggle: Shared<FeatureToggle>,
    key: K,
}

impl FeatureToggleLayer {
    /// A layer that does not tell clients apart: a `percentage` below 100 includes nobody.
    pub fn new(toggle: impl Into<Shared<FeatureToggle>>) -> Self {
        Self {
            toggle: toggle.into(),
            key: Everyone,
        }
    }
}

impl<K> FeatureToggleLayer<K> {
    /// The same layer with a way to tell clients apart; see [`ClientKey`](super::ClientKey).
    pub fn client_key<L>(self, key: L) -> FeatureToggleLayer<L> {
        FeatureToggleLayer {
            toggle: self.toggle,
            key,
        }
    }
}

impl<S, K: Clone> Layer<S> for FeatureToggleLayer<K> {
    type Service = FeatureToggleService<S, K>;

    fn layer(&self, inner: S) -> Self::Service {
        FeatureToggleService::new(inner, self.toggle.clone(), self.key.clone())
    }
}
