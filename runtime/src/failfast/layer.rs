use tower_layer::Layer;

use super::{FailFast, FailFastService};
use crate::{AnyError, Shared};

/// Puts a fail-fast around a service.
///
/// All services that it makes share its state.
#[derive(Clone, Debug)]
pub struct FailFastLayer<C = AnyError> {
    fail_fast: Shared<FailFast>,
    classify: C,
}

impl FailFastLayer {
    /// A layer for which every `Err` is a failure.
    pub fn new(fail_fast: impl Into<Shared<FailFast>>) -> Self {
        Self {
            fail_fast: fail_fast.into(),
            classify: AnyError,
        }
    }
}

impl<C> FailFastLayer<C> {
    /// The same layer with another idea of what a failure is.
    pub fn classify<D>(self, classify: D) -> FailFastLayer<D> {
        FailFastLayer {
            fail_fast: self.fail_fast,
            classify,
        }
    }
}

impl<S, C: Clone> Layer<S> for FailFastLayer<C> {
    type Service = FailFastService<S, C>;

    fn layer(&self, inner: S) -> Self::Service {
        FailFastService::new(inner, self.fail_fast.clone(), self.classify.clone())
    }
}
