use std::ops::Deref;
use std::sync::Arc;

use super::ConcurrencyLimit;
use crate::clock::Nanos;

/// Leave to make one call, and the duty to say how it ended.
///
/// The latency is the time that the permit was held. Dropped without a word it gives its place
/// back and teaches the limit nothing; dropped by a panic it counts as a failure.
#[derive(Debug)]
#[must_use = "a permit that is dropped teaches the limit nothing"]
pub struct ConcurrencyPermit<P: Deref<Target = ConcurrencyLimit>> {
    limit: P,
    /// When the call was admitted; `None` where there is no outcome to be told any more.
    admitted_at: Option<Nanos>,
    has_place: bool,
}

/// A permit that keeps its limit alive.
pub type OwnedConcurrencyPermit = ConcurrencyPermit<Arc<ConcurrencyLimit>>;

impl<P: Deref<Target = ConcurrencyLimit>> ConcurrencyPermit<P> {
    #[inline]
    pub(super) fn new(limit: P, admitted_at: Option<Nanos>) -> Self {
        Self {
            limit,
            admitted_at,
            has_place: admitted_at.is_some(),
        }
    }

    /// The call succeeded.
    #[inline]
    pub fn success(mut self) {
        self.succeeded();
    }

    /// The call failed in a way that tells of overload: it timed out or was refused.
    #[inline]
    pub fn failure(mut self) {
        self.failed();
    }

    /// The call ended in a way that tells nothing of the load. The same as dropping the permit.
    #[inline]
    pub fn ignore(self) {}

    /// The call succeeded; its place is kept until the permit is dropped.
    #[inline]
    pub(crate) fn succeeded(&mut self) {
        if let Some(admitted_at) = self.admitted_at.take() {
            self.limit.succeeded(admitted_at);
        }
    }

    /// The call failed; its place is kept until the permit is dropped.
    #[inline]
    pub(crate) fn failed(&mut self) {
        if let Some(admitted_at) = self.admitted_at.take() {
            self.limit.failed(admitted_at);
        }
    }

    /// Gives the place back, once.
    #[inline]
    fn leave(&mut self) {
        if std::mem::take(&mut self.has_place) {
            self.limit.leave();
        }
    }
}

impl<P: Deref<Target = ConcurrencyLimit>> Drop for ConcurrencyPermit<P> {
    #[inline]
    fn drop(&mut self) {
        if self.admitted_at.is_some() {
            self.dropped();
        }
        self.leave();
    }
}

impl<P: Deref<Target = ConcurrencyLimit>> ConcurrencyPermit<P> {
    #[cold]
    fn dropped(&mut self) {
        if std::thread::panicking() {
            self.failed();
        } else if self.admitted_at.take().is_some() {
            self.limit.ignored();
        }
    }
}

#[cfg(feature = "tower")]
impl<P: Deref<Target = ConcurrencyLimit>> crate::permitted::Permit for ConcurrencyPermit<P> {
    type Refusal = super::ConcurrencyLimited;
    type Error<E> = super::ConcurrencyError<E>;

    #[inline]
    fn end(&mut self, failed: bool) {
        if failed {
            self.failed();
        } else {
            self.succeeded();
        }
        self.leave();
    }

    fn refused<E>(refusal: Self::Refusal) -> Self::Error<E> {
        super::ConcurrencyError::Limited(refusal)
    }

    #[inline]
    fn inner<E>(error: E) -> Self::Error<E> {
        super::ConcurrencyError::Inner(error)
    }
}
