#[cfg(test)]
mod tests;

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{BudgetConfig, BudgetShare};
use crate::ConfigError;
use crate::clock::Clock;
use crate::ledger::{Allowance, Ledger, WINDOW};

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
/// # What counts as calls
///
/// Each [`Retry`](super::Retry) has a share of its own, of its own calls, and all of them together
/// have a share of the calls of those that have something to repeat. Otherwise the calls that
/// succeed elsewhere would pay for retries where nothing does: with as many calls to one backend
/// that is up as to one that is down, the latter would see 1.4 times its calls. So let two backends
/// that go down apart have a retry each. In a service each operation has its share, also where
/// several have one retry, and so has each host that a `Client` calls. The floor is one for all.
///
/// A call costs a count in the caller's own cache line. Only a retry looks at what all callers
/// have counted, and takes a lock for that.
///
/// A retry within an attempt of another retry takes from the other one's share, and is no call of
/// its own: however many retries stand around each other, together they make no more than
/// `ratio`. So it is with what a hedge within an attempt adds.
#[derive(Debug)]
pub struct RetryBudget {
    pub(super) clock: Clock,
    account: Mutex<Account>,
}

#[derive(Debug)]
struct Account {
    config: BudgetConfig,
    /// The calls and retries of every share that has asked for a retry.
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
            clock,
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

    /// Asks for leave to make one retry at the cost of this share.
    pub(super) fn withdraw(&self, share: &BudgetShare) -> bool {
        let mut account = self.lock();
        let allowance = account.config.allowance();
        let mut own = share.ledger();
        let arrived = own.arrive(share.calls(), self.clock.now());
        account.ledger.add(arrived);
        let floor = Allowance {
            share: 0.0,
            ..allowance
        };
        let ratio = Allowance {
            floor: 0.0,
            ..allowance
        };
        // Beside its own share also that of all who ask: else what the floor has let through would
        // come on top of it.
        let granted =
            account.ledger.allows(floor) || (own.allows(ratio) && account.ledger.allows(allowance));
        if granted {
            own.spend();
            account.ledger.spend();
        }
        granted
    }

    fn lock(&self) -> MutexGuard<'_, Account> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
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
