use std::fmt;
use std::time::Duration;

use crate::{Failure, FailureKind};

/// The bucket held too few tokens; the call was not made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateLimited {
    /// How long the client should wait; never shorter than until the tokens exist.
    pub retry_after: Duration,
    /// How long it takes until the tokens exist.
    pub until_tokens: Duration,
    /// Which of several limits refused, by its place in `limit`: the one that has to be waited for
    /// longest.
    pub place: usize,
    /// The tokens that an idle bucket holds.
    pub limit: u32,
    /// The whole tokens that are left.
    pub remaining: u32,
    /// How hard the service is pressed, 0 to 1.
    pub backpressure: f64,
}

impl fmt::Display for RateLimited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "rate limit exceeded, retry after {}ms",
            self.retry_after.as_millis()
        )
    }
}

impl std::error::Error for RateLimited {}

/// Why a rate-limited call failed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RateLimitError<E> {
    /// The limit was reached; the call was not made.
    Limited(RateLimited),
    /// The call itself failed.
    Inner(E),
}

impl<E: fmt::Display> fmt::Display for RateLimitError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Limited(error) => error.fmt(f),
            Self::Inner(error) => error.fmt(f),
        }
    }
}

impl<E: std::error::Error> std::error::Error for RateLimitError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Limited(_) => None,
            Self::Inner(error) => error.source(),
        }
    }
}

impl<E: Failure> Failure for RateLimitError<E> {
    fn failure_kind(&self) -> FailureKind {
        match self {
            Self::Limited(_) => FailureKind::Status(429),
            Self::Inner(error) => error.failure_kind(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Limited(error) => Some(error.retry_after),
            Self::Inner(error) => error.retry_after(),
        }
    }
}
