//! A token bucket in one atomic word: the generic cell rate algorithm.
//!
//! A bucket is a moment: the time at which it will be full again. Spending moves it into the
//! future by the price of what was spent; time itself does the refilling. A full bucket is any
//! moment that has passed, so an idle bucket is full and needs no attention.
//!
//! ```text
//!      64        60                                                         0
//!      ┌─────────┬──────────────────────────────────────────────────────────┐
//!      │ version │ full again at, in nanoseconds                            │
//!      └─────────┴──────────────────────────────────────────────────────────┘
//! ```
//!
//! What a token costs may change while calls are running. The version says which of two quotas
//! the moment was computed with, and both are replaced by one compare-exchange, so nobody ever
//! sees the one without the other.

use crate::sync::{AtomicU64, Ordering};

type Nanos = u64;

const VERSION_AT: u32 = 60;
/// Thirty-six years of nanoseconds.
const FULL_AT: u64 = (1 << VERSION_AT) - 1;

/// What a bucket holds, as time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quota {
    /// The time in which one token is refilled; at least 1.
    pub(crate) interval: Nanos,
    /// The time in which an empty bucket is filled: as many intervals as it holds tokens.
    pub(crate) span: Nanos,
}

/// The answer of a bucket that was asked for tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// They were spent.
    Yes {
        /// What is left, as time.
        left: Nanos,
    },
    /// There were too few; none were spent.
    No {
        /// What is left, as time.
        left: Nanos,
        /// When there will be enough.
        wait: Nanos,
    },
}

impl Quota {
    pub(crate) fn new(interval: Nanos, burst: u32) -> Self {
        let interval = interval.max(1);
        Self {
            interval,
            span: interval.saturating_mul(u64::from(burst)),
        }
    }

    /// Spends tokens of a bucket that is full again at a moment. Gives the new moment, or nothing
    /// when there are too few.
    #[inline]
    pub(crate) fn spend(self, full_at: Nanos, now: Nanos, cost: u32) -> Option<Nanos> {
        let full_then = self.full_then(full_at, now, cost);
        (full_then - now <= self.span).then_some(full_then)
    }

    /// What the bucket answers that has too few tokens.
    pub(crate) fn refusal(self, full_at: Nanos, now: Nanos, cost: u32) -> Taken {
        let missing = self.full_then(full_at, now, cost) - now;
        Taken::No {
            left: self.left(full_at, now),
            wait: missing.saturating_sub(self.span),
        }
    }

    #[inline]
    fn full_then(self, full_at: Nanos, now: Nanos, cost: u32) -> Nanos {
        let price = self.interval.saturating_mul(u64::from(cost));
        full_at.max(now).saturating_add(price)
    }

    /// What a bucket holds, as time.
    pub(crate) fn left(self, full_at: Nanos, now: Nanos) -> Nanos {
        self.span.saturating_sub(full_at.saturating_sub(now))
    }

    /// The whole tokens in what is left.
    pub(crate) fn tokens(self, left: Nanos) -> u32 {
        u32::try_from(left / self.interval).unwrap_or(u32::MAX)
    }

    /// The moment of a bucket with as many tokens as `self` has at this moment, and at most as
    /// many as the other quota holds.
    pub(crate) fn convert(self, full_at: Nanos, now: Nanos, other: Self) -> Nanos {
        let left = u128::from(self.left(full_at, now));
        let left = left * u128::from(other.interval) / u128::from(self.interval);
        let left = u64::try_from(left).unwrap_or(u64::MAX).min(other.span);
        now + (other.span - left)
    }
}

/// A bucket that many threads spend from.
#[derive(Debug)]
pub(crate) struct Bucket {
    word: Alone,
    /// The quotas of odd and even versions.
    quotas: [AtomicQuota; 2],
}

/// The word that every call writes, apart from what every call reads: else each write of one
/// thread would take the others' copies of both. Processors fetch lines of 64 bytes in pairs.
#[derive(Debug)]
#[repr(align(128))]
struct Alone(AtomicU64);

#[derive(Debug)]
struct AtomicQuota {
    interval: AtomicU64,
    span: AtomicU64,
}

impl AtomicQuota {
    fn new(quota: Quota) -> Self {
        Self {
            interval: AtomicU64::new(quota.interval),
            span: AtomicU64::new(quota.span),
        }
    }

    #[inline]
    fn load(&self) -> Quota {
        Quota {
            interval: self.interval.load(Ordering::Relaxed),
            span: self.span.load(Ordering::Relaxed),
        }
    }

    fn store(&self, quota: Quota) {
        self.interval.store(quota.interval, Ordering::Relaxed);
        self.span.store(quota.span, Ordering::Relaxed);
    }
}

impl Bucket {
    /// A full bucket.
    pub(crate) fn new(quota: Quota) -> Self {
        Self {
            word: Alone(AtomicU64::new(0)),
            quotas: [AtomicQuota::new(quota), AtomicQuota::new(quota)],
        }
    }

    /// Spends tokens if there are enough. Gives the quota that decided, and the moment at which the
    /// bucket is full again: after the spending, or, as the error, without it.
    #[inline]
    pub(crate) fn spend(&self, now: Nanos, cost: u32) -> Result<(Quota, Nanos), (Quota, Nanos)> {
        // Acquire, here and on failure: the quota of a version is written before the version.
        let mut word = self.word.0.load(Ordering::Acquire);
        loop {
            let quota = self.quota_of(word);
            let Some(full_at) = quota.spend(word & FULL_AT, now, cost) else {
                return Err((quota, word & FULL_AT));
            };
            match self.word.0.compare_exchange_weak(
                word,
                (word & !FULL_AT) | full_at,
                Ordering::Relaxed,
                Ordering::Acquire,
            ) {
                Ok(_) => return Ok((quota, full_at)),
                Err(changed) => word = changed,
            }
        }
    }

    /// The same, with the answer in full.
    pub(crate) fn take(&self, now: Nanos, cost: u32) -> (Quota, Taken) {
        match self.spend(now, cost) {
            Ok((quota, full_at)) => (
                quota,
                Taken::Yes {
                    left: quota.left(full_at, now),
                },
            ),
            Err((quota, full_at)) => (quota, quota.refusal(full_at, now, cost)),
        }
    }

    /// What [`take`](Self::take) would answer; nothing is spent.
    pub(crate) fn would_take(&self, now: Nanos, cost: u32) -> (Quota, Taken) {
        let (quota, left) = self.peek(now);
        let full_at = now.saturating_add(quota.span - left);
        match quota.spend(full_at, now, cost) {
            Some(full_then) => (
                quota,
                Taken::Yes {
                    left: quota.left(full_then, now),
                },
            ),
            None => (quota, quota.refusal(full_at, now, cost)),
        }
    }

    /// The quota in force, and what is left of it, as time.
    pub(crate) fn peek(&self, now: Nanos) -> (Quota, Nanos) {
        let mut word = self.word.0.load(Ordering::Acquire);
        loop {
            let quota = self.quota_of(word);
            // The two halves of the quota belong together if the version is still the same.
            let again = self.word.0.load(Ordering::Acquire);
            if again & !FULL_AT == word & !FULL_AT {
                return (quota, quota.left(word & FULL_AT, now));
            }
            word = again;
        }
    }

    /// Replaces the quota and keeps the tokens. Callers must take turns.
    pub(crate) fn replace(&self, quota: Quota, now: Nanos) {
        let mut word = self.word.0.load(Ordering::Acquire);
        let old = self.quota_of(word);
        let version = word.wrapping_add(1 << VERSION_AT) & !FULL_AT;
        self.quotas[parity(version)].store(quota);
        loop {
            let full_at = old.convert(word & FULL_AT, now, quota);
            let next = version | full_at;
            // Release: whoever sees the new version sees its quota.
            match self.word.0.compare_exchange_weak(
                word,
                next,
                Ordering::Release,
                Ordering::Relaxed,
            ) {
                Ok(_) => return,
                Err(changed) => word = changed,
            }
        }
    }

    /// Gives back every token.
    pub(crate) fn fill(&self) {
        self.word.0.fetch_and(!FULL_AT, Ordering::AcqRel);
    }

    #[inline]
    fn quota_of(&self, word: u64) -> Quota {
        self.quotas[parity(word)].load()
    }
}

/// Which of the two quotas a version stands for.
#[inline]
fn parity(word: u64) -> usize {
    usize::from(word & (1 << VERSION_AT) != 0)
}
