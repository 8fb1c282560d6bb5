use std::task::{Context, Poll};

use tower_service::Service;

use super::permit::Enabled;
use super::{ClientKey, FeatureToggle, FeatureToggleError, FeatureToggleFuture};
use crate::Shared;
use crate::awaited::Turn;

/// A service behind a feature toggle.
#[derive(Clone, Debug)]
pub struct FeatureToggleService<S, K> {
    inner: S,
    toggle: Shared<FeatureToggle>,
    key: K,
}

impl<S, K> FeatureToggleService<S, K> {
    pub(super) fn new(inner: S, toggle: Shared<FeatureToggle>, key: K) -> Self {
        Self { inner, toggle, key }
    }
}

impl<S, K, Request> Service<Request> for FeatureToggleService<S, K>
where
    S: Service<Request> + Clone,
    K: ClientKey<Request>,
{
    type Response = S::Response;
    type Error = FeatureToggleError<S::Error>;
    type Future = FeatureToggleFuture<S, Request>;

    // A feature that is off is ready: it refuses in `call`, where the client is known.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx).map_err(FeatureToggleError::Inner)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let client = if self.toggle.tells_clients_apart() {
            self.key.client(&request)
        } else {
            None
        };
        let client = client.as_ref().map(AsRef::as_ref);
        let turn = if self.toggle.asks_others() {
            let toggle = self.toggle.clone();
            let client = client.map(str::to_owned);
            Ok(Turn::Later(Box::pin(async move {
                toggle.admit(client.as_deref()).await.map(|()| Enabled)
            })))
        } else {
            self.toggle.check(client).map(|()| Turn::Now(Enabled))
        };
        FeatureToggleFuture::new(turn, &mut self.inner, request)
    }
}
