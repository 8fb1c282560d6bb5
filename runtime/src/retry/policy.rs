use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use super::nesting::{self, Payer, Within};
use super::{
    BudgetShare, RetryBudget, RetryConfig, RetryError, RetryEvent, RetryExhausted, RetryState,
    backoff,
};
use crate::core::Core;
use crate::registry::{Numbers, PatternKind, PatternSnapshot};
use crate::{AnyError, Classify, ConfigError, FailureKind, Mode};

/// Repeats calls that failed; see the [module](super).
///
/// It holds no state of any call: share one among as many as you like. A call that succeeds at
/// once writes no word that another thread reads.
#[derive(Debug)]
pub struct Retry {
    /// Its configuration is looked at only after a failure.
    core: Core<RetryConfig, dyn Fn(&RetryEvent) + Send + Sync>,
    max_attempts: AtomicU32,
    share: Arc<BudgetShare>,
}

crate::core::config!(
    RetryConfig,
    Mode,
    fixed: [(
        "budget",
        "all retries of the service share it; change it in the document and generate again"
    )]
);
crate::registry::pattern::pattern!(Retry, Retry);

/// What is counted.
#[derive(Clone, Copy)]
enum Count {
    Call,
    Retry,
    Success,
    GiveUp,
    BudgetSpent,
    WouldRetry,
}

impl Retry {
    /// A retry of this name with a budget of its own.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range.
    pub fn new(name: impl Into<String>, config: RetryConfig) -> Result<Self, ConfigError> {
        Self::with_budget(name, config, Arc::default())
    }

    /// A retry that shares its budget with others.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range.
    pub fn with_budget(
        name: impl Into<String>,
        config: RetryConfig,
        budget: Arc<RetryBudget>,
    ) -> Result<Self, ConfigError> {
        Ok(Self {
            max_attempts: AtomicU32::new(config.attempts),
            core: Core::new(name, config)?,
            share: BudgetShare::of(budget),
        })
    }

    /// The name.
    pub fn name(&self) -> &str {
        self.core.name()
    }

    /// The configuration in force.
    pub fn config(&self) -> RetryConfig {
        (*self.core.config()).clone()
    }

    /// The attempts that a call may make, the first included: 1 unless retries are enforced.
    ///
    /// Cheaper than [`config`](Self::config), for those who must know it before a failure.
    pub fn max_attempts(&self) -> u32 {
        match self.core.mode() {
            Mode::Enforce => self.max_attempts.load(Relaxed),
            Mode::Shadow | Mode::Off => 1,
        }
    }

    /// Whether it counts what it would do, and does nothing.
    #[cfg(feature = "service")]
    pub(crate) fn is_in_shadow(&self) -> bool {
        self.core.mode() == Mode::Shadow
    }

    /// The budget that it shares with others.
    pub fn budget(&self) -> &Arc<RetryBudget> {
        self.share.budget()
    }

    /// What its calls have of the budget.
    #[cfg(any(feature = "tower", feature = "client", test))]
    #[inline]
    pub(crate) fn share(&self) -> &Arc<BudgetShare> {
        &self.share
    }

    /// Replaces the configuration; calls that are on their way follow the new one from their
    /// next failure on.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range; the old one stays in force.
    pub fn reconfigure(&self, config: RetryConfig) -> Result<(), ConfigError> {
        self.core.set(config, |config| {
            self.max_attempts.store(config.attempts, Relaxed);
        })
    }

    /// Switches the mode, and nothing else.
    pub fn set_mode(&self, mode: Mode) {
        self.core.set_mode(mode);
    }

    /// Whether it is switched on.
    pub fn is_enabled(&self) -> bool {
        self.core.is_enabled()
    }

    /// Switches it off, or on again with the configuration that it had.
    pub fn set_enabled(&self, enabled: bool) {
        self.core.set_enabled(enabled);
    }

    /// Lets the counts of its [`snapshot`](Self::snapshot) begin from zero.
    pub fn forget_counts(&self) {
        self.core.counters.forget();
    }

    /// Does nothing: a retry has no state. What its budget has seen, others have spent as well.
    pub fn reset(&self) {}

    /// Tells the listener of every retry and every giving up from now on.
    ///
    /// It is called on the task that caused the event, so it must not block. There is one
    /// listener; the first to come stays, and `false` tells the others.
    pub fn on_event(&self, listener: impl Fn(&RetryEvent) + Send + Sync + 'static) -> bool {
        self.core.listener.set(Box::new(listener))
    }

    /// Begins a call: the first attempt is the caller's to make now.
    ///
    /// Together with [`next`](Self::next) and [`succeeded`](Self::succeeded) this is the whole
    /// of a retry for those who make the attempts themselves.
    ///
    /// ```
    /// use failsafe_runtime::{FailureKind, Retry, RetryConfig};
    ///
    /// let retry = Retry::new("fetch", RetryConfig { attempts: 2, ..Default::default() })?;
    /// let mut state = retry.start();
    /// assert!(retry.next(&mut state, FailureKind::Timeout).is_some());
    /// assert!(retry.next(&mut state, FailureKind::Timeout).is_none());
    /// # Ok::<(), failsafe_runtime::ConfigError>(())
    /// ```
    #[inline]
    pub fn start(&self) -> RetryState {
        self.start_on(&self.share)
    }

    /// Begins a call that counts for this share.
    #[inline]
    pub(crate) fn start_on(&self, share: &BudgetShare) -> RetryState {
        // A call within an attempt is part of a call that has been counted.
        if !nesting::is_within() {
            share.deposit();
        }
        self.count(Count::Call);
        RetryState {
            attempts: 1,
            previous_wait: Duration::ZERO,
        }
    }

    /// Counts a call that succeeded.
    #[inline]
    pub fn succeeded(&self, _state: &RetryState) {
        self.count(Count::Success);
    }

    /// What to do after an attempt failed: wait so long and try again, or, with `None`, give up.
    #[cold]
    pub fn next(&self, state: &mut RetryState, failure: FailureKind) -> Option<Duration> {
        self.next_within(state, failure, None, Duration::MAX)
    }

    /// The same for a call that was told when to come back (`retry_after`), or that has only so
    /// much time left. It waits as long as it was asked to, even if that is longer than it would
    /// have, and gives up where that is longer than `max_delay`, or the wait would use up all of
    /// its time: whoever comes back too early is refused again.
    #[cold]
    pub fn next_within(
        &self,
        state: &mut RetryState,
        failure: FailureKind,
        retry_after: Option<Duration>,
        time_left: Duration,
    ) -> Option<Duration> {
        self.next_on(&self.share, state, failure, retry_after, time_left)
    }

    /// The same for a call that counts for this share.
    #[cold]
    pub(crate) fn next_on(
        &self,
        share: &BudgetShare,
        state: &mut RetryState,
        failure: FailureKind,
        retry_after: Option<Duration>,
        time_left: Duration,
    ) -> Option<Duration> {
        let (config, mode) = (self.core.config(), self.core.mode());
        if mode == Mode::Off || !self.is_retryable(&config, failure) {
            if state.attempts > 1 {
                nesting::note_in_vain();
            }
            return None;
        }
        if state.attempts >= config.attempts {
            return self.give_up(state, failure, false);
        }
        let own = backoff::wait(&config, state.attempts, state.previous_wait);
        let wait = own.max(retry_after.unwrap_or_default());
        if wait >= time_left || retry_after.is_some_and(|asked| asked > config.max_delay()) {
            return self.give_up(state, failure, false);
        }
        if mode == Mode::Shadow {
            self.count(Count::WouldRetry);
            return None;
        }
        let is_paid = match nesting::payer() {
            Payer::Own => share.withdraw(),
            Payer::Outermost(outermost) => outermost.withdraw(),
            #[cfg(feature = "service")]
            Payer::Nobody => return self.give_up(state, failure, false),
        };
        if !is_paid {
            return self.give_up(state, failure, true);
        }
        state.attempts += 1;
        state.previous_wait = own;
        self.count(Count::Retry);
        let attempt = state.attempts;
        if let Some(listener) = self.core.listener.get() {
            listener(&RetryEvent::Retrying {
                attempt,
                wait,
                failure,
            });
        }
        Some(wait)
    }

    /// A panic is a fault of the program: to run into it again helps nobody.
    fn is_retryable(&self, config: &RetryConfig, failure: FailureKind) -> bool {
        failure != FailureKind::Panic && config.exceptions.matches(failure)
    }

    fn give_up(
        &self,
        state: &RetryState,
        failure: FailureKind,
        budget_spent: bool,
    ) -> Option<Duration> {
        self.count(Count::GiveUp);
        if budget_spent || state.attempts > 1 {
            nesting::note_in_vain();
        }
        if budget_spent {
            self.count(Count::BudgetSpent);
        }
        let attempts = state.attempts;
        if let Some(listener) = self.core.listener.get() {
            listener(&RetryEvent::GaveUp {
                attempts,
                failure,
                budget_spent,
            });
        }
        None
    }

    /// Whether a failure of this kind is one that is retried, so that the last one of a call
    /// means that all attempts failed.
    pub fn retries(&self, failure: FailureKind) -> bool {
        self.core.mode() == Mode::Enforce && self.is_retryable(&self.core.config(), failure)
    }

    /// Calls until it succeeds, or no attempt is left. Every `Err` is a failure.
    ///
    /// # Errors
    ///
    /// [`RetryError::Exhausted`] when the last attempt failed, too; [`RetryError::Inner`] when
    /// one failed in a way that `exceptions` does not name.
    ///
    /// # Panics
    ///
    /// When it has to wait and no tokio runtime with a timer is running.
    #[inline]
    pub fn call<F, Fut, T, E>(&self, f: F) -> impl Future<Output = Result<T, RetryError<E>>>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        self.call_with(AnyError, f)
    }

    /// Calls until the classifier finds a success, or no attempt is left.
    ///
    /// # Errors
    ///
    /// Those of [`call`](Self::call). An `Ok` that the classifier takes for a failure is returned
    /// as it is when no attempt is left.
    ///
    /// # Panics
    ///
    /// When it has to wait and no tokio runtime with a timer is running.
    #[inline]
    pub async fn call_with<C, F, Fut, T, E>(
        &self,
        classify: C,
        mut f: F,
    ) -> Result<T, RetryError<E>>
    where
        C: Classify<T, E>,
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        let mut state = self.start();
        loop {
            let outcome = Within::new(self.share.id(), f()).await;
            let Some(failure) = classify.classify(&outcome) else {
                self.succeeded(&state);
                return outcome.map_err(RetryError::Inner);
            };
            let asked = classify.retry_after(&outcome);
            match self.next_within(&mut state, failure, asked, Duration::MAX) {
                // In a box: only a call that has failed pays for it, and the others stay small.
                Some(wait) => Box::pin(tokio::time::sleep(wait)).await,
                None => return self.conclude(&state, failure, outcome),
            }
        }
    }

    /// The end of a call whose last attempt failed.
    #[cold]
    pub(super) fn conclude<T, E>(
        &self,
        state: &RetryState,
        failure: FailureKind,
        outcome: Result<T, E>,
    ) -> Result<T, RetryError<E>> {
        let attempts = state.attempts;
        outcome.map_err(|last| {
            if self.retries(failure) {
                RetryError::Exhausted(RetryExhausted { attempts, last })
            } else {
                RetryError::Inner(last)
            }
        })
    }

    #[inline]
    fn count(&self, count: Count) {
        self.core.counters.add(count as usize);
    }

    /// State and numbers at this moment.
    pub fn snapshot(&self) -> PatternSnapshot {
        let mode = self.core.mode();
        let count = |count: Count| self.core.counters.get(count as usize);
        let mut numbers = Numbers::default();
        numbers
            .counter("attempt", count(Count::Call) + count(Count::Retry))
            .counter("retry", count(Count::Retry))
            .counter("success", count(Count::Success))
            .counter("giveup", count(Count::GiveUp))
            .counter("budget_exhausted", count(Count::BudgetSpent))
            .counter("shadow_retry", count(Count::WouldRetry));
        numbers.into_snapshot(PatternKind::Retry, self.core.name(), mode.as_str(), "ready")
    }
}
