use crate::FailureKind;
use crate::registry::Occurrence;

/// What can be observed of a fallback beside its counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FallbackEvent {
    /// A failure was answered with something else. In shadow it is passed on all the same.
    Invoked {
        /// What failed.
        failure: FailureKind,
    },
}

impl From<&FallbackEvent> for Occurrence {
    fn from(event: &FallbackEvent) -> Self {
        match event {
            FallbackEvent::Invoked { .. } => Self::FellBack,
        }
    }
}
