//! A door with room for so many calls behind it, and a fair queue before it.
//!
//! How many calls are inside and how many wait stands in one atomic word:
//!
//! ```text
//!      64                      32       31              0
//!      ┌────────────────────────┬────────┬───────────────┐
//!      │ waiting                │ closed │ inside        │
//!      └────────────────────────┴────────┴───────────────┘
//! ```
//!
//! While nobody waits, coming and going is one compare-exchange each. Who has to wait takes the
//! lock of the queue, and so does who leaves while somebody waits: the place is handed to the one
//! who waits the longest, so that nobody who comes later can take it. The number of those who
//! wait changes under the lock alone. The limit may change at any time; when it shrinks, nobody
//! is thrown out, and places are not given again until there are few enough.
//!
//! A door with marks closes when the last place is taken, and opens when no more are inside than
//! its low mark says. In between nobody enters, though there be room; who leaves then need not
//! look at the queue.

// Loom compiles this file once more, with its own atomics, which work inside of a model alone.
#[cfg(all(test, not(loom)))]
mod tests;

use std::collections::BTreeMap;
use std::task::{Context, Poll, Waker};

use crate::sync::{AtomicU32, AtomicU64, Mutex, MutexGuard, Ordering};

const WAITING_AT: u32 = 32;
const ONE_WAITS: u64 = 1 << WAITING_AT;
const CLOSED: u64 = 1 << 31;
const INSIDE: u64 = CLOSED - 1;

/// The low mark of a door that does not close.
const NO_MARK: u32 = u32::MAX;

/// See the [module](self).
#[derive(Debug)]
pub struct Gate {
    word: AtomicU64,
    limit: AtomicU32,
    /// Where a door that has closed opens again.
    low_mark: AtomicU32,
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
pub struct Ticket(u64);

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
            limit: AtomicU32::new(within(limit)),
            low_mark: AtomicU32::new(NO_MARK),
            queue: Mutex::new(Queue::default()),
        }
    }

    /// A gate that closes at its limit, and opens at its low mark, which is below it.
    pub(crate) fn with_marks(limit: u32, low_mark: u32) -> Self {
        let gate = Self::new(limit);
        gate.low_mark.store(low_mark, Ordering::Relaxed);
        gate
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

    /// Whether it closed, and has not opened again.
    pub(crate) fn is_closed(&self) -> bool {
        self.word.load(Ordering::Relaxed) & CLOSED != 0
    }

    /// Enters if there is room and nobody waits for it.
    #[inline]
    pub(crate) fn try_enter(&self) -> bool {
        let limit = u64::from(self.limit.load(Ordering::Relaxed));
        let mut word = self.word.load(Ordering::Relaxed);
        // Where it is closed, or somebody waits, the word is larger than any limit.
        while word < limit {
            // Acquire, here and below: what was done inside before comes before what is done now.
            match self.word.compare_exchange_weak(
                word,
                self.with_one_more(word, limit),
                Ordering::Acquire,
                Ordering::Relaxed,
            ) {
                Ok(_) => return true,
                Err(changed) => word = changed,
            }
        }
        false
    }

    /// The word when one more has entered: the last place closes a door with marks.
    #[inline]
    fn with_one_more(&self, word: u64, limit: u64) -> u64 {
        let word = word + 1;
        if word & INSIDE >= limit && self.has_marks() {
            word | CLOSED
        } else {
            word
        }
    }

    fn has_marks(&self) -> bool {
        self.low_mark.load(Ordering::Relaxed) != NO_MARK
    }

    /// Enters whatever the limit is.
    pub(crate) fn enter_anyway(&self) {
        self.word.fetch_add(1, Ordering::Acquire);
    }

    /// Enters, or waits behind at most so many others.
    pub(crate) fn enter_or_queue(&self, max_waiting: u32) -> Entry {
        self.enter_or_queue_if(|word| word >> WAITING_AT < u64::from(max_waiting))
    }

    /// Enters, or waits if so many, inside and waiting, are not there yet.
    pub(crate) fn enter_or_queue_among(&self, max_pending: u32) -> Entry {
        self.enter_or_queue_if(|word| {
            (word >> WAITING_AT) + (word & INSIDE) < u64::from(max_pending)
        })
    }

    fn enter_or_queue_if(&self, may_wait: impl Fn(u64) -> bool) -> Entry {
        let mut queue = self.lock();
        let limit = u64::from(self.limit.load(Ordering::Relaxed));
        let mut word = self.word.load(Ordering::Relaxed);
        loop {
            let (next, entry) = if word < limit {
                (self.with_one_more(word, limit), Entry::Inside)
            } else if may_wait(word) {
                (word + ONE_WAITS, Entry::Queued(Ticket(queue.next)))
            } else {
                return Entry::Full;
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
        while self.lets_nobody_in(word) {
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

    /// Whether somebody who leaves now lets nobody else in: there is nobody, or it stays closed.
    #[inline]
    fn lets_nobody_in(&self, word: u64) -> bool {
        if word & CLOSED == 0 {
            word < ONE_WAITS
        } else {
            word & INSIDE > u64::from(self.low_mark.load(Ordering::Relaxed)) + 1
        }
    }

    #[cold]
    fn leave_to_another(&self) {
        let queue = self.lock();
        self.word.fetch_sub(1, Ordering::Release);
        self.admit_all(queue);
    }

    /// Makes room for more or fewer. Nobody is thrown out.
    pub(crate) fn set_limit(&self, limit: u32) {
        self.set_marks(limit, NO_MARK);
    }

    /// Makes room for more or fewer, and opens at another mark.
    pub(crate) fn set_marks(&self, limit: u32, low_mark: u32) {
        let queue = self.lock();
        let limit = within(limit);
        self.limit.store(limit, Ordering::Relaxed);
        self.low_mark.store(low_mark, Ordering::Relaxed);
        if self.has_marks() && self.inside() >= limit {
            self.word.fetch_or(CLOSED, Ordering::Relaxed);
        }
        self.admit_all(queue);
    }

    /// Opens the door if it is time, lets in as many as there is room for, and wakes them.
    fn admit_all(&self, mut queue: MutexGuard<'_, Queue>) {
        let word = self.word.load(Ordering::Relaxed);
        let low_mark = u64::from(self.low_mark.load(Ordering::Relaxed));
        if word & CLOSED != 0 && word & INSIDE <= low_mark {
            self.word.fetch_and(!CLOSED, Ordering::Relaxed);
        }
        let first = self.admit_one(&mut queue);
        // Where one left, there is one place: more of them are rare, and so is this list.
        let mut others = Vec::new();
        while let Some(waker) = self.admit_one(&mut queue) {
            others.push(waker);
        }
        drop(queue);
        first
            .into_iter()
            .chain(others)
            .flatten()
            .for_each(Waker::wake);
    }

    /// Lets in the one who waits the longest, if there is room.
    fn admit_one(&self, queue: &mut Queue) -> Option<Option<Waker>> {
        let limit = u64::from(self.limit.load(Ordering::Relaxed));
        let word = self.word.load(Ordering::Relaxed);
        // While the lock is held and somebody waits, nobody else enters: a place that is seen
        // free stays free.
        if word < ONE_WAITS || word & (CLOSED | INSIDE) >= limit {
            return None;
        }
        let closes = self.with_one_more(word, limit) & CLOSED;
        // One waits less, one is inside more, and perhaps the door is closed.
        self.word
            .fetch_sub(ONE_WAITS - 1 - closes, Ordering::Acquire);
        queue.wakers.pop_first().map(|(_, waker)| waker)
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        // Nothing in here can panic while the lock is held.
        self.queue.lock().unwrap_or_else(|error| error.into_inner())
    }
}

/// A limit that can be counted up to.
fn within(limit: u32) -> u32 {
    limit.min(INSIDE as u32)
}
