use tower_layer::Layer;

use super::limit::Scope;
use super::{Timeout, TimeoutService};
use crate::Shared;

/// Puts a timeout around a service.
#[derive(Clone, Debug)]
pub struct TimeoutLayer {
    timeout: Shared<Timeout>,
    scope: Scope,
}

impl TimeoutLayer {
    /// Bounds each call by the time of one attempt: goes inside a retry.
    pub fn new(timeout: impl Into<Shared<Timeout>>) -> Self {
        Self {
            timeout: timeout.into(),
            scope: Scope::Attempt,
        }
    }

    /// Bounds each call by `total`: goes around a retry.
    pub fn total(timeout: impl Into<Shared<Timeout>>) -> Self {
        Self {
            timeout: timeout.into(),
            scope: Scope::Total,
        }
    }
}

impl<S> Layer<S> for TimeoutLayer {
    type Service = TimeoutService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        TimeoutService::new(inner, self.timeout.clone(), self.scope)
    }
}
