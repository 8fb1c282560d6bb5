use std::fmt;
use std::time::Duration;

use crate::{Failure, FailureKind};

/// The feature is off, for everybody or for this client; the call was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeatureDisabled {
    /// The HTTP status to answer with.
    pub status: u16,
}

impl fmt::Display for FeatureDisabled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("feature disabled")
    }
}

impl std::error::Error for FeatureDisabled {}

impl Failure for FeatureDisabled {
    fn failure_kind(&self) -> FailureKind {
        FailureKind::Status(self.status)
    }
}

/// Why a call of a feature failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeatureToggleError<E> {
    /// The feature is off; the call was not made.
    Disabled(FeatureDisabled),
    /// The call itself failed.
    Inner(E),
}

impl<E: fmt::Display> fmt::Display for FeatureToggleError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disabled(error) => error.fmt(f),
            Self::Inner(error) => error.fmt(f),
        }
    }
}

impl<E: std::error::Error> std::error::Error for FeatureToggleError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Disabled(_) => None,
            Self::Inner(error) => error.source(),
        }
    }
}

impl<E: Failure> Failure for FeatureToggleError<E> {
    fn failure_kind(&self) -> FailureKind {
        match self {
            Self::Disabled(error) => error.failure_kind(),
            Self::Inner(error) => error.failure_kind(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Disabled(_) => None,
            Self::Inner(error) => error.retry_after(),
        }
    }
}
