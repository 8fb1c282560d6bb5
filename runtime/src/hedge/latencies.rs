//! How long calls take, as far as a delay needs to know it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::Nanos;

/// The last calls that are looked at.
const SIZE: usize = 128;
/// With fewer of them a percentile says nothing.
pub(super) const ENOUGH: usize = 20;
/// Calls count for a minute: what was slow yesterday need not be slow today.
const LIFETIME: Nanos = 60_000_000_000;
/// What was found counts for so many further calls, and for a second.
const CALLS_BETWEEN_LOOKS: usize = 64;
const TIME_BETWEEN_LOOKS: Nanos = 1_000_000_000;
/// The least that a timer can wait. A delay of nothing would double every call.
const LEAST: Nanos = 1_000_000;

/// The last latencies, and a percentile of them.
///
/// To add one costs a short lock. Only who needs the percentile, because a call was found pending,
/// looks at all of them, and not every time.
#[derive(Debug)]
pub(super) struct Latencies(Mutex<Window>);

impl Latencies {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Window::new()))
    }

    /// Adds the latency of a call that ended now. It is left out when the lock is taken: a
    /// percentile needs a sample, not everything.
    pub(super) fn record(&self, now: Nanos, latency: Nanos) {
        if let Ok(mut window) = self.0.try_lock() {
            window.push(now, latency);
        }
    }

    /// The percentile, unless too few calls were seen in the last minute.
    pub(super) fn percentile(&self, now: Nanos, percentile: u8) -> Option<Duration> {
        self.lock().percentile(now, percentile)
    }

    /// Forgets everything.
    pub(super) fn forget(&self) {
        *self.lock() = Window::new();
    }

    fn lock(&self) -> MutexGuard<'_, Window> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug)]
struct Window {
    /// When each ended, and how long it took.
    samples: Vec<(Nanos, Nanos)>,
    /// The place of the oldest, once all places are taken.
    oldest: usize,
    /// What was found at the last look.
    look: Option<Look>,
    /// How many came since then.
    unseen: usize,
}

#[derive(Clone, Copy, Debug)]
struct Look {
    at: Nanos,
    percentile: u8,
    found: Nanos,
}

impl Window {
    fn new() -> Self {
        Self {
            samples: Vec::with_capacity(SIZE),
            oldest: 0,
            look: None,
            unseen: 0,
        }
    }

    /// Adds one in place of the oldest.
    fn push(&mut self, now: Nanos, latency: Nanos) {
        if self.samples.len() < SIZE {
            self.samples.push((now, latency));
        } else {
            self.samples[self.oldest] = (now, latency);
            self.oldest = (self.oldest + 1) % SIZE;
        }
        self.unseen += 1;
    }

    fn percentile(&mut self, now: Nanos, percentile: u8) -> Option<Duration> {
        let counts = |look: &Look| {
            look.percentile == percentile
                && now.saturating_sub(look.at) < TIME_BETWEEN_LOOKS
                && self.unseen < CALLS_BETWEEN_LOOKS
        };
        if !self.look.as_ref().is_some_and(counts) {
            self.look = self.find(now, percentile).map(|found| Look {
                at: now,
                percentile,
                found: found.max(LEAST),
            });
            self.unseen = 0;
        }
        self.look.map(|look| Duration::from_nanos(look.found))
    }

    fn find(&self, now: Nanos, percentile: u8) -> Option<Nanos> {
        let mut young = [0; SIZE];
        let mut count = 0;
        for (at, latency) in &self.samples {
            if now.saturating_sub(*at) < LIFETIME {
                young[count] = *latency;
                count += 1;
            }
        }
        (count >= ENOUGH).then(|| nearest_rank(&mut young[..count], percentile))
    }
}

/// The least value that so many percent of the values do not exceed. There is at least one.
pub(super) fn nearest_rank(values: &mut [Nanos], percentile: u8) -> Nanos {
    let rank = (values.len() * usize::from(percentile)).div_ceil(100);
    *values.select_nth_unstable(rank.max(1) - 1).1
}
