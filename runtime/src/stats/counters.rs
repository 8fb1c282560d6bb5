//! Counters that many threads add to and few read.

use std::sync::atomic::{AtomicU64, Ordering};

use super::slot;

/// The counters of one pattern that fit a cache line.
const PER_LINE: usize = 8;

/// What one thread counted: a cache line that no other thread writes.
#[derive(Debug, Default)]
#[repr(align(64))]
struct Line([AtomicU64; PER_LINE]);

impl Line {
    /// For the one thread whose line it is.
    #[inline]
    fn add(&self, counter: usize) {
        let cell = &self.0[counter];
        cell.store(
            cell.load(Ordering::Relaxed).wrapping_add(1),
            Ordering::Relaxed,
        );
    }
}

/// Up to eight counters, each the sum of what every thread has counted.
///
/// A thread with a slot of its own counts with a plain load and store, as no other writes there;
/// the other threads share one line and add atomically. All is relaxed: a counter tells how
/// often, never that something else has happened.
#[derive(Debug)]
pub(crate) struct Counters {
    /// A line for each slot.
    own: Box<[Line]>,
    /// For the threads that have none.
    shared: Line,
    /// What had been counted when the counts were last forgotten. Only the owner of a line may
    /// write it, so it cannot be set back.
    forgotten: Line,
}

impl Counters {
    pub(crate) fn new() -> Self {
        Self {
            own: (0..slot::count()).map(|_| Line::default()).collect(),
            shared: Line::default(),
            forgotten: Line::default(),
        }
    }

    #[inline]
    pub(crate) fn add(&self, counter: usize) {
        match self.own.get(slot::current()) {
            Some(line) => line.add(counter),
            None => self.add_elsewhere(counter),
        }
    }

    #[cold]
    fn add_elsewhere(&self, counter: usize) {
        match slot::claim() {
            Some(slot) => self.own[slot].add(counter),
            None => {
                self.shared.0[counter].fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// The sum over all threads, since it was last forgotten.
    pub(crate) fn get(&self, counter: usize) -> u64 {
        let forgotten = self.forgotten.0[counter].load(Ordering::Relaxed);
        self.sum(counter).wrapping_sub(forgotten)
    }

    /// Lets every counter begin from zero.
    pub(crate) fn forget(&self) {
        for (counter, forgotten) in self.forgotten.0.iter().enumerate() {
            forgotten.store(self.sum(counter), Ordering::Relaxed);
        }
    }

    fn sum(&self, counter: usize) -> u64 {
        self.own
            .iter()
            .chain([&self.shared])
            .map(|line| line.0[counter].load(Ordering::Relaxed))
            .fold(0, u64::wrapping_add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loses_nothing_with_more_threads_than_slots() {
        let counters = Counters::new();
        // Twice, so that the second half finds the slots of the first given back.
        for _ in 0..2 {
            std::thread::scope(|scope| {
                for _ in 0..40 {
                    scope.spawn(|| (0..1000).for_each(|_| counters.add(3)));
                }
            });
        }
        assert_eq!(counters.get(3), 80_000);
        assert_eq!(counters.get(0), 0);
    }

    #[test]
    fn begins_again_from_zero() {
        let counters = Counters::new();
        counters.add(1);
        counters.forget();
        assert_eq!(counters.get(1), 0);
        counters.add(1);
        assert_eq!(counters.get(1), 1);
    }
}
