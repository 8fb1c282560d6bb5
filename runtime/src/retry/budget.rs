use std::sync::{Mutex, MutexGuard, PoisonError};

use super::BudgetConfig;
use super::nesting::{self, BudgetId};
use crate::ConfigError;
use crate::clock::Clock;
use crate::ledger::{Allowance, Ledger, WINDOW};
use crate::stats::Counters;

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
///
/// A retry within an attempt of another retry takes from the other one's budget, and is no call of
/// its own: however many retries stand around each other, together they make no more than `ratio`.
#[derive(Debug)]
pub struct RetryBudget {
    id: BudgetId,
    clock: Clock,
    calls: Counters,
    account: Mutex<Account>,
}

const CALLS: usize = 0;

#[derive(Debug)]
struct Account {
    config: BudgetConfig,
    ledger: Ledger,
}

impl RetryBudget {
    /// A budget.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range.
    pub fn new(config: BudgetConfig) -> Result<Self, ConfigError> {
        config.validate()?;
        let clock = Clock::start();
        let ledger = Ledger::new(clock.now());
        Ok(Self {
            id: BudgetId::new(),
            clock,
            calls: Counters::new(),
            account: Mutex::new(Account { config, ledger }),
        })
    }

    /// The configuration in force.
    pub fn config(&self) -> BudgetConfig {
        self.lock().config
    }

    /// Replaces the configuration; what was spent in the last ten seconds stays spent.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range; the old one stays in force.
    pub fn reconfigure(&self, config: BudgetConfig) -> Result<(), ConfigError> {
        config.validate()?;
        self.lock().config = config;
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
        let mut account = self.lock();
        let allowance = account.config.allowance();
        account.ledger.withdraw(calls, self.clock.now(), allowance)
    }

    #[inline]
    pub(crate) fn id(&self) -> BudgetId {
        self.id
    }

    fn lock(&self) -> MutexGuard<'_, Account> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for RetryBudget {
    fn drop(&mut self) {
        nesting::unregister(self);
    }
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self::new(BudgetConfig::default()).expect("the defaults are in range")
    }
}

impl BudgetConfig {
    #[expect(clippy::cast_precision_loss, reason = "ten")]
    pub(super) fn allowance(&self) -> Allowance {
        Allowance {
            share: self.ratio,
            floor: f64::from(self.min_per_second) * WINDOW as f64,
        }
    }
}
