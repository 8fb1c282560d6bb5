use std::fmt;
use std::time::Duration;

use crate::{Failure, FailureKind};

/// A call was not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BackpressureFull {
    /// As many calls as may be pending run or wait already.
    NoRoom,
    /// New calls have to wait, and are given no time for it.
    Closed,
    /// It waited for its whole `timeout`.
    WaitedInVain {
        /// How long that was.
        after: Duration,
    },
}

impl fmt::Display for BackpressureFull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRoom => f.write_str("too many calls are pending"),
            Self::Closed => f.write_str("closed until fewer calls are pending"),
            Self::WaitedInVain { after } => write!(f, "too many calls were pending for {after:?}"),
        }
    }
}

impl std::error::Error for BackpressureFull {}

impl Failure for BackpressureFull {}

/// Why a call under backpressure failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackpressureError<E> {
    /// It was not let in; the call was not made.
    Full(BackpressureFull),
    /// The call itself failed.
    Inner(E),
}

impl<E: fmt::Display> fmt::Display for BackpressureError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full(error) => error.fmt(f),
            Self::Inner(error) => error.fmt(f),
        }
    }
}

impl<E: std::error::Error> std::error::Error for BackpressureError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Full(_) => None,
            Self::Inner(error) => error.source(),
        }
    }
}

impl<E: Failure> Failure for BackpressureError<E> {
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
