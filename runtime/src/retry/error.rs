use std::fmt;
use std::time::Duration;

use crate::{Failure, FailureKind};

/// Every attempt failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryExhausted<E> {
    /// The attempts that were made, the first call included.
    pub attempts: u32,
    /// The error of the last one.
    pub last: E,
}

/// Why a retried call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryError<E> {
    /// It failed until no attempt, or no retry budget, was left.
    Exhausted(RetryExhausted<E>),
    /// It failed in a way that is not worth another attempt.
    Inner(E),
}

impl<E> RetryError<E> {
    /// The error of the last attempt.
    pub fn into_inner(self) -> E {
        match self {
            Self::Exhausted(exhausted) => exhausted.last,
            Self::Inner(error) => error,
        }
    }
}

impl<E> fmt::Display for RetryExhausted<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "gave up after {} attempts", self.attempts)
    }
}

impl<E: std::error::Error + 'static> std::error::Error for RetryExhausted<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.last)
    }
}

impl<E: fmt::Display> fmt::Display for RetryError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exhausted(exhausted) => exhausted.fmt(f),
            Self::Inner(error) => error.fmt(f),
        }
    }
}

impl<E: std::error::Error + 'static> std::error::Error for RetryError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Exhausted(exhausted) => exhausted.source(),
            Self::Inner(error) => error.source(),
        }
    }
}

impl<E: Failure> Failure for RetryError<E> {
    fn failure_kind(&self) -> FailureKind {
        match self {
            Self::Exhausted(exhausted) => exhausted.last.failure_kind(),
            Self::Inner(error) => error.failure_kind(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Exhausted(exhausted) => exhausted.last.retry_after(),
            Self::Inner(error) => error.retry_after(),
        }
    }
}
