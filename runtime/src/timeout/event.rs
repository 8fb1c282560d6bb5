use std::time::Duration;

use crate::registry::Occurrence;

/// What can be observed of a timeout beside its counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TimeoutEvent {
    /// A call's time was up. In shadow it goes on all the same.
    Fired {
        /// The time that the call was given.
        after: Duration,
    },
}

impl From<&TimeoutEvent> for Occurrence {
    fn from(event: &TimeoutEvent) -> Self {
        match event {
            TimeoutEvent::Fired { after } => Self::TimedOut { after: *after },
        }
    }
}
