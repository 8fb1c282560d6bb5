use tower_layer::Layer;

use super::{Everyone, RateLimit, RateLimitService};
use crate::Shared;

/// Puts a rate limit before a service.
///
/// All services that it makes share the limit.
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
