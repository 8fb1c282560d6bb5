use std::fmt;
use std::time::Duration;

use crate::{Failure, FailureKind};

/// No attempt of a call succeeded within its `timeout`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HedgeTimedOut {
    /// The time that the call was given.
    pub after: Duration,
}

impl fmt::Display for HedgeTimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no attempt succeeded within {:?}", self.after)
    }
}

impl std::error::Error for HedgeTimedOut {}

impl Failure for HedgeTimedOut {
    fn failure_kind(&self) -> FailureKind {
        FailureKind::Timeout
    }
}

/// Why a hedged call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HedgeError<E> {
    /// Its time was up; all attempts were dropped.
    TimedOut(HedgeTimedOut),
    /// All attempts failed; the error of the last one to fail.
    Inner(E),
}

impl<E: fmt::Display> fmt::Display for HedgeError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut(error) => error.fmt(f),
            Self::Inner(error) => error.fmt(f),
        }
    }
}

impl<E: std::error::Error> std::error::Error for HedgeError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::TimedOut(_) => None,
            Self::Inner(error) => error.source(),
        }
    }
}

impl<E: Failure> Failure for HedgeError<E> {
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
