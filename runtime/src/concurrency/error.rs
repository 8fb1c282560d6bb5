use std::fmt;
use std::time::Duration;

use crate::{Failure, FailureKind};

/// As many calls are running as the limit lets run at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConcurrencyLimited {
    /// The limit that refused.
    pub limit: u32,
}

impl fmt::Display for ConcurrencyLimited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "concurrency limited to {}", self.limit)
    }
}

impl std::error::Error for ConcurrencyLimited {}

impl Failure for ConcurrencyLimited {}

/// Why a call through a concurrency limit failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConcurrencyError<E> {
    /// Too many are running; the call was not made.
    Limited(ConcurrencyLimited),
    /// The call itself failed.
    Inner(E),
}

impl<E: fmt::Display> fmt::Display for ConcurrencyError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Limited(error) => error.fmt(f),
            Self::Inner(error) => error.fmt(f),
        }
    }
}

impl<E: std::error::Error> std::error::Error for ConcurrencyError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Limited(_) => None,
            Self::Inner(error) => error.source(),
        }
    }
}

impl<E: Failure> Failure for ConcurrencyError<E> {
    fn failure_kind(&self) -> FailureKind {
        match self {
            Self::Limited(error) => error.failure_kind(),
            Self::Inner(error) => error.failure_kind(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Limited(_) => None,
            Self::Inner(error) => error.retry_after(),
        }
    }
}
