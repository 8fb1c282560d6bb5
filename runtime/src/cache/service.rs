use std::fmt;
use std::task::{Context, Poll};

use tower_service::Service;

use super::{Cache, CacheFuture, CacheKey, CacheValue};

/// A service behind a cache.
#[derive(Clone)]
pub struct CacheService<S, K, V, E, F> {
    inner: S,
    cache: Cache<K, V, E>,
    key: F,
}

impl<S, K, V, E, F> CacheService<S, K, V, E, F> {
    pub(super) fn new(inner: S, cache: Cache<K, V, E>, key: F) -> Self {
        Self { inner, cache, key }
    }
}

impl<S: fmt::Debug, K, V, E, F> fmt::Debug for CacheService<S, K, V, E, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CacheService")
            .field("inner", &self.inner)
            .field("cache", &self.cache)
            .finish_non_exhaustive()
    }
}

impl<S, K, V, E, F, Request> Service<Request> for CacheService<S, K, V, E, F>
where
    S: Service<Request, Response = V, Error = E> + Clone + Send + 'static,
    S::Future: Send + 'static,
    Request: Send + 'static,
    K: CacheKey,
    V: CacheValue,
    E: CacheValue,
    F: Fn(&Request) -> Option<K>,
{
    type Response = V;
    type Error = E;
    type Future = CacheFuture<S::Future, V, E>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let Some(key) = (self.key)(&request) else {
            return CacheFuture::passing(self.inner.call(request));
        };
        if let Some(hit) = self.cache.get(&key) {
            return CacheFuture::found(hit.value);
        }
        // The one that was made ready goes with the call; the clone takes its place.
        let ready = self.inner.clone();
        let mut ready = std::mem::replace(&mut self.inner, ready);
        let cache = self.cache.clone();
        CacheFuture::asking(async move {
            let answer = cache.get_or_call(key, move || ready.call(request)).await;
            answer.map(|cached| cached.value)
        })
    }
}
