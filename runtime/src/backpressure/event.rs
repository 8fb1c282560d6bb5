use super::BackpressureFull;
use crate::registry::Occurrence;

/// What can be observed of backpressure beside its counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BackpressureEvent {
    /// A call was refused. In shadow it is let through all the same.
    Rejected {
        /// Why.
        full: BackpressureFull,
    },
}

impl From<&BackpressureEvent> for Occurrence {
    fn from(event: &BackpressureEvent) -> Self {
        match event {
            BackpressureEvent::Rejected { .. } => Self::Rejected { retry_after: None },
        }
    }
}
