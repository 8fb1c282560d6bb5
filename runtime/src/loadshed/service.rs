use std::task::{Context, Poll};

use tower_service::Service;

use super::{LoadShedError, LoadShedFuture, LoadShedPermit, LoadShedder};
use crate::{AnyError, Shared};

/// A service behind a load shedder.
#[derive(Clone, Debug)]
pub struct LoadShedService<S> {
    inner: S,
    shedder: Shared<LoadShedder>,
}

impl<S> LoadShedService<S> {
    pub(super) fn new(inner: S, shedder: Shared<LoadShedder>) -> Self {
        Self { inner, shedder }
    }
}

impl<S, Request> Service<Request> for LoadShedService<S>
where
    S: Service<Request>,
{
    type Response = S::Response;
    type Error = LoadShedError<S::Error>;
    type Future = LoadShedFuture<S::Future>;

    // Under load it is ready: it refuses in `call`. Were it pending, callers would queue up in
    // front of it, and add to the load.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx).map_err(LoadShedError::Inner)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let permit = |has_place| LoadShedPermit::new(self.shedder.clone(), has_place);
        LoadShedFuture::new(self.shedder.admit(None), permit, AnyError, || {
            self.inner.call(request)
        })
    }
}
