use std::time::Duration;

use crate::FailureKind;
use crate::registry::Occurrence;

/// What can be observed of a retry beside its counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryEvent {
    /// An attempt failed, and another will follow.
    Retrying {
        /// The number of the attempt that will follow; the first call is 1.
        attempt: u32,
        /// The wait before it.
        wait: Duration,
        /// How the attempt before it failed.
        failure: FailureKind,
    },
    /// An attempt failed, and no other will follow.
    GaveUp {
        /// The attempts that were made.
        attempts: u32,
        /// How the last one failed.
        failure: FailureKind,
        /// Whether another attempt was left, but no budget for it.
        budget_spent: bool,
    },
}

impl From<&RetryEvent> for Occurrence {
    fn from(event: &RetryEvent) -> Self {
        match event {
            RetryEvent::Retrying { attempt, wait, .. } => Self::Retrying {
                attempt: *attempt,
                wait: *wait,
            },
            RetryEvent::GaveUp { attempts, .. } => Self::GaveUp {
                attempts: *attempts,
            },
        }
    }
}
