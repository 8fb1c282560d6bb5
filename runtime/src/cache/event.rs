use std::time::Duration;

use crate::registry::Occurrence;

/// What can be observed of a cache beside its counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CacheEvent {
    /// A call failed, and its caller was given an old answer in place of the failure.
    ServedStale {
        /// How old that answer was.
        age: Duration,
    },
}

impl From<&CacheEvent> for Occurrence {
    fn from(event: &CacheEvent) -> Self {
        match event {
            CacheEvent::ServedStale { .. } => Self::FellBack,
        }
    }
}
