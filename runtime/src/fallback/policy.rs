use std::future::ready;

use super::{FallbackAnswer, FallbackConfig, FallbackEvent, LastGood};
use crate::core::Core;
use crate::registry::{Numbers, PatternKind, PatternSnapshot};
use crate::{AnyError, Classify, ConfigError, FailureKind, Mode};

/// Answers failures with something else; see the [module](super).
///
/// It holds no state of any call: share one among as many as you like. A call that succeeds writes
/// no word that another thread reads.
#[derive(Debug)]
pub struct Fallback {
    /// Its configuration is looked at only after a failure.
    core: Core<FallbackConfig, dyn Fn(&FallbackEvent) + Send + Sync>,
}

crate::core::config!(
    FallbackConfig,
    Mode,
    fixed: [
        ("status", crate::core::COMPILED_IN),
        ("body", crate::core::COMPILED_IN),
        ("handler", crate::core::COMPILED_IN),
        ("stale", crate::core::COMPILED_IN)
    ]
);
crate::registry::pattern::pattern!(Fallback, Fallback);

/// What is counted.
#[derive(Clone, Copy)]
enum Count {
    Success,
    Invoked,
    Failed,
    PassedOn,
    WouldInvoke,
}

impl Fallback {
    /// A fallback of this name.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range.
    pub fn new(name: impl Into<String>, config: FallbackConfig) -> Result<Self, ConfigError> {
        Ok(Self {
            core: Core::new(name, config)?,
        })
    }

    /// The name.
    pub fn name(&self) -> &str {
        self.core.name()
    }

    /// The configuration in force.
    pub fn config(&self) -> FallbackConfig {
        (*self.core.config()).clone()
    }

    /// Replaces the configuration while calls are running.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range; the old one stays in force.
    pub fn reconfigure(&self, config: FallbackConfig) -> Result<(), ConfigError> {
        self.core.set(config, |_| ())
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

    /// Does nothing: a fallback has no state.
    pub fn reset(&self) {}

    /// Tells the listener of every failure that is answered with something else from now on.
    ///
    /// It is called on the task that caused the event, so it must not block. There is one
    /// listener; the first to come stays, and `false` tells the others.
    pub fn on_event(&self, listener: impl Fn(&FallbackEvent) + Send + Sync + 'static) -> bool {
        self.core.listener.set(Box::new(listener))
    }

    /// Makes the call, and answers in its place when it fails. Every `Err` is a failure of
    /// [`FailureKind::Other`].
    ///
    /// # Errors
    ///
    /// The call's own error, when `on` does not name it.
    #[inline]
    pub async fn call<F, Fut, G, T, E>(&self, f: F, fallback: G) -> Result<FallbackAnswer<T>, E>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
        G: FnOnce() -> T,
    {
        self.call_with(AnyError, f, |_| ready(Ok(fallback()))).await
    }

    /// The same with a value that is there already.
    ///
    /// # Errors
    ///
    /// The call's own error, when `on` does not name it.
    #[inline]
    pub async fn call_or<F, Fut, T, E>(&self, f: F, value: T) -> Result<FallbackAnswer<T>, E>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        self.call(f, || value).await
    }

    /// Makes the call, and makes another, which is given the error, when it fails. Every `Err` is
    /// a failure of [`FailureKind::Other`].
    ///
    /// ```
    /// # use failsafe_runtime::{Fallback, FallbackAnswer, FallbackConfig};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), failsafe_runtime::ConfigError> {
    /// let fallback = Fallback::new("prices", FallbackConfig::default())?;
    /// let answer = fallback
    ///     .call_or_else(
    ///         async || Err("the main store is down"),
    ///         async |_error| Ok("from the replica"),
    ///     )
    ///     .await;
    /// assert_eq!(answer, Ok(FallbackAnswer::Degraded("from the replica")));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The call's own error, when `on` does not name it, or that of the other call.
    #[inline]
    pub async fn call_or_else<F, Fut, G, Other, T, E>(
        &self,
        f: F,
        fallback: G,
    ) -> Result<FallbackAnswer<T>, E>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
        G: FnOnce(E) -> Other,
        Other: Future<Output = Result<T, E>>,
    {
        let other = async move |failed| match failed {
            Err(error) => fallback(error).await,
            answer => answer,
        };
        self.call_with(AnyError, f, other).await
    }

    /// Makes the call, and makes another, which is given what came of it, when the classifier
    /// finds a failure that `on` names.
    ///
    /// # Errors
    ///
    /// The call's own error, when `on` does not name it, or that of the other call.
    #[inline]
    pub async fn call_with<C, F, Fut, G, Other, T, E>(
        &self,
        classify: C,
        f: F,
        fallback: G,
    ) -> Result<FallbackAnswer<T>, E>
    where
        C: Classify<T, E>,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
        G: FnOnce(Result<T, E>) -> Other,
        Other: Future<Output = Result<T, E>>,
    {
        let outcome = f().await;
        match classify.classify(&outcome) {
            Some(failure) if self.invoke(failure) => {
                let outcome = fallback(outcome).await;
                if outcome.is_err() {
                    self.failed();
                }
                outcome.map(FallbackAnswer::Degraded)
            }
            failure => {
                if failure.is_none() {
                    self.succeeded();
                }
                outcome.map(FallbackAnswer::Own)
            }
        }
    }

    /// Makes the call and keeps a copy of its answer, or answers with the last copy when it fails.
    /// Every `Err` is a failure of [`FailureKind::Other`].
    ///
    /// # Errors
    ///
    /// The call's own error, when `on` does not name it, or there is no answer yet.
    #[inline]
    pub async fn call_or_last<F, Fut, T, E>(
        &self,
        last: &LastGood<T>,
        f: F,
    ) -> Result<FallbackAnswer<T>, E>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
        T: Clone,
    {
        let answer = self
            .call_or_else(f, |error| ready(last.get().ok_or(error)))
            .await;
        if let Ok(FallbackAnswer::Own(value)) = &answer {
            last.keep(value);
        }
        answer
    }

    /// Counts a call that needed no fallback, for those who make the calls themselves.
    #[inline]
    pub fn succeeded(&self) {
        if self.core.mode() != Mode::Off {
            self.count(Count::Success);
        }
    }

    /// Whether to answer a failure with something else, for those who make the calls themselves;
    /// counts it, and tells the listener. A panic is a failure like any other here.
    #[cold]
    pub fn invoke(&self, failure: FailureKind) -> bool {
        let mode = self.core.mode();
        if mode == Mode::Off {
            return false;
        }
        if !self.core.config().on.matches(failure) {
            self.count(Count::PassedOn);
            return false;
        }
        let is_enforced = mode == Mode::Enforce;
        self.count(if is_enforced {
            Count::Invoked
        } else {
            Count::WouldInvoke
        });
        if let Some(listener) = self.core.listener.get() {
            listener(&FallbackEvent::Invoked { failure });
        }
        is_enforced
    }

    /// Counts an answer that should have taken the place of a failure and failed itself, for those
    /// who make the calls themselves.
    #[cold]
    pub fn failed(&self) {
        self.count(Count::Failed);
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
            .counter("invoked", count(Count::Invoked))
            .counter("failed", count(Count::Failed))
            .counter("passed_on", count(Count::PassedOn))
            .counter("shadow_invoked", count(Count::WouldInvoke));
        numbers.into_snapshot(
            PatternKind::Fallback,
            self.name(),
            self.core.mode().as_str(),
            "ready",
        )
    }
}
