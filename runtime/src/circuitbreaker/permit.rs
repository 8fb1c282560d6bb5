use std::ops::Deref;
use std::sync::Arc;

use super::CircuitBreaker;
use super::circuit::{Outcome, Ticket};

/// Leave to make one call, and the duty to say how it ended.
///
/// Dropped without a word it gives its place back and counts as no call at all; dropped by a
/// panic it counts as a failure. An outcome counts only for the state in which the call was
/// admitted.
#[derive(Debug)]
#[must_use = "a permit that is dropped counts as no call at all"]
pub struct CircuitPermit<P: Deref<Target = CircuitBreaker>> {
    breaker: P,
    /// [`Ticket::NONE`] when there is nothing to record, or nothing any more.
    ticket: Ticket,
    /// When the call began, in microseconds, where slow calls count.
    began: Option<u64>,
}

/// A permit that keeps its breaker alive.
pub type OwnedCircuitPermit = CircuitPermit<Arc<CircuitBreaker>>;

impl<P: Deref<Target = CircuitBreaker>> CircuitPermit<P> {
    #[inline]
    pub(super) fn new(breaker: P, ticket: Ticket) -> Self {
        let began = breaker.begins();
        Self {
            breaker,
            ticket,
            began,
        }
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
            self.breaker.record(self.ticket, outcome, self.began);
            self.ticket = Ticket::NONE;
        }
    }
}

impl<P: Deref<Target = CircuitBreaker>> Drop for CircuitPermit<P> {
    #[inline]
    fn drop(&mut self) {
        if self.ticket != Ticket::NONE {
            self.dropped();
        }
    }
}

impl<P: Deref<Target = CircuitBreaker>> CircuitPermit<P> {
    #[cold]
    fn dropped(&mut self) {
        self.end(if std::thread::panicking() {
            Outcome::Failure
        } else {
            Outcome::Nothing
        });
    }
}

#[cfg(feature = "tower")]
impl<P: Deref<Target = CircuitBreaker>> crate::permitted::Permit for CircuitPermit<P> {
    type Refusal = super::CircuitOpen;
    type Error<E> = super::CircuitBreakerError<E>;

    #[inline]
    fn end(&mut self, failed: bool) {
        self.end(if failed {
            Outcome::Failure
        } else {
            Outcome::Success
        });
    }

    fn refused<E>(refusal: Self::Refusal) -> Self::Error<E> {
        super::CircuitBreakerError::Open(refusal)
    }

    #[inline]
    fn inner<E>(error: E) -> Self::Error<E> {
        super::CircuitBreakerError::Inner(error)
    }
}
