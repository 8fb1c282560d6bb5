use tower_layer::Layer;

use super::{Retry, RetryService};
use crate::{AnyError, Shared};

/// Puts a retry around a service.
#[derive(Clone, Debug)]
pub struct RetryLayer<C = AnyError> {
    retry: Shared<Retry>,
    classify: C,
}

impl RetryLayer {
    /// A layer for which every `Err` is a failure.
    pub fn new(retry: impl Into<Shared<Retry>>) -> Self {
        Self {
            retry: retry.into(),
            classify: AnyError,
        }
    }
}

impl<C> RetryLayer<C> {
    /// The same layer with another idea of what a failure is.
    pub fn classify<D>(self, classify: D) -> RetryLayer<D> {
        RetryLayer {
            retry: self.retry,
            classify,
        }
    }
}

impl<S, C: Clone> Layer<S> for RetryLayer<C> {
    type Service = RetryService<S, C>;

    fn layer(&self, inner: S) -> Self::Service {
        RetryService::new(inner, self.retry.clone(), self.classify.clone())
    }
}
