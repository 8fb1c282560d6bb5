use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use super::{
    BackpressureConfig, BackpressureError, BackpressureEvent, BackpressureFull, BackpressurePermit,
    OwnedBackpressurePermit,
};
use crate::core::Core;
use crate::gate::{Entry, Gate};
use crate::queued::{self, Gated, Step};
use crate::registry::{Numbers, PatternKind, PatternSnapshot};
use crate::{ConfigError, Mode};

/// Has new calls wait while too many are running; see the [module](super).
///
/// All methods take `&self`; share it behind an [`Arc`]. While it is open, coming and going is
/// one compare-exchange each.
#[derive(Debug)]
pub struct Backpressure {
    core: Core<BackpressureConfig, dyn Fn(&BackpressureEvent) + Send + Sync>,
    gate: Gate,
    max_pending: AtomicU32,
    /// Whether there is time to wait at all.
    may_wait: AtomicBool,
}

crate::core::config!(BackpressureConfig, Mode);
crate::registry::pattern::pattern!(Backpressure, Backpressure);

/// What is counted.
#[derive(Clone, Copy)]
enum Count {
    Admitted,
    Queued,
    Full,
    WouldBeFull,
    WaitedInVain,
}

impl Gated for Backpressure {
    type Refusal = BackpressureFull;
    type Error<E> = BackpressureError<E>;

    #[inline]
    fn gate(&self) -> &Gate {
        &self.gate
    }

    #[inline]
    fn step(&self) -> Result<Step, BackpressureFull> {
        if let Some(has_place) = self.enter_at_once() {
            return Ok(Step::Inside { has_place });
        }
        self.queue_up()
    }

    fn patience(&self) -> Option<Duration> {
        Some(self.core.config().timeout)
    }

    fn let_in(&self) {
        self.count(Count::Admitted);
    }

    #[cold]
    fn waited_in_vain(&self, after: Duration) -> BackpressureFull {
        let full = BackpressureFull::WaitedInVain { after };
        self.count(Count::WaitedInVain);
        self.tell(full);
        full
    }

    fn refused<E>(full: BackpressureFull) -> BackpressureError<E> {
        BackpressureError::Full(full)
    }

    #[inline]
    fn inner<E>(error: E) -> BackpressureError<E> {
        BackpressureError::Inner(error)
    }
}

impl Backpressure {
    /// Backpressure of this name, open and with nobody inside.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range.
    pub fn new(name: impl Into<String>, config: BackpressureConfig) -> Result<Self, ConfigError> {
        Ok(Self {
            gate: Gate::with_marks(config.high_water_mark(), config.low_water_mark()),
            max_pending: AtomicU32::new(config.max_pending()),
            may_wait: AtomicBool::new(!config.timeout.is_zero()),
            core: Core::new(name, config)?,
        })
    }

    /// The name.
    pub fn name(&self) -> &str {
        self.core.name()
    }

    /// The configuration in force.
    pub fn config(&self) -> BackpressureConfig {
        (*self.core.config()).clone()
    }

    /// Replaces the configuration while calls are running. With a lower high mark nobody is
    /// thrown out; with a higher low mark those who wait are let in at once. Who waits keeps his
    /// place and the time that he was given.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range; the old one stays in force.
    pub fn reconfigure(&self, config: BackpressureConfig) -> Result<(), ConfigError> {
        self.core.set(config, |config| {
            self.max_pending.store(config.max_pending(), Relaxed);
            self.may_wait.store(!config.timeout.is_zero(), Relaxed);
            self.gate
                .set_marks(config.high_water_mark(), config.low_water_mark());
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
    pub fn on_event(&self, listener: impl Fn(&BackpressureEvent) + Send + Sync + 'static) -> bool {
        self.core.listener.set(Box::new(listener))
    }

    /// How many calls are running.
    pub fn in_use(&self) -> u32 {
        self.gate.inside()
    }

    /// How many calls wait.
    pub fn queued(&self) -> u32 {
        self.gate.waiting()
    }

    /// Whether new calls have to wait at this moment.
    pub fn is_closed(&self) -> bool {
        self.gate.is_closed()
    }

    /// Leave to make a call, if there is no need to wait for it.
    ///
    /// # Errors
    ///
    /// When new calls have to wait.
    #[inline]
    pub fn try_acquire(&self) -> Result<BackpressurePermit<&Self>, BackpressureFull> {
        let has_place = self
            .enter_at_once()
            .ok_or_else(|| self.refused(BackpressureFull::Closed))?;
        Ok(BackpressurePermit::new(self, has_place))
    }

    /// Leave to make a call, waiting for it at most as long as `timeout` says.
    ///
    /// Dropped while it waits, it gives up its place in the queue, and the leave that it was
    /// given at that moment.
    ///
    /// # Errors
    ///
    /// When too many calls are pending, or its time is over.
    ///
    /// # Panics
    ///
    /// When it has to wait and no tokio runtime with a timer is running.
    #[inline]
    pub async fn acquire(&self) -> Result<BackpressurePermit<&Self>, BackpressureFull> {
        queued::acquire(self).await
    }

    /// The same, as a permit that keeps the backpressure alive.
    ///
    /// # Errors
    ///
    /// Those of [`acquire`](Self::acquire).
    ///
    /// # Panics
    ///
    /// As [`acquire`](Self::acquire) does.
    #[inline]
    pub async fn acquire_owned(
        self: &Arc<Self>,
    ) -> Result<OwnedBackpressurePermit, BackpressureFull> {
        queued::acquire(Arc::clone(self)).await
    }

    /// Makes the call when it may be made.
    ///
    /// # Errors
    ///
    /// [`BackpressureError::Full`] when it may not, or the call's own error.
    ///
    /// # Panics
    ///
    /// As [`acquire`](Self::acquire) does.
    #[inline]
    pub async fn call<F, Fut, T, E>(&self, f: F) -> Result<T, BackpressureError<E>>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        let _permit = self.acquire().await.map_err(BackpressureError::Full)?;
        f().await.map_err(BackpressureError::Inner)
    }

    #[cold]
    fn queue_up(&self) -> Result<Step, BackpressureFull> {
        let may_wait = self.may_wait.load(Relaxed);
        let max_pending = self.max_pending.load(Relaxed);
        let entry = if may_wait {
            self.gate.enter_or_queue_among(max_pending)
        } else {
            self.gate.enter_or_queue(0)
        };
        match entry {
            Entry::Inside => {
                self.count(Count::Admitted);
                Ok(Step::Inside { has_place: true })
            }
            Entry::Queued(ticket) => {
                self.count(Count::Queued);
                Ok(Step::Queued(ticket))
            }
            Entry::Full if may_wait => Err(self.refused(BackpressureFull::NoRoom)),
            Entry::Full => Err(self.refused(BackpressureFull::Closed)),
        }
    }

    /// Whether there is a place inside to be given back; `None` when it is closed.
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

    /// Who would wait in earnest runs here, so all who are pending are inside.
    #[cold]
    fn enter_in_shadow(&self) {
        if self.gate.try_enter() {
            return;
        }
        let full = if !self.may_wait.load(Relaxed) {
            Some(BackpressureFull::Closed)
        } else if self.gate.inside() >= self.max_pending.load(Relaxed) {
            Some(BackpressureFull::NoRoom)
        } else {
            None
        };
        self.gate.enter_anyway();
        if let Some(full) = full {
            self.count(Count::WouldBeFull);
            self.tell(full);
        }
    }

    #[cold]
    fn refused(&self, full: BackpressureFull) -> BackpressureFull {
        self.count(Count::Full);
        self.tell(full);
        full
    }

    fn tell(&self, full: BackpressureFull) {
        if let Some(listener) = self.core.listener.get() {
            listener(&BackpressureEvent::Rejected { full });
        }
    }

    #[inline]
    fn count(&self, count: Count) {
        self.core.counters.add(count as usize);
    }

    /// State and numbers at this moment.
    pub fn snapshot(&self) -> PatternSnapshot {
        let count = |count: Count| self.core.counters.get(count as usize);
        let (in_use, waiting) = (self.gate.inside(), self.gate.waiting());
        let max_pending = self.max_pending.load(Relaxed);
        let pending = f64::from(in_use) + f64::from(waiting);
        let mut numbers = Numbers::default();
        numbers
            .counter("admitted", count(Count::Admitted))
            .counter("queued", count(Count::Queued))
            .counter("full", count(Count::Full))
            .counter("queue_timeout", count(Count::WaitedInVain))
            .counter("shadow_full", count(Count::WouldBeFull))
            .gauge("max_pending", f64::from(max_pending))
            .gauge("in_use", f64::from(in_use))
            .gauge("waiting", f64::from(waiting))
            .gauge("utilization_ratio", pending / f64::from(max_pending));
        let state = if self.is_closed() { "closed" } else { "open" };
        numbers.into_snapshot(
            PatternKind::Backpressure,
            self.name(),
            self.core.mode().as_str(),
            state,
        )
    }
}
