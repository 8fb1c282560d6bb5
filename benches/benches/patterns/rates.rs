//! How many calls may be made in a time.

use failsafe_benches::{Pair, ready};
use failsafe_runtime::RateLimitConfig;
use failsafe_runtime::ratelimit::RateLimitLayer;
use governor::{DefaultKeyedRateLimiter, RateLimiter};
use tower::limit::RateLimitLayer as TowerLayer;
use tower::{ServiceBuilder, service_fn};
use tower_resilience::ratelimiter::RateLimiterLayer;

use crate::common::{A_MINUTE, Group, direct, peers_work, quota, rate_limit, service, work};

pub(crate) const PAIRS: &[Pair] = &[
    Pair::new("rate limit", "ratelimit", "governor", "governor"),
    Pair::new(
        "per client",
        "ratelimit_keyed",
        "governor keyed",
        "governor_keyed",
    ),
    Pair::new(
        "with latencies",
        "ratelimit_latency",
        "governor",
        "governor",
    ),
    Pair::new(
        "rate limit layer",
        "ratelimit_layer",
        "tower rate limit",
        "tower_ratelimit",
    ),
    Pair::new(
        "rate limit layer",
        "ratelimit_layer",
        "tower-resilience",
        "resilience_ratelimit",
    ),
];

pub(crate) fn bench(group: &mut Group<'_>) {
    let limit = direct();
    group.bench_function("ratelimit", |b| {
        b.iter(|| ready(limit.call(|| work(1))).is_ok());
    });
    let governor = RateLimiter::direct(quota());
    group.bench_function("governor", |b| {
        b.iter(|| governor.check().is_ok() && ready(work(1)).is_ok());
    });
    let tracking = rate_limit(RateLimitConfig::default());
    group.bench_function("ratelimit_latency", |b| {
        b.iter(|| ready(tracking.call(|| work(1))).is_ok());
    });
    keyed(group);
    layers(group);
}

fn keyed(group: &mut Group<'_>) {
    let keys = keys();
    let limit = rate_limit(RateLimitConfig {
        enable_per_client_tracking: true,
        track_latency: false,
        ..RateLimitConfig::default()
    });
    let mut next = 0;
    group.bench_function("ratelimit_keyed", |b| {
        b.iter(|| {
            next = (next + 1) % keys.len();
            ready(limit.call_for(Some(&keys[next]), || work(1))).is_ok()
        });
    });
    let governor: DefaultKeyedRateLimiter<String> = RateLimiter::keyed(quota());
    group.bench_function("governor_keyed", |b| {
        b.iter(|| {
            next = (next + 1) % keys.len();
            let key = &keys[next];
            governor.check_key(key).is_ok() && ready(work(1)).is_ok()
        });
    });
}

/// Keys of a thousand clients.
fn keys() -> Vec<String> {
    (0..1024_u32)
        .map(|n| format!("10.{}.{}.7", n / 256, n % 256))
        .collect()
}

fn layers(group: &mut Group<'_>) {
    let ours = ServiceBuilder::new().layer(RateLimitLayer::new(direct()));
    service(group, "ratelimit_layer", ours.service(service_fn(work)));
    let tower = ServiceBuilder::new().layer(TowerLayer::new(u64::MAX, A_MINUTE));
    service(group, "tower_ratelimit", tower.service(service_fn(work)));
    let resilience = RateLimiterLayer::per_second(usize::MAX / 2)
        .build()
        .expect("in range");
    let resilience = ServiceBuilder::new().layer(resilience);
    let resilience = resilience.service(service_fn(peers_work));
    service(group, "resilience_ratelimit", resilience);
}
