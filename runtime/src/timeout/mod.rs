//! A bound on the time that a call may take.

mod config;
mod error;
mod future;

use std::time::Duration;

pub use self::config::TimeoutConfig;
pub use self::error::{TimedOut, TimeoutError};
pub use self::future::Limited;
use crate::{ConfigError, Mode};

/// A bound on the time that a call may take.
#[derive(Debug)]
pub struct Timeout {
    name: Box<str>,
    config: TimeoutConfig,
}

impl Timeout {
    /// A timeout of this name.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range.
    pub fn new(name: impl Into<String>, config: TimeoutConfig) -> Result<Self, ConfigError> {
        config.validate()?;
        Ok(Self {
            name: name.into().into(),
            config,
        })
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The configuration in force.
    pub fn config(&self) -> TimeoutConfig {
        self.config.clone()
    }

    /// The time that an attempt is given; `None` when the timeout is off.
    pub fn per_attempt(&self) -> Option<Duration> {
        (self.config.mode == Mode::Enforce).then_some(self.config.seconds)
    }

    /// The time that all attempts together are given, if they are bounded.
    pub fn total(&self) -> Option<Duration> {
        self.config
            .total
            .filter(|_| self.config.mode == Mode::Enforce)
    }

    /// Runs one attempt within `seconds`.
    pub async fn call<F, Fut, T, E>(&self, f: F) -> Result<T, TimeoutError<E>>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        match self.limit(f()).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(TimeoutError::Inner(error)),
            Err(late) => Err(TimeoutError::TimedOut(late)),
        }
    }

    /// Bounds a future by `seconds`, the time of one attempt.
    ///
    /// The timer is armed only once the future was found pending.
    pub fn limit<F: Future>(&self, future: F) -> Limited<&Self, F> {
        Limited::new(self, self.per_attempt(), future)
    }

    /// Bounds a future by `total`, the time of all attempts; does nothing without one.
    pub fn limit_total<F: Future>(&self, future: F) -> Limited<&Self, F> {
        Limited::new(self, self.total(), future)
    }
}
