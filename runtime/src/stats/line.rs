use crate::sync::{AtomicU64, Ordering};

/// The counters of one pattern that fit a cache line.
const PER_LINE: usize = 8;

/// What one thread counted: a cache line that no other thread writes.
#[derive(Debug, Default)]
#[repr(align(64))]
pub(crate) struct Line([AtomicU64; PER_LINE]);

impl Line {
    /// For the one thread whose line it is.
    #[inline]
    pub(crate) fn add(&self, counter: usize) {
        let cell = &self.0[counter];
        cell.store(
            cell.load(Ordering::Relaxed).wrapping_add(1),
            Ordering::Relaxed,
        );
    }

    /// For threads that share it.
    pub(crate) fn add_among_others(&self, counter: usize) {
        self.0[counter].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn get(&self, counter: usize) -> u64 {
        self.0[counter].load(Ordering::Relaxed)
    }

    /// Notes for each counter what it is by this.
    pub(crate) fn set(&self, value: impl Fn(usize) -> u64) {
        for (counter, cell) in self.0.iter().enumerate() {
            cell.store(value(counter), Ordering::Relaxed);
        }
    }
}
