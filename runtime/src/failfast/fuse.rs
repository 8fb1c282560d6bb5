//! The state of a fail-fast: one atomic word, and the moves between its values.
//!
//! State and generation change together in one compare-exchange, so that a result can be told
//! from one of an earlier state. Nothing else is published through the word, and every access is
//! relaxed.
//!
//! ```text
//!            63                48                                               0
//!  ┌─────────┬─────────────────┬────────────────────────────────────────────────┐
//!  │ open 1  │ generation 15   │ closed     consecutive failures                │
//!  │         │                 │ open       since, in milliseconds              │
//!  └─────────┴─────────────────┴────────────────────────────────────────────────┘
//! ```
//!
//! The generation counts changes of state. It returns to a value after 32,768 of them; a result
//! that comes so late would be counted where it does not belong, once.

use crate::sync::{AtomicU32, AtomicU64, Ordering::Relaxed};

const GENERATION_AT: u32 = 48;
const OPEN: u64 = 1 << 63;
const PAYLOAD: u64 = (1 << GENERATION_AT) - 1;
const GENERATION: u64 = !(OPEN | PAYLOAD);

/// No recovery by time alone.
pub(crate) const NEVER: u64 = u64::MAX;

/// Between two questions whether what failed is well again.
pub(crate) const BETWEEN_QUESTIONS_MILLIS: u64 = 1000;

/// The state in which a call was admitted: the word without its payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ticket(u64);

impl Ticket {
    /// That of a call which is not looked at. No call is admitted in such a state: it is open.
    pub(crate) const NONE: Self = Self(u64::MAX);
}

/// How an admitted call ended. One that was dropped is as if it had never been made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Success,
    Failure,
}

/// What a call meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    Closed(Ticket),
    /// The same, and this call found that the time to recover was over.
    Recovered(Ticket),
    Open(Opening),
}

/// One opening of a fuse, which no other can be taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Opening {
    word: u64,
    /// Milliseconds until it closes by itself.
    pub(crate) left: Option<u64>,
}

/// Times are milliseconds of one clock that never returns.
#[derive(Debug)]
pub(crate) struct Fuse {
    word: AtomicU64,
    /// When it was last asked whether what failed is well again.
    asked: AtomicU64,
    pub(crate) failure_threshold: AtomicU32,
    /// [`NEVER`] when it does not close by time alone.
    pub(crate) recovery_millis: AtomicU64,
}

impl Fuse {
    pub(crate) fn new(failure_threshold: u32, recovery_millis: u64) -> Self {
        Self {
            word: AtomicU64::new(0),
            asked: AtomicU64::new(0),
            failure_threshold: AtomicU32::new(failure_threshold),
            recovery_millis: AtomicU64::new(recovery_millis),
        }
    }

    /// Admits a call while it is closed: by far the most calls.
    #[inline]
    pub(crate) fn admit_if_closed(&self) -> Option<Ticket> {
        let word = self.word.load(Relaxed);
        (word & OPEN == 0).then_some(Ticket(word & !PAYLOAD))
    }

    /// Admits a call, or says since when none is.
    #[cold]
    pub(crate) fn admit(&self, now: u64) -> Admission {
        let mut word = self.word.load(Relaxed);
        loop {
            if word & OPEN == 0 {
                return Admission::Closed(Ticket(word & !PAYLOAD));
            }
            let left = self.left(word, now);
            if left != Some(0) {
                return Admission::Open(Opening { word, left });
            }
            match self.exchange(word, closed_after(word)) {
                Ok(()) => return Admission::Recovered(Ticket(closed_after(word))),
                Err(changed) => word = changed,
            }
        }
    }

    /// Records how a call ended, unless the state in which it was admitted is over; whether it
    /// opened the fuse.
    #[inline]
    pub(crate) fn record(&self, ticket: Ticket, outcome: Outcome, now: impl Fn() -> u64) -> bool {
        let word = self.word.load(Relaxed);
        // By far the most calls: closed, no failure on record, and none to be added.
        if word & (OPEN | PAYLOAD) == 0 && outcome == Outcome::Success {
            return false;
        }
        self.record_in(word, ticket, outcome, now)
    }

    #[cold]
    fn record_in(
        &self,
        mut word: u64,
        ticket: Ticket,
        outcome: Outcome,
        now: impl Fn() -> u64,
    ) -> bool {
        // Calls are admitted while it is closed, so a ticket fits no open state.
        while word & !PAYLOAD == ticket.0 {
            let failures = (word & PAYLOAD) + 1;
            let (next, opens) = match outcome {
                Outcome::Success => (word & !PAYLOAD, false),
                Outcome::Failure if failures < u64::from(self.failure_threshold.load(Relaxed)) => {
                    (word + 1, false)
                }
                Outcome::Failure => (open_after(word, now()), true),
            };
            match self.exchange(word, next) {
                Ok(()) => return opens,
                Err(changed) => word = changed,
            }
        }
        false
    }

    /// Whether it is open at a time, by the word and the time alone.
    pub(crate) fn opening(&self, now: u64) -> Option<Opening> {
        let word = self.word.load(Relaxed);
        let left = self.left(word, now);
        (word & OPEN != 0 && left != Some(0)).then_some(Opening { word, left })
    }

    /// Opens it whatever the outcomes were; whether it was closed.
    pub(crate) fn open(&self, now: u64) -> bool {
        let mut word = self.word.load(Relaxed);
        while word & OPEN == 0 {
            match self.exchange(word, open_after(word, now)) {
                Ok(()) => return true,
                Err(changed) => word = changed,
            }
        }
        false
    }

    /// Closes it and forgets its failures; whether it was open. Calls that are on their way count
    /// for nothing.
    pub(crate) fn close(&self) -> bool {
        let mut word = self.word.load(Relaxed);
        loop {
            match self.exchange(word, closed_after(word)) {
                Ok(()) => return word & OPEN != 0,
                Err(changed) => word = changed,
            }
        }
    }

    /// Closes it if it has not been closed since.
    pub(crate) fn end(&self, opening: Opening) -> bool {
        loop {
            match self.exchange(opening.word, closed_after(opening.word)) {
                Ok(()) => return true,
                // A weak exchange may fail for no reason.
                Err(changed) if changed == opening.word => {}
                Err(_) => return false,
            }
        }
    }

    /// Whether it is time to ask if what failed is well again. Of all that come at that time one
    /// is to ask.
    pub(crate) fn is_to_ask(&self, opening: Opening, now: u64) -> bool {
        let asked = self.asked.load(Relaxed);
        until_question(opening, asked, now) == 0
            && self
                .asked
                .compare_exchange(asked, now, Relaxed, Relaxed)
                .is_ok()
    }

    /// Milliseconds until it is time to ask.
    pub(crate) fn until_question(&self, opening: Opening, now: u64) -> u64 {
        until_question(opening, self.asked.load(Relaxed), now)
    }

    /// Milliseconds until an open fuse closes by itself. Threads read their clocks a little apart:
    /// a time before that of the opening reads as no time at all.
    fn left(&self, word: u64, now: u64) -> Option<u64> {
        let recovery = self.recovery_millis.load(Relaxed);
        let elapsed = now.saturating_sub(word & PAYLOAD);
        (recovery != NEVER).then(|| recovery.saturating_sub(elapsed))
    }

    fn exchange(&self, word: u64, next: u64) -> Result<(), u64> {
        if next == word {
            return Ok(());
        }
        self.word
            .compare_exchange_weak(word, next, Relaxed, Relaxed)
            .map(drop)
    }
}

/// A whole pause follows the opening, too: what has just failed is not well yet.
fn until_question(opening: Opening, asked: u64, now: u64) -> u64 {
    let last = asked.max(opening.word & PAYLOAD);
    (last + BETWEEN_QUESTIONS_MILLIS).saturating_sub(now)
}

/// The generation after that of a word; closed, and no failures.
fn closed_after(word: u64) -> u64 {
    word.wrapping_add(1 << GENERATION_AT) & GENERATION
}

fn open_after(word: u64, now: u64) -> u64 {
    OPEN | closed_after(word) | (now & PAYLOAD)
}
