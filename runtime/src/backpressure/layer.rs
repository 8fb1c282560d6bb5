use tower_layer::Layer;

use super::{Backpressure, BackpressureService};
use crate::Shared;

/// Puts backpressure around a service.
///
/// All services that it makes share its places.
#[derive(Clone, Debug)]
pub struct BackpressureLayer {
    backpressure: Shared<Backpressure>,
}

impl BackpressureLayer {
    /// A layer whose calls need a place in this backpressure.
    pub fn new(backpressure: impl Into<Shared<Backpressure>>) -> Self {
        Self {
            backpressure: backpressure.into(),
        }
    }
}

impl<S> Layer<S> for BackpressureLayer {
    type Service = BackpressureService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        BackpressureService::new(inner, self.backpressure.clone())
    }
}
