//! A small number for each running thread, so that threads can count without sharing.

use std::cell::Cell;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// The most threads that have a slot of their own.
const MAX: usize = 32;

/// One bit per slot that is taken.
static TAKEN: AtomicU64 = AtomicU64::new(0);

/// Slots in use by this process: one per core for tokio's workers, and one for `main`.
static COUNT: LazyLock<usize> = LazyLock::new(|| {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    (cores + 1).min(MAX)
});

struct Slot(usize);

impl Slot {
    fn claim() -> Self {
        let mut taken = TAKEN.load(Ordering::Relaxed);
        loop {
            let lowest_free = taken.trailing_ones() as usize;
            if lowest_free >= count() {
                return Self(usize::MAX);
            }
            // Acquire: what the last owner counted comes before what this thread counts.
            match TAKEN.compare_exchange_weak(
                taken,
                taken | 1 << lowest_free,
                Ordering::Acquire,
                Ordering::Relaxed,
            ) {
                Ok(_) => return Self(lowest_free),
                Err(now) => taken = now,
            }
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        // What this thread counts from now on, in other destructors, is counted as shared.
        let _ = CURRENT.try_with(|current| current.set(Some(usize::MAX)));
        if self.0 < MAX {
            TAKEN.fetch_and(!(1 << self.0), Ordering::Release);
        }
    }
}

thread_local! {
    /// A copy of the slot's number that is read without asking whether it was initialized.
    static CURRENT: Cell<Option<usize>> = const { Cell::new(None) };
    static OWNED: Slot = Slot::claim();
}

/// How many slots there are.
pub(super) fn count() -> usize {
    *COUNT
}

/// The slot of this thread, in which no other thread counts; a number out of range when it has
/// none.
#[inline]
pub(super) fn current() -> usize {
    CURRENT.with(|current| current.get().unwrap_or_else(|| claim(current)))
}

#[cold]
fn claim(current: &Cell<Option<usize>>) -> usize {
    let slot = OWNED.try_with(|slot| slot.0).unwrap_or(usize::MAX);
    current.set(Some(slot));
    slot
}
