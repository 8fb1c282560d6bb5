use std::time::Duration;

use super::FailFastState;
use crate::registry::Occurrence;

/// What can be observed of a fail-fast beside its counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FailFastEvent {
    /// It opened or closed.
    StateChanged {
        /// The state that it is in from now on.
        to: FailFastState,
    },
    /// A call was refused. In shadow it is let through all the same.
    Rejected {
        /// When a call may pass at the earliest, if that is known.
        retry_after: Option<Duration>,
    },
}

impl From<&FailFastEvent> for Occurrence {
    fn from(event: &FailFastEvent) -> Self {
        match event {
            FailFastEvent::StateChanged { to } => Self::StateChanged { to: to.as_str() },
            FailFastEvent::Rejected { retry_after } => Self::Rejected {
                retry_after: *retry_after,
            },
        }
    }
}
