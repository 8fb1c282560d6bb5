use std::fmt;
use std::time::Duration;

use crate::{Failure, FailureKind};

/// The time was up before the call was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimedOut {
    /// The time that the call was given.
    pub after: Duration,
}

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "timed out after {:?}", self.after)
    }
}

impl std::error::Error for TimedOut {}

impl Failure for TimedOut {
    fn failure_kind(&self) -> FailureKind {
        FailureKind::Timeout
    }
}

/// Why a call with a timeout failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeoutError<E> {
    /// The time was up; the call was dropped.
    TimedOut(TimedOut),
    /// The call itself failed in time.
    Inner(E),
}

impl<E: fmt::Display> fmt::Display for TimeoutError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut(error) => error.fmt(f),
            Self::Inner(error) => error.fmt(f),
        }
    }
}

impl<E: std::error::Error> std::error::Error for TimeoutError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::TimedOut(_) => None,
            Self::Inner(error) => error.source(),
        }
    }
}

impl<E: Failure> Failure for TimeoutError<E> {
    fn failure_kind(&self) -> FailureKind {
        match self {
            Self::TimedOut(error) => error.failure_kind(),
            Self::Inner(error) => error.failure_kind(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TimedOut(_) => None,
            Self::Inner(error) => error.retry_after(),
        }
    }
}
