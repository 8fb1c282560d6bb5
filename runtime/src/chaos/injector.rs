use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use tokio::time::sleep;

use super::{ChaosConfig, ChaosError, ChaosEvent, InjectedFault};
use crate::core::Core;
use crate::registry::{Numbers, PatternKind, PatternSnapshot};
use crate::{ConfigError, Mode, rng};

/// Injects faults and latency; see the [module](super).
#[derive(Debug)]
pub struct Chaos {
    /// Its configuration is looked at by every call: it is no pattern for production.
    core: Core<ChaosConfig, dyn Fn(&ChaosEvent) + Send + Sync>,
    /// The number of the next call.
    next: AtomicU64,
}

crate::core::config!(ChaosConfig, Mode);
crate::registry::pattern::pattern!(Chaos, Chaos);

/// What is done to one call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Injected {
    /// How much longer it takes.
    pub latency: Duration,
    /// Whether it fails instead of being made.
    pub fault: Option<InjectedFault>,
}

/// What is counted.
#[derive(Clone, Copy)]
enum Count {
    Passed,
    Fault,
    Delayed,
    WouldFail,
}

impl Chaos {
    /// Chaos of this name.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range.
    pub fn new(name: impl Into<String>, config: ChaosConfig) -> Result<Self, ConfigError> {
        Ok(Self {
            core: Core::new(name, config)?,
            next: AtomicU64::new(0),
        })
    }

    /// The name.
    pub fn name(&self) -> &str {
        self.core.name()
    }

    /// The configuration in force.
    pub fn config(&self) -> ChaosConfig {
        (*self.core.config()).clone()
    }

    /// Replaces the configuration; the next call is the first that follows it.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range; the old one stays in force.
    pub fn reconfigure(&self, config: ChaosConfig) -> Result<(), ConfigError> {
        self.core.set(config, |_| {})
    }

    /// Switches the mode, and nothing else.
    pub fn set_mode(&self, mode: Mode) {
        self.core.set_mode(mode);
    }

    /// Whether it is switched on.
    pub fn is_enabled(&self) -> bool {
        self.core.is_enabled()
    }

    /// Switches it off, or on again with the configuration that it had.
    pub fn set_enabled(&self, enabled: bool) {
        self.core.set_enabled(enabled);
    }

    /// Begins anew with the first call of the seed.
    pub fn reset(&self) {
        self.next.store(0, Relaxed);
    }

    /// Lets the counts of its [`snapshot`](Self::snapshot) begin from zero.
    pub fn forget_counts(&self) {
        self.core.counters.forget();
    }

    /// Tells the listener of every fault from now on.
    ///
    /// It is called on the task that caused the event, so it must not block. There is one
    /// listener; the first to come stays, and `false` tells the others.
    pub fn on_event(&self, listener: impl Fn(&ChaosEvent) + Send + Sync + 'static) -> bool {
        self.core.listener.set(Box::new(listener))
    }

    /// Decides what is done to the next call, for those who do it themselves.
    pub fn inject(&self) -> Injected {
        let mode = self.core.mode();
        if mode == Mode::Off {
            return Injected::default();
        }
        let config = self.core.config();
        let number = self.next.fetch_add(1, Relaxed);
        let fails = rng::seeded(config.seed, number) < config.fault_rate;
        if fails && let Some(listener) = self.core.listener.get() {
            listener(&ChaosEvent::Injected {
                status: config.status,
            });
        }
        if mode == Mode::Shadow {
            self.count(if fails {
                Count::WouldFail
            } else {
                Count::Passed
            });
            return Injected::default();
        }
        if !config.latency.is_zero() {
            self.count(Count::Delayed);
        }
        self.count(if fails { Count::Fault } else { Count::Passed });
        Injected {
            latency: config.latency,
            fault: fails.then_some(InjectedFault {
                status: config.status,
            }),
        }
    }

    /// Makes the call, later or not at all.
    ///
    /// # Errors
    ///
    /// [`ChaosError::Injected`] when it was to fail, or the call's own error.
    ///
    /// # Panics
    ///
    /// When it has to wait and no tokio runtime with a timer is running.
    pub async fn call<F, Fut, T, E>(&self, f: F) -> Result<T, ChaosError<E>>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        let Injected { latency, fault } = self.inject();
        if !latency.is_zero() {
            sleep(latency).await;
        }
        match fault {
            Some(fault) => Err(ChaosError::Injected(fault)),
            None => f().await.map_err(ChaosError::Inner),
        }
    }

    fn count(&self, count: Count) {
        self.core.counters.add(count as usize);
    }

    /// State and numbers at this moment.
    pub fn snapshot(&self) -> PatternSnapshot {
        let (mode, config) = (self.core.mode(), self.core.config());
        let count = |count: Count| self.core.counters.get(count as usize);
        let mut numbers = Numbers::default();
        numbers
            .counter("passed", count(Count::Passed))
            .counter("fault", count(Count::Fault))
            .counter("delayed", count(Count::Delayed))
            .counter("shadow_fault", count(Count::WouldFail))
            .gauge("fault_rate", config.fault_rate)
            .gauge("latency_seconds", config.latency.as_secs_f64());
        let acts = mode == Mode::Enforce && (config.fault_rate > 0.0 || !config.latency.is_zero());
        let state = if acts { "injecting" } else { "quiet" };
        numbers.into_snapshot(PatternKind::Chaos, self.core.name(), mode.as_str(), state)
    }
}
