use crate::registry::Occurrence;

/// What can be observed of chaos beside its counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChaosEvent {
    /// A call fails on purpose. In shadow it is made all the same.
    Injected {
        /// The status that it fails with.
        status: u16,
    },
}

impl From<&ChaosEvent> for Occurrence {
    fn from(event: &ChaosEvent) -> Self {
        match event {
            ChaosEvent::Injected { .. } => Self::Injected,
        }
    }
}
