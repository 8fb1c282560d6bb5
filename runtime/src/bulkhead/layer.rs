use tower_layer::Layer;

use super::{Bulkhead, BulkheadService};
use crate::Shared;

/// Puts a bulkhead around a service.
///
/// All services that it makes share its places.
#[derive(Clone, Debug)]
pub struct BulkheadLayer {
    bulkhead: Shared<Bulkhead>,
}

impl BulkheadLayer {
    /// A layer whose calls need a place in this bulkhead.
    pub fn new(bulkhead: impl Into<Shared<Bulkhead>>) -> Self {
        Self {
            bulkhead: bulkhead.into(),
        }
    }
}

impl<S> Layer<S> for BulkheadLayer {
    type Service = BulkheadService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        BulkheadService::new(inner, self.bulkhead.clone())
    }
}
