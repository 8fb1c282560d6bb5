use std::ops::Deref;
use std::sync::Arc;

use super::FailFast;
use super::fuse::{Outcome, Ticket};

/// Leave to make one call, and the duty to say how it ended.
///
/// Dropped without a word it counts as no call at all; dropped by a panic it counts as a failure.
/// An outcome counts only while the state in which the call was admitted lasts.
#[derive(Debug)]
#[must_use = "a permit that is dropped counts as no call at all"]
pub struct FailFastPermit<P: Deref<Target = FailFast>> {
    fail_fast: P,
    /// [`Ticket::NONE`] when there is nothing to record, or nothing any more.
    ticket: Ticket,
}

/// A permit that keeps its fail-fast alive.
pub type OwnedFailFastPermit = FailFastPermit<Arc<FailFast>>;

impl<P: Deref<Target = FailFast>> FailFastPermit<P> {
    #[inline]
    pub(super) fn new(fail_fast: P, ticket: Ticket) -> Self {
        Self { fail_fast, ticket }
    }

    /// The call succeeded.
    #[inline]
    pub fn success(mut self) {
        self.end(Outcome::Success);
    }

    /// The call failed.
    #[inline]
    pub fn failure(mut self) {
        self.end(Outcome::Failure);
    }

    /// The call ended; whatever ends after that is not counted.
    #[inline]
    pub(super) fn end(&mut self, outcome: Outcome) {
        if self.ticket != Ticket::NONE {
            self.fail_fast.record(self.ticket, outcome);
            self.ticket = Ticket::NONE;
        }
    }
}

impl<P: Deref<Target = FailFast>> Drop for FailFastPermit<P> {
    #[inline]
    fn drop(&mut self) {
        if self.ticket != Ticket::NONE && std::thread::panicking() {
            self.end(Outcome::Failure);
        }
    }
}

#[cfg(feature = "tower")]
impl<P: Deref<Target = FailFast>> crate::permitted::Permit for FailFastPermit<P> {
    type Refusal = super::FailFastOpen;
    type Error<E> = super::FailFastError<E>;

    #[inline]
    fn end(&mut self, failed: bool) {
        self.end(if failed {
            Outcome::Failure
        } else {
            Outcome::Success
        });
    }

    fn refused<E>(refusal: Self::Refusal) -> Self::Error<E> {
        super::FailFastError::Open(refusal)
    }

    #[inline]
    fn inner<E>(error: E) -> Self::Error<E> {
        super::FailFastError::Inner(error)
    }
}
