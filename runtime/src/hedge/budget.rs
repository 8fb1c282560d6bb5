use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::clock::{Clock, Nanos};
use crate::ledger::{self, Ledger};
use crate::stats::Counters;

/// How many attempts all calls together may make beyond their first.
///
/// When what is behind a hedge becomes slow for everybody, every call would be made twice, just
/// when one was too many.
///
/// A call costs a count in the caller's own cache line. Only an extra attempt looks at what all
/// callers have counted, and takes a lock for that.
#[derive(Debug)]
pub(super) struct Budget {
    calls: Counters,
    account: Mutex<Account>,
}

const CALLS: usize = 0;

#[derive(Debug)]
struct Account {
    max_extra: f64,
    ledger: Ledger,
    /// Attempts for which there was no leave.
    denied: u64,
}

impl Budget {
    pub(super) fn new(max_extra: f64, clock: &Clock) -> Self {
        Self {
            calls: Counters::new(),
            account: Mutex::new(Account {
                max_extra,
                ledger: Ledger::new(clock.now()),
                denied: 0,
            }),
        }
    }

    /// What was spent in the last ten seconds stays spent.
    pub(super) fn set_max_extra(&self, max_extra: f64) {
        self.lock().max_extra = max_extra;
    }

    /// Counts a call: the first attempt.
    #[inline]
    pub(super) fn deposit(&self) {
        self.calls.add(CALLS);
    }

    /// Asks for leave to make one extra attempt.
    pub(super) fn withdraw(&self, now: Nanos) -> bool {
        let calls = self.calls.get(CALLS);
        let mut account = self.lock();
        let share = account.max_extra;
        // After a quiet time the first call that is slow shall be helped, too.
        let floor = if share > 0.0 { 1.0 } else { 0.0 };
        let granted = account
            .ledger
            .withdraw(calls, now, ledger::Allowance { share, floor });
        account.denied += u64::from(!granted);
        granted
    }

    /// Counts an attempt for which there was no leave elsewhere.
    #[cfg(feature = "retry")]
    pub(super) fn note_denied(&self) {
        self.lock().denied += 1;
    }

    pub(super) fn denied(&self) -> u64 {
        self.lock().denied
    }

    pub(super) fn forget_denied(&self) {
        self.lock().denied = 0;
    }

    fn lock(&self) -> MutexGuard<'_, Account> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
