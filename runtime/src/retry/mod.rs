//! Another attempt after a failure, later each time.

mod budget;
mod config;
mod error;

use std::sync::Arc;
use std::time::Duration;

pub use self::budget::RetryBudget;
pub use self::config::{BudgetConfig, Jitter, RetryConfig};
pub use self::error::{RetryError, RetryExhausted};
use crate::{AnyError, Classify, ConfigError, FailureKind, Mode};

/// Another attempt after a failure.
#[derive(Debug)]
pub struct Retry {
    name: Box<str>,
    config: RetryConfig,
    budget: Arc<RetryBudget>,
}

/// How far one call has come.
#[derive(Clone, Debug)]
pub struct RetryState {
    attempts: u32,
}

impl RetryState {
    /// The attempts that were begun, the first call included.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }
}

impl Retry {
    /// A retry of this name with a budget of its own.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range.
    pub fn new(name: impl Into<String>, config: RetryConfig) -> Result<Self, ConfigError> {
        Self::with_budget(name, config, Arc::default())
    }

    /// A retry that shares its budget with others.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range.
    pub fn with_budget(
        name: impl Into<String>,
        config: RetryConfig,
        budget: Arc<RetryBudget>,
    ) -> Result<Self, ConfigError> {
        config.validate()?;
        Ok(Self {
            name: name.into().into(),
            config,
            budget,
        })
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The configuration in force.
    pub fn config(&self) -> RetryConfig {
        self.config.clone()
    }

    /// Begins a call: the first attempt is the caller's to make now.
    pub fn start(&self) -> RetryState {
        self.budget.deposit();
        RetryState { attempts: 1 }
    }

    /// What to do after an attempt failed: wait so long and try again, or, with `None`, give up.
    pub fn next(&self, state: &mut RetryState, kind: FailureKind) -> Option<Duration> {
        if self.config.mode != Mode::Enforce
            || kind == FailureKind::Panic
            || state.attempts >= self.config.attempts
            || !self.config.exceptions.matches(kind)
            || !self.budget.withdraw()
        {
            return None;
        }
        let factor = self.config.backoff.powi(state.attempts as i32 - 1);
        state.attempts += 1;
        Some(
            self.config
                .delay
                .mul_f64(factor.min(1e6))
                .min(self.config.max_delay),
        )
    }

    /// Calls until it succeeds, or no attempt is left. Every `Err` is a failure.
    ///
    /// # Errors
    ///
    /// When the last attempt failed, or one in a way that `exceptions` does not name.
    pub async fn call<F, Fut, T, E>(&self, f: F) -> Result<T, RetryError<E>>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        self.call_with(AnyError, f).await
    }

    /// Calls until the classifier finds a success, or no attempt is left.
    ///
    /// # Errors
    ///
    /// When the last attempt was an `Err`, or one in a way that `exceptions` does not name. An
    /// `Ok` that the classifier calls a failure is returned as it is when no attempt is left.
    pub async fn call_with<C, F, Fut, T, E>(
        &self,
        classify: C,
        mut f: F,
    ) -> Result<T, RetryError<E>>
    where
        C: Classify<T, E>,
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        let mut state = self.start();
        loop {
            let outcome = f().await;
            let Some(kind) = classify.classify(&outcome) else {
                return outcome.map_err(RetryError::Inner);
            };
            match self.next(&mut state, kind) {
                Some(delay) => tokio::time::sleep(delay).await,
                None if self.config.exceptions.matches(kind) => {
                    let attempts = state.attempts;
                    return outcome
                        .map_err(|last| RetryError::Exhausted(RetryExhausted { attempts, last }));
                }
                None => return outcome.map_err(RetryError::Inner),
            }
        }
    }
}
