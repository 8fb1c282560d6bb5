use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use super::fuse::{Admission, Fuse, NEVER, Opening, Outcome, Ticket};
use super::{
    FailFastConfig, FailFastError, FailFastEvent, FailFastOpen, FailFastPermit, FailFastState,
    OwnedFailFastPermit,
};
use crate::clock::Clock;
use crate::core::Core;
use crate::listener::Listener;
use crate::registry::{Numbers, PatternKind, PatternSnapshot};
use crate::{AnyError, Classify, ConfigError, Mode};

/// Refuses calls to what is broken until somebody says that it is repaired; see the
/// [module](super).
///
/// All methods take `&self`; share it behind an [`Arc`]. While it is closed and no failure is on
/// record, a call reads one shared word and writes none.
#[derive(Debug)]
pub struct FailFast {
    core: Core<FailFastConfig, dyn Fn(&FailFastEvent) + Send + Sync>,
    clock: Clock,
    fuse: Fuse,
    health: Listener<dyn Fn() -> bool + Send + Sync>,
}

crate::core::config!(FailFastConfig, Mode);
crate::registry::pattern::pattern!(FailFast, FailFast);

/// What is counted.
#[derive(Clone, Copy)]
enum Count {
    Success,
    Failure,
    Rejected,
    WouldReject,
    Opened,
    Closed,
}

impl FailFast {
    /// A fail-fast of this name, closed.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range.
    pub fn new(name: impl Into<String>, config: FailFastConfig) -> Result<Self, ConfigError> {
        Ok(Self {
            fuse: Fuse::new(
                config.failure_threshold,
                recovery_millis(config.recovery_timeout),
            ),
            core: Core::new(name, config)?,
            clock: Clock::start(),
            health: Listener::default(),
        })
    }

    /// The same with a health check; see [`set_health`](Self::set_health).
    #[must_use]
    pub fn with_health(self, is_well: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        self.set_health(is_well);
        self
    }

    /// Closes it as soon as this says that what failed is well again.
    ///
    /// It is asked while it is open and somebody calls or reads the state, for the first time a
    /// second after it opened, then once a second at most, and never by two at a time. It is asked
    /// on the task of that call, so it must not block: read what a check in the background has
    /// found. There is one; the first to come stays, and `false` tells the others.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicBool, Ordering};
    /// use failsafe_runtime::{FailFast, FailFastConfig};
    ///
    /// let disk_is_writable = Arc::new(AtomicBool::new(true));
    /// let seen = Arc::clone(&disk_is_writable);
    /// let fail_fast = FailFast::new("files", FailFastConfig::default())?
    ///     .with_health(move || seen.load(Ordering::Relaxed));
    /// # Ok::<(), failsafe_runtime::ConfigError>(())
    /// ```
    pub fn set_health(&self, is_well: impl Fn() -> bool + Send + Sync + 'static) -> bool {
        self.health.set(Box::new(is_well))
    }

    /// The name.
    pub fn name(&self) -> &str {
        self.core.name()
    }

    /// The configuration in force.
    pub fn config(&self) -> FailFastConfig {
        (*self.core.config()).clone()
    }

    /// Replaces the configuration while calls are running; the state and its failures are kept.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range; the old one stays in force.
    pub fn reconfigure(&self, config: FailFastConfig) -> Result<(), ConfigError> {
        self.core.set(config, |config| {
            self.fuse
                .failure_threshold
                .store(config.failure_threshold, Relaxed);
            self.fuse
                .recovery_millis
                .store(recovery_millis(config.recovery_timeout), Relaxed);
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

    /// Closes it and forgets its failures.
    pub fn reset(&self) {
        self.close();
    }

    /// Closes it: what failed is repaired. Its failures are forgotten, also those of calls that
    /// are still on their way.
    pub fn close(&self) {
        if self.fuse.close() {
            self.changed(FailFastState::Closed);
        }
    }

    /// Opens it without waiting for failures, for work on what is behind it.
    pub fn open(&self) {
        if self.fuse.open(self.millis()) {
            self.changed(FailFastState::Open);
        }
    }

    /// Tells the listener of every change of state and every refusal from now on.
    ///
    /// It is called on the task that caused the event, so it must not block. There is one
    /// listener; the first to come stays, and `false` tells the others.
    pub fn on_event(&self, listener: impl Fn(&FailFastEvent) + Send + Sync + 'static) -> bool {
        self.core.listener.set(Box::new(listener))
    }

    /// What it does at this moment: no call is needed for it to read as closed when its time to
    /// recover is over, or what failed is well again.
    pub fn state(&self) -> FailFastState {
        let now = self.millis();
        match self.fuse.opening(now) {
            Some(opening) if self.core.mode() != Mode::Off && !self.is_well(opening, now) => {
                FailFastState::Open
            }
            _ => FailFastState::Closed,
        }
    }

    /// Leave to make one call.
    ///
    /// # Errors
    ///
    /// When it is open.
    #[inline]
    pub fn acquire(&self) -> Result<FailFastPermit<&Self>, FailFastOpen> {
        Ok(FailFastPermit::new(self, self.admit()?))
    }

    /// Leave to make one call, as a permit that keeps the fail-fast alive.
    ///
    /// # Errors
    ///
    /// When it is open.
    #[inline]
    pub fn acquire_owned(self: &Arc<Self>) -> Result<OwnedFailFastPermit, FailFastOpen> {
        Self::acquire_by(Arc::clone(self))
    }

    /// The same for whoever holds it.
    #[inline]
    pub(super) fn acquire_by<P>(this: P) -> Result<FailFastPermit<P>, FailFastOpen>
    where
        P: Deref<Target = Self>,
    {
        let ticket = this.admit()?;
        Ok(FailFastPermit::new(this, ticket))
    }

    /// Makes the call unless it is open. Every `Err` is a failure.
    ///
    /// # Errors
    ///
    /// [`FailFastError::Open`] when it is, or the call's own error.
    #[inline]
    pub fn call<F, Fut, T, E>(&self, f: F) -> impl Future<Output = Result<T, FailFastError<E>>>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        self.call_with(AnyError, f)
    }

    /// Makes the call unless it is open; the classifier tells failures.
    ///
    /// A call that panics is a failure; one that is dropped is nothing at all.
    ///
    /// # Errors
    ///
    /// [`FailFastError::Open`] when it is, or the call's own error.
    #[inline]
    pub async fn call_with<C, F, Fut, T, E>(&self, classify: C, f: F) -> Result<T, FailFastError<E>>
    where
        C: Classify<T, E>,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        let mut permit = self.acquire().map_err(FailFastError::Open)?;
        let outcome = f().await;
        match classify.classify(&outcome) {
            Some(_) => permit.end(Outcome::Failure),
            None => permit.end(Outcome::Success),
        }
        outcome.map_err(FailFastError::Inner)
    }

    #[inline]
    pub(super) fn admit(&self) -> Result<Ticket, FailFastOpen> {
        if self.core.mode() == Mode::Enforce
            && let Some(ticket) = self.fuse.admit_if_closed()
        {
            return Ok(ticket);
        }
        self.admit_or_refuse()
    }

    #[cold]
    fn admit_or_refuse(&self) -> Result<Ticket, FailFastOpen> {
        let mode = self.core.mode();
        if mode == Mode::Off {
            return Ok(Ticket::NONE);
        }
        loop {
            let now = self.millis();
            match self.fuse.admit(now) {
                Admission::Closed(ticket) => return Ok(ticket),
                Admission::Recovered(ticket) => {
                    self.changed(FailFastState::Closed);
                    return Ok(ticket);
                }
                Admission::Open(opening) if self.is_well(opening, now) => {}
                Admission::Open(opening) => {
                    let open = self.refused(mode, opening, now);
                    return if mode == Mode::Shadow {
                        Ok(Ticket::NONE)
                    } else {
                        Err(open)
                    };
                }
            }
        }
    }

    /// Asks the health check, if there is one and it is time to, and closes what it says is well.
    fn is_well(&self, opening: Opening, now: u64) -> bool {
        let is_well = self
            .health
            .get()
            .is_some_and(|is_well| self.fuse.is_to_ask(opening, now) && is_well());
        if is_well && self.fuse.end(opening) {
            self.changed(FailFastState::Closed);
        }
        is_well
    }

    /// Records how a call ended that was let through with a ticket.
    #[inline]
    pub(super) fn record(&self, ticket: Ticket, outcome: Outcome) {
        self.count(match outcome {
            Outcome::Success => Count::Success,
            Outcome::Failure => Count::Failure,
        });
        if self.fuse.record(ticket, outcome, || self.millis()) {
            self.changed(FailFastState::Open);
        }
    }

    fn refused(&self, mode: Mode, opening: Opening, now: u64) -> FailFastOpen {
        let question = self
            .health
            .get()
            .map(|_| self.fuse.until_question(opening, now));
        let retry_after = opening
            .left
            .into_iter()
            .chain(question)
            .min()
            .map(Duration::from_millis);
        self.count(if mode == Mode::Shadow {
            Count::WouldReject
        } else {
            Count::Rejected
        });
        if let Some(listener) = self.core.listener.get() {
            listener(&FailFastEvent::Rejected { retry_after });
        }
        FailFastOpen { retry_after }
    }

    #[cold]
    fn changed(&self, to: FailFastState) {
        self.count(match to {
            FailFastState::Open => Count::Opened,
            FailFastState::Closed => Count::Closed,
        });
        if let Some(listener) = self.core.listener.get() {
            listener(&FailFastEvent::StateChanged { to });
        }
    }

    #[inline]
    fn count(&self, count: Count) {
        self.core.counters.add(count as usize);
    }

    fn millis(&self) -> u64 {
        self.clock.now() / 1_000_000
    }

    /// State and numbers at this moment.
    pub fn snapshot(&self) -> PatternSnapshot {
        let state = self.state();
        let count = |count: Count| self.core.counters.get(count as usize);
        let mut numbers = Numbers::default();
        numbers
            .counter("success", count(Count::Success))
            .counter("failure", count(Count::Failure))
            .counter("rejected", count(Count::Rejected))
            .counter("shadow_rejected", count(Count::WouldReject))
            .counter("opened", count(Count::Opened))
            .counter("closed", count(Count::Closed));
        for each in [FailFastState::Closed, FailFastState::Open] {
            let is_it = f64::from(u8::from(each == state));
            numbers.labelled_gauge("state", &[("state", each.as_str())], is_it);
        }
        numbers.into_snapshot(
            PatternKind::FailFast,
            self.name(),
            self.core.mode().as_str(),
            state.as_str(),
        )
    }
}

/// Rounded up, so that the least is a millisecond.
fn recovery_millis(timeout: Option<Duration>) -> u64 {
    timeout.map_or(NEVER, |timeout| {
        u64::try_from(timeout.as_nanos().div_ceil(1_000_000)).unwrap_or(NEVER)
    })
}
