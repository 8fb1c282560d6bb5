use std::marker::PhantomData;

use tower_layer::Layer;

use super::{Cache, CacheService};

/// Puts a cache around a service.
///
/// All services that it makes share what is kept.
///
/// ```
/// use failsafe_runtime::cache::CacheLayer;
/// use failsafe_runtime::retry::RetryLayer;
/// use failsafe_runtime::{Cache, CacheConfig, Retry, RetryConfig, RetryError};
/// use tower::{Layer, ServiceBuilder, ServiceExt, service_fn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), failsafe_runtime::ConfigError> {
/// let inner = service_fn(|name: String| async move { Ok::<_, String>(name.len()) });
///
/// // Alone. A request for nothing has no key, and is not kept:
/// let cache = Cache::<String, usize, String>::new("sizes", CacheConfig::default())?;
/// let key = |name: &String| Some(name.clone()).filter(|name| !name.is_empty());
/// let service = CacheLayer::new(cache, key).layer(inner);
/// assert_eq!(service.oneshot("shoes".to_owned()).await.ok(), Some(5));
///
/// // Stacked. What is kept needs no attempt:
/// let cache = Cache::<String, usize, RetryError<String>>::new("sizes", CacheConfig::default())?;
/// let retry = Retry::new("sizes", RetryConfig::default())?;
/// let service = ServiceBuilder::new()
///     .layer(CacheLayer::new(cache, key))
///     .layer(RetryLayer::new(retry))
///     .service(inner);
/// assert_eq!(service.oneshot("shoes".to_owned()).await.ok(), Some(5));
/// # Ok(())
/// # }
/// ```
pub struct CacheLayer<K, V, E, F, Request> {
    cache: Cache<K, V, E>,
    key: F,
    request: PhantomData<fn(&Request)>,
}

impl<K, V, E, F, Request> CacheLayer<K, V, E, F, Request>
where
    F: Fn(&Request) -> Option<K>,
{
    /// A layer that keeps answers by the key that this function makes of a request. A request
    /// without a key is none of the cache's business.
    pub fn new(cache: Cache<K, V, E>, key: F) -> Self {
        Self {
            cache,
            key,
            request: PhantomData,
        }
    }
}

impl<K, V, E, F: Clone, Request> Clone for CacheLayer<K, V, E, F, Request> {
    fn clone(&self) -> Self {
        Self {
            cache: self.cache.clone(),
            key: self.key.clone(),
            request: PhantomData,
        }
    }
}

impl<K, V, E, F, Request> std::fmt::Debug for CacheLayer<K, V, E, F, Request> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("CacheLayer").field(&self.cache).finish()
    }
}

impl<S, K, V, E, F: Clone, Request> Layer<S> for CacheLayer<K, V, E, F, Request> {
    type Service = CacheService<S, K, V, E, F>;

    fn layer(&self, inner: S) -> Self::Service {
        CacheService::new(inner, self.cache.clone(), self.key.clone())
    }
}
