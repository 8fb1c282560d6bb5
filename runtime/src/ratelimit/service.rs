use std::task::{Context, Poll};

use tower_service::Service;

use super::{ClientKey, RateLimit, RateLimitError, RateLimitFuture};
use crate::Shared;

/// A service behind a rate limit.
#[derive(Clone, Debug)]
pub struct RateLimitService<S, K> {
    inner: S,
    limit: Shared<RateLimit>,
    key: K,
}

impl<S, K> RateLimitService<S, K> {
    pub(super) fn new(inner: S, limit: Shared<RateLimit>, key: K) -> Self {
        Self { inner, limit, key }
    }

    fn begin<Request>(&self, request: &Request) -> Result<super::limit::Begun, super::RateLimited>
    where
        K: ClientKey<Request>,
    {
        if self.limit.is_per_client()
            && let Some(client) = self.key.client(request)
        {
            return self.limit.begin(Some(client.as_ref()));
        }
        self.limit.begin(None)
    }
}

impl<S, K, Request> Service<Request> for RateLimitService<S, K>
where
    S: Service<Request>,
    K: ClientKey<Request>,
{
    type Response = S::Response;
    type Error = RateLimitError<S::Error>;
    type Future = RateLimitFuture<S::Future>;

    // A limit without tokens is ready, too: it refuses in `call`, where the client is known and
    // can be told when to come back.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx).map_err(RateLimitError::Inner)
    }

    #[inline]
    fn call(&mut self, request: Request) -> Self::Future {
        let begun = self.begin(&request);
        RateLimitFuture::new(self.limit.clone(), begun, || self.inner.call(request))
    }
}
