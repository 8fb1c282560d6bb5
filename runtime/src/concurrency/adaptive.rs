//! A gate whose limit moves with the outcomes of the calls behind it.
//!
//! Successes gather in one atomic word until they make a window:
//!
//! ```text
//!      64         52          40                        0
//!      ┌──────────┬───────────┬─────────────────────────┐
//!      │ calls    │ at good   │ sum of their            │
//!      │          │ use       │ latencies, µs           │
//!      └──────────┴───────────┴─────────────────────────┘
//! ```
//!
//! Only who ends a window, or fails, takes the lock of the estimate.
//!
//! A failure tells of the load under which its call was admitted. So one that was admitted before
//! the last decrease changes nothing any more: however many fail together, one factor is taken
//! off. The same holds for successes. And after a decrease the limit stands still for a moment,
//! lest a quick succession of quick failures takes it down before less load can show.

use crate::gate::Gate;
use crate::sync::{AtomicU32, AtomicU64, Mutex, MutexGuard, Ordering};

use super::law::{Estimate, Rules, Window};

/// How long the limit stands still after a decrease, in nanoseconds.
const STILL: u64 = 100_000_000;

const CALLS_AT: u32 = 52;
const USED_AT: u32 = 40;
const MOST_CALLS: u64 = (1 << 12) - 1;
/// A call counts as no longer than this, which is more than four minutes: so the sum of as many
/// calls as can be counted fits.
const LONGEST: u64 = (1 << 28) - 1;

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct Adaptive {
    pub(crate) gate: Gate,
    window: AtomicU64,
    window_size: AtomicU32,
    /// Whether every success is measured, or only those that matter to the limit; 0 or 1.
    measures_all: AtomicU32,
    /// When the limit was last decreased; zero before that.
    decreased_at: AtomicU64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    rules: Rules,
    estimate: Estimate,
}

/// The limit moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moved {
    pub(crate) from: u32,
    pub(crate) to: u32,
}

impl Adaptive {
    pub(crate) fn new(rules: Rules) -> Self {
        let estimate = Estimate::new(&rules);
        Self {
            gate: Gate::new(estimate.limit()),
            window: AtomicU64::new(0),
            window_size: AtomicU32::new(estimate.window_size(&rules)),
            measures_all: AtomicU32::new(rules.follows_latency.into()),
            decreased_at: AtomicU64::new(0),
            state: Mutex::new(State { rules, estimate }),
        }
    }

    /// Other rules; what was found stays, as far as they allow it.
    pub(crate) fn set_rules(&self, rules: Rules) -> Option<Moved> {
        let mut state = self.lock();
        if state.rules.follows_latency != rules.follows_latency {
            self.window.store(0, Ordering::Relaxed);
        }
        state.rules = rules;
        self.measures_all
            .store(rules.follows_latency.into(), Ordering::Relaxed);
        self.change(&mut state, |estimate, rules| estimate.fit(rules))
    }

    /// Forgets what was found.
    pub(crate) fn reset(&self) -> Option<Moved> {
        let mut state = self.lock();
        self.window.store(0, Ordering::Relaxed);
        self.decreased_at.store(0, Ordering::Relaxed);
        self.change(&mut state, |estimate, rules| {
            *estimate = Estimate::new(rules);
        })
    }

    /// A call that is still inside succeeded.
    #[inline]
    pub(crate) fn success(&self, admitted_at: u64, now: impl FnOnce() -> u64) -> Option<Moved> {
        let is_well_used = self.gate.inside().saturating_mul(2) >= self.gate.limit();
        if !is_well_used && self.measures_all.load(Ordering::Relaxed) == 0 {
            // Calls that the limit could not hinder tell nothing about it.
            return None;
        }
        let now = now();
        if !self.tells_of_this_limit(admitted_at, now) {
            return None;
        }
        let micros = (now.saturating_sub(admitted_at) / 1000).min(LONGEST);
        let call = 1 << CALLS_AT | u64::from(is_well_used) << USED_AT | micros;
        let added = self.window.fetch_add(call, Ordering::Relaxed);
        let calls = (added >> CALLS_AT) + 1;
        if calls < u64::from(self.window_size.load(Ordering::Relaxed)) {
            return None;
        }
        self.end_window()
    }

    #[cold]
    fn end_window(&self) -> Option<Moved> {
        let mut state = self.lock();
        let calls = self.window.load(Ordering::Relaxed) >> CALLS_AT;
        if calls < u64::from(self.window_size.load(Ordering::Relaxed)) {
            // Another has ended it while this one waited for the lock.
            return None;
        }
        let window = self.window.swap(0, Ordering::Relaxed);
        let calls = (window >> CALLS_AT) as u32;
        let used = (window >> USED_AT & MOST_CALLS) as u32;
        #[expect(clippy::cast_precision_loss, reason = "it has 40 bits")]
        let sum = (window & ((1 << USED_AT) - 1)) as f64;
        let window = Window {
            calls,
            mean: sum / f64::from(calls),
            // Of calls that come and go together, half end when half of them are gone.
            is_well_used: used * 4 >= calls,
        };
        self.change(&mut state, |estimate, rules| {
            estimate.advance(window, rules);
        })
    }

    /// A call failed.
    #[cold]
    pub(crate) fn failure(&self, admitted_at: u64, now: u64) -> Option<Moved> {
        let mut state = self.lock();
        if !self.tells_of_this_limit(admitted_at, now) {
            return None;
        }
        self.decreased_at.store(now.max(1), Ordering::Relaxed);
        self.window.store(0, Ordering::Relaxed);
        self.change(&mut state, |estimate, rules| estimate.decrease(rules))
    }

    #[inline]
    fn tells_of_this_limit(&self, admitted_at: u64, now: u64) -> bool {
        let decreased_at = self.decreased_at.load(Ordering::Relaxed);
        decreased_at == 0
            || (admitted_at > decreased_at && now.saturating_sub(decreased_at) >= STILL)
    }

    /// Changes the estimate, and the gate where its limit is another one then.
    fn change(
        &self,
        state: &mut State,
        change: impl FnOnce(&mut Estimate, &Rules),
    ) -> Option<Moved> {
        change(&mut state.estimate, &state.rules);
        let size = state.estimate.window_size(&state.rules);
        self.window_size.store(size, Ordering::Relaxed);
        let (from, to) = (self.gate.limit(), state.estimate.limit());
        (from != to).then(|| {
            self.gate.set_limit(to);
            Moved { from, to }
        })
    }

    /// What was found so far.
    pub(crate) fn estimate(&self) -> Estimate {
        self.lock().estimate
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing in here can panic while the lock is held.
        self.state.lock().unwrap_or_else(|error| error.into_inner())
    }
}
