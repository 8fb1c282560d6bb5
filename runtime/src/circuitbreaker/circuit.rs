//! The state of a circuit: one atomic word, and the moves between its values.
//!
//! State and generation change together in one compare-exchange, so a result can be told from
//! one of an earlier state, and of a hundred simultaneous probes exactly as many are admitted as
//! there are permits. The word is all there is: nothing else is published through it, and every
//! access is relaxed.
//!
//! ```text
//!            62                48                                               0
//!  ┌─────────┬─────────────────┬────────────────────────────────────────────────┐
//!  │ state 2 │ generation 14   │ closed     consecutive failures                │
//!  │         │                 │ open       since, in microseconds              │
//!  │         │                 │ half open  in flight 8 · successes 8 · since 32│
//!  └─────────┴─────────────────┴────────────────────────────────────────────────┘
//! ```
//!
//! The generation counts changes of state. It returns to a value after 16,384 of them; a result
//! that comes so late would be counted where it does not belong, once. Times return as well, after
//! nine years in the open state without a call, or seven weeks half open without one: the call
//! that hits upon that moment waits once more.

use crate::sync::{AtomicU32, AtomicU64, Ordering::Relaxed};

const GENERATION_AT: u32 = 48;
const GENERATION: u64 = 0x3fff << GENERATION_AT;
const STATE: u64 = 3 << 62;
const CLOSED: u64 = 0 << 62;
const OPEN: u64 = 1 << 62;
const HALF_OPEN: u64 = 2 << 62;
const PAYLOAD: u64 = (1 << GENERATION_AT) - 1;

const IN_FLIGHT_AT: u32 = 40;
const SUCCESSES_AT: u32 = 32;
const BYTE: u64 = 0xff;

/// However long the recovery takes, probes that never end are given up after this many
/// milliseconds: the half-open state's clock wraps after 49 days.
const LONGEST_PROBE_MILLIS: u64 = 24 * 60 * 60 * 1000;

/// When a circuit changes its state; may be replaced while calls are running.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) failure_threshold: AtomicU32,
    pub(crate) recovery_micros: AtomicU64,
    pub(crate) half_open_requests: AtomicU32,
    pub(crate) success_threshold: AtomicU32,
}

/// The state in which a call was admitted: the word without its payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ticket(u64);

impl Ticket {
    /// That of a call which is not looked at. No word has this payload and this state.
    pub(crate) const NONE: Self = Self(u64::MAX);

    /// Whether the circuit was closed.
    #[inline]
    pub(crate) fn is_of_closed(self) -> bool {
        self.0 & STATE == CLOSED
    }
}

/// How an admitted call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Success,
    Failure,
    /// Dropped: as if it had never been made.
    Nothing,
}

/// A change of state that a call brought about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transition {
    Opened,
    Probing,
    Recovered,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Closed,
    Open,
    HalfOpen,
}

/// A refusal: microseconds until it is worth asking again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wait(pub(crate) u64);

#[derive(Debug)]
pub(crate) struct Circuit {
    word: AtomicU64,
    pub(crate) rules: Rules,
}

impl Circuit {
    pub(crate) fn new(rules: Rules) -> Self {
        Self {
            word: AtomicU64::new(CLOSED),
            rules,
        }
    }

    /// Admits a call to a closed circuit: by far the most calls.
    #[inline]
    pub(crate) fn admit_if_closed(&self) -> Option<Ticket> {
        let word = self.word.load(Relaxed);
        (word & STATE == CLOSED).then_some(Ticket(word & !PAYLOAD))
    }

    /// Admits a call or refuses it.
    #[cold]
    pub(crate) fn admit(&self, now: u64) -> Result<(Ticket, Option<Transition>), Wait> {
        let mut word = self.word.load(Relaxed);
        let recovery = self.rules.recovery_micros.load(Relaxed);
        loop {
            let (next, transition) = match word & STATE {
                CLOSED => return Ok((Ticket(word & !PAYLOAD), None)),
                OPEN => {
                    let elapsed = micros_since(word & PAYLOAD, now);
                    if elapsed < recovery {
                        return Err(Wait(recovery - elapsed));
                    }
                    (half_open(word, now, 1), Some(Transition::Probing))
                }
                _ => {
                    let permits = u64::from(self.rules.half_open_requests.load(Relaxed));
                    if in_flight(word) < permits {
                        (word + (1 << IN_FLIGHT_AT), None)
                    } else {
                        // Probes that take longer than the recovery are not waited for: they
                        // may never end. New ones get a generation of their own.
                        let limit = (recovery / 1000).min(LONGEST_PROBE_MILLIS);
                        let elapsed = millis_since(word, now);
                        if elapsed < limit {
                            return Err(Wait((limit - elapsed) * 1000));
                        }
                        (half_open(word, now, 1), None)
                    }
                }
            };
            match self
                .word
                .compare_exchange_weak(word, next, Relaxed, Relaxed)
            {
                Ok(_) => return Ok((Ticket(next & !PAYLOAD), transition)),
                Err(changed) => word = changed,
            }
        }
    }

    /// Records how a call ended, unless the state in which it was admitted is over.
    #[inline]
    pub(crate) fn record(
        &self,
        ticket: Ticket,
        outcome: Outcome,
        now: impl Fn() -> u64,
    ) -> Option<Transition> {
        let word = self.word.load(Relaxed);
        // By far the most calls: closed, no failure on record, and none to be added.
        if word & (STATE | PAYLOAD) == CLOSED && outcome != Outcome::Failure {
            return None;
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
    ) -> Option<Transition> {
        loop {
            if word & !PAYLOAD != ticket.0 {
                return None;
            }
            let (next, transition) = match (word & STATE, outcome) {
                (CLOSED, Outcome::Success) => (word & !PAYLOAD, None),
                (CLOSED, Outcome::Failure) => {
                    let failures = (word & PAYLOAD) + 1;
                    let threshold = u64::from(self.rules.failure_threshold.load(Relaxed));
                    if failures < threshold {
                        (word + 1, None)
                    } else {
                        (open(word, now()), Some(Transition::Opened))
                    }
                }
                (HALF_OPEN, Outcome::Success) => {
                    let successes = ((word >> SUCCESSES_AT) & BYTE) + 1;
                    let threshold = u64::from(self.rules.success_threshold.load(Relaxed));
                    if successes < threshold {
                        (word - (1 << IN_FLIGHT_AT) + (1 << SUCCESSES_AT), None)
                    } else {
                        (next_generation(word) | CLOSED, Some(Transition::Recovered))
                    }
                }
                (HALF_OPEN, Outcome::Failure) => (open(word, now()), Some(Transition::Opened)),
                (HALF_OPEN, Outcome::Nothing) => (word - (1 << IN_FLIGHT_AT), None),
                _ => return None,
            };
            if next == word {
                return None;
            }
            match self
                .word
                .compare_exchange_weak(word, next, Relaxed, Relaxed)
            {
                Ok(_) => return transition,
                Err(changed) => word = changed,
            }
        }
    }

    /// Whether the state in which a call was admitted still lasts.
    pub(crate) fn is_current(&self, ticket: Ticket) -> bool {
        self.word.load(Relaxed) & !PAYLOAD == ticket.0
    }

    /// Opens the circuit, unless the state in which a call was admitted is over.
    #[cold]
    pub(crate) fn open(&self, ticket: Ticket, now: u64) -> Option<Transition> {
        let mut word = self.word.load(Relaxed);
        while word & !PAYLOAD == ticket.0 {
            let next = open(word, now);
            match self
                .word
                .compare_exchange_weak(word, next, Relaxed, Relaxed)
            {
                Ok(_) => return Some(Transition::Opened),
                Err(changed) => word = changed,
            }
        }
        None
    }

    /// The state at a time, by the word and the time alone: an open circuit whose recovery is
    /// over reads as half open without a call.
    pub(crate) fn phase(&self, now: u64) -> Phase {
        let word = self.word.load(Relaxed);
        match word & STATE {
            CLOSED => Phase::Closed,
            OPEN if micros_since(word & PAYLOAD, now)
                < self.rules.recovery_micros.load(Relaxed) =>
            {
                Phase::Open
            }
            _ => Phase::HalfOpen,
        }
    }

    /// Closes the circuit and forgets all failures. Calls that are on their way count for nothing.
    pub(crate) fn reset(&self) {
        let mut word = self.word.load(Relaxed);
        while let Err(changed) =
            self.word
                .compare_exchange_weak(word, next_generation(word) | CLOSED, Relaxed, Relaxed)
        {
            word = changed;
        }
    }
}

/// The generation after that of a word; no state and no payload.
fn next_generation(word: u64) -> u64 {
    word.wrapping_add(1 << GENERATION_AT) & GENERATION
}

fn open(word: u64, now: u64) -> u64 {
    next_generation(word) | OPEN | (now & PAYLOAD)
}

fn half_open(word: u64, now: u64, in_flight: u64) -> u64 {
    let since = (now / 1000) & u64::from(u32::MAX);
    next_generation(word) | HALF_OPEN | (in_flight << IN_FLIGHT_AT) | since
}

fn in_flight(word: u64) -> u64 {
    (word >> IN_FLIGHT_AT) & BYTE
}

/// Threads read their clocks a little apart: a time that is less than this before `since` reads as
/// no time at all, rather than as a whole turn of the clock.
const SKEW_MICROS: u64 = 1_000_000;

fn micros_since(since: u64, now: u64) -> u64 {
    let elapsed = now.wrapping_sub(since) & PAYLOAD;
    if elapsed > PAYLOAD - SKEW_MICROS {
        0
    } else {
        elapsed
    }
}

fn millis_since(word: u64, now: u64) -> u64 {
    const ALL: u64 = u32::MAX as u64;
    let elapsed = (now / 1000).wrapping_sub(word) & ALL;
    if elapsed > ALL - SKEW_MICROS / 1000 {
        0
    } else {
        elapsed
    }
}
