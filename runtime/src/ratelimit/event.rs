use std::time::Duration;

use crate::registry::Occurrence;

/// What can be observed of a rate limit beside its counters.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum RateLimitEvent<'a> {
    /// A call was refused. In shadow it is let through all the same.
    Rejected {
        /// The client, where clients are told apart.
        client: Option<&'a str>,
        /// How long it was told to wait.
        retry_after: Duration,
    },
}

impl From<&RateLimitEvent<'_>> for Occurrence {
    fn from(event: &RateLimitEvent<'_>) -> Self {
        match event {
            RateLimitEvent::Rejected { retry_after, .. } => Self::Rejected {
                retry_after: Some(*retry_after),
            },
        }
    }
}
