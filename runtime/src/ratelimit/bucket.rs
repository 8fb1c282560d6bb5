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

    /// Spends tokens of a bucket that is full again at a moment; gives the new moment.
    #[inline]
    pub(crate) fn take(self, full_at: Nanos, now: Nanos, cost: u32) -> (Nanos, Taken) {
        let price = self.interval.saturating_mul(u64::from(cost));
        let full_then = full_at.max(now).saturating_add(price);
        let missing = full_then - now;
        if missing <= self.span {
            (
                full_then,
                Taken::Yes {
                    left: self.span - missing,
                },
            )
        } else {
            (
                full_at,
                Taken::No {
                    left: self.left(full_at, now),
                    wait: missing - self.span,
                },
            )
        }
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
    word: AtomicU64,
    /// The quotas of odd and even versions.
    quotas: [AtomicQuota; 2],
}

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
            word: AtomicU64::new(0),
            quotas: [AtomicQuota::new(quota), AtomicQuota::new(quota)],
        }
    }

    /// Spends tokens if there are enough and nobody else is at it; gives the quota that decided
    /// and what is left. The shortest way, for [`take`](Self::take) to follow when it ends early.
    #[inline]
    pub(crate) fn take_at_once(&self, now: Nanos, cost: u32) -> Option<(Quota, Nanos)> {
        // Acquire: the quota of a version is written before the version.
        let word = self.word.load(Ordering::Acquire);
        let quota = self.quota_of(word);
        let price = quota.interval.saturating_mul(u64::from(cost));
        let full_then = (word & FULL_AT).max(now).saturating_add(price);
        let missing = full_then - now;
        if missing > quota.span {
            return None;
        }
        let next = (word & !FULL_AT) | full_then;
        self.word
            .compare_exchange(word, next, Ordering::Relaxed, Ordering::Relaxed)
            .ok()
            .map(|_| (quota, quota.span - missing))
    }

    /// Spends tokens if there are enough; gives the quota that decided, too.
    pub(crate) fn take(&self, now: Nanos, cost: u32) -> (Quota, Taken) {
        // Acquire, here and on failure: the quota of a version is written before the version.
        let mut word = self.word.load(Ordering::Acquire);
        loop {
            let quota = self.quota_of(word);
            let (full_at, taken) = quota.take(word & FULL_AT, now, cost);
            if let Taken::No { .. } = taken {
                return (quota, taken);
            }
            let next = (word & !FULL_AT) | full_at;
            match self
                .word
                .compare_exchange_weak(word, next, Ordering::Relaxed, Ordering::Acquire)
            {
                Ok(_) => return (quota, taken),
                Err(changed) => word = changed,
            }
        }
    }

    /// The quota in force, and what is left of it, as time.
    pub(crate) fn peek(&self, now: Nanos) -> (Quota, Nanos) {
        let mut word = self.word.load(Ordering::Acquire);
        loop {
            let quota = self.quota_of(word);
            // The two halves of the quota belong together if the version is still the same.
            let again = self.word.load(Ordering::Acquire);
            if again & !FULL_AT == word & !FULL_AT {
                return (quota, quota.left(word & FULL_AT, now));
            }
            word = again;
        }
    }

    /// Replaces the quota and keeps the tokens. Callers must take turns.
    pub(crate) fn replace(&self, quota: Quota, now: Nanos) {
        let mut word = self.word.load(Ordering::Acquire);
        let old = self.quota_of(word);
        let version = word.wrapping_add(1 << VERSION_AT) & !FULL_AT;
        self.quotas[parity(version)].store(quota);
        loop {
            let full_at = old.convert(word & FULL_AT, now, quota);
            let next = version | full_at;
            // Release: whoever sees the new version sees its quota.
            match self
                .word
                .compare_exchange_weak(word, next, Ordering::Release, Ordering::Relaxed)
            {
                Ok(_) => return,
                Err(changed) => word = changed,
            }
        }
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
