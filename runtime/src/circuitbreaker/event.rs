use std::time::Duration;

use super::CircuitState;
use crate::registry::Occurrence;

/// What can be observed of a circuit breaker beside its counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CircuitBreakerEvent {
    /// The circuit went over to another state.
    StateChanged {
        /// The state that it is in from now on.
        to: CircuitState,
    },
    /// A call was refused.
    Rejected {
        /// When the next call may be let through.
        retry_after: Duration,
    },
}

impl From<&CircuitBreakerEvent> for Occurrence {
    fn from(event: &CircuitBreakerEvent) -> Self {
        match event {
            CircuitBreakerEvent::StateChanged { to } => Self::StateChanged { to: to.as_str() },
            CircuitBreakerEvent::Rejected { retry_after } => Self::Rejected {
                retry_after: Some(*retry_after),
            },
        }
    }
}
