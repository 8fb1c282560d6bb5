use super::BulkheadFull;
use crate::registry::Occurrence;

/// What can be observed of a bulkhead beside its counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BulkheadEvent {
    /// A call was refused. In shadow it is let through all the same.
    Rejected {
        /// Why.
        full: BulkheadFull,
    },
}

impl From<&BulkheadEvent> for Occurrence {
    fn from(event: &BulkheadEvent) -> Self {
        match event {
            BulkheadEvent::Rejected { .. } => Self::Rejected { retry_after: None },
        }
    }
}
