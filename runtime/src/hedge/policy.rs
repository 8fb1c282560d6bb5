use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use tokio::time::Instant;

use super::budget::Budget;
use super::latencies::Latencies;
use super::race::Race;
use super::state::Plan;
use super::{
    HedgeConfig, HedgeDelay, HedgeError, HedgeEvent, HedgeState, HedgeStep, HedgeTimedOut,
};
use crate::clock::{Clock, Nanos, to_nanos};
use crate::core::Core;
use crate::registry::{Numbers, PatternKind, PatternSnapshot};
use crate::{AnyError, Classify, ConfigError, Mode};

/// Makes calls that are slow a second time, and takes the first answer; see the [module](super).
///
/// All methods take `&self`; share it behind an [`Arc`](std::sync::Arc). A call that is ready at
/// once writes no word that another thread reads, unless latencies are observed.
#[derive(Debug)]
pub struct Hedge {
    core: Core<HedgeConfig, dyn Fn(&HedgeEvent) + Send + Sync>,
    clock: Clock,
    attempts: AtomicU32,
    /// In nanoseconds; counts while there is no percentile.
    delay: AtomicU64,
    /// Zero when the delay is fixed.
    percentile: AtomicU8,
    /// In nanoseconds, or [`UNBOUNDED`].
    timeout: AtomicU64,
    latencies: Latencies,
    budget: Budget,
}

crate::core::config!(HedgeConfig, Mode);
crate::registry::pattern::pattern!(Hedge, Hedge);

/// Longer than any duration that a configuration may hold.
const UNBOUNDED: u64 = u64::MAX;

/// What is counted.
#[derive(Clone, Copy)]
enum Count {
    Success,
    Failure,
    AllFailed,
    TimedOut,
    Extra,
    ExtraWon,
    WouldHedge,
    WouldTimeOut,
}

impl Hedge {
    /// A hedge of this name.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range.
    pub fn new(name: impl Into<String>, config: HedgeConfig) -> Result<Self, ConfigError> {
        let clock = Clock::start();
        let this = Self {
            attempts: AtomicU32::new(0),
            delay: AtomicU64::new(0),
            percentile: AtomicU8::new(0),
            timeout: AtomicU64::new(UNBOUNDED),
            latencies: Latencies::new(),
            budget: Budget::new(config.max_extra, &clock),
            core: Core::new(name, config)?,
            clock,
        };
        this.take(&this.core.config());
        Ok(this)
    }

    /// Copies what calls read of the configuration.
    fn take(&self, config: &HedgeConfig) {
        let (delay, percentile) = match config.delay {
            HedgeDelay::After(delay) => (delay, 0),
            HedgeDelay::Percentile(percentile) => (HedgeDelay::DEFAULT, percentile),
        };
        self.attempts.store(config.attempts, Relaxed);
        self.delay.store(to_nanos(delay), Relaxed);
        self.percentile.store(percentile, Relaxed);
        self.timeout
            .store(config.timeout.map_or(UNBOUNDED, to_nanos), Relaxed);
        self.budget.set_max_extra(config.max_extra);
    }

    /// The name.
    pub fn name(&self) -> &str {
        self.core.name()
    }

    /// The configuration in force.
    pub fn config(&self) -> HedgeConfig {
        (*self.core.config()).clone()
    }

    /// Replaces the configuration; calls that are on their way follow the new one from their next
    /// attempt on. The latencies that were seen, and the extra calls that were made, are kept.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range; the old one stays in force.
    pub fn reconfigure(&self, config: HedgeConfig) -> Result<(), ConfigError> {
        self.core.set(config, |config| self.take(config))
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
        self.budget.forget_denied();
    }

    /// Forgets the latencies that were seen. The extra calls of the last seconds were made, and
    /// stay counted.
    pub fn reset(&self) {
        self.latencies.forget();
    }

    /// Tells the listener of every extra attempt and every giving up from now on.
    ///
    /// It is called on the task that caused the event, so it must not block. There is one
    /// listener; the first to come stays, and `false` tells the others.
    pub fn on_event(&self, listener: impl Fn(&HedgeEvent) + Send + Sync + 'static) -> bool {
        self.core.listener.set(Box::new(listener))
    }

    /// The attempts that a call may make, the first included: 1 unless hedging is enforced.
    ///
    /// For those who must know before the first attempt whether there may be another, to which the
    /// same has to be given.
    pub fn max_attempts(&self) -> u32 {
        match self.core.mode() {
            Mode::Enforce => self.attempts.load(Relaxed),
            Mode::Shadow | Mode::Off => 1,
        }
    }

    /// The longest time of a call, where it is enforced.
    pub fn timeout(&self) -> Option<Duration> {
        let timeout = self.timeout.load(Relaxed);
        let is_enforced = self.core.mode() == Mode::Enforce;
        (is_enforced && timeout != UNBOUNDED).then(|| Duration::from_nanos(timeout))
    }

    /// How long an attempt runs alone at present: the fixed delay, or the percentile that was
    /// observed.
    pub fn delay(&self) -> Duration {
        let observed = self
            .percentile()
            .and_then(|percentile| self.latencies.percentile(self.clock.now(), percentile));
        observed.unwrap_or_else(|| Duration::from_nanos(self.delay.load(Relaxed)))
    }

    /// Begins a call: the first attempt is the caller's to make now.
    ///
    /// Together with [`wake_at`](Self::wake_at), [`woken`](Self::woken), [`failed`](Self::failed)
    /// and [`succeeded`](Self::succeeded) this is the whole of a hedge, for those who run the
    /// attempts themselves:
    ///
    /// - When an attempt succeeds, call `succeeded`, drop the others, and answer.
    /// - When one fails, call `failed`.
    /// - When all are pending, wait until `wake_at` as well, and call `woken` at that time.
    /// - What `failed` and `woken` return is what to do next.
    ///
    /// Of several attempts that end together look for a success first: a failure may ask for
    /// another attempt that nobody needs.
    ///
    /// ```
    /// use failsafe_runtime::hedge::HedgeStep;
    /// use failsafe_runtime::{Hedge, HedgeConfig};
    ///
    /// let hedge = Hedge::new("search", HedgeConfig::default())?;
    /// let mut state = hedge.start();
    /// assert_eq!(hedge.failed(&mut state), HedgeStep::Begin(2));
    /// assert_eq!(hedge.failed(&mut state), HedgeStep::GiveUp);
    /// # Ok::<(), failsafe_runtime::ConfigError>(())
    /// ```
    #[inline]
    pub fn start(&self) -> HedgeState {
        let mode = self.core.mode();
        if mode != Mode::Off {
            self.budget.deposit();
        }
        HedgeState {
            mode,
            begun: 1,
            running: 1,
            is_stopped: false,
            since: self.percentile().map(|_| self.clock.now()),
            plan: None,
        }
    }

    /// When to call [`woken`](Self::woken) if no attempt has ended by then. The times of a call
    /// begin when it asks for the first time, so ask when an attempt was found pending.
    pub fn wake_at(&self, state: &mut HedgeState) -> Option<Instant> {
        if state.mode == Mode::Off {
            return None;
        }
        let plan = match &mut state.plan {
            Some(plan) => plan,
            none => {
                let now = Instant::now();
                let timeout = self.timeout.load(Relaxed);
                none.insert(Plan {
                    next: (state.begun < self.attempts.load(Relaxed)).then(|| now + self.delay()),
                    end: (timeout != UNBOUNDED).then(|| {
                        let after = Duration::from_nanos(timeout);
                        (now + after, after)
                    }),
                })
            }
        };
        let end = plan.end.map(|(at, _)| at);
        plan.next.into_iter().chain(end).min()
    }

    /// What to do at the time for which the call has asked to be woken.
    pub fn woken(&self, state: &mut HedgeState) -> HedgeStep {
        let now = Instant::now();
        let Some(plan) = &mut state.plan else {
            return HedgeStep::Wait;
        };
        if let Some((_, after)) = plan.end.take_if(|(at, _)| *at <= now) {
            match self.time_is_up(state.mode, after) {
                Some(late) => return HedgeStep::TimedOut(late),
                None => return HedgeStep::Wait,
            }
        }
        match plan.next.take_if(|at| *at <= now) {
            Some(_) => self.begin(state).unwrap_or(HedgeStep::Wait),
            None => HedgeStep::Wait,
        }
    }

    /// What to do after an attempt failed.
    #[cold]
    pub fn failed(&self, state: &mut HedgeState) -> HedgeStep {
        state.running = state.running.saturating_sub(1);
        if state.mode == Mode::Off {
            return HedgeStep::GiveUp;
        }
        self.count(Count::Failure);
        match self.begin(state) {
            Some(step) => step,
            None if state.running > 0 => HedgeStep::Wait,
            None => {
                self.count(Count::AllFailed);
                let attempts = state.begun;
                self.tell(HedgeEvent::AllFailed { attempts });
                HedgeStep::GiveUp
            }
        }
    }

    /// Counts a call that an attempt of this number has decided.
    #[inline]
    pub fn succeeded(&self, state: &HedgeState, attempt: u32) {
        if state.mode == Mode::Off {
            return;
        }
        self.count(Count::Success);
        if attempt > 1 {
            self.count(Count::ExtraWon);
        }
        if let Some(since) = state.since {
            self.observe(since);
        }
    }

    /// Another attempt, if there may be one.
    fn begin(&self, state: &mut HedgeState) -> Option<HedgeStep> {
        let most = self.attempts.load(Relaxed);
        if state.is_stopped || state.begun >= most || !self.budget.withdraw(self.clock.now()) {
            return None;
        }
        #[cfg(feature = "retry")]
        if state.mode == Mode::Enforce && !crate::retry::nesting::pays_for_one_more() {
            self.budget.note_denied();
            return None;
        }
        if state.mode == Mode::Shadow {
            self.count(Count::WouldHedge);
            return None;
        }
        state.begun += 1;
        state.running += 1;
        if let Some(plan) = &mut state.plan {
            plan.next = (state.begun < most).then(|| Instant::now() + self.delay());
        }
        self.count(Count::Extra);
        let attempt = state.begun;
        self.tell(HedgeEvent::Hedged { attempt });
        Some(HedgeStep::Begin(attempt))
    }

    /// Counts a call whose time is up, and says whether to drop it.
    #[cold]
    fn time_is_up(&self, mode: Mode, after: Duration) -> Option<HedgeTimedOut> {
        let is_enforced = mode == Mode::Enforce;
        self.count(if is_enforced {
            Count::TimedOut
        } else {
            Count::WouldTimeOut
        });
        self.tell(HedgeEvent::TimedOut { after });
        is_enforced.then_some(HedgeTimedOut { after })
    }

    /// Which percentile the delay is, if it is one.
    #[inline]
    fn percentile(&self) -> Option<u8> {
        Some(self.percentile.load(Relaxed)).filter(|percentile| *percentile != 0)
    }

    fn observe(&self, since: Nanos) {
        let now = self.clock.now();
        self.latencies.record(now, now.saturating_sub(since));
    }

    /// Calls, and calls again beside an attempt that is slow. Every `Err` is a failure.
    ///
    /// # Errors
    ///
    /// [`HedgeError::TimedOut`] when the `timeout` is over, or the last error when all attempts
    /// failed.
    ///
    /// # Panics
    ///
    /// When it has to wait and no tokio runtime with a timer is running.
    #[inline]
    pub fn call<F, Fut, T, E>(&self, f: F) -> impl Future<Output = Result<T, HedgeError<E>>>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        self.call_with(AnyError, f)
    }

    /// Calls, and calls again beside an attempt that is slow; the classifier tells failures.
    ///
    /// Dropped, it drops every attempt.
    ///
    /// # Errors
    ///
    /// Those of [`call`](Self::call). An `Ok` that the classifier takes for a failure is returned
    /// as it is when all attempts failed.
    ///
    /// # Panics
    ///
    /// When it has to wait and no tokio runtime with a timer is running.
    #[inline]
    pub async fn call_with<C, F, Fut, T, E>(
        &self,
        classify: C,
        mut f: F,
    ) -> Result<T, HedgeError<E>>
    where
        C: Classify<T, E>,
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        // Not through `call_from`: a state that passes through another future is copied, which
        // takes longer than all the rest.
        let state = self.start();
        let first = f();
        Race::new(self, state, classify, first, f).await
    }

    /// The same for a call that has [begun](Self::start): for those who have to know whether
    /// [it may be repeated](HedgeState::may_repeat) before they make the first attempt.
    ///
    /// # Errors
    ///
    /// Those of [`call_with`](Self::call_with).
    ///
    /// # Panics
    ///
    /// When it has to wait and no tokio runtime with a timer is running.
    #[inline]
    pub async fn call_from<C, F, Fut, T, E>(
        &self,
        state: HedgeState,
        classify: C,
        mut f: F,
    ) -> Result<T, HedgeError<E>>
    where
        C: Classify<T, E>,
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        let first = f();
        Race::new(self, state, classify, first, f).await
    }

    fn tell(&self, event: HedgeEvent) {
        if let Some(listener) = self.core.listener.get() {
            listener(&event);
        }
    }

    #[inline]
    fn count(&self, count: Count) {
        self.core.counters.add(count as usize);
    }

    /// State and numbers at this moment.
    pub fn snapshot(&self) -> PatternSnapshot {
        let count = |count: Count| self.core.counters.get(count as usize);
        let mut numbers = Numbers::default();
        numbers
            .counter("success", count(Count::Success))
            .counter("failure", count(Count::Failure))
            .counter("all_failed", count(Count::AllFailed))
            .counter("timeout", count(Count::TimedOut))
            .counter("extra", count(Count::Extra))
            .counter("extra_won", count(Count::ExtraWon))
            .counter("budget_exhausted", self.budget.denied())
            .counter("shadow_extra", count(Count::WouldHedge))
            .counter("shadow_timeout", count(Count::WouldTimeOut))
            .gauge("delay_seconds", self.delay().as_secs_f64());
        numbers.into_snapshot(
            PatternKind::Hedge,
            self.name(),
            self.core.mode().as_str(),
            "ready",
        )
    }
}
