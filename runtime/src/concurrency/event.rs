use super::ConcurrencyLimited;
use crate::registry::Occurrence;

/// What can be observed of a concurrency limit beside its counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConcurrencyEvent {
    /// A call was refused. In shadow it is let through all the same.
    Rejected {
        /// Why.
        limited: ConcurrencyLimited,
    },
    /// The limit moved.
    LimitChanged {
        /// The limit from now on.
        to: u32,
    },
}

impl From<&ConcurrencyEvent> for Occurrence {
    fn from(event: &ConcurrencyEvent) -> Self {
        match event {
            ConcurrencyEvent::Rejected { .. } => Self::Rejected { retry_after: None },
            ConcurrencyEvent::LimitChanged { to } => Self::LimitChanged { to: *to },
        }
    }
}
