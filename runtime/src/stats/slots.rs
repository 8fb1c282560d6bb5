use crate::sync::{AtomicU64, Ordering};

/// Numbers that are had by one thread at a time: a bit for each that is taken.
#[derive(Debug)]
pub(crate) struct Slots(AtomicU64);

impl Slots {
    /// None of them is taken where `taken` is zero.
    pub(crate) const fn new(taken: AtomicU64) -> Self {
        Self(taken)
    }

    /// The lowest that nobody has, of so many.
    pub(crate) fn claim(&self, count: usize) -> Option<usize> {
        let mut taken = self.0.load(Ordering::Relaxed);
        loop {
            let lowest_free = taken.trailing_ones() as usize;
            if lowest_free >= count {
                return None;
            }
            // Acquire: what the last owner counted comes before what this thread counts.
            match self.0.compare_exchange_weak(
                taken,
                taken | 1 << lowest_free,
                Ordering::Acquire,
                Ordering::Relaxed,
            ) {
                Ok(_) => return Some(lowest_free),
                Err(now) => taken = now,
            }
        }
    }

    /// Lets others have it again.
    pub(crate) fn give_back(&self, slot: usize) {
        // Release: see `claim`.
        self.0.fetch_and(!(1 << slot), Ordering::Release);
    }
}
