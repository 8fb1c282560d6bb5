//! The last few samples, none older than a minute.

use std::collections::VecDeque;

use crate::clock::Nanos;

/// Samples count for a minute: a service without traffic is a service without backpressure.
const LIFETIME: Nanos = 60_000_000_000;

/// Samples in the order in which they came, with their sum, and how many exceed a limit.
///
/// Adding one costs the same however many there are.
#[derive(Debug)]
pub(super) struct Window {
    samples: VecDeque<(Nanos, u64)>,
    size: usize,
    sum: u64,
    limit: u64,
    above: usize,
}

impl Window {
    pub(super) fn new(size: usize, limit: u64) -> Self {
        Self {
            samples: VecDeque::with_capacity(size),
            size,
            sum: 0,
            limit,
            above: 0,
        }
    }

    /// Adds a sample; the oldest gives way when there are too many.
    pub(super) fn push(&mut self, now: Nanos, value: u64) {
        if self.samples.len() == self.size {
            self.pop();
        }
        self.samples.push_back((now, value));
        self.sum += value;
        self.above += usize::from(value > self.limit);
    }

    /// Forgets the samples that are too old.
    pub(super) fn expire(&mut self, now: Nanos) {
        while self.expires_at().is_some_and(|at| at <= now) {
            self.pop();
        }
    }

    /// When the oldest sample will be too old.
    pub(super) fn expires_at(&self) -> Option<Nanos> {
        self.samples.front().map(|(at, _)| at + LIFETIME)
    }

    fn pop(&mut self) {
        if let Some((_, value)) = self.samples.pop_front() {
            self.sum -= value;
            self.above -= usize::from(value > self.limit);
        }
    }

    pub(super) fn resize(&mut self, size: usize) {
        while self.samples.len() > size {
            self.pop();
        }
        self.samples.reserve_exact(size - self.samples.len());
        self.size = size;
    }

    /// Counts anew how many samples exceed the limit.
    pub(super) fn set_limit(&mut self, limit: u64) {
        self.limit = limit;
        self.above = self
            .samples
            .iter()
            .filter(|(_, value)| *value > limit)
            .count();
    }

    /// The mean of the samples, and the share of them that exceed the limit.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a mean need not be exact beyond 2^53"
    )]
    pub(super) fn mean_and_share_above(&self) -> Option<(f64, f64)> {
        (!self.samples.is_empty()).then(|| {
            let per_sample = 1.0 / self.samples.len() as f64;
            (self.sum as f64 * per_sample, self.above as f64 * per_sample)
        })
    }

    /// The value that 95 % of the samples do not exceed. Sorts a copy in `scratch`.
    pub(super) fn p95(&self, scratch: &mut Vec<u64>) -> Option<u64> {
        scratch.clear();
        scratch.extend(self.samples.iter().map(|(_, value)| *value));
        let rank = (scratch.len() * 95).div_ceil(100).checked_sub(1)?;
        Some(*scratch.select_nth_unstable(rank).1)
    }
}
