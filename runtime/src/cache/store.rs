use std::fmt;
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use moka::sync::Cache as Entries;

use super::entry::{Entry, Found, Times};
use super::flights::Flights;
use super::{CacheConfig, CacheEvent, CacheState, Cached};
use crate::clock::Clock;
use crate::core::Core;
use crate::registry::{Numbers, PatternKind, PatternSnapshot};
use crate::{ConfigError, Mode};

/// What may be the key of an answer.
pub trait CacheKey: Hash + Eq + Clone + Send + Sync + 'static {}

impl<K: Hash + Eq + Clone + Send + Sync + 'static> CacheKey for K {}

/// What may be kept. It is cloned for everybody who gets it: put what is large into an [`Arc`].
pub trait CacheValue: Clone + Send + Sync + 'static {}

impl<V: Clone + Send + Sync + 'static> CacheValue for V {}

/// What all answers together may weigh. One weighs this divided by `max_size`, so that the size
/// can be another one without losing what is kept.
const CAPACITY: u32 = u32::MAX;

/// Keeps answers `V`, and failures `E` if it is told to, by keys `K`; see the [module](super).
///
/// A clone is the same cache.
pub struct Cache<K, V, E> {
    pub(super) inner: Arc<Inner<K, V, E>>,
}

pub(super) struct Inner<K, V, E> {
    pub(super) core: Core<CacheConfig, dyn Fn(&CacheEvent) + Send + Sync>,
    pub(super) times: Times,
    /// What one answer weighs.
    weight: Arc<AtomicU32>,
    /// Written while the flights are locked.
    entries: Entries<K, Entry<V, E>>,
    pub(super) flights: Arc<Flights<K, V, E>>,
    clock: Clock,
}

crate::core::config!(CacheConfig, Mode);
crate::registry::pattern::pattern!([K: CacheKey, V: CacheValue, E: CacheValue] Cache<K, V, E>, Cache);

/// What is counted.
#[derive(Clone, Copy)]
pub(super) enum Count {
    Hit,
    Miss,
    Stale,
    StaleOnError,
    FailureHit,
    Joined,
    Set,
    Failure,
}

impl<K, V, E> Clone for Cache<K, V, E> {
    fn clone(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
        }
    }
}

impl<K, V, E> fmt::Debug for Cache<K, V, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache")
            .field("core", &self.inner.core)
            .finish_non_exhaustive()
    }
}

impl<K: CacheKey, V: CacheValue, E: CacheValue> Cache<K, V, E> {
    /// A cache of this name with nothing in it.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range.
    pub fn new(name: impl Into<String>, config: CacheConfig) -> Result<Self, ConfigError> {
        config.validate()?;
        let weight = Arc::new(AtomicU32::new(CAPACITY / config.max_size));
        let of_each = Arc::clone(&weight);
        let entries = Entries::builder()
            .max_capacity(CAPACITY.into())
            .weigher(move |_, _| of_each.load(Relaxed))
            .build();
        Ok(Self {
            inner: Arc::new(Inner {
                times: Times::new(&config),
                core: Core::new(name, config)?,
                weight,
                entries,
                flights: Arc::new(Flights::new()),
                clock: Clock::start(),
            }),
        })
    }

    /// The name.
    pub fn name(&self) -> &str {
        self.inner.core.name()
    }

    /// The configuration in force.
    pub fn config(&self) -> CacheConfig {
        (*self.inner.core.config()).clone()
    }

    /// The same for those who look at it with every call.
    #[cfg(feature = "service")]
    pub(crate) fn settings(&self) -> Arc<CacheConfig> {
        self.inner.core.config()
    }

    /// Replaces the configuration while it is in use. What is kept stays, and is judged by the
    /// new durations; with a smaller `max_size` the least used is given up.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range; the old one stays in force.
    pub fn reconfigure(&self, config: CacheConfig) -> Result<(), ConfigError> {
        let inner = &self.inner;
        inner.core.set(config, |config| {
            inner.times.set(config);
            let weight = CAPACITY / config.max_size;
            if inner.weight.swap(weight, Relaxed) != weight {
                inner.weigh_again();
            }
        })
    }

    /// Switches the mode, and nothing else.
    pub fn set_mode(&self, mode: Mode) {
        self.inner.core.set_mode(mode);
    }

    /// Whether it is switched on.
    pub fn is_enabled(&self) -> bool {
        self.inner.core.is_enabled()
    }

    /// Switches it off, or on again with the configuration that it had.
    pub fn set_enabled(&self, enabled: bool) {
        self.inner.core.set_enabled(enabled);
    }

    /// Forgets everything, and keeps nothing of what is on its way.
    pub fn reset(&self) {
        let mut table = self.inner.flights.lock();
        table.forget_all();
        for (key, _) in &self.inner.entries {
            self.inner.entries.invalidate(&*key);
        }
    }

    /// Lets the counts of its [`snapshot`](Self::snapshot) begin from zero.
    pub fn forget_counts(&self) {
        self.inner.core.counters.forget();
    }

    /// Tells the listener of every old answer that is given in place of a failure from now on.
    ///
    /// It is called on the task that caused the event, so it must not block. There is one
    /// listener; the first to come stays, and `false` tells the others.
    pub fn on_event(&self, listener: impl Fn(&CacheEvent) + Send + Sync + 'static) -> bool {
        self.inner.core.listener.set(Box::new(listener))
    }

    /// How many keys something is kept for.
    pub fn size(&self) -> u64 {
        self.inner.entries.run_pending_tasks();
        self.inner.entries.entry_count()
    }

    /// The answer that is kept for a key, if it is within its `ttl`.
    #[inline]
    pub fn get(&self, key: &K) -> Option<Cached<V>> {
        match self.inner.look_up(key) {
            Found::Fresh(value, age) if self.inner.core.mode() == Mode::Enforce => {
                self.inner.count(Count::Hit);
                Some(Cached::new(value, age, CacheState::Hit))
            }
            _ => None,
        }
    }

    /// The last answer of a key, however old it is, and whatever the mode. Counts nothing.
    pub fn last(&self, key: &K) -> Option<Cached<V>> {
        let (value, at) = self.inner.entries.get(key)?.answer?;
        let age = Duration::from_nanos(self.inner.clock.now().saturating_sub(at));
        Some(Cached::new(value, age, CacheState::Stale))
    }

    /// Keeps an answer that was come by elsewhere.
    pub fn insert(&self, key: K, value: V) {
        let _table = self.inner.flights.lock();
        self.inner.keep(key, value);
    }

    /// Forgets what is kept for a key, and keeps nothing of what is on its way to it: who asks
    /// from now on gets an answer to a call that was made after this.
    pub fn invalidate(&self, key: &K) {
        let mut table = self.inner.flights.lock();
        table.forget(key);
        self.inner.entries.invalidate(key);
    }

    /// State and numbers at this moment.
    pub fn snapshot(&self) -> PatternSnapshot {
        let core = &self.inner.core;
        let count = |count: Count| core.counters.get(count as usize);
        let max_size = core.config().max_size;
        #[expect(clippy::cast_precision_loss, reason = "at most ten million")]
        let size = self.size() as f64;
        let mut numbers = Numbers::default();
        numbers
            .counter("hit", count(Count::Hit))
            .counter("miss", count(Count::Miss))
            .counter("stale", count(Count::Stale))
            .counter("stale_on_error", count(Count::StaleOnError))
            .counter("failure_hit", count(Count::FailureHit))
            .counter("joined", count(Count::Joined))
            .counter("set", count(Count::Set))
            .counter("failure", count(Count::Failure))
            .gauge("size", size)
            .gauge("max_size", f64::from(max_size))
            .gauge("utilization_ratio", size / f64::from(max_size));
        let mode = core.mode().as_str();
        numbers.into_snapshot(PatternKind::Cache, self.name(), mode, "ready")
    }
}

impl<K: CacheKey, V: CacheValue, E: CacheValue> Inner<K, V, E> {
    #[inline]
    pub(super) fn look_up(&self, key: &K) -> Found<V, E> {
        match self.entries.get(key) {
            Some(entry) => entry.judge(self.clock.now(), &self.times),
            None => Found::Nothing,
        }
    }

    /// What a caller is told of the outcome of a call.
    pub(super) fn answer(&self, key: &K, outcome: Result<V, E>) -> Result<Cached<V>, E> {
        outcome.map(Cached::of_a_call).or_else(|failure| {
            let entry = self.entries.get(key);
            let old = entry.and_then(|entry| entry.for_failure(self.clock.now(), &self.times));
            old.map(|(value, age)| self.in_place(value, age))
                .ok_or(failure)
        })
    }

    /// An old answer in place of a failure.
    pub(super) fn in_place(&self, value: V, age: Duration) -> Cached<V> {
        self.count(Count::StaleOnError);
        if let Some(listener) = self.core.listener.get() {
            listener(&CacheEvent::ServedStale { age });
        }
        Cached::new(value, age, CacheState::Stale)
    }

    /// To be called while the flights are locked, as the next ones are.
    pub(super) fn keep(&self, key: K, value: V) {
        self.count(Count::Set);
        let entry = Entry {
            answer: Some((value, self.clock.now())),
            failure: None,
        };
        self.entries.insert(key, entry);
    }

    pub(super) fn keep_failure(&self, key: K, failure: E) {
        let answer = self.entries.get(&key).and_then(|entry| entry.answer);
        let entry = Entry {
            answer,
            failure: Some((failure, self.clock.now())),
        };
        self.entries.insert(key, entry);
    }

    /// What is kept weighs what it weighed when it was written.
    fn weigh_again(&self) {
        let _table = self.flights.lock();
        for (key, entry) in &self.entries {
            self.entries.insert((*key).clone(), entry);
        }
        self.entries.run_pending_tasks();
    }

    #[inline]
    pub(super) fn count(&self, count: Count) {
        self.core.counters.add(count as usize);
    }
}
