use std::ops::Deref;
use std::sync::Arc;

use super::Bulkhead;
use crate::queued::Gated;

/// A place in a bulkhead, given back when it is dropped.
#[derive(Debug)]
#[must_use = "the place is given back when the permit is dropped"]
pub struct BulkheadPermit<P: Deref<Target = Bulkhead>> {
    bulkhead: P,
    /// None was taken while the bulkhead was off.
    has_place: bool,
}

/// A place that keeps its bulkhead alive.
pub type OwnedBulkheadPermit = BulkheadPermit<Arc<Bulkhead>>;

impl<P: Deref<Target = Bulkhead>> BulkheadPermit<P> {
    #[inline]
    pub(super) fn new(bulkhead: P, has_place: bool) -> Self {
        Self {
            bulkhead,
            has_place,
        }
    }
}

impl<P: Deref<Target = Bulkhead>> Drop for BulkheadPermit<P> {
    #[inline]
    fn drop(&mut self) {
        if self.has_place {
            self.bulkhead.gate().leave();
        }
    }
}
