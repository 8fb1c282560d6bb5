use std::fmt;
use std::time::Duration;

use crate::{Failure, FailureKind};

/// The circuit is open; the call was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CircuitOpen {
    /// When the next probe may be let through.
    pub retry_after: Duration,
}

impl fmt::Display for CircuitOpen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "circuit open, retry after {}ms",
            self.retry_after.as_millis()
        )
    }
}

impl std::error::Error for CircuitOpen {}

/// Why a call through a circuit breaker failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CircuitBreakerError<E> {
    /// The circuit is open; the call was not made.
    Open(CircuitOpen),
    /// The call itself failed.
    Inner(E),
}

impl<E: fmt::Display> fmt::Display for CircuitBreakerError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open(error) => error.fmt(f),
            Self::Inner(error) => error.fmt(f),
        }
    }
}

impl<E: std::error::Error> std::error::Error for CircuitBreakerError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Open(_) => None,
            Self::Inner(error) => error.source(),
        }
    }
}

impl<E: Failure> Failure for CircuitBreakerError<E> {
    fn failure_kind(&self) -> FailureKind {
        match self {
            Self::Open(_) => FailureKind::Status(503),
            Self::Inner(error) => error.failure_kind(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Open(error) => Some(error.retry_after),
            Self::Inner(error) => error.retry_after(),
        }
    }
}
