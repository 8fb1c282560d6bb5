use std::sync::Arc;

use tower_layer::Layer;

use super::{Timeout, TimeoutService};

/// Puts a timeout around a service.
#[derive(Clone, Debug)]
pub struct TimeoutLayer {
    timeout: Arc<Timeout>,
    total: bool,
}

impl TimeoutLayer {
    /// Bounds each call by the time of one attempt: goes inside a retry.
    pub fn new(timeout: Arc<Timeout>) -> Self {
        Self {
            timeout,
            total: false,
        }
    }

    /// Bounds each call by `total`: goes around a retry.
    pub fn total(timeout: Arc<Timeout>) -> Self {
        Self {
            timeout,
            total: true,
        }
    }
}

impl<S> Layer<S> for TimeoutLayer {
    type Service = TimeoutService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        TimeoutService::new(inner, Arc::clone(&self.timeout), self.total)
    }
}
