use tower_layer::Layer;

use super::{Everyone, FeatureToggle, FeatureToggleService};
use crate::Shared;

/// Puts a service behind a feature toggle.
///
/// All services that it makes share the toggle.
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
