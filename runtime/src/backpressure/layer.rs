use std::sync::Arc;

use tower_layer::Layer;

use super::{Backpressure, BackpressureService};

/// Puts backpressure around a service.
///
/// All services that it makes share its places.
#[derive(Clone, Debug)]
pub struct BackpressureLayer {
    backpressure: Arc<Backpressure>,
}

impl BackpressureLayer {
    /// A layer whose calls need a place in this backpressure.
    pub fn new(backpressure: Arc<Backpressure>) -> Self {
        Self { backpressure }
    }
}

impl<S> Layer<S> for BackpressureLayer {
    type Service = BackpressureService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        BackpressureService::new(inner, Arc::clone(&self.backpressure))
    }
}
