use std::fmt;
use std::time::Duration;

use crate::{Failure, FailureKind};

/// What a call needs keeps failing; the call was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailFastOpen {
    /// When a call may pass at the earliest. None when only somebody who closes it by hand knows.
    pub retry_after: Option<Duration>,
}

impl fmt::Display for FailFastOpen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("fail-fast open")?;
        match self.retry_after {
            Some(wait) => write!(f, ", retry after {}ms", wait.as_millis()),
            None => Ok(()),
        }
    }
}

impl std::error::Error for FailFastOpen {}

impl Failure for FailFastOpen {
    fn failure_kind(&self) -> FailureKind {
        FailureKind::Status(503)
    }
}

/// Why a call through a fail-fast failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailFastError<E> {
    /// It is open; the call was not made.
    Open(FailFastOpen),
    /// The call itself failed.
    Inner(E),
}

impl<E: fmt::Display> fmt::Display for FailFastError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open(error) => error.fmt(f),
            Self::Inner(error) => error.fmt(f),
        }
    }
}

impl<E: std::error::Error> std::error::Error for FailFastError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Open(_) => None,
            Self::Inner(error) => error.source(),
        }
    }
}

impl<E: Failure> Failure for FailFastError<E> {
    fn failure_kind(&self) -> FailureKind {
        match self {
            Self::Open(error) => error.failure_kind(),
            Self::Inner(error) => error.failure_kind(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Open(error) => error.retry_after,
            Self::Inner(error) => error.retry_after(),
        }
    }
}
