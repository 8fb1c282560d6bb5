use std::fmt;
use std::time::Duration;

use crate::{Failure, FailureKind};

/// There was no place for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BulkheadFull {
    /// All places were taken, those in the queue as well.
    NoPlace,
    /// It waited for its whole `queue_timeout`.
    WaitedInVain {
        /// How long that was.
        after: Duration,
    },
}

impl fmt::Display for BulkheadFull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPlace => f.write_str("bulkhead full"),
            Self::WaitedInVain { after } => write!(f, "bulkhead full for {after:?}"),
        }
    }
}

impl std::error::Error for BulkheadFull {}

impl Failure for BulkheadFull {}

/// Why a call through a bulkhead failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BulkheadError<E> {
    /// There was no place; the call was not made.
    Full(BulkheadFull),
    /// The call itself failed.
    Inner(E),
}

impl<E: fmt::Display> fmt::Display for BulkheadError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full(error) => error.fmt(f),
            Self::Inner(error) => error.fmt(f),
        }
    }
}

impl<E: std::error::Error> std::error::Error for BulkheadError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Full(_) => None,
            Self::Inner(error) => error.source(),
        }
    }
}

impl<E: Failure> Failure for BulkheadError<E> {
    fn failure_kind(&self) -> FailureKind {
        match self {
            Self::Full(error) => error.failure_kind(),
            Self::Inner(error) => error.failure_kind(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Full(_) => None,
            Self::Inner(error) => error.retry_after(),
        }
    }
}
