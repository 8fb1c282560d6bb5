use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::RetryBudget;
use super::nesting::{self, ShareId};
use crate::ledger::Ledger;
use crate::stats::Counters;

/// Calls to one thing, which is up or down on its own, and what they have of a budget.
#[derive(Debug)]
pub(crate) struct BudgetShare {
    id: ShareId,
    calls: Counters,
    /// Looked at only while the budget is locked.
    ledger: Mutex<Ledger>,
    budget: Arc<RetryBudget>,
}

const CALLS: usize = 0;

impl BudgetShare {
    pub(crate) fn of(budget: Arc<RetryBudget>) -> Arc<Self> {
        let this = Arc::new(Self {
            id: ShareId::new(),
            calls: Counters::new(),
            ledger: Mutex::new(Ledger::new(budget.clock.now())),
            budget,
        });
        nesting::register(&this);
        this
    }

    #[inline]
    pub(crate) fn id(&self) -> ShareId {
        self.id
    }

    pub(crate) fn budget(&self) -> &Arc<RetryBudget> {
        &self.budget
    }

    /// Counts a call: the first attempt, not its retries.
    #[inline]
    pub(super) fn deposit(&self) {
        self.calls.add(CALLS);
    }

    /// Asks for leave to make one retry.
    pub(crate) fn withdraw(&self) -> bool {
        self.budget.withdraw(self)
    }

    pub(super) fn calls(&self) -> u64 {
        self.calls.get(CALLS)
    }

    pub(super) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for BudgetShare {
    fn drop(&mut self) {
        nesting::unregister(self.id);
    }
}
