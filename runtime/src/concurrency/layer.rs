use tower_layer::Layer;

use super::{ConcurrencyLimit, ConcurrencyService};
use crate::{AnyError, Shared};

/// Puts a concurrency limit around a service.
///
/// All services that it makes share the one limit.
#[derive(Clone, Debug)]
pub struct ConcurrencyLayer<C = AnyError> {
    limit: Shared<ConcurrencyLimit>,
    classify: C,
}

impl ConcurrencyLayer {
    /// A layer for which every `Err` is a failure.
    pub fn new(limit: impl Into<Shared<ConcurrencyLimit>>) -> Self {
        Self {
            limit: limit.into(),
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
        ConcurrencyService::new(inner, self.limit.clone(), self.classify.clone())
    }
}
