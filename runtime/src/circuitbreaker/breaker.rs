use std::ops::Deref;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::circuit::{Circuit, Outcome, Phase, Rules, Ticket, Transition};
use super::window::{Ended, Window};
use super::{
    CircuitBreakerConfig, CircuitBreakerError, CircuitBreakerEvent, CircuitOpen, CircuitPermit,
    CircuitState, OwnedCircuitPermit,
};
use crate::clock::Clock;
use crate::core::Core;
use crate::registry::{Numbers, PatternKind, PatternSnapshot};
use crate::sync::{AtomicU32, AtomicU64, Ordering::Relaxed};
use crate::{AnyError, CircuitMode, Classify, ConfigError};

/// Stops calls to something that keeps failing; see the [module](super).
///
/// All methods take `&self`; share it behind an [`Arc`]. While it is closed and no failure is on
/// record, a call reads one shared word and writes none.
#[derive(Debug)]
pub struct CircuitBreaker {
    core: Core<CircuitBreakerConfig, dyn Fn(&CircuitBreakerEvent) + Send + Sync>,
    clock: Clock,
    circuit: Circuit,
    /// The configuration asks for a window.
    has_window: AtomicBool,
    /// The microseconds from which a call is slow; [`NEVER`] where that does not matter.
    slow_micros: AtomicU64,
    recent: Mutex<Option<Recent>>,
}

/// The last calls of a closed circuit, and in which of its lives they were made.
#[derive(Debug)]
struct Recent {
    life: Ticket,
    window: Window,
}

const NEVER: u64 = u64::MAX;

crate::core::config!(CircuitBreakerConfig, CircuitMode);
crate::registry::pattern::pattern!(CircuitBreaker, CircuitBreaker);

/// What is counted.
#[derive(Clone, Copy)]
enum Count {
    Success,
    Failure,
    Rejected,
    WouldReject,
    Opened,
    HalfOpened,
    Closed,
    Slow,
}

impl CircuitBreaker {
    /// A circuit breaker of this name, closed.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range.
    pub fn new(name: impl Into<String>, config: CircuitBreakerConfig) -> Result<Self, ConfigError> {
        let rules = Rules {
            failure_threshold: AtomicU32::new(config.failure_threshold),
            recovery_micros: AtomicU64::new(micros(config.recovery_timeout)),
            half_open_requests: AtomicU32::new(config.half_open_requests),
            success_threshold: AtomicU32::new(config.successes_to_close()),
        };
        let (has_window, slow_micros) = (config.window.is_some(), slow_micros(&config));
        Ok(Self {
            core: Core::new(name, config)?,
            clock: Clock::start(),
            circuit: Circuit::new(rules),
            has_window: AtomicBool::new(has_window),
            slow_micros: AtomicU64::new(slow_micros),
            recent: Mutex::new(None),
        })
    }

    /// The name.
    pub fn name(&self) -> &str {
        self.core.name()
    }

    /// The configuration in force.
    pub fn config(&self) -> CircuitBreakerConfig {
        (*self.core.config()).clone()
    }

    /// Replaces the configuration while calls are running; the state and its failures are kept.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range; the old one stays in force.
    pub fn reconfigure(&self, config: CircuitBreakerConfig) -> Result<(), ConfigError> {
        let rules = &self.circuit.rules;
        self.core.set(config, |config| {
            rules
                .failure_threshold
                .store(config.failure_threshold, Relaxed);
            rules
                .recovery_micros
                .store(micros(config.recovery_timeout), Relaxed);
            rules
                .half_open_requests
                .store(config.half_open_requests, Relaxed);
            rules
                .success_threshold
                .store(config.successes_to_close(), Relaxed);
            self.has_window.store(config.window.is_some(), Relaxed);
            self.slow_micros.store(slow_micros(config), Relaxed);
            // Made anew, by the new rules, with the next call.
            *self.lock_recent() = None;
        })
    }

    /// Switches the mode, and nothing else.
    pub fn set_mode(&self, mode: CircuitMode) {
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

    /// Closes the circuit and forgets its failures.
    pub fn reset(&self) {
        self.circuit.reset();
    }

    /// Tells the listener of every change of state and every refusal from now on.
    ///
    /// It is called on the task that caused the event, so it must not block. There is one
    /// listener; the first to come stays, and `false` tells the others.
    pub fn on_event(
        &self,
        listener: impl Fn(&CircuitBreakerEvent) + Send + Sync + 'static,
    ) -> bool {
        self.core.listener.set(Box::new(listener))
    }

    /// What the circuit does at this moment, by time alone: no call is needed for an open
    /// circuit to read as half open.
    pub fn state(&self) -> CircuitState {
        match self.core.mode() {
            CircuitMode::ForcedOpen => CircuitState::Open,
            CircuitMode::ForcedClosed | CircuitMode::Off => CircuitState::Closed,
            CircuitMode::Enforce | CircuitMode::Shadow => match self.circuit.phase(self.micros()) {
                Phase::Closed => CircuitState::Closed,
                Phase::Open => CircuitState::Open,
                Phase::HalfOpen => CircuitState::HalfOpen,
            },
        }
    }

    /// Leave to make one call.
    ///
    /// # Errors
    ///
    /// When the circuit is open, or half open with all its probes on their way.
    #[inline]
    pub fn acquire(&self) -> Result<CircuitPermit<&Self>, CircuitOpen> {
        Ok(CircuitPermit::new(self, self.admit()?))
    }

    /// Leave to make one call, as a permit that keeps the breaker alive.
    ///
    /// # Errors
    ///
    /// When the circuit is open, or half open with all its probes on their way.
    #[inline]
    pub fn acquire_owned(self: &Arc<Self>) -> Result<OwnedCircuitPermit, CircuitOpen> {
        Self::acquire_by(Arc::clone(self))
    }

    /// The same for whoever holds it.
    #[inline]
    pub(super) fn acquire_by<P>(this: P) -> Result<CircuitPermit<P>, CircuitOpen>
    where
        P: Deref<Target = Self>,
    {
        let ticket = this.admit()?;
        Ok(CircuitPermit::new(this, ticket))
    }

    /// Makes the call if the circuit lets it pass. Every `Err` is a failure.
    ///
    /// # Errors
    ///
    /// [`CircuitBreakerError::Open`] when it does not, or the call's own error.
    #[inline]
    pub fn call<F, Fut, T, E>(
        &self,
        f: F,
    ) -> impl Future<Output = Result<T, CircuitBreakerError<E>>>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        self.call_with(AnyError, f)
    }

    /// Makes the call if the circuit lets it pass; the classifier tells failures.
    ///
    /// A call that panics is a failure; one that is dropped is nothing at all.
    ///
    /// # Errors
    ///
    /// [`CircuitBreakerError::Open`] when it does not, or the call's own error.
    #[inline]
    pub async fn call_with<C, F, Fut, T, E>(
        &self,
        classify: C,
        f: F,
    ) -> Result<T, CircuitBreakerError<E>>
    where
        C: Classify<T, E>,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        let mut permit = self.acquire().map_err(CircuitBreakerError::Open)?;
        let outcome = f().await;
        match classify.classify(&outcome) {
            Some(_) => permit.end(Outcome::Failure),
            None => permit.end(Outcome::Success),
        }
        outcome.map_err(CircuitBreakerError::Inner)
    }

    #[inline]
    pub(super) fn admit(&self) -> Result<Ticket, CircuitOpen> {
        if self.core.mode() == CircuitMode::Enforce
            && let Some(ticket) = self.circuit.admit_if_closed()
        {
            return Ok(ticket);
        }
        self.admit_or_refuse()
    }

    #[cold]
    fn admit_or_refuse(&self) -> Result<Ticket, CircuitOpen> {
        let mode = self.core.mode();
        match mode {
            CircuitMode::Off | CircuitMode::ForcedClosed => return Ok(Ticket::NONE),
            CircuitMode::ForcedOpen => {
                let recovery = self.circuit.rules.recovery_micros.load(Relaxed);
                return Err(self.refused(Duration::from_micros(recovery)));
            }
            CircuitMode::Enforce | CircuitMode::Shadow => {}
        }
        match self.circuit.admit(self.micros()) {
            Ok((ticket, transition)) => {
                if let Some(transition) = transition {
                    self.changed(transition);
                }
                Ok(ticket)
            }
            Err(_) if mode == CircuitMode::Shadow => {
                self.count(Count::WouldReject);
                Ok(Ticket::NONE)
            }
            Err(wait) => Err(self.refused(Duration::from_micros(wait.0))),
        }
    }

    /// Records how a call ended that was let through with a ticket.
    #[inline]
    pub(super) fn record(&self, ticket: Ticket, outcome: Outcome, began: Option<u64>) {
        match outcome {
            Outcome::Success => self.count(Count::Success),
            Outcome::Failure => self.count(Count::Failure),
            Outcome::Nothing => {}
        }
        let transition = if self.has_window.load(Relaxed) {
            self.record_by_window(ticket, outcome, began)
        } else {
            self.circuit.record(ticket, outcome, || self.micros())
        };
        if let Some(transition) = transition {
            self.changed(transition);
        }
    }

    /// When a call begins, where that matters.
    #[inline]
    pub(super) fn begins(&self) -> Option<u64> {
        (self.slow_micros.load(Relaxed) != NEVER).then(|| self.micros())
    }

    fn record_by_window(
        &self,
        ticket: Ticket,
        outcome: Outcome,
        began: Option<u64>,
    ) -> Option<Transition> {
        let now = self.micros();
        let slow = outcome != Outcome::Nothing
            && began
                .is_some_and(|began| now.saturating_sub(began) >= self.slow_micros.load(Relaxed));
        if slow {
            self.count(Count::Slow);
        }
        if !ticket.is_of_closed() {
            // What is slow has not recovered.
            let outcome = if slow { Outcome::Failure } else { outcome };
            return self.circuit.record(ticket, outcome, || now);
        }
        let failed = outcome == Outcome::Failure;
        if outcome == Outcome::Nothing || !self.add_to_window(ticket, Ended { failed, slow }, now) {
            return None;
        }
        self.circuit.open(ticket, now)
    }

    /// Whether the window says that it is enough.
    fn add_to_window(&self, life: Ticket, call: Ended, now: u64) -> bool {
        if let Some(recent) = &mut *self.lock_recent()
            && recent.life == life
        {
            return recent.window.add(call, now);
        }
        // The settings before the window, as who reconfigures takes them: the other way about, each
        // could wait for the other.
        self.core.look(|config, _| {
            let mut recent = self.lock_recent();
            match &mut *recent {
                Some(recent) if recent.life == life => recent.window.add(call, now),
                // The first call of this life to end, if it still lasts.
                _ if self.circuit.is_current(life) => {
                    let Some(kind) = config.window else {
                        return false;
                    };
                    let mut window = Window::new(config, kind);
                    let is_too_much = window.add(call, now);
                    *recent = Some(Recent { life, window });
                    is_too_much
                }
                _ => false,
            }
        })
    }

    fn lock_recent(&self) -> MutexGuard<'_, Option<Recent>> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cold]
    fn refused(&self, retry_after: Duration) -> CircuitOpen {
        self.count(Count::Rejected);
        if let Some(listener) = self.core.listener.get() {
            listener(&CircuitBreakerEvent::Rejected { retry_after });
        }
        CircuitOpen { retry_after }
    }

    #[cold]
    fn changed(&self, transition: Transition) {
        let (count, state) = match transition {
            Transition::Opened => (Count::Opened, CircuitState::Open),
            Transition::Probing => (Count::HalfOpened, CircuitState::HalfOpen),
            Transition::Recovered => (Count::Closed, CircuitState::Closed),
        };
        self.count(count);
        if let Some(listener) = self.core.listener.get() {
            listener(&CircuitBreakerEvent::StateChanged { to: state });
        }
    }

    #[inline]
    fn count(&self, count: Count) {
        self.core.counters.add(count as usize);
    }

    fn micros(&self) -> u64 {
        self.clock.now() / 1000
    }

    /// State and numbers at this moment.
    pub fn snapshot(&self) -> PatternSnapshot {
        let state = self.state();
        let mode = self.core.mode();
        let count = |count: Count| self.core.counters.get(count as usize);
        let mut numbers = Numbers::default();
        numbers
            .counter("success", count(Count::Success))
            .counter("failure", count(Count::Failure))
            .counter("slow", count(Count::Slow))
            .counter("rejected", count(Count::Rejected))
            .counter("shadow_rejected", count(Count::WouldReject))
            .counter("transition.failing", count(Count::Opened))
            .counter("transition.recovering", count(Count::HalfOpened))
            .counter("transition.working", count(Count::Closed));
        if let Some(recent) = &mut *self.lock_recent() {
            let tally = recent.window.tally(self.micros());
            let share = |part: u32| f64::from(part) / f64::from(tally.calls.max(1));
            numbers
                .gauge("window_calls", f64::from(tally.calls))
                .gauge("failure_rate", share(tally.failed))
                .gauge("slow_call_rate", share(tally.slow));
        }
        for each in [
            CircuitState::Closed,
            CircuitState::Open,
            CircuitState::HalfOpen,
        ] {
            let is_it = f64::from(u8::from(each == state));
            numbers.labelled_gauge("state", &[("state", each.as_str())], is_it);
        }
        numbers.into_snapshot(
            PatternKind::CircuitBreaker,
            self.core.name(),
            mode.as_str(),
            state.as_str(),
        )
    }
}

fn slow_micros(config: &CircuitBreakerConfig) -> u64 {
    config.slow_after().map_or(NEVER, micros)
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
