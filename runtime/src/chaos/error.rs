use std::fmt;
use std::time::Duration;

use crate::{Failure, FailureKind};

/// A fault that was injected; the call was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InjectedFault {
    /// The status that it stands for.
    pub status: u16,
}

impl fmt::Display for InjectedFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a fault was injected: status {}", self.status)
    }
}

impl std::error::Error for InjectedFault {}

/// Why a call through [`Chaos`](super::Chaos) failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChaosError<E> {
    /// A fault was injected; the call was not made.
    Injected(InjectedFault),
    /// The call itself failed.
    Inner(E),
}

impl<E: fmt::Display> fmt::Display for ChaosError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Injected(fault) => fault.fmt(f),
            Self::Inner(error) => error.fmt(f),
        }
    }
}

impl<E: std::error::Error> std::error::Error for ChaosError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Injected(_) => None,
            Self::Inner(error) => error.source(),
        }
    }
}

impl<E: Failure> Failure for ChaosError<E> {
    fn failure_kind(&self) -> FailureKind {
        match self {
            Self::Injected(fault) => FailureKind::Status(fault.status),
            Self::Inner(error) => error.failure_kind(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Injected(_) => None,
            Self::Inner(error) => error.retry_after(),
        }
    }
}
