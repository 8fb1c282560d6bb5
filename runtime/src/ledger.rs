//! Calls and what was made beyond them, by the second: how a share of calls is kept.

use crate::clock::Nanos;

/// Calls and extra ones count for this many seconds.
pub(crate) const WINDOW: usize = 10;
const SECOND: Nanos = 1_000_000_000;

/// What may be withdrawn within the window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowance {
    /// So much for each call.
    pub(crate) share: f64,
    /// So much however few calls there are: a floor, not an addition.
    pub(crate) floor: f64,
}

/// No more than arithmetic, with the time as an argument.
#[derive(Debug)]
pub(crate) struct Ledger {
    /// The second of the last withdrawal.
    second: Nanos,
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
    pub(crate) fn withdraw(&mut self, all_calls: u64, now: Nanos, allowance: Allowance) -> bool {
        self.advance(all_calls, now / SECOND);
        let calls: f64 = self.calls.iter().sum();
        let extra: f64 = self.extra.iter().sum();
        let allowed = (allowance.share * calls).max(allowance.floor);
        // Calls were split over seconds; their sum may be a little less than they were.
        let granted = extra + 1.0 <= allowed + 1e-6;
        if granted {
            self.extra[place(self.second)] += 1.0;
        }
        granted
    }

    /// Moves the window to this second.
    ///
    /// Calls are counted without a time. Those since the last withdrawal are taken to have come
    /// evenly since then: after an hour of peace only the last ten seconds' share of them counts.
    fn advance(&mut self, all_calls: u64, second: u64) {
        let elapsed = second.saturating_sub(self.second);
        #[expect(
            clippy::cast_precision_loss,
            reason = "a share need not be exact beyond 2^53"
        )]
        let (new_calls, seconds) = (
            all_calls.saturating_sub(self.seen_calls) as f64,
            (elapsed + 1) as f64,
        );
        for back in (0..elapsed.min(WINDOW as u64)).rev() {
            let place = place(second - back);
            self.calls[place] = new_calls / seconds;
            self.extra[place] = 0.0;
        }
        if elapsed < WINDOW as u64 {
            // The second of the last withdrawal is still in the window and takes its share.
            self.calls[place(self.second)] += new_calls / seconds;
        }
        self.second = self.second.max(second);
        self.seen_calls = self.seen_calls.max(all_calls);
    }
}

#[expect(clippy::cast_possible_truncation, reason = "less than ten")]
fn place(second: u64) -> usize {
    (second % WINDOW as u64) as usize
}
