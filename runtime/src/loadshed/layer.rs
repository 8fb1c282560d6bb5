use std::sync::Arc;

use tower_layer::Layer;

use super::{LoadShedService, LoadShedder};

/// Puts a load shedder around a service.
///
/// All services that it makes are counted together.
#[derive(Clone, Debug)]
pub struct LoadShedLayer {
    shedder: Arc<LoadShedder>,
}

impl LoadShedLayer {
    /// A layer whose calls this load shedder may refuse.
    pub fn new(shedder: Arc<LoadShedder>) -> Self {
        Self { shedder }
    }
}

impl<S> Layer<S> for LoadShedLayer {
    type Service = LoadShedService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        LoadShedService::new(inner, Arc::clone(&self.shedder))
    }
}
