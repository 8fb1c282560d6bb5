//! What is not called while it is broken.

use failsafe_benches::{Pair, ready};
use failsafe_rs::futures::CircuitBreaker as _;
use failsafe_runtime::circuitbreaker::CircuitBreakerLayer;
use failsafe_runtime::{CircuitBreaker, CircuitBreakerConfig, FailFast, FailFastConfig};
use tower::{ServiceBuilder, service_fn};
use tower_resilience::circuitbreaker::CircuitBreakerLayer as ResilienceLayer;

use crate::common::{Group, peers_work, recloser, service, work};

pub(crate) const PAIRS: &[Pair] = &[
    Pair::new("circuit breaker", "circuitbreaker", "recloser", "recloser"),
    Pair::new(
        "circuit breaker",
        "circuitbreaker",
        "failsafe-rs",
        "failsafe_rs",
    ),
    Pair::new(
        "circuit breaker layer",
        "circuitbreakerlayer",
        "tower-resilience",
        "resilience_circuitbreaker",
    ),
    Pair::new("fail-fast", "failfast", "recloser", "recloser"),
];

pub(crate) fn breaker() -> CircuitBreaker {
    CircuitBreaker::new("bench", CircuitBreakerConfig::default()).expect("in range")
}

pub(crate) fn bench(group: &mut Group<'_>) {
    let breaker = self::breaker();
    group.bench_function("circuitbreaker", |b| {
        b.iter(|| ready(breaker.call(|| work(1))).is_ok());
    });
    let recloser = recloser();
    group.bench_function("recloser", |b| {
        b.iter(|| ready(recloser.call(work(1))).is_ok());
    });
    let failsafe_rs = failsafe_rs::Config::new().build();
    group.bench_function("failsafe_rs", |b| {
        b.iter(|| ready(failsafe_rs.call(work(1))).is_ok());
    });
    let fail_fast = FailFast::new("bench", FailFastConfig::default()).expect("in range");
    group.bench_function("failfast", |b| {
        b.iter(|| ready(fail_fast.call(|| work(1))).is_ok());
    });

    let ours = ServiceBuilder::new().layer(CircuitBreakerLayer::new(self::breaker()));
    service(group, "circuitbreakerlayer", ours.service(service_fn(work)));
    let resilience = ResilienceLayer::standard().build().expect("in range");
    let resilience = ServiceBuilder::new().layer(resilience);
    let resilience = resilience.service(service_fn(peers_work));
    service(group, "resilience_circuitbreaker", resilience);
}
