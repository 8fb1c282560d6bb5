use std::sync::Arc;

use tower_layer::Layer;

use super::{Everyone, RateLimit, RateLimitService};

/// Puts a rate limit before a service.
///
/// All services that it makes share the limit.
#[derive(Clone, Debug)]
pub struct RateLimitLayer<K = Everyone> {
    limit: Arc<RateLimit>,
    key: K,
}

impl RateLimitLayer {
    /// A layer with one bucket for all requests.
    pub fn new(limit: Arc<RateLimit>) -> Self {
        Self {
            limit,
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
        RateLimitService::new(inner, Arc::clone(&self.limit), self.key.clone())
    }
}
