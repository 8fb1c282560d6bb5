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
    /// Taken when the outcome has been recorded.
    ticket: Option<Ticket>,
}

/// A permit that keeps its breaker alive.
pub type OwnedCircuitPermit = CircuitPermit<Arc<CircuitBreaker>>;

impl<P: Deref<Target = CircuitBreaker>> CircuitPermit<P> {
    #[inline]
    pub(super) fn new(breaker: P, ticket: Option<Ticket>) -> Self {
        Self { breaker, ticket }
    }

    /// The call succeeded.
    #[inline]
    pub fn success(mut self) {
        self.breaker.record(self.ticket.take(), Outcome::Success);
    }

    /// The call failed.
    #[inline]
    pub fn failure(mut self) {
        self.breaker.record(self.ticket.take(), Outcome::Failure);
    }
}

impl<P: Deref<Target = CircuitBreaker>> Drop for CircuitPermit<P> {
    #[inline]
    fn drop(&mut self) {
        if self.ticket.is_some() {
            let outcome = if std::thread::panicking() {
                Outcome::Failure
            } else {
                Outcome::Nothing
            };
            self.breaker.record(self.ticket, outcome);
        }
    }
}
