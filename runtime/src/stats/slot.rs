//! A small number for each running thread, so that threads can count without sharing.

use std::cell::Cell;
use std::sync::LazyLock;

use super::slots::Slots;
use crate::sync::AtomicU64;

/// The most threads that have a slot of their own.
const MAX: usize = 32;

static SLOTS: Slots = Slots::new(AtomicU64::new(0));

/// Slots in use by this process: one per core for tokio's workers, and one for `main`.
static COUNT: LazyLock<usize> = LazyLock::new(|| {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    (cores + 1).min(MAX)
});

struct Slot(usize);

impl Slot {
    fn claim() -> Self {
        Self(SLOTS.claim(count()).unwrap_or(NONE))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        // What this thread counts from now on, in other destructors, is counted as shared.
        CURRENT.set(NONE);
        if self.0 < MAX {
            SLOTS.give_back(self.0);
        }
    }
}

/// The thread has not asked for a slot yet.
const UNKNOWN: usize = usize::MAX;
/// There was none for the thread.
const NONE: usize = usize::MAX - 1;

thread_local! {
    /// A copy of the slot's number that is read without asking whether it was initialized.
    static CURRENT: Cell<usize> = const { Cell::new(UNKNOWN) };
    static OWNED: Slot = Slot::claim();
}

/// How many slots there are.
pub(super) fn count() -> usize {
    *COUNT
}

/// The slot of this thread, in which no other thread counts. A number out of range when it is
/// not known yet, or there is none.
#[inline]
pub(super) fn current() -> usize {
    CURRENT.get()
}

/// The slot of a thread whose number was out of range; takes one if it has not tried yet.
#[cold]
pub(super) fn claim() -> Option<usize> {
    if CURRENT.get() == UNKNOWN {
        CURRENT.set(OWNED.try_with(|slot| slot.0).unwrap_or(NONE));
    }
    Some(CURRENT.get()).filter(|slot| *slot < MAX)
}
