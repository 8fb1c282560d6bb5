use std::ops::Deref;
use std::sync::Arc;

use super::Backpressure;
use crate::queued::Gated;

/// A place in backpressure, given back when it is dropped.
#[derive(Debug)]
#[must_use = "the place is given back when the permit is dropped"]
pub struct BackpressurePermit<P: Deref<Target = Backpressure>> {
    backpressure: P,
    /// None was taken while it was off.
    has_place: bool,
}

/// A place that keeps its owner alive.
pub type OwnedBackpressurePermit = BackpressurePermit<Arc<Backpressure>>;

impl<P: Deref<Target = Backpressure>> BackpressurePermit<P> {
    #[inline]
    pub(super) fn new(backpressure: P, has_place: bool) -> Self {
        Self {
            backpressure,
            has_place,
        }
    }
}

impl<P: Deref<Target = Backpressure>> Drop for BackpressurePermit<P> {
    #[inline]
    fn drop(&mut self) {
        if self.has_place {
            self.backpressure.gate().leave();
        }
    }
}
