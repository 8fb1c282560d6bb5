use std::sync::Arc;

use tower_layer::Layer;

use super::{ConcurrencyLimit, ConcurrencyService};
use crate::AnyError;

/// Puts a concurrency limit around a service.
///
/// All services that it makes share the one limit.
#[derive(Clone, Debug)]
pub struct ConcurrencyLayer<C = AnyError> {
    limit: Arc<ConcurrencyLimit>,
    classify: C,
}

impl ConcurrencyLayer {
    /// A layer for which every `Err` is a failure.
    pub fn new(limit: Arc<ConcurrencyLimit>) -> Self {
        Self {
            limit,
            classify: AnyError,
        }
    }
}

impl<C> ConcurrencyLayer<C> {
    /// The same layer with another idea of what a failure is.
    pub fn classify<D>(self, classify: D) -> ConcurrencyLayer<D> {
        ConcurrencyLayer {
            limit: self.limit,
            classify,
        }
    }
}

impl<S, C: Clone> Layer<S> for ConcurrencyLayer<C> {
    type Service = ConcurrencyService<S, C>;

    fn layer(&self, inner: S) -> Self::Service {
        ConcurrencyService::new(inner, Arc::clone(&self.limit), self.classify.clone())
    }
}
