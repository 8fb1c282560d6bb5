use tower_layer::Layer;

use super::{Hedge, HedgeService};
use crate::{AnyError, Shared};

/// Makes the slow calls of a service a second time, and takes the first answer.
///
/// All services that it makes share the hedge and its budget.
#[derive(Clone, Debug)]
pub struct HedgeLayer<C = AnyError> {
    hedge: Shared<Hedge>,
    classify: C,
}

impl HedgeLayer {
    /// A layer for which every `Err` is a failure.
    pub fn new(hedge: impl Into<Shared<Hedge>>) -> Self {
        Self {
            hedge: hedge.into(),
            classify: AnyError,
        }
    }
}

impl<C> HedgeLayer<C> {
    /// The same layer with another idea of what a failure is.
    pub fn classify<D>(self, classify: D) -> HedgeLayer<D> {
        HedgeLayer {
            hedge: self.hedge,
            classify,
        }
    }
}

impl<S, C: Clone> Layer<S> for HedgeLayer<C> {
    type Service = HedgeService<S, C>;

    fn layer(&self, inner: S) -> Self::Service {
        HedgeService::new(inner, self.hedge.clone(), self.classify.clone())
    }
}
