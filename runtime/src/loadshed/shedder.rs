use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::system::{SystemLoad, Watch, hundredths};
use super::{
    LoadShed, LoadShedConfig, LoadShedError, LoadShedEvent, LoadShedPermit, LoadShedReason,
    OwnedLoadShedPermit, Priority, QueuedItem,
};
use crate::core::Core;
use crate::gate::Gate;
use crate::listener::Listener;
use crate::registry::{Numbers, PatternKind, PatternSnapshot};
use crate::{ConfigError, Mode};

/// When it is worth trying again where nobody can know it.
const SOON: Duration = Duration::from_secs(1);

/// A limit or a threshold that is not set: nothing reaches it.
const NONE: u32 = u32::MAX;

/// Refuses calls while there is too much to do; see the [module](super).
///
/// All methods take `&self`; share it behind an [`Arc`]. A call reads a few atomics and changes
/// one.
#[derive(Debug)]
pub struct LoadShedder {
    core: Core<LoadShedConfig, dyn Fn(&LoadShedEvent) + Send + Sync>,
    gate: Gate,
    limits: Limits,
    queue: Queue,
    system: Arc<SystemLoad>,
    /// Keeps the load of the system measured while somebody wants to know it.
    watch: Mutex<Option<Watch>>,
}

/// The part of the configuration that calls read.
#[derive(Debug)]
struct Limits {
    /// Whether any of the following may refuse a call, so that one without them reads this alone.
    are_set: AtomicBool,
    max_queue_depth: AtomicU32,
    /// Thresholds in hundredths of a percent.
    cpu: AtomicU32,
    memory: AtomicU32,
    is_high: AtomicBool,
}

/// How much waits.
#[derive(Debug, Default)]
struct Queue {
    /// What was told one by one.
    tracked: AtomicU64,
    probe: Listener<dyn Fn() -> u64 + Send + Sync>,
}

crate::core::config!(LoadShedConfig, Mode);
crate::registry::pattern::pattern!(LoadShedder, LoadShed);

/// What is counted.
#[derive(Clone, Copy)]
enum Count {
    Admitted,
    Requests,
    QueueDepth,
    Cpu,
    Memory,
    WouldShed,
}

impl From<LoadShedReason> for Count {
    fn from(reason: LoadShedReason) -> Self {
        match reason {
            LoadShedReason::Requests => Self::Requests,
            LoadShedReason::QueueDepth => Self::QueueDepth,
            LoadShedReason::Cpu => Self::Cpu,
            LoadShedReason::Memory => Self::Memory,
        }
    }
}

impl Limits {
    fn new(config: &LoadShedConfig) -> Self {
        let limits = Self {
            are_set: AtomicBool::new(false),
            max_queue_depth: AtomicU32::new(NONE),
            cpu: AtomicU32::new(NONE),
            memory: AtomicU32::new(NONE),
            is_high: AtomicBool::new(false),
        };
        limits.set(config);
        limits
    }

    fn set(&self, config: &LoadShedConfig) {
        let threshold = |percent: Option<f64>| percent.map_or(NONE, hundredths);
        self.max_queue_depth
            .store(config.max_queue_depth.unwrap_or(NONE), Relaxed);
        self.cpu.store(threshold(config.cpu_threshold), Relaxed);
        self.memory
            .store(threshold(config.memory_threshold), Relaxed);
        self.is_high
            .store(config.priority == Priority::High, Relaxed);
        let are_set = config.max_queue_depth.is_some() || config.looks_at_the_system();
        self.are_set.store(are_set, Relaxed);
    }
}

impl LoadShedder {
    /// A load shedder of this name, with nobody inside.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range.
    pub fn new(name: impl Into<String>, config: LoadShedConfig) -> Result<Self, ConfigError> {
        Self::with_system(name, config, SystemLoad::shared())
    }

    /// A load shedder that looks at this system in place of the one that it runs on.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range.
    pub fn with_system(
        name: impl Into<String>,
        config: LoadShedConfig,
        system: Arc<SystemLoad>,
    ) -> Result<Self, ConfigError> {
        config.validate()?;
        let watch = config.looks_at_the_system().then(|| system.watch());
        Ok(Self {
            gate: Gate::new(config.max_requests),
            limits: Limits::new(&config),
            queue: Queue::default(),
            system,
            watch: Mutex::new(watch),
            core: Core::new(name, config)?,
        })
    }

    /// The name.
    pub fn name(&self) -> &str {
        self.core.name()
    }

    /// The configuration in force.
    pub fn config(&self) -> LoadShedConfig {
        (*self.core.config()).clone()
    }

    /// Replaces the configuration while calls are running; nobody who is inside is thrown out.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range; the old one stays in force.
    pub fn reconfigure(&self, config: LoadShedConfig) -> Result<(), ConfigError> {
        self.core.set(config, |config| {
            self.gate.set_limit(config.max_requests);
            self.limits.set(config);
            let mut watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
            if !config.looks_at_the_system() {
                *watch = None;
            } else if watch.is_none() {
                *watch = Some(self.system.watch());
            }
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

    /// Does nothing: it remembers only what is there.
    pub fn reset(&self) {}

    /// Lets the counts of its [`snapshot`](Self::snapshot) begin from zero.
    pub fn forget_counts(&self) {
        self.core.counters.forget();
    }

    /// Tells the listener of every refusal from now on.
    ///
    /// It is called on the task that caused the event, so it must not block. There is one
    /// listener; the first to come stays, and `false` tells the others.
    pub fn on_event(&self, listener: impl Fn(&LoadShedEvent) + Send + Sync + 'static) -> bool {
        self.core.listener.set(Box::new(listener))
    }

    /// How many calls are running.
    pub fn in_use(&self) -> u32 {
        self.gate.inside()
    }

    /// Asks this function for the depth of the queue, with each call while `max_queue_depth` is
    /// set: it must be quick. The first one to be told stays, and `false` tells the others.
    pub fn probe_queue(&self, depth: impl Fn() -> u64 + Send + Sync + 'static) -> bool {
        self.queue.probe.set(Box::new(depth))
    }

    /// Counts one more in the queue, until the item is dropped.
    pub fn queued(self: &Arc<Self>) -> QueuedItem {
        self.queue.tracked.fetch_add(1, Relaxed);
        QueuedItem::new(Arc::clone(self))
    }

    /// How much waits: what was counted one by one, and what the probe says.
    pub fn queue_depth(&self) -> u64 {
        let probed = self.queue.probe.get().map_or(0, |depth| depth());
        self.queue.tracked.load(Relaxed).saturating_add(probed)
    }

    /// Leave to make a call of the configured priority.
    ///
    /// # Errors
    ///
    /// When the load is too high.
    #[inline]
    pub fn acquire(&self) -> Result<LoadShedPermit<&Self>, LoadShed> {
        Ok(LoadShedPermit::new(self, self.admit(None)?))
    }

    /// Leave to make a call of this priority.
    ///
    /// # Errors
    ///
    /// When the load is too high for it.
    #[inline]
    pub fn acquire_as(&self, priority: Priority) -> Result<LoadShedPermit<&Self>, LoadShed> {
        Ok(LoadShedPermit::new(self, self.admit(Some(priority))?))
    }

    /// Leave to make a call of the configured priority, as a permit that keeps the load shedder
    /// alive.
    ///
    /// # Errors
    ///
    /// When the load is too high.
    #[inline]
    pub fn acquire_owned(self: &Arc<Self>) -> Result<OwnedLoadShedPermit, LoadShed> {
        Self::acquire_by(Arc::clone(self))
    }

    /// The same for whoever holds it.
    #[inline]
    pub(super) fn acquire_by<P>(this: P) -> Result<LoadShedPermit<P>, LoadShed>
    where
        P: Deref<Target = Self>,
    {
        let has_place = this.admit(None)?;
        Ok(LoadShedPermit::new(this, has_place))
    }

    /// Makes the call unless the load is too high.
    ///
    /// # Errors
    ///
    /// [`LoadShedError::Shed`] when it is, or the call's own error.
    #[inline]
    pub async fn call<F, Fut, T, E>(&self, f: F) -> Result<T, LoadShedError<E>>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        let _permit = self.acquire().map_err(LoadShedError::Shed)?;
        f().await.map_err(LoadShedError::Inner)
    }

    /// Whether there is a place inside to be given back. Without a priority the configured one counts.
    #[inline]
    pub(super) fn admit(&self, priority: Option<Priority>) -> Result<bool, LoadShed> {
        match self.core.mode() {
            Mode::Off => return Ok(false),
            Mode::Enforce => {
                if let Some(reason) = self.overload(priority) {
                    return Err(self.refused(reason));
                }
                if !self.gate.try_enter() {
                    return Err(self.refused(LoadShedReason::Requests));
                }
            }
            Mode::Shadow => self.enter_in_shadow(priority),
        }
        self.count(Count::Admitted);
        Ok(true)
    }

    /// What there is too much of, beside calls that are running.
    #[inline]
    fn overload(&self, priority: Option<Priority>) -> Option<LoadShedReason> {
        if self.limits.are_set.load(Relaxed) {
            self.measured_overload(priority)
        } else {
            None
        }
    }

    fn measured_overload(&self, priority: Option<Priority>) -> Option<LoadShedReason> {
        let is_high = match priority {
            Some(priority) => priority == Priority::High,
            None => self.limits.is_high.load(Relaxed),
        };
        if !is_high {
            if self.system.cpu_reaches(self.limits.cpu.load(Relaxed)) {
                return Some(LoadShedReason::Cpu);
            }
            if self.system.memory_reaches(self.limits.memory.load(Relaxed)) {
                return Some(LoadShedReason::Memory);
            }
        }
        let max_queue_depth = self.limits.max_queue_depth.load(Relaxed);
        (max_queue_depth != NONE && self.queue_depth() >= u64::from(max_queue_depth))
            .then_some(LoadShedReason::QueueDepth)
    }

    #[cold]
    fn enter_in_shadow(&self, priority: Option<Priority>) {
        let mut reason = self.overload(priority);
        if !self.gate.try_enter() {
            self.gate.enter_anyway();
            reason = reason.or(Some(LoadShedReason::Requests));
        }
        if let Some(reason) = reason {
            self.count(Count::WouldShed);
            self.tell(reason);
        }
    }

    #[cold]
    fn refused(&self, reason: LoadShedReason) -> LoadShed {
        self.count(reason.into());
        self.tell(reason)
    }

    fn tell(&self, reason: LoadShedReason) -> LoadShed {
        let retry_after = match reason {
            LoadShedReason::Cpu | LoadShedReason::Memory => self.system.next_sample(),
            LoadShedReason::Requests | LoadShedReason::QueueDepth => SOON,
        };
        let shed = LoadShed {
            reason,
            retry_after: Some(retry_after),
        };
        if let Some(listener) = self.core.listener.get() {
            listener(&LoadShedEvent::Rejected { shed });
        }
        shed
    }

    #[inline]
    pub(super) fn left(&self) {
        self.gate.leave();
    }

    pub(super) fn left_the_queue(&self) {
        self.queue.tracked.fetch_sub(1, Relaxed);
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
        numbers.counter("admitted", count(Count::Admitted));
        for reason in [
            LoadShedReason::Requests,
            LoadShedReason::QueueDepth,
            LoadShedReason::Cpu,
            LoadShedReason::Memory,
        ] {
            let labels = [("reason", reason.as_str())];
            numbers.labelled_counter("shed", &labels, count(reason.into()));
        }
        #[expect(clippy::cast_precision_loss, reason = "a depth is far from 2^53")]
        let queue_depth = self.queue_depth() as f64;
        numbers
            .counter("shadow_shed", count(Count::WouldShed))
            .counter("sampler_errors", self.system.errors())
            .gauge("max_requests", f64::from(limit))
            .gauge("in_use", f64::from(in_use))
            .gauge("queue_depth", queue_depth)
            .gauge("utilization_ratio", f64::from(in_use) / f64::from(limit));
        // What nobody measures is not known.
        for (name, percent) in [
            ("cpu_percent", self.system.cpu()),
            ("memory_percent", self.system.memory()),
        ] {
            if let Some(percent) = percent {
                numbers.gauge(name, percent);
            }
        }
        let is_shedding = in_use >= limit || self.overload(None).is_some();
        let state = if is_shedding { "shedding" } else { "available" };
        numbers.into_snapshot(
            PatternKind::LoadShed,
            self.name(),
            self.core.mode().as_str(),
            state,
        )
    }
}
