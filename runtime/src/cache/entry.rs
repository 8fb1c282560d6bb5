//! What is kept for a key, and what it is worth at a moment.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use super::CacheConfig;
use crate::clock::{Nanos, to_nanos};

/// The last answer of a key, and the last failure if it came after that.
#[derive(Clone, Debug)]
pub(super) struct Entry<V, E> {
    pub(super) answer: Option<(V, Nanos)>,
    pub(super) failure: Option<(E, Nanos)>,
}

/// What was found for a key.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Found<V, E> {
    Fresh(V, Duration),
    /// To be given away, and to be refreshed.
    Stale(V, Duration),
    /// To be given away in place of the failure that is kept.
    StaleForFailure(V, Duration),
    Failure(E),
    Nothing,
}

/// The durations of the configuration, for calls to read, in nanoseconds.
#[derive(Debug)]
pub(super) struct Times {
    ttl: AtomicU64,
    while_revalidate: AtomicU64,
    on_error: AtomicU64,
    error_ttl: AtomicU64,
}

impl Times {
    pub(super) fn new(config: &CacheConfig) -> Self {
        let times = Self {
            ttl: AtomicU64::new(0),
            while_revalidate: AtomicU64::new(0),
            on_error: AtomicU64::new(0),
            error_ttl: AtomicU64::new(0),
        };
        times.set(config);
        times
    }

    pub(super) fn set(&self, config: &CacheConfig) {
        let nanos = |duration: Option<Duration>| duration.map_or(0, to_nanos);
        self.ttl.store(to_nanos(config.ttl), Relaxed);
        self.while_revalidate
            .store(nanos(config.stale_while_revalidate), Relaxed);
        self.on_error.store(nanos(config.stale_on_error), Relaxed);
        self.error_ttl.store(nanos(config.error_ttl), Relaxed);
    }

    pub(super) fn keeps_failures(&self) -> bool {
        self.error_ttl.load(Relaxed) > 0
    }
}

impl<V, E> Entry<V, E> {
    /// What it is worth now.
    #[inline]
    pub(super) fn judge(self, now: Nanos, times: &Times) -> Found<V, E> {
        let Self { answer, failure } = self;
        let ttl = times.ttl.load(Relaxed);
        let answer = answer.map(|(value, at)| (value, now.saturating_sub(at)));
        let (value, age) = match answer {
            Some((value, age)) if age < ttl => {
                return Found::Fresh(value, Duration::from_nanos(age));
            }
            Some((value, age)) => (Some(value), age),
            None => (None, Nanos::MAX),
        };
        let is_within = |extra: &AtomicU64| age < ttl.saturating_add(extra.load(Relaxed));
        let error_ttl = times.error_ttl.load(Relaxed);
        let failure = failure.filter(|(_, at)| now.saturating_sub(*at) < error_ttl);
        let age = Duration::from_nanos(age);
        match (value, failure) {
            (Some(value), Some(_)) if is_within(&times.on_error) => {
                Found::StaleForFailure(value, age)
            }
            (_, Some((failure, _))) => Found::Failure(failure),
            (Some(value), None) if is_within(&times.while_revalidate) => Found::Stale(value, age),
            _ => Found::Nothing,
        }
    }

    /// The answer to be given in place of a failure that came just now.
    pub(super) fn for_failure(self, now: Nanos, times: &Times) -> Option<(V, Duration)> {
        let (value, at) = self.answer?;
        let age = now.saturating_sub(at);
        let longest = times
            .ttl
            .load(Relaxed)
            .saturating_add(times.on_error.load(Relaxed));
        (age < longest).then(|| (value, Duration::from_nanos(age)))
    }
}
