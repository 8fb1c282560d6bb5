//! A door with room for so many calls behind it, and a fair queue before it.
//!
//! How many calls are inside and how many wait stands in one atomic word:
//!
//! ```text
//!      64                      32                       0
//!      ┌────────────────────────┬────────────────────────┐
//!      │ waiting                │ inside                 │
//!      └────────────────────────┴────────────────────────┘
//! ```
//!
//! While nobody waits, coming and going is one compare-exchange each. Who has to wait takes the
//! lock of the queue, and so does who leaves while somebody waits: the place is handed to the one
//! who waits the longest, so that nobody who comes later can take it. The number of those who
//! wait changes under the lock alone. The limit may change at any time; when it shrinks, nobody
//! is thrown out, and places are not given again until there are few enough.

// Loom compiles this file once more, with its own atomics, which work inside of a model alone.
#[cfg(all(test, not(loom)))]
mod tests;

use std::collections::BTreeMap;
use std::task::{Context, Poll, Waker};

use crate::sync::{AtomicU32, AtomicU64, Mutex, MutexGuard, Ordering};

const WAITING_AT: u32 = 32;
const INSIDE: u64 = (1 << WAITING_AT) - 1;
const ONE_WAITS: u64 = 1 << WAITING_AT;

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct Gate {
    word: AtomicU64,
    limit: AtomicU32,
    queue: Mutex<Queue>,
}

/// Those who wait, in the order in which they came. Who is not in it any more was let in.
#[derive(Debug, Default)]
struct Queue {
    next: u64,
    wakers: BTreeMap<u64, Option<Waker>>,
}

/// A place in the queue.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ticket(u64);

/// What became of somebody who was ready to wait.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    Inside,
    Queued(Ticket),
    /// Too many wait already.
    Full,
}

impl Gate {
    pub(crate) fn new(limit: u32) -> Self {
        Self {
            word: AtomicU64::new(0),
            limit: AtomicU32::new(limit),
            queue: Mutex::new(Queue::default()),
        }
    }

    pub(crate) fn limit(&self) -> u32 {
        self.limit.load(Ordering::Relaxed)
    }

    /// How many are inside.
    pub(crate) fn inside(&self) -> u32 {
        (self.word.load(Ordering::Relaxed) & INSIDE) as u32
    }

    /// How many wait.
    pub(crate) fn waiting(&self) -> u32 {
        (self.word.load(Ordering::Relaxed) >> WAITING_AT) as u32
    }

    /// Enters if there is room and nobody waits for it.
    #[inline]
    pub(crate) fn try_enter(&self) -> bool {
        let limit = u64::from(self.limit.load(Ordering::Relaxed));
        let mut word = self.word.load(Ordering::Relaxed);
        // Somebody waits: the word is then larger than any limit.
        while word < limit {
            // Acquire, here and below: what was done inside before comes before what is done now.
            match self.word.compare_exchange_weak(
                word,
                word + 1,
                Ordering::Acquire,
                Ordering::Relaxed,
            ) {
                Ok(_) => return true,
                Err(changed) => word = changed,
            }
        }
        false
    }

    /// Enters whatever the limit is.
    pub(crate) fn enter_anyway(&self) {
        self.word.fetch_add(1, Ordering::Acquire);
    }

    /// Enters, or waits behind at most so many others.
    pub(crate) fn enter_or_queue(&self, max_waiting: u32) -> Entry {
        let mut queue = self.lock();
        let limit = u64::from(self.limit.load(Ordering::Relaxed));
        let mut word = self.word.load(Ordering::Relaxed);
        loop {
            let (next, entry) = if word < limit {
                (word + 1, Entry::Inside)
            } else if word >> WAITING_AT >= u64::from(max_waiting) {
                return Entry::Full;
            } else {
                (word + ONE_WAITS, Entry::Queued(Ticket(queue.next)))
            };
            match self
                .word
                .compare_exchange_weak(word, next, Ordering::Acquire, Ordering::Relaxed)
            {
                Ok(_) => {
                    if let Entry::Queued(Ticket(number)) = entry {
                        queue.next += 1;
                        queue.wakers.insert(number, None);
                    }
                    return entry;
                }
                Err(changed) => word = changed,
            }
        }
    }

    /// Whether somebody who waits was let in.
    pub(crate) fn poll(&self, ticket: &Ticket, cx: &Context<'_>) -> Poll<()> {
        match self.lock().wakers.get_mut(&ticket.0) {
            None => Poll::Ready(()),
            Some(Some(waker)) if waker.will_wake(cx.waker()) => Poll::Pending,
            Some(waker) => {
                *waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    /// Gives up a place in the queue. If there was none any more, the place inside is left.
    pub(crate) fn give_up(&self, ticket: &Ticket) {
        let waited = {
            let mut queue = self.lock();
            let waited = queue.wakers.remove(&ticket.0).is_some();
            if waited {
                self.word.fetch_sub(ONE_WAITS, Ordering::Relaxed);
            }
            waited
        };
        if !waited {
            self.leave();
        }
    }

    /// Leaves; the place goes to the one who waits the longest.
    #[inline]
    pub(crate) fn leave(&self) {
        let mut word = self.word.load(Ordering::Relaxed);
        while word < ONE_WAITS {
            // Release: see `try_enter`.
            match self.word.compare_exchange_weak(
                word,
                word - 1,
                Ordering::Release,
                Ordering::Relaxed,
            ) {
                Ok(_) => return,
                Err(changed) => word = changed,
            }
        }
        self.leave_to_another();
    }

    #[cold]
    fn leave_to_another(&self) {
        let mut queue = self.lock();
        self.word.fetch_sub(1, Ordering::Release);
        let next = self.admit_one(&mut queue);
        drop(queue);
        wake(next);
    }

    /// Makes room for more or fewer. Nobody is thrown out.
    pub(crate) fn set_limit(&self, limit: u32) {
        let mut queue = self.lock();
        self.limit.store(limit, Ordering::Relaxed);
        let mut admitted = Vec::new();
        while let Some(waker) = self.admit_one(&mut queue) {
            admitted.push(waker);
        }
        drop(queue);
        admitted.into_iter().for_each(|waker| wake(Some(waker)));
    }

    /// Lets in the one who waits the longest, if there is room.
    fn admit_one(&self, queue: &mut Queue) -> Option<Option<Waker>> {
        let limit = u64::from(self.limit.load(Ordering::Relaxed));
        let word = self.word.load(Ordering::Relaxed);
        // While the lock is held and somebody waits, nobody else enters: a place that is seen
        // free stays free.
        if word < ONE_WAITS || word & INSIDE >= limit {
            return None;
        }
        self.word.fetch_sub(ONE_WAITS - 1, Ordering::Acquire);
        queue.wakers.pop_first().map(|(_, waker)| waker)
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        // Nothing in here can panic while the lock is held.
        self.queue.lock().unwrap_or_else(|error| error.into_inner())
    }
}

fn wake(admitted: Option<Option<Waker>>) {
    if let Some(Some(waker)) = admitted {
        waker.wake();
    }
}
