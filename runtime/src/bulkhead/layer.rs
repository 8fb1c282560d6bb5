use std::sync::Arc;

use tower_layer::Layer;

use super::{Bulkhead, BulkheadService};

/// Puts a bulkhead around a service.
///
/// All services that it makes share its places.
#[derive(Clone, Debug)]
pub struct BulkheadLayer {
    bulkhead: Arc<Bulkhead>,
}

impl BulkheadLayer {
    /// A layer whose calls need a place in this bulkhead.
    pub fn new(bulkhead: Arc<Bulkhead>) -> Self {
        Self { bulkhead }
    }
}

impl<S> Layer<S> for BulkheadLayer {
    type Service = BulkheadService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        BulkheadService::new(inner, Arc::clone(&self.bulkhead))
    }
}
