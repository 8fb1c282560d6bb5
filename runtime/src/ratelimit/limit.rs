use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use super::bucket::{Bucket, Taken};
use super::clients::Clients;
use super::hot::{Hot, Settings};
use super::pressure::Pressure;
use super::several::{Decision, Further};
use super::wait::retry_after;
use super::{RateLimitConfig, RateLimitError, RateLimitEvent, RateLimitGrant, RateLimited};
use crate::clock::{Clock, Nanos, to_nanos};
use crate::core::Core;
use crate::stats::Histogram;
use crate::{ConfigError, Mode};

/// A token bucket, or one for each client; see the [module](super).
///
/// All methods take `&self`; share it behind an [`Arc`](std::sync::Arc). A call reads the clock
/// once and makes one compare-exchange. What costs more is asked for: per-client tracking hashes
/// the client's name and takes one of many short locks, latency tracking reads the clock a second
/// time and takes another.
#[derive(Debug)]
pub struct RateLimit {
    pub(super) core: Core<RateLimitConfig, dyn Fn(&RateLimitEvent<'_>) + Send + Sync>,
    pub(super) clock: Clock,
    /// A copy of what allowed calls read of the configuration, the mode included.
    pub(super) hot: Hot,
    /// The bucket of the first limit, and those of the others.
    pub(super) bucket: Bucket,
    pub(super) further: Further,
    /// Made when the first configuration asks for it.
    pub(super) clients: OnceLock<Clients>,
    pub(super) pressure: Pressure,
    pub(super) waits: Mutex<Histogram>,
    spent: Mutex<Spent>,
    /// What every answer says of it, written once for each configuration.
    pub(super) policy: RwLock<Arc<str>>,
}

crate::core::config!(
    RateLimitConfig,
    Mode,
    displaced: [
        ("limit", "max_executions"),
        ("limit", "per_time_secs"),
        ("max_executions", "limit"),
        ("per_time_secs", "limit")
    ],
    fixed: [
        ("backend", crate::core::COMPILED_IN),
        ("client_key", crate::core::COMPILED_IN)
    ]
);
crate::registry::pattern::pattern!(RateLimit, RateLimit);

/// What is counted.
#[derive(Clone, Copy)]
pub(super) enum Count {
    Allowed,
    Rejected,
    WouldReject,
    /// Calls of clients that had no bucket of their own although clients are told apart.
    Shared,
}

impl RateLimit {
    /// A rate limit of this name, with full buckets.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range.
    pub fn new(name: impl Into<String>, config: RateLimitConfig) -> Result<Self, ConfigError> {
        config.validate()?;
        let quotas = config.quotas();
        let clock = Clock::start();
        let clients = OnceLock::new();
        if config.enable_per_client_tracking {
            clients.get_or_init(|| Clients::new(quotas, config.max_clients));
        }
        let (first, further) = quotas.split();
        let limit = Self {
            clock,
            hot: Hot::new(&config),
            bucket: Bucket::new(first),
            further: Further::new(further),
            clients,
            pressure: Pressure::new(&config, clock.now()),
            waits: Mutex::new(Histogram::of_waits()),
            spent: Mutex::default(),
            policy: RwLock::default(),
            core: Core::new(name, config)?,
        };
        limit.write_policy();
        Ok(limit)
    }

    /// The name.
    pub fn name(&self) -> &str {
        self.core.name()
    }

    /// The configuration in force.
    pub fn config(&self) -> RateLimitConfig {
        (*self.core.config()).clone()
    }

    /// Replaces the configuration while calls are running. Every bucket keeps its tokens, as
    /// many as the new size allows.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range; the old one stays in force.
    pub fn reconfigure(&self, config: RateLimitConfig) -> Result<(), ConfigError> {
        // Callers take turns in here, as the bucket asks.
        self.core.set(config, |config| {
            let now = self.clock.now();
            let quotas = config.quotas();
            self.further.replace(&self.bucket, &quotas, now);
            if config.enable_per_client_tracking {
                self.clients
                    .get_or_init(|| Clients::new(quotas, config.max_clients));
            }
            if let Some(clients) = self.clients.get() {
                clients.replace(&quotas, now);
                clients.set_max(config.max_clients);
            }
            self.pressure.reconfigure(config, now);
            self.tokens_spent();
        })?;
        self.refresh();
        self.write_policy();
        Ok(())
    }

    /// Copies what calls read of the configuration.
    fn refresh(&self) {
        self.core.look(|config, mode| self.hot.set(config, mode));
    }

    /// Switches the mode, and nothing else.
    pub fn set_mode(&self, mode: Mode) {
        self.core.set_mode(mode);
        self.refresh();
    }

    /// Whether it is switched on.
    pub fn is_enabled(&self) -> bool {
        self.core.is_enabled()
    }

    /// Switches it off, or on again with the configuration that it had.
    pub fn set_enabled(&self, enabled: bool) {
        self.core.set_enabled(enabled);
        self.refresh();
    }

    /// Fills every bucket and forgets what was measured.
    pub fn reset(&self) {
        self.bucket.fill();
        self.further.fill();
        if let Some(clients) = self.clients.get() {
            clients.fill();
        }
        self.core
            .look(|config, _| self.pressure.reset(config, self.clock.now()));
    }

    /// Lets the counts of its [`snapshot`](Self::snapshot) begin from zero.
    pub fn forget_counts(&self) {
        *self.lock_spent() = Spent::default();
        self.core.counters.forget();
        if let Some(clients) = self.clients.get() {
            clients.forget_counts();
        }
        self.pressure.forget_latencies();
        *self.waits.lock().unwrap_or_else(PoisonError::into_inner) = Histogram::of_waits();
    }

    /// Tells the listener of every refusal from now on.
    ///
    /// It is called on the task that caused the event, so it must not block. There is one
    /// listener; the first to come stays, and `false` tells the others.
    pub fn on_event(&self, listener: impl Fn(&RateLimitEvent<'_>) + Send + Sync + 'static) -> bool {
        self.core.listener.set(Box::new(listener))
    }

    /// Whether every client has a bucket of its own, so that it matters who calls.
    pub fn is_per_client(&self) -> bool {
        self.hot.get().is_per_client()
    }

    /// Whether [`record_latency`](Self::record_latency) is of use.
    pub fn tracks_latency(&self) -> bool {
        self.hot.get().tracks_latency()
    }

    /// Spends the tokens of one call.
    ///
    /// The client counts only where clients are told apart; there, all calls without one share a
    /// bucket.
    ///
    /// # Errors
    ///
    /// When the bucket holds too few tokens; then none are spent.
    #[inline]
    pub fn acquire(&self, client: Option<&str>) -> Result<RateLimitGrant, RateLimited> {
        self.acquire_at(self.clock.now(), client)
    }

    #[inline(always)]
    fn acquire_at(&self, now: Nanos, client: Option<&str>) -> Result<RateLimitGrant, RateLimited> {
        // By far the most calls: nothing is measured, and the token is there.
        if self.hot.get().is_plain()
            && let Ok((quota, full_at)) = self.bucket.spend(now, self.hot.cost())
        {
            self.count(Count::Allowed);
            return Ok(RateLimitGrant {
                place: 0,
                quota,
                left: quota.left(full_at, now),
                backpressure: 0.0,
            });
        }
        self.acquire_with(now, client)
    }

    /// The same where clients are told apart, or more is asked for.
    #[inline(never)]
    fn acquire_with(
        &self,
        now: Nanos,
        client: Option<&str>,
    ) -> Result<RateLimitGrant, RateLimited> {
        // Most calls of clients are of known ones, who have their token.
        if self.hot.get().is_plain_per_client()
            && let (Some(client), Some(clients)) = (client, self.clients.get())
            && let Some((quota, full_at)) = clients.spend(client, now, self.hot.cost())
        {
            self.count(Count::Allowed);
            return Ok(RateLimitGrant {
                place: 0,
                quota,
                left: quota.left(full_at, now),
                backpressure: 0.0,
            });
        }
        self.acquire_in_full(now, client)
    }

    /// The same with all that a configuration may ask for.
    #[inline(never)]
    fn acquire_in_full(
        &self,
        now: Nanos,
        client: Option<&str>,
    ) -> Result<RateLimitGrant, RateLimited> {
        let settings = self.hot.get();
        if settings.mode() == Mode::Off {
            return Ok(grant(self.peek(now), 0.0));
        }
        let cost = self.hot.cost();
        let decision = if settings.is_per_client() {
            self.take_from_client(client, now, cost, settings)
        } else {
            self.take(now, cost, settings)
        };
        if settings.measures_utilization() {
            let utilization = utilization(decision);
            self.pressure.record_utilization(now, utilization);
        }
        match decision.taken {
            Taken::Yes { .. } => self.count(Count::Allowed),
            Taken::No { wait, .. } => {
                let refused = self.refuse(client, decision, wait, now);
                if settings.mode() != Mode::Shadow {
                    return Err(refused);
                }
            }
        }
        let backpressure = if settings.has_backpressure() {
            self.pressure.score(now)
        } else {
            0.0
        };
        Ok(grant(decision, backpressure))
    }

    fn take(&self, now: Nanos, cost: u32, settings: Settings) -> Decision {
        if settings.is_several() {
            return self.further.take(&self.bucket, now, cost);
        }
        let (quota, taken) = self.bucket.take(now, cost);
        Decision::of_first(quota, taken)
    }

    /// Which of the buckets that all share has the fewest tokens.
    pub(super) fn peek(&self, now: Nanos) -> Decision {
        if self.hot.get().is_several() {
            return self.further.peek(&self.bucket, now);
        }
        let (quota, left) = self.bucket.peek(now);
        Decision::of_first(quota, Taken::Yes { left })
    }

    fn take_from_client(
        &self,
        client: Option<&str>,
        now: Nanos,
        cost: u32,
        settings: Settings,
    ) -> Decision {
        if let (Some(client), Some(clients)) = (client, self.clients.get()) {
            let is_enforced = settings.mode() == Mode::Enforce;
            if let Some(decision) = clients.take(client, now, cost, is_enforced) {
                return decision;
            }
            self.count(Count::Shared);
        }
        self.take(now, cost, settings)
    }

    #[cold]
    fn refuse(
        &self,
        client: Option<&str>,
        decision: Decision,
        wait: Nanos,
        now: Nanos,
    ) -> RateLimited {
        let config = self.core.config();
        let enforced = self.core.mode() == Mode::Enforce;
        let backpressure = self.pressure.score(now);
        let until_tokens = Duration::from_nanos(wait);
        let retry_after = retry_after(&config, backpressure, until_tokens);
        self.count(if enforced {
            Count::Rejected
        } else {
            Count::WouldReject
        });
        self.waits
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .record(retry_after.as_secs_f64());
        if let Some(listener) = self.core.listener.get() {
            let client = client.filter(|_| config.enable_per_client_tracking);
            listener(&RateLimitEvent::Rejected {
                client,
                retry_after,
            });
        }
        let grant = grant(decision, backpressure);
        RateLimited {
            retry_after,
            until_tokens,
            place: decision.place,
            limit: grant.limit(),
            remaining: grant.remaining(),
            backpressure,
        }
    }

    /// Adds a latency: the time that the call took which the limit had let pass.
    ///
    /// Latencies are those of the service, so they count for all clients together.
    pub fn record_latency(&self, latency: Duration) {
        if self.tracks_latency() {
            self.pressure
                .record_latency(self.clock.now(), to_nanos(latency));
        }
    }

    /// How hard the service is pressed at this moment, 0 to 1.
    pub fn backpressure(&self) -> f64 {
        self.pressure.score(self.clock.now())
    }

    /// The latency above which a call counts as slow at this moment; it follows what is observed,
    /// slowly and within four times `p95_baseline`.
    pub fn p95_baseline(&self) -> Duration {
        self.pressure.baseline()
    }

    /// Makes the call if a token is there.
    ///
    /// # Errors
    ///
    /// [`RateLimitError::Limited`] when no token is there, or the call's own error.
    #[inline]
    pub fn call<F, Fut, T, E>(&self, f: F) -> impl Future<Output = Result<T, RateLimitError<E>>>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        self.call_for(None, f)
    }

    /// Makes the call of a client if a token is there for it.
    ///
    /// # Errors
    ///
    /// [`RateLimitError::Limited`] when no token is there, or the call's own error.
    #[inline]
    pub async fn call_for<F, Fut, T, E>(
        &self,
        client: Option<&str>,
        f: F,
    ) -> Result<T, RateLimitError<E>>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        let begun = self.begin(client).map_err(RateLimitError::Limited)?;
        let outcome = f().await;
        self.end(begun);
        outcome.map_err(RateLimitError::Inner)
    }

    /// Spends the tokens of one call; gives when it began.
    // As a call of its own it would cost a tenth of the whole.
    #[inline(always)]
    pub(super) fn begin(&self, client: Option<&str>) -> Result<Begun, RateLimited> {
        let now = self.clock.now();
        self.acquire_at(now, client)?;
        Ok(Begun(now))
    }

    /// A call that began then has ended. One that was dropped has not: how long it would have
    /// taken is not known.
    #[inline]
    pub(super) fn end(&self, begun: Begun) {
        if self.tracks_latency() {
            let now = self.clock.now();
            self.pressure
                .record_latency(now, now.saturating_sub(begun.0));
        }
    }

    /// The tokens that allowed calls have spent, each the cost of its time.
    ///
    /// Calls do not count them. They are added up whenever somebody asks, and before the cost
    /// changes.
    pub(super) fn tokens_spent(&self) -> u64 {
        let mut spent = self.lock_spent();
        let calls = self.core.counters.get(Count::Allowed as usize);
        spent.tokens += calls.saturating_sub(spent.calls) * u64::from(self.hot.cost());
        spent.calls = calls;
        spent.tokens
    }

    fn lock_spent(&self) -> MutexGuard<'_, Spent> {
        self.spent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[inline]
    fn count(&self, count: Count) {
        self.core.counters.add(count as usize);
    }
}

/// The tokens that were spent by the first so many calls.
#[derive(Debug, Default)]
struct Spent {
    calls: u64,
    tokens: u64,
}

/// When a call began.
#[derive(Clone, Copy, Debug)]
pub(super) struct Begun(Nanos);

fn grant(decision: Decision, backpressure: f64) -> RateLimitGrant {
    RateLimitGrant {
        place: decision.place,
        quota: decision.quota,
        left: decision.left(),
        backpressure,
    }
}

/// The share of the bucket that is in use after a decision.
#[expect(
    clippy::cast_precision_loss,
    reason = "a share need not be exact beyond 2^53"
)]
fn utilization(decision: Decision) -> f64 {
    1.0 - decision.left() as f64 / decision.quota.span as f64
}
