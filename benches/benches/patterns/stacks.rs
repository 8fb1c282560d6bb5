//! Patterns within patterns.

use backon::{ExponentialBuilder, Retryable};
use failsafe_benches::{Pair, ready};
use failsafe_runtime::circuitbreaker::CircuitBreakerLayer;
use failsafe_runtime::ratelimit::RateLimitLayer;
use failsafe_runtime::retry::RetryLayer;
use failsafe_runtime::timeout::TimeoutLayer;
use failsafe_runtime::{
    Backpressure, Bulkhead, CircuitBreaker, ConcurrencyLimit, FailFast, FailFastConfig,
    FeatureToggle, LoadShedder, RateLimit, Retry, Timeout,
};
use governor::{DefaultDirectRateLimiter, RateLimiter};
use recloser::AsyncRecloser;
use tower::{ServiceBuilder, service_fn};
use tower_resilience::{
    circuitbreaker::CircuitBreakerLayer as ResilienceBreaker, ratelimiter::RateLimiterLayer,
    retry::RetryLayer as ResilienceRetry, timelimiter::TimeLimiterLayer,
};

use crate::again::retry;
use crate::answers::toggle;
use crate::bounds::{backpressure, bulkhead, concurrency, shedder, timeout};
use crate::circuits::breaker;
use crate::common::{A_MINUTE, Group, direct, peers_work, quota, recloser, service, work};

pub(crate) const PAIRS: &[Pair] = &[
    Pair::new("all four", "stack", "joined by hand", "joined"),
    Pair::new(
        "four layers, counted",
        "stack_layers_counted",
        "joined by hand",
        "joined",
    ),
    Pair::new("four layers", "stack_layers", "joined by hand", "joined"),
    Pair::new(
        "four layers, counted",
        "stack_layers_counted",
        "tower-resilience",
        "resilience_four",
    ),
    Pair::new("all ten", "ten", "four joined by hand", "joined"),
];

/// Our four, as a user would nest them.
pub(crate) struct Ours {
    pub(crate) limit: RateLimit,
    pub(crate) breaker: CircuitBreaker,
    pub(crate) retry: Retry,
    pub(crate) timeout: Timeout,
}

impl Ours {
    pub(crate) fn new() -> Self {
        Self {
            limit: direct(),
            breaker: breaker(),
            retry: retry(),
            timeout: timeout(),
        }
    }

    pub(crate) fn call(&self, x: u64) -> bool {
        let Self {
            limit,
            breaker,
            retry,
            timeout,
        } = self;
        ready(limit.call(|| breaker.call(|| retry.call(|| timeout.call(|| work(x)))))).is_ok()
    }
}

/// The same four, joined by hand from the best peers.
pub(crate) struct Joined {
    governor: DefaultDirectRateLimiter,
    recloser: AsyncRecloser,
    backoff: ExponentialBuilder,
}

impl Joined {
    pub(crate) fn new() -> Self {
        Self {
            governor: RateLimiter::direct(quota()),
            recloser: recloser(),
            backoff: ExponentialBuilder::default(),
        }
    }

    pub(crate) fn call(&self, x: u64) -> bool {
        if self.governor.check().is_err() {
            return false;
        }
        let attempt = || tokio::time::timeout(A_MINUTE, work(x));
        let retried = async { attempt.retry(self.backoff).await };
        ready(self.recloser.call(retried)).is_ok()
    }
}

/// Ten of ours, each within the next.
struct Ten {
    toggle: FeatureToggle,
    shedder: LoadShedder,
    concurrency: ConcurrencyLimit,
    backpressure: Backpressure,
    bulkhead: Bulkhead,
    fail_fast: FailFast,
    four: Ours,
}

impl Ten {
    fn new() -> Self {
        Self {
            toggle: toggle(),
            shedder: shedder(),
            concurrency: concurrency(),
            backpressure: backpressure(),
            bulkhead: bulkhead(),
            fail_fast: FailFast::new("bench", FailFastConfig::default()).expect("in range"),
            four: Ours::new(),
        }
    }

    fn call(&self, x: u64) -> bool {
        let Ours {
            limit,
            breaker,
            retry,
            timeout,
        } = &self.four;
        let around = || breaker.call(|| retry.call(|| timeout.call(|| work(x))));
        let inside = || self.bulkhead.call(|| self.fail_fast.call(around));
        let within = || self.concurrency.call(|| self.backpressure.call(inside));
        let behind = || limit.call(|| self.shedder.call(within));
        ready(self.toggle.call(behind)).is_ok()
    }
}

pub(crate) fn bench(group: &mut Group<'_>) {
    let ours = Ours::new();
    group.bench_function("stack", |b| b.iter(|| ours.call(1)));
    let joined = Joined::new();
    group.bench_function("joined", |b| b.iter(|| joined.call(1)));
    let ten = Ten::new();
    group.bench_function("ten", |b| b.iter(|| ten.call(1)));
    layers(group);
}

/// The four as layers.
fn layers(group: &mut Group<'_>) {
    let Ours {
        limit,
        breaker,
        retry,
        timeout,
    } = Ours::new();
    let counted = ServiceBuilder::new()
        .layer(RateLimitLayer::new(limit))
        .layer(CircuitBreakerLayer::new(breaker))
        .layer(RetryLayer::new(retry))
        .layer(TimeoutLayer::new(timeout));
    let counted = counted.service(service_fn(work));
    service(group, "stack_layers_counted", counted);

    let ours: &'static Ours = Box::leak(Box::new(Ours::new()));
    let of_the_program = ServiceBuilder::new()
        .layer(RateLimitLayer::new(&ours.limit))
        .layer(CircuitBreakerLayer::new(&ours.breaker))
        .layer(RetryLayer::new(&ours.retry))
        .layer(TimeoutLayer::new(&ours.timeout));
    let of_the_program = of_the_program.service(service_fn(work));
    service(group, "stack_layers", of_the_program);

    // Its layers each have an error of their own, which the next one takes as it is.
    let limit = RateLimiterLayer::per_second(usize::MAX / 2);
    let resilience = ServiceBuilder::new()
        .layer(limit.build().expect("in range"))
        .layer(ResilienceBreaker::standard().build().expect("in range"))
        .layer(ResilienceRetry::exponential_backoff().build())
        .layer(TimeLimiterLayer::standard().build());
    let resilience = resilience.service(service_fn(peers_work));
    service(group, "resilience_four", resilience);
}
