use std::time::Duration;

use crate::registry::Occurrence;

/// What can be observed of a hedge beside its counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HedgeEvent {
    /// Another attempt was started.
    Hedged {
        /// Its number; the first attempt of a call is 1.
        attempt: u32,
    },
    /// All attempts of a call failed.
    AllFailed {
        /// How many there were.
        attempts: u32,
    },
    /// A call's time was up. In shadow it goes on all the same.
    TimedOut {
        /// The time that it was given.
        after: Duration,
    },
}

impl From<&HedgeEvent> for Occurrence {
    fn from(event: &HedgeEvent) -> Self {
        match event {
            HedgeEvent::Hedged { attempt } => Self::Hedged { attempt: *attempt },
            HedgeEvent::AllFailed { attempts } => Self::GaveUp {
                attempts: *attempts,
            },
            HedgeEvent::TimedOut { after } => Self::TimedOut { after: *after },
        }
    }
}
