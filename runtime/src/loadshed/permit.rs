use std::ops::Deref;
use std::sync::Arc;

use super::LoadShedder;

/// A call that is running, until this is dropped.
#[derive(Debug)]
#[must_use = "the call counts as running until the permit is dropped"]
pub struct LoadShedPermit<P: Deref<Target = LoadShedder>> {
    shedder: P,
    /// None was taken while the load shedder was off.
    has_place: bool,
}

/// A permit that keeps its load shedder alive.
pub type OwnedLoadShedPermit = LoadShedPermit<Arc<LoadShedder>>;

impl<P: Deref<Target = LoadShedder>> LoadShedPermit<P> {
    #[inline]
    pub(super) fn new(shedder: P, has_place: bool) -> Self {
        Self { shedder, has_place }
    }

    /// Gives the place back, once.
    #[inline]
    fn leave(&mut self) {
        if std::mem::take(&mut self.has_place) {
            self.shedder.left();
        }
    }
}

impl<P: Deref<Target = LoadShedder>> Drop for LoadShedPermit<P> {
    #[inline]
    fn drop(&mut self) {
        self.leave();
    }
}

/// Something that waits in the queue, until this is dropped.
#[derive(Debug)]
#[must_use = "it counts as waiting until this is dropped"]
pub struct QueuedItem {
    shedder: Arc<LoadShedder>,
}

impl QueuedItem {
    pub(super) fn new(shedder: Arc<LoadShedder>) -> Self {
        Self { shedder }
    }
}

impl Drop for QueuedItem {
    fn drop(&mut self) {
        self.shedder.left_the_queue();
    }
}

#[cfg(feature = "tower")]
impl<P: Deref<Target = LoadShedder>> crate::permitted::Permit for LoadShedPermit<P> {
    type Refusal = super::LoadShed;
    type Error<E> = super::LoadShedError<E>;

    #[inline]
    fn end(&mut self, _failed: bool) {
        self.leave();
    }

    fn refused<E>(refusal: Self::Refusal) -> Self::Error<E> {
        super::LoadShedError::Shed(refusal)
    }

    #[inline]
    fn inner<E>(error: E) -> Self::Error<E> {
        super::LoadShedError::Inner(error)
    }
}
