//! Counters that many threads add to and few read.

use super::line::Line;
use super::slot;

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
            None => self.shared.add_among_others(counter),
        }
    }

    /// The sum over all threads, since it was last forgotten.
    pub(crate) fn get(&self, counter: usize) -> u64 {
        self.sum(counter).wrapping_sub(self.forgotten.get(counter))
    }

    /// Lets every counter begin from zero.
    pub(crate) fn forget(&self) {
        self.forgotten.set(|counter| self.sum(counter));
    }

    fn sum(&self, counter: usize) -> u64 {
        self.own
            .iter()
            .chain([&self.shared])
            .map(|line| line.get(counter))
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
