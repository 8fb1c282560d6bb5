use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use super::{
    BulkheadConfig, BulkheadError, BulkheadEvent, BulkheadFull, BulkheadPermit, OwnedBulkheadPermit,
};
use crate::core::Core;
use crate::gate::{Entry, Gate};
use crate::queued::{self, Gated, Step};
use crate::registry::{Numbers, PatternKind, PatternSnapshot};
use crate::{ConfigError, Mode};

/// Bounds how many calls run at a time; see the [module](super).
///
/// All methods take `&self`; share it behind an [`Arc`]. While there is room, coming and going is
/// one compare-exchange each.
#[derive(Debug)]
pub struct Bulkhead {
    core: Core<BulkheadConfig, dyn Fn(&BulkheadEvent) + Send + Sync>,
    gate: Gate,
    max_queued: AtomicU32,
}

crate::core::config!(BulkheadConfig, Mode);
crate::registry::pattern::pattern!(Bulkhead, Bulkhead);

/// What is counted.
#[derive(Clone, Copy)]
enum Count {
    Admitted,
    Queued,
    Full,
    WouldBeFull,
    WaitedInVain,
}

impl Gated for Bulkhead {
    type Refusal = BulkheadFull;
    type Error<E> = BulkheadError<E>;

    #[inline]
    fn gate(&self) -> &Gate {
        &self.gate
    }

    #[inline]
    fn step(&self) -> Result<Step, BulkheadFull> {
        if let Some(has_place) = self.enter_at_once() {
            return Ok(Step::Inside { has_place });
        }
        self.queue_up()
    }

    fn patience(&self) -> Option<Duration> {
        self.core.config().queue_timeout
    }

    fn let_in(&self) {
        self.count(Count::Admitted);
    }

    #[cold]
    fn waited_in_vain(&self, after: Duration) -> BulkheadFull {
        let full = BulkheadFull::WaitedInVain { after };
        self.count(Count::WaitedInVain);
        self.tell(full);
        full
    }

    fn refused<E>(full: BulkheadFull) -> BulkheadError<E> {
        BulkheadError::Full(full)
    }

    #[inline]
    fn inner<E>(error: E) -> BulkheadError<E> {
        BulkheadError::Inner(error)
    }
}

impl Bulkhead {
    /// A bulkhead of this name, with nobody inside.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range.
    pub fn new(name: impl Into<String>, config: BulkheadConfig) -> Result<Self, ConfigError> {
        Ok(Self {
            gate: Gate::new(config.max_concurrent),
            max_queued: AtomicU32::new(config.max_queued),
            core: Core::new(name, config)?,
        })
    }

    /// The name.
    pub fn name(&self) -> &str {
        self.core.name()
    }

    /// The configuration in force.
    pub fn config(&self) -> BulkheadConfig {
        (*self.core.config()).clone()
    }

    /// Replaces the configuration while calls are running. When there are fewer places than
    /// calls inside, nobody is thrown out, and places are not given again until it has drained.
    /// Who waits keeps his place in the queue, however short it has become.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range; the old one stays in force.
    pub fn reconfigure(&self, config: BulkheadConfig) -> Result<(), ConfigError> {
        self.core.set(config, |config| {
            self.max_queued.store(config.max_queued, Relaxed);
            self.gate.set_limit(config.max_concurrent);
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

    /// Does nothing: all that it remembers is who is inside, and they are.
    pub fn reset(&self) {}

    /// Lets the counts of its [`snapshot`](Self::snapshot) begin from zero.
    pub fn forget_counts(&self) {
        self.core.counters.forget();
    }

    /// Tells the listener of every refusal from now on.
    ///
    /// It is called on the task that caused the event, so it must not block. There is one
    /// listener; the first to come stays, and `false` tells the others.
    pub fn on_event(&self, listener: impl Fn(&BulkheadEvent) + Send + Sync + 'static) -> bool {
        self.core.listener.set(Box::new(listener))
    }

    /// How many calls are inside.
    pub fn in_use(&self) -> u32 {
        self.gate.inside()
    }

    /// How many calls wait for a place.
    pub fn queued(&self) -> u32 {
        self.gate.waiting()
    }

    /// A place, if there is one at once.
    ///
    /// # Errors
    ///
    /// When there is none, or others wait for it already.
    #[inline]
    pub fn try_acquire(&self) -> Result<BulkheadPermit<&Self>, BulkheadFull> {
        let has_place = self.enter_at_once().ok_or_else(|| self.refused())?;
        Ok(BulkheadPermit::new(self, has_place))
    }

    /// A place, waiting for it in the queue where there is room in it.
    ///
    /// Dropped while it waits, it gives up its place in the queue, and a place inside that it was
    /// given at that moment.
    ///
    /// # Errors
    ///
    /// When there is no room in the queue either, or its `queue_timeout` is over.
    ///
    /// # Panics
    ///
    /// When it has to wait with a `queue_timeout` and no tokio runtime with a timer is running.
    #[inline]
    pub async fn acquire(&self) -> Result<BulkheadPermit<&Self>, BulkheadFull> {
        queued::acquire(self).await
    }

    /// The same, as a permit that keeps the bulkhead alive.
    ///
    /// # Errors
    ///
    /// Those of [`acquire`](Self::acquire).
    ///
    /// # Panics
    ///
    /// As [`acquire`](Self::acquire) does.
    #[inline]
    pub async fn acquire_owned(self: &Arc<Self>) -> Result<OwnedBulkheadPermit, BulkheadFull> {
        queued::acquire(Arc::clone(self)).await
    }

    /// Makes the call when there is a place for it.
    ///
    /// # Errors
    ///
    /// [`BulkheadError::Full`] when there is none, or the call's own error.
    ///
    /// # Panics
    ///
    /// As [`acquire`](Self::acquire) does.
    #[inline]
    pub async fn call<F, Fut, T, E>(&self, f: F) -> Result<T, BulkheadError<E>>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        let _permit = self.acquire().await.map_err(BulkheadError::Full)?;
        f().await.map_err(BulkheadError::Inner)
    }

    #[cold]
    fn queue_up(&self) -> Result<Step, BulkheadFull> {
        match self.gate.enter_or_queue(self.max_queued.load(Relaxed)) {
            Entry::Inside => {
                self.count(Count::Admitted);
                Ok(Step::Inside { has_place: true })
            }
            Entry::Queued(ticket) => {
                self.count(Count::Queued);
                Ok(Step::Queued(ticket))
            }
            Entry::Full => Err(self.refused()),
        }
    }

    /// Whether there is a place inside to be given back; `None` when there is no room.
    #[inline]
    fn enter_at_once(&self) -> Option<bool> {
        match self.core.mode() {
            Mode::Off => return Some(false),
            Mode::Enforce if !self.gate.try_enter() => return None,
            Mode::Shadow => self.enter_in_shadow(),
            Mode::Enforce => {}
        }
        self.count(Count::Admitted);
        Some(true)
    }

    #[cold]
    fn enter_in_shadow(&self) {
        if self.gate.try_enter() {
            return;
        }
        self.gate.enter_anyway();
        let would_wait = self.gate.inside().saturating_sub(self.gate.limit());
        if would_wait > self.max_queued.load(Relaxed) {
            self.count(Count::WouldBeFull);
            self.tell(BulkheadFull::NoPlace);
        }
    }

    #[cold]
    fn refused(&self) -> BulkheadFull {
        self.count(Count::Full);
        self.tell(BulkheadFull::NoPlace);
        BulkheadFull::NoPlace
    }

    fn tell(&self, full: BulkheadFull) {
        if let Some(listener) = self.core.listener.get() {
            listener(&BulkheadEvent::Rejected { full });
        }
    }

    #[inline]
    fn count(&self, count: Count) {
        self.core.counters.add(count as usize);
    }

    /// State and numbers at this moment.
    pub fn snapshot(&self) -> PatternSnapshot {
        let count = |count: Count| self.core.counters.get(count as usize);
        let (limit, in_use) = (self.gate.limit(), self.gate.inside());
        let mut numbers = Numbers::default();
        numbers
            .counter("admitted", count(Count::Admitted))
            .counter("queued", count(Count::Queued))
            .counter("full", count(Count::Full))
            .counter("queue_timeout", count(Count::WaitedInVain))
            .counter("shadow_full", count(Count::WouldBeFull))
            .gauge("max_concurrent", f64::from(limit))
            .gauge("in_use", f64::from(in_use))
            .gauge("waiting", f64::from(self.gate.waiting()))
            .gauge("utilization_ratio", f64::from(in_use) / f64::from(limit));
        let state = if in_use < limit { "available" } else { "full" };
        numbers.into_snapshot(
            PatternKind::Bulkhead,
            self.name(),
            self.core.mode().as_str(),
            state,
        )
    }
}
