use std::time::Duration;

/// How far one call has come: its own attempts and its own backoff, shared with no other call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "the outcome of the call belongs into it"]
pub struct RetryState {
    pub(super) attempts: u32,
    pub(super) previous_wait: Duration,
}

impl RetryState {
    /// The attempts that were begun, the first call included.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }
}
