use std::sync::{Mutex, PoisonError};

use super::BudgetConfig;
use crate::ConfigError;
use crate::clock::{Clock, Nanos};
use crate::stats::Counters;

/// Calls and retries count for this many seconds.
const WINDOW: usize = 10;
const SECOND: Nanos = 1_000_000_000;

/// How many retries a whole service may make, shared by its retries.
///
/// Attempts bound the retries of one call; only a budget bounds those of all. When everything
/// behind a service is down, three attempts a call are three times the load on what is trying to
/// come back. A budget lets at most `ratio` retries follow each call: with 0.2, a service that
/// sends a thousand calls into nothing sends twelve hundred, not three thousand.
///
/// The share is of the calls in the last ten seconds. `min_per_second` is a floor under it (not
/// an addition), so that a service with few calls may repeat them at all.
///
/// A call costs a count in the caller's own cache line. Only a retry looks at what all callers
/// have counted, and takes a lock for that.
#[derive(Debug)]
pub struct RetryBudget {
    clock: Clock,
    calls: Counters,
    ledger: Mutex<Ledger>,
}

const CALLS: usize = 0;

impl RetryBudget {
    /// A budget.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range.
    pub fn new(config: BudgetConfig) -> Result<Self, ConfigError> {
        config.validate()?;
        let clock = Clock::start();
        let ledger = Mutex::new(Ledger::new(config, clock.now()));
        Ok(Self {
            clock,
            calls: Counters::new(),
            ledger,
        })
    }

    /// The configuration in force.
    pub fn config(&self) -> BudgetConfig {
        self.ledger
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .config
    }

    /// Replaces the configuration; what was spent in the last ten seconds stays spent.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range; the old one stays in force.
    pub fn reconfigure(&self, config: BudgetConfig) -> Result<(), ConfigError> {
        config.validate()?;
        self.ledger
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .config = config;
        Ok(())
    }

    /// Counts a call: the first attempt, not its retries.
    #[inline]
    pub fn deposit(&self) {
        self.calls.add(CALLS);
    }

    /// Asks for leave to make one retry.
    pub fn withdraw(&self) -> bool {
        let calls = self.calls.get(CALLS);
        let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        ledger.withdraw(calls, self.clock.now())
    }
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self::new(BudgetConfig::default()).expect("the defaults are in range")
    }
}

/// Calls and retries by the second: no more than arithmetic, with the time as an argument.
#[derive(Debug)]
pub(super) struct Ledger {
    config: BudgetConfig,
    /// The second of the last withdrawal.
    second: Nanos,
    /// The calls that had been made by then, in all.
    seen_calls: u64,
    /// A place for each second of the window, used in turn.
    calls: [f64; WINDOW],
    retries: [f64; WINDOW],
}

impl Ledger {
    pub(super) fn new(config: BudgetConfig, now: Nanos) -> Self {
        Self {
            config,
            second: now / SECOND,
            seen_calls: 0,
            calls: [0.0; WINDOW],
            retries: [0.0; WINDOW],
        }
    }

    pub(super) fn withdraw(&mut self, all_calls: u64, now: Nanos) -> bool {
        self.advance(all_calls, now / SECOND);
        let calls: f64 = self.calls.iter().sum();
        let retries: f64 = self.retries.iter().sum();
        #[expect(clippy::cast_precision_loss, reason = "ten")]
        let floor = f64::from(self.config.min_per_second) * WINDOW as f64;
        let allowed = (self.config.ratio * calls).max(floor);
        // Calls were split over seconds; their sum may be a little less than they were.
        let granted = retries + 1.0 <= allowed + 1e-6;
        if granted {
            self.retries[place(self.second)] += 1.0;
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
            reason = "a budget need not be exact beyond 2^53"
        )]
        let (new_calls, seconds) = (
            all_calls.saturating_sub(self.seen_calls) as f64,
            (elapsed + 1) as f64,
        );
        for back in (0..elapsed.min(WINDOW as u64)).rev() {
            let place = place(second - back);
            self.calls[place] = new_calls / seconds;
            self.retries[place] = 0.0;
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
