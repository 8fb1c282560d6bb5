//! Several buckets that are asked as one: a call spends of all of them, or of none.

#[cfg(test)]
mod tests;

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::bucket::{Bucket, Quota, Taken};
use crate::clock::Nanos;

/// The most limits that are checked as one: a second, a minute, an hour and a day.
pub(super) const MAX_LIMITS: usize = 4;

/// What the buckets of one rate limit hold, in the order in which they are configured. Never none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Quotas {
    list: [Quota; MAX_LIMITS],
    len: usize,
}

/// What became of a call, and which of the buckets says so: of those that refused it the one that
/// it has to wait for longest, or else the one with the fewest tokens left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decision {
    pub(super) place: usize,
    pub(super) quota: Quota,
    pub(super) taken: Taken,
}

impl Quotas {
    /// At most [`MAX_LIMITS`]; the others are left out.
    pub(super) fn new(first: Quota, further: &[Quota]) -> Self {
        let mut quotas = Self {
            list: [first; MAX_LIMITS],
            len: 1,
        };
        for (place, quota) in quotas.list[1..].iter_mut().zip(further) {
            *place = *quota;
            quotas.len += 1;
        }
        quotas
    }

    #[inline]
    pub(super) fn as_slice(&self) -> &[Quota] {
        &self.list[..self.len]
    }

    /// The first quota, and the others.
    pub(super) fn split(&self) -> (Quota, &[Quota]) {
        (self.list[0], &self.as_slice()[1..])
    }

    /// The quota, where there is one bucket.
    #[inline]
    pub(super) fn only(&self) -> Option<Quota> {
        (self.len == 1).then_some(self.list[0])
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Spends of all buckets or of none. `full_at` has the moment of each.
    #[inline]
    pub(super) fn take(&self, full_at: &mut [Nanos], now: Nanos, cost: u32) -> Decision {
        // Most have one bucket, and need not be asked whether all the others agree.
        if let ([quota], [full_at]) = (self.as_slice(), &mut *full_at) {
            let taken = match quota.spend(*full_at, now, cost) {
                Some(full_then) => {
                    *full_at = full_then;
                    let left = quota.left(full_then, now);
                    Taken::Yes { left }
                }
                None => quota.refusal(*full_at, now, cost),
            };
            return Decision::of_first(*quota, taken);
        }
        take_all(self.as_slice(), full_at, now, cost)
    }

    /// Which bucket has the fewest tokens, as it is.
    pub(super) fn tightest(&self, full_at: &[Nanos], now: Nanos) -> Decision {
        let decision = |place: usize| Decision {
            place,
            quota: self.list[place],
            taken: Taken::Yes {
                left: self.list[place].left(full_at[place], now),
            },
        };
        (1..self.len).fold(decision(0), |tightest, place| tightest.or(decision(place)))
    }
}

#[inline]
fn take_all(quotas: &[Quota], full_at: &mut [Nanos], now: Nanos, cost: u32) -> Decision {
    let mut decision: Option<Decision> = None;
    let mut spent = [0; MAX_LIMITS];
    for (place, quota) in quotas.iter().enumerate() {
        let taken = match quota.spend(full_at[place], now, cost) {
            Some(full_then) => {
                spent[place] = full_then;
                Taken::Yes {
                    left: quota.left(full_then, now),
                }
            }
            None => quota.refusal(full_at[place], now, cost),
        };
        let this = Decision {
            place,
            quota: *quota,
            taken,
        };
        decision = Some(decision.map_or(this, |other| other.or(this)));
    }
    let decision = decision.expect("a rate limit has at least one bucket");
    if matches!(decision.taken, Taken::Yes { .. }) {
        full_at.copy_from_slice(&spent[..full_at.len()]);
    }
    decision
}

impl Decision {
    pub(super) fn of_first(quota: Quota, taken: Taken) -> Self {
        Self {
            place: 0,
            quota,
            taken,
        }
    }

    /// What is left in the bucket that decided, as time.
    pub(super) fn left(self) -> Nanos {
        let (Taken::Yes { left } | Taken::No { left, .. }) = self.taken;
        left
    }

    /// The one of the two that says more.
    pub(super) fn or(self, other: Self) -> Self {
        let is_other = match (self.taken, other.taken) {
            (Taken::Yes { left }, Taken::Yes { left: less }) => {
                other.quota.tokens(less) < self.quota.tokens(left)
            }
            (Taken::Yes { .. }, Taken::No { .. }) => true,
            (Taken::No { .. }, Taken::Yes { .. }) => false,
            (Taken::No { wait, .. }, Taken::No { wait: longer, .. }) => longer > wait,
        };
        if is_other { other } else { self }
    }
}

/// The buckets beside the first one, which many threads spend from.
///
/// The first stays where it is when it is the only one, an atomic of its own, so that limits come
/// and go without a token lost. Whoever spends of several holds this lock for a few instructions:
/// to give back what one bucket gave because another refuses would give others a token that time
/// has refilled already.
#[derive(Debug, Default)]
pub(super) struct Further(Mutex<Buckets>);

#[derive(Debug, Default)]
struct Buckets {
    quotas: Vec<Quota>,
    full_at: Vec<Nanos>,
}

impl Further {
    pub(super) fn new(quotas: &[Quota]) -> Self {
        let buckets = Buckets {
            quotas: quotas.to_vec(),
            full_at: vec![0; quotas.len()],
        };
        Self(Mutex::new(buckets))
    }

    /// Replaces the quotas of all buckets, the first included. Each keeps its tokens by its
    /// place, and a new one is full. Callers must take turns.
    pub(super) fn replace(&self, first: &Bucket, quotas: &Quotas, now: Nanos) {
        let mut buckets = self.lock();
        let (quota, further) = quotas.split();
        if quota != first.peek(now).0 {
            first.replace(quota, now);
        }
        let kept = further.iter().enumerate().map(|(place, quota)| {
            let old = buckets.quotas.get(place).zip(buckets.full_at.get(place));
            old.map_or(0, |(old, full_at)| old.convert(*full_at, now, *quota))
        });
        buckets.full_at = kept.collect();
        buckets.quotas = further.to_vec();
    }

    /// Spends of the first bucket and of these, or of none.
    pub(super) fn take(&self, first: &Bucket, now: Nanos, cost: u32) -> Decision {
        let buckets = &mut *self.lock();
        let mut full_at = [0; MAX_LIMITS];
        let full_at = &mut full_at[..buckets.full_at.len()];
        full_at.copy_from_slice(&buckets.full_at);
        if buckets.quotas.is_empty() {
            let (quota, taken) = first.take(now, cost);
            return Decision::of_first(quota, taken);
        }
        let mut rest = take_all(&buckets.quotas, full_at, now, cost);
        rest.place += 1;
        if matches!(rest.taken, Taken::No { .. }) {
            let (quota, taken) = first.would_take(now, cost);
            return Decision::of_first(quota, taken).or(rest);
        }
        let (quota, taken) = first.take(now, cost);
        if matches!(taken, Taken::Yes { .. }) {
            buckets.full_at.copy_from_slice(full_at);
        }
        Decision::of_first(quota, taken).or(rest)
    }

    /// Which bucket has the fewest tokens, as it is.
    pub(super) fn peek(&self, first: &Bucket, now: Nanos) -> Decision {
        let buckets = self.lock();
        let (quota, left) = first.peek(now);
        let quotas = Quotas::new(quota, &buckets.quotas);
        let mut full_at = [0; MAX_LIMITS];
        full_at[0] = now + (quota.span - left);
        full_at[1..quotas.len()].copy_from_slice(&buckets.full_at);
        quotas.tightest(&full_at, now)
    }

    /// Gives back every token.
    pub(super) fn fill(&self) {
        self.lock().full_at.fill(0);
    }

    fn lock(&self) -> MutexGuard<'_, Buckets> {
        // A panic cannot happen while it is held; were it to, its numbers are still numbers.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
