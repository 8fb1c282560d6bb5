//! How long calls take, as far as a delay needs to know it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use crate::clock::Nanos;

/// The last calls that are looked at.
const SIZE: usize = 128;
/// With fewer of them a percentile says nothing.
pub(super) const ENOUGH: usize = 20;
/// So many calls go by between two looks.
const BETWEEN_LOOKS: usize = 16;
/// Calls count for a minute: what was slow yesterday need not be slow today.
const LIFETIME: Nanos = 60_000_000_000;
/// The least that a timer can wait. A delay of nothing would double every call.
const LEAST: Nanos = 1_000_000;

/// The last latencies, and a percentile of them.
///
/// A call that finds the lock taken is not counted: a percentile needs a sample, not everything.
#[derive(Debug)]
pub(super) struct Latencies {
    window: Mutex<Window>,
    /// The percentile at the last look; zero while there was none.
    found: AtomicU64,
    found_at: AtomicU64,
}

impl Latencies {
    pub(super) fn new() -> Self {
        Self {
            window: Mutex::new(Window::new()),
            found: AtomicU64::new(0),
            found_at: AtomicU64::new(0),
        }
    }

    /// Adds the latency of a call that ended now.
    pub(super) fn record(&self, now: Nanos, latency: Nanos, percentile: u8) {
        let Ok(mut window) = self.window.try_lock() else {
            return;
        };
        if window.push(now, latency)
            && let Some(found) = window.percentile(now, percentile)
        {
            self.found.store(found.max(LEAST), Relaxed);
            self.found_at.store(now, Relaxed);
        }
    }

    /// The percentile, unless too few calls were seen in the last minute.
    pub(super) fn percentile(&self, now: Nanos) -> Option<Duration> {
        let found = self.found.load(Relaxed);
        let age = now.saturating_sub(self.found_at.load(Relaxed));
        (found != 0 && age < LIFETIME).then(|| Duration::from_nanos(found))
    }

    /// Forgets everything.
    pub(super) fn forget(&self) {
        // A call that records just now may add one sample to the new window.
        let mut window = self
            .window
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        *window = Window::new();
        self.found.store(0, Relaxed);
    }
}

#[derive(Debug)]
struct Window {
    /// When each ended, and how long it took.
    samples: Vec<(Nanos, Nanos)>,
    /// The place of the oldest, once all places are taken.
    oldest: usize,
    /// How many came since the last look.
    unseen: usize,
}

impl Window {
    fn new() -> Self {
        Self {
            samples: Vec::with_capacity(SIZE),
            oldest: 0,
            unseen: 0,
        }
    }

    /// Adds one in place of the oldest; whether it is time for a look.
    fn push(&mut self, now: Nanos, latency: Nanos) -> bool {
        if self.samples.len() < SIZE {
            self.samples.push((now, latency));
        } else {
            self.samples[self.oldest] = (now, latency);
            self.oldest = (self.oldest + 1) % SIZE;
        }
        self.unseen += 1;
        let is_time = self.unseen >= BETWEEN_LOOKS || self.samples.len() == ENOUGH;
        if is_time {
            self.unseen = 0;
        }
        is_time
    }

    fn percentile(&self, now: Nanos, percentile: u8) -> Option<Nanos> {
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
