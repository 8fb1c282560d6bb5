//! Calls and what was made beyond them, by the second: how a share of calls is kept.

use crate::clock::Nanos;

/// Calls and extra ones count for this many seconds.
pub(crate) const WINDOW: usize = 10;
const SECOND: Nanos = 1_000_000_000;

/// What may be spent within the window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowance {
    /// So much for each call.
    pub(crate) share: f64,
    /// So much however few calls there are: a floor, not an addition.
    pub(crate) floor: f64,
}

/// Calls that came between two looks, as many in each of the seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrived {
    per_second: f64,
    first: u64,
    last: u64,
}

/// No more than arithmetic, with the time as an argument.
#[derive(Debug)]
pub(crate) struct Ledger {
    /// The last second of the window.
    second: u64,
    /// The calls that had been made by then, in all.
    seen_calls: u64,
    /// A place for each second of the window, used in turn.
    calls: [f64; WINDOW],
    extra: [f64; WINDOW],
}

impl Ledger {
    pub(crate) fn new(now: Nanos) -> Self {
        Self {
            second: now / SECOND,
            seen_calls: 0,
            calls: [0.0; WINDOW],
            extra: [0.0; WINDOW],
        }
    }

    /// Asks for leave to make one more than the calls, of which there have been so many in all.
    #[cfg(any(feature = "hedge", test))]
    pub(crate) fn withdraw(&mut self, all_calls: u64, now: Nanos, allowance: Allowance) -> bool {
        self.arrive(all_calls, now);
        let granted = self.allows(allowance);
        if granted {
            self.spend();
        }
        granted
    }

    /// Takes note of the calls, of which there have been so many in all.
    ///
    /// Calls are counted without a time. Those since the last look are taken to have come evenly
    /// since then: after an hour of peace only the last ten seconds' share of them counts.
    pub(crate) fn arrive(&mut self, all_calls: u64, now: Nanos) -> Arrived {
        let (first, last) = (self.second, self.second.max(now / SECOND));
        #[expect(
            clippy::cast_precision_loss,
            reason = "a share need not be exact beyond 2^53"
        )]
        let (new_calls, seconds) = (
            all_calls.saturating_sub(self.seen_calls) as f64,
            (last - first + 1) as f64,
        );
        self.seen_calls = self.seen_calls.max(all_calls);
        let arrived = Arrived {
            per_second: new_calls / seconds,
            first,
            last,
        };
        self.add(arrived);
        arrived
    }

    /// Adds calls of which another ledger has taken note.
    pub(crate) fn add(&mut self, arrived: Arrived) {
        self.turn_to(arrived.last);
        let oldest = oldest_beside(self.second);
        for second in arrived.first.max(oldest)..=arrived.last {
            self.calls[place(second)] += arrived.per_second;
        }
    }

    /// Whether one more may be made.
    pub(crate) fn allows(&self, allowance: Allowance) -> bool {
        let calls: f64 = self.calls.iter().sum();
        let extra: f64 = self.extra.iter().sum();
        let allowed = (allowance.share * calls).max(allowance.floor);
        // Calls were split over seconds; their sum may be a little less than they were.
        extra + 1.0 <= allowed + 1e-6
    }

    /// Notes one more.
    pub(crate) fn spend(&mut self) {
        self.extra[place(self.second)] += 1.0;
    }

    fn turn_to(&mut self, second: u64) {
        for new in (self.second + 1).max(oldest_beside(second))..=second {
            self.calls[place(new)] = 0.0;
            self.extra[place(new)] = 0.0;
        }
        self.second = self.second.max(second);
    }
}

/// The first second of the window that ends with this one.
fn oldest_beside(second: u64) -> u64 {
    (second + 1).saturating_sub(WINDOW as u64)
}

#[expect(clippy::cast_possible_truncation, reason = "less than ten")]
fn place(second: u64) -> usize {
    (second % WINDOW as u64) as usize
}
