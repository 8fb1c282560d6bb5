use std::ops::Deref;
use std::sync::Arc;

use super::adaptive::{Adaptive, Moved};
use super::law::Rules;
use super::{
    ConcurrencyConfig, ConcurrencyError, ConcurrencyEvent, ConcurrencyLimited, ConcurrencyPermit,
    LimitAlgorithm, OwnedConcurrencyPermit,
};
use crate::clock::{Clock, Nanos};
use crate::core::Core;
use crate::registry::{Numbers, PatternKind, PatternSnapshot};
use crate::{AnyError, Classify, ConfigError, Mode};

/// Bounds how many calls run at a time by a limit that it finds itself; see the
/// [module](super).
///
/// All methods take `&self`; share it behind an [`Arc`].
#[derive(Debug)]
pub struct ConcurrencyLimit {
    core: Core<ConcurrencyConfig, dyn Fn(&ConcurrencyEvent) + Send + Sync>,
    adaptive: Adaptive,
    clock: Clock,
}

crate::core::config!(ConcurrencyConfig, Mode);
crate::registry::pattern::pattern!(ConcurrencyLimit, Concurrency);

/// What is counted.
#[derive(Clone, Copy)]
enum Count {
    Admitted,
    Success,
    Failure,
    Ignored,
    Rejected,
    WouldReject,
    Raised,
    Lowered,
}

impl From<&ConcurrencyConfig> for Rules {
    fn from(config: &ConcurrencyConfig) -> Self {
        Self {
            initial: config.initial_limit(),
            min: config.min_limit(),
            max: config.max_limit(),
            increase_rate: config.increase_rate,
            decrease_factor: config.decrease_factor,
            follows_latency: config.algorithm == LimitAlgorithm::Gradient,
        }
    }
}

impl ConcurrencyLimit {
    /// A limit of this name, with nobody inside and nothing learnt.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range.
    pub fn new(name: impl Into<String>, config: ConcurrencyConfig) -> Result<Self, ConfigError> {
        let rules = Rules::from(&config);
        Ok(Self {
            core: Core::new(name, config)?,
            adaptive: Adaptive::new(rules),
            clock: Clock::start(),
        })
    }

    /// The name.
    pub fn name(&self) -> &str {
        self.core.name()
    }

    /// The configuration in force.
    pub fn config(&self) -> ConcurrencyConfig {
        (*self.core.config()).clone()
    }

    /// Replaces the configuration while calls are running. The limit that was found stays, as
    /// far as the new bounds allow it; nobody who is inside is thrown out.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range; the old one stays in force.
    pub fn reconfigure(&self, config: ConcurrencyConfig) -> Result<(), ConfigError> {
        let mut moved = None;
        self.core.set(config, |config| {
            moved = self.adaptive.set_rules(config.into());
        })?;
        self.moved(moved);
        Ok(())
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

    /// Goes back to `initial_limit` and forgets what was learnt. Who is inside stays inside.
    pub fn reset(&self) {
        let moved = self.adaptive.reset();
        self.moved(moved);
    }

    /// Lets the counts of its [`snapshot`](Self::snapshot) begin from zero.
    pub fn forget_counts(&self) {
        self.core.counters.forget();
    }

    /// Tells the listener of every refusal and every move of the limit from now on.
    ///
    /// It is called on the task that caused the event, so it must not block. There is one
    /// listener; the first to come stays, and `false` tells the others.
    pub fn on_event(&self, listener: impl Fn(&ConcurrencyEvent) + Send + Sync + 'static) -> bool {
        self.core.listener.set(Box::new(listener))
    }

    /// How many calls may run at a time at this moment.
    pub fn limit(&self) -> u32 {
        self.adaptive.gate.limit()
    }

    /// How many calls are running.
    pub fn in_use(&self) -> u32 {
        self.adaptive.gate.inside()
    }

    /// Leave to make one call.
    ///
    /// # Errors
    ///
    /// When as many calls are running as the limit lets run. Nobody waits.
    #[inline]
    pub fn acquire(&self) -> Result<ConcurrencyPermit<&Self>, ConcurrencyLimited> {
        Ok(ConcurrencyPermit::new(self, self.admit()?))
    }

    /// The same, as a permit that keeps the limit alive.
    ///
    /// # Errors
    ///
    /// Those of [`acquire`](Self::acquire).
    #[inline]
    pub fn acquire_owned(self: &Arc<Self>) -> Result<OwnedConcurrencyPermit, ConcurrencyLimited> {
        Self::acquire_by(Arc::clone(self))
    }

    /// The same for whoever holds it.
    #[inline]
    pub(super) fn acquire_by<P>(this: P) -> Result<ConcurrencyPermit<P>, ConcurrencyLimited>
    where
        P: Deref<Target = Self>,
    {
        let admitted_at = this.admit()?;
        Ok(ConcurrencyPermit::new(this, admitted_at))
    }

    /// Makes the call if the limit lets it pass. Every `Err` is a failure.
    ///
    /// # Errors
    ///
    /// [`ConcurrencyError::Limited`] when it does not, or the call's own error.
    #[inline]
    pub fn call<F, Fut, T, E>(&self, f: F) -> impl Future<Output = Result<T, ConcurrencyError<E>>>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        self.call_with(AnyError, f)
    }

    /// Makes the call if the limit lets it pass; the classifier tells failures, which are those
    /// that tell of overload.
    ///
    /// A call that panics is a failure; one that is dropped is nothing at all.
    ///
    /// # Errors
    ///
    /// [`ConcurrencyError::Limited`] when it does not, or the call's own error.
    #[inline]
    pub async fn call_with<C, F, Fut, T, E>(
        &self,
        classify: C,
        f: F,
    ) -> Result<T, ConcurrencyError<E>>
    where
        C: Classify<T, E>,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        let mut permit = self.acquire().map_err(ConcurrencyError::Limited)?;
        let outcome = f().await;
        match classify.classify(&outcome) {
            Some(_) => permit.failed(),
            None => permit.succeeded(),
        }
        outcome.map_err(ConcurrencyError::Inner)
    }

    /// When the call was admitted; `None` while the limit is off.
    #[inline]
    fn admit(&self) -> Result<Option<Nanos>, ConcurrencyLimited> {
        match self.core.mode() {
            Mode::Off => return Ok(None),
            Mode::Enforce if !self.adaptive.gate.try_enter() => return Err(self.refused()),
            Mode::Shadow => self.enter_in_shadow(),
            Mode::Enforce => {}
        }
        self.count(Count::Admitted);
        Ok(Some(self.clock.now()))
    }

    #[cold]
    fn enter_in_shadow(&self) {
        if !self.adaptive.gate.try_enter() {
            self.adaptive.gate.enter_anyway();
            self.count(Count::WouldReject);
            self.tell_of_refusal();
        }
    }

    #[cold]
    fn refused(&self) -> ConcurrencyLimited {
        self.count(Count::Rejected);
        self.tell_of_refusal()
    }

    fn tell_of_refusal(&self) -> ConcurrencyLimited {
        let limited = ConcurrencyLimited {
            limit: self.limit(),
        };
        self.tell(&ConcurrencyEvent::Rejected { limited });
        limited
    }

    #[inline]
    pub(super) fn succeeded(&self, admitted_at: Nanos) {
        self.count(Count::Success);
        let moved = self.adaptive.success(admitted_at, || self.clock.now());
        if moved.is_some() {
            self.moved(moved);
        }
    }

    #[cold]
    pub(super) fn failed(&self, admitted_at: Nanos) {
        self.count(Count::Failure);
        let moved = self.adaptive.failure(admitted_at, self.clock.now());
        self.moved(moved);
    }

    #[cold]
    pub(super) fn ignored(&self) {
        self.count(Count::Ignored);
    }

    /// Gives a place back.
    #[inline]
    pub(super) fn leave(&self) {
        self.adaptive.gate.leave();
    }

    #[cold]
    fn moved(&self, moved: Option<Moved>) {
        let Some(Moved { from, to }) = moved else {
            return;
        };
        self.count(if to > from {
            Count::Raised
        } else {
            Count::Lowered
        });
        self.tell(&ConcurrencyEvent::LimitChanged { to });
    }

    fn tell(&self, event: &ConcurrencyEvent) {
        if let Some(listener) = self.core.listener.get() {
            listener(event);
        }
    }

    #[inline]
    fn count(&self, count: Count) {
        self.core.counters.add(count as usize);
    }

    /// State and numbers at this moment.
    pub fn snapshot(&self) -> PatternSnapshot {
        let count = |count: Count| self.core.counters.get(count as usize);
        let (limit, in_use) = (self.limit(), self.in_use());
        let mut numbers = Numbers::default();
        numbers
            .counter("admitted", count(Count::Admitted))
            .counter("success", count(Count::Success))
            .counter("failure", count(Count::Failure))
            .counter("ignored", count(Count::Ignored))
            .counter("rejected", count(Count::Rejected))
            .counter("shadow_rejected", count(Count::WouldReject))
            .counter("limit_raised", count(Count::Raised))
            .counter("limit_lowered", count(Count::Lowered))
            .gauge("limit", f64::from(limit))
            .gauge("in_use", f64::from(in_use))
            .gauge("utilization_ratio", f64::from(in_use) / f64::from(limit));
        if self.core.config().algorithm == LimitAlgorithm::Gradient {
            let estimate = self.adaptive.estimate();
            numbers
                .gauge("latency_short_seconds", estimate.short_micros() / 1e6)
                .gauge("latency_long_seconds", estimate.long_micros() / 1e6);
        }
        let state = if in_use < limit { "available" } else { "full" };
        numbers.into_snapshot(
            PatternKind::Concurrency,
            self.name(),
            self.core.mode().as_str(),
            state,
        )
    }
}
