use super::LoadShed;
use crate::registry::Occurrence;

/// What can be observed of a load shedder beside its counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoadShedEvent {
    /// A call was refused. In shadow it is let through all the same.
    Rejected {
        /// Why.
        shed: LoadShed,
    },
}

impl From<&LoadShedEvent> for Occurrence {
    fn from(event: &LoadShedEvent) -> Self {
        match event {
            LoadShedEvent::Rejected { shed } => Self::Rejected {
                retry_after: shed.retry_after,
            },
        }
    }
}
