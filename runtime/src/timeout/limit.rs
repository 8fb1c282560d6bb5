use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use super::{Limited, TimedOut, TimeoutConfig, TimeoutError, TimeoutEvent};
use crate::clock::to_nanos;
use crate::core::Core;
use crate::registry::{Numbers, PatternKind, PatternSnapshot};
use crate::{ConfigError, Mode};

/// Bounds the time that calls may take; see the [module](super).
#[derive(Debug)]
pub struct Timeout {
    core: Core<TimeoutConfig, dyn Fn(&TimeoutEvent) + Send + Sync>,
    per_attempt: AtomicU64,
    /// [`UNBOUNDED`] when there is none.
    total: AtomicU64,
}

crate::core::config!(TimeoutConfig, Mode);
crate::registry::pattern::pattern!(Timeout, Timeout);

/// Longer than any duration that a configuration may hold.
const UNBOUNDED: u64 = u64::MAX;

/// What is counted.
#[derive(Clone, Copy)]
enum Count {
    Success,
    Fired,
    WouldFire,
}

impl Timeout {
    /// A timeout of this name.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range.
    pub fn new(name: impl Into<String>, config: TimeoutConfig) -> Result<Self, ConfigError> {
        Ok(Self {
            per_attempt: AtomicU64::new(to_nanos(config.per_attempt())),
            total: AtomicU64::new(config.total.map_or(UNBOUNDED, to_nanos)),
            core: Core::new(name, config)?,
        })
    }

    /// The name.
    pub fn name(&self) -> &str {
        self.core.name()
    }

    /// The configuration in force.
    pub fn config(&self) -> TimeoutConfig {
        (*self.core.config()).clone()
    }

    /// Replaces the configuration. A call that is on its way keeps the time it was given, unless
    /// its timer was not yet armed.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range; the old one stays in force.
    pub fn reconfigure(&self, config: TimeoutConfig) -> Result<(), ConfigError> {
        self.core.set(config, |config| {
            self.per_attempt
                .store(to_nanos(config.per_attempt()), Relaxed);
            self.total
                .store(config.total.map_or(UNBOUNDED, to_nanos), Relaxed);
        })
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

    /// Lets the counts of its [`snapshot`](Self::snapshot) begin from zero.
    pub fn forget_counts(&self) {
        self.core.counters.forget();
    }

    /// Does nothing: a timeout has no state.
    pub fn reset(&self) {}

    /// Tells the listener of every timer that fires from now on.
    ///
    /// It is called on the task that caused the event, so it must not block. There is one
    /// listener; the first to come stays, and `false` tells the others.
    pub fn on_event(&self, listener: impl Fn(&TimeoutEvent) + Send + Sync + 'static) -> bool {
        self.core.listener.set(Box::new(listener))
    }

    /// The time that an attempt is given; `None` when nothing is enforced.
    pub fn per_attempt(&self) -> Option<Duration> {
        self.is_enforced()
            .then(|| Duration::from_nanos(self.per_attempt.load(Relaxed)))
    }

    /// The time that all attempts together are given; `None` when they are not bounded, or
    /// nothing is enforced.
    pub fn total(&self) -> Option<Duration> {
        Some(self.total.load(Relaxed))
            .filter(|total| *total != UNBOUNDED && self.is_enforced())
            .map(Duration::from_nanos)
    }

    fn is_enforced(&self) -> bool {
        self.core.mode() == Mode::Enforce
    }

    /// Makes one attempt within `seconds`, and within `total` if that is shorter.
    ///
    /// # Errors
    ///
    /// [`TimeoutError::TimedOut`] when the time was up, or the call's own error.
    ///
    /// # Panics
    ///
    /// When the call has to wait and no tokio runtime with a timer is running.
    #[inline]
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

    /// Bounds a future by the time of one attempt.
    #[inline]
    pub fn limit<F: Future>(&self, future: F) -> Limited<&Self, F> {
        Limited::new(self, Scope::Attempt, future)
    }

    /// Bounds a future by `total`, the time of all attempts; does nothing without one.
    #[inline]
    pub fn limit_total<F: Future>(&self, future: F) -> Limited<&Self, F> {
        Limited::new(self, Scope::Total, future)
    }

    /// What a call may take that is found pending now, and whether it is dropped then.
    pub(crate) fn bound(&self, scope: Scope) -> Option<(Duration, Mode)> {
        let mode = self.core.mode();
        let nanos = match scope {
            Scope::Attempt => self.per_attempt.load(Relaxed),
            Scope::Total => self.total.load(Relaxed),
        };
        (mode != Mode::Off && nanos != UNBOUNDED).then(|| (Duration::from_nanos(nanos), mode))
    }

    /// Counts a call that ended in time, for those who keep the time themselves.
    #[inline]
    pub fn ended_in_time(&self) {
        self.core.counters.add(Count::Success as usize);
    }

    /// Counts a call that was dropped because its time was up, for those who keep the time
    /// themselves.
    #[cold]
    pub fn fired(&self, after: Duration) {
        self.fire(Count::Fired, after);
    }

    /// Counts a call whose time is up, and says whether to drop it.
    #[cold]
    pub(crate) fn time_is_up(&self, after: Duration, mode: Mode) -> Result<(), TimedOut> {
        if mode == Mode::Enforce {
            self.fire(Count::Fired, after);
            Err(TimedOut { after })
        } else {
            self.fire(Count::WouldFire, after);
            Ok(())
        }
    }

    fn fire(&self, count: Count, after: Duration) {
        self.core.counters.add(count as usize);
        if let Some(listener) = self.core.listener.get() {
            listener(&TimeoutEvent::Fired { after });
        }
    }

    /// State and numbers at this moment.
    pub fn snapshot(&self) -> PatternSnapshot {
        let mode = self.core.mode();
        let count = |count: Count| self.core.counters.get(count as usize);
        let mut numbers = Numbers::default();
        numbers
            .counter("success", count(Count::Success))
            .counter("fired", count(Count::Fired))
            .counter("shadow_fired", count(Count::WouldFire))
            .gauge("limit_seconds", self.config().per_attempt().as_secs_f64());
        numbers.into_snapshot(
            PatternKind::Timeout,
            self.core.name(),
            mode.as_str(),
            "ready",
        )
    }
}

/// Which of the two times bounds a future.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    Attempt,
    Total,
}
