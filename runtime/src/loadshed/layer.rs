use tower_layer::Layer;

use super::{LoadShedService, LoadShedder};
use crate::Shared;

/// Puts a load shedder around a service.
///
/// All services that it makes are counted together.
#[derive(Clone, Debug)]
pub struct LoadShedLayer {
    shedder: Shared<LoadShedder>,
}

impl LoadShedLayer {
    /// A layer whose calls this load shedder may refuse.
    pub fn new(shedder: impl Into<Shared<LoadShedder>>) -> Self {
        Self {
            shedder: shedder.into(),
        }
    }
}

impl<S> Layer<S> for LoadShedLayer {
    type Service = LoadShedService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        LoadShedService::new(inner, self.shedder.clone())
    }
}
