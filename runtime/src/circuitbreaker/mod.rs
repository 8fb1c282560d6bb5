//! A switch that stops calls to something that keeps failing.

mod config;
mod error;

use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

pub use self::config::CircuitBreakerConfig;
pub use self::error::{CircuitBreakerError, CircuitOpen};
use crate::{AnyError, CircuitMode, Classify, ConfigError};

/// What a circuit does at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CircuitState {
    /// Calls pass.
    Closed,
    /// Calls are refused.
    Open,
    /// A few probes pass.
    HalfOpen,
}

impl CircuitState {
    /// The name that metrics use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }
}

#[derive(Debug)]
enum Inner {
    Closed { failures: u32 },
    Open { since: Instant },
    HalfOpen { in_flight: u32, successes: u32 },
}

/// A circuit breaker.
#[derive(Debug)]
pub struct CircuitBreaker {
    name: Box<str>,
    config: CircuitBreakerConfig,
    inner: Mutex<(u64, Inner)>,
}

/// Leave to make one call. Dropped without an outcome it counts as nothing.
#[derive(Debug)]
#[must_use = "a permit that is dropped counts as no call at all"]
pub struct CircuitPermit<P: Deref<Target = CircuitBreaker>> {
    breaker: P,
    generation: u64,
    probe: bool,
    done: bool,
}

/// A permit that keeps its breaker alive.
pub type OwnedCircuitPermit = CircuitPermit<Arc<CircuitBreaker>>;

impl<P: Deref<Target = CircuitBreaker>> CircuitPermit<P> {
    /// The call succeeded.
    pub fn success(mut self) {
        self.done = true;
        self.breaker.record(self.generation, self.probe, Some(true));
    }

    /// The call failed.
    pub fn failure(mut self) {
        self.done = true;
        self.breaker
            .record(self.generation, self.probe, Some(false));
    }
}

impl<P: Deref<Target = CircuitBreaker>> Drop for CircuitPermit<P> {
    fn drop(&mut self) {
        if !self.done {
            self.breaker.record(self.generation, self.probe, None);
        }
    }
}

impl CircuitBreaker {
    /// A circuit breaker of this name, closed.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range.
    pub fn new(name: impl Into<String>, config: CircuitBreakerConfig) -> Result<Self, ConfigError> {
        config.validate()?;
        let inner = Mutex::new((0, Inner::Closed { failures: 0 }));
        Ok(Self {
            name: name.into().into(),
            config,
            inner,
        })
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The configuration in force.
    pub fn config(&self) -> CircuitBreakerConfig {
        self.config.clone()
    }

    /// What the circuit does at this moment.
    pub fn state(&self) -> CircuitState {
        match self.config.mode {
            CircuitMode::ForcedOpen => return CircuitState::Open,
            CircuitMode::ForcedClosed => return CircuitState::Closed,
            _ => {}
        }
        match self.lock().1 {
            Inner::Closed { .. } => CircuitState::Closed,
            Inner::Open { since } if since.elapsed() < self.config.recovery_timeout => {
                CircuitState::Open
            }
            _ => CircuitState::HalfOpen,
        }
    }

    /// Leave to make one call.
    ///
    /// # Errors
    ///
    /// When the circuit is open, or half open with all its probes on their way.
    pub fn acquire(&self) -> Result<CircuitPermit<&Self>, CircuitOpen> {
        let (generation, probe) = self.admit()?;
        Ok(CircuitPermit {
            breaker: self,
            generation,
            probe,
            done: false,
        })
    }

    /// Leave to make one call, as a permit that keeps the breaker alive.
    ///
    /// # Errors
    ///
    /// When the circuit is open, or half open with all its probes on their way.
    pub fn acquire_owned(self: &Arc<Self>) -> Result<OwnedCircuitPermit, CircuitOpen> {
        let (generation, probe) = self.admit()?;
        Ok(CircuitPermit {
            breaker: Arc::clone(self),
            generation,
            probe,
            done: false,
        })
    }

    /// Makes the call if the circuit lets it pass. Every `Err` is a failure.
    ///
    /// # Errors
    ///
    /// [`CircuitBreakerError::Open`] when it does not, or the call's own error.
    pub async fn call<F, Fut, T, E>(&self, f: F) -> Result<T, CircuitBreakerError<E>>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        self.call_with(AnyError, f).await
    }

    /// Makes the call if the circuit lets it pass; the classifier tells failures.
    ///
    /// # Errors
    ///
    /// [`CircuitBreakerError::Open`] when it does not, or the call's own error.
    pub async fn call_with<C, F, Fut, T, E>(
        &self,
        classify: C,
        f: F,
    ) -> Result<T, CircuitBreakerError<E>>
    where
        C: Classify<T, E>,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        let permit = self.acquire().map_err(CircuitBreakerError::Open)?;
        let outcome = f().await;
        match classify.classify(&outcome) {
            Some(_) => permit.failure(),
            None => permit.success(),
        }
        outcome.map_err(CircuitBreakerError::Inner)
    }

    fn lock(&self) -> MutexGuard<'_, (u64, Inner)> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn admit(&self) -> Result<(u64, bool), CircuitOpen> {
        let recovery = self.config.recovery_timeout;
        match self.config.mode {
            CircuitMode::ForcedOpen => {
                return Err(CircuitOpen {
                    retry_after: recovery,
                });
            }
            CircuitMode::Enforce => {}
            _ => return Ok((u64::MAX, false)),
        }
        let mut inner = self.lock();
        let (generation, state) = &mut *inner;
        if let Inner::Open { since } = state {
            let elapsed = since.elapsed();
            if elapsed < recovery {
                return Err(CircuitOpen {
                    retry_after: recovery - elapsed,
                });
            }
            *state = Inner::HalfOpen {
                in_flight: 0,
                successes: 0,
            };
            *generation += 1;
        }
        match state {
            Inner::HalfOpen { in_flight, .. } if *in_flight >= self.config.half_open_requests => {
                Err(CircuitOpen {
                    retry_after: recovery,
                })
            }
            Inner::HalfOpen { in_flight, .. } => {
                *in_flight += 1;
                Ok((*generation, true))
            }
            _ => Ok((*generation, false)),
        }
    }

    fn record(&self, admitted_in: u64, probe: bool, success: Option<bool>) {
        let mut inner = self.lock();
        let (generation, state) = &mut *inner;
        if admitted_in != *generation {
            return;
        }
        let mut open = false;
        let mut close = false;
        match state {
            Inner::Closed { failures } => match success {
                Some(true) => *failures = 0,
                Some(false) => {
                    *failures += 1;
                    open = *failures >= self.config.failure_threshold;
                }
                None => {}
            },
            Inner::HalfOpen {
                in_flight,
                successes,
            } if probe => {
                *in_flight -= 1;
                match success {
                    Some(true) => {
                        *successes += 1;
                        close = *successes >= self.config.successes_to_close();
                    }
                    Some(false) => open = true,
                    None => {}
                }
            }
            _ => {}
        }
        if open {
            *state = Inner::Open {
                since: Instant::now(),
            };
            *generation += 1;
        } else if close {
            *state = Inner::Closed { failures: 0 };
            *generation += 1;
        }
    }
}
