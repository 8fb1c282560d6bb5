//! How many calls may run at a time, and for how long.

use failsafe_benches::{Pair, ready};
use failsafe_runtime::backpressure::BackpressureLayer;
use failsafe_runtime::bulkhead::BulkheadLayer;
use failsafe_runtime::concurrency::ConcurrencyLayer;
use failsafe_runtime::loadshed::LoadShedLayer;
use failsafe_runtime::timeout::TimeoutLayer;
use failsafe_runtime::{
    Backpressure, BackpressureConfig, Bulkhead, BulkheadConfig, ConcurrencyConfig,
    ConcurrencyLimit, LoadShedConfig, LoadShedder, Timeout, TimeoutConfig,
};
use tokio::sync::Semaphore;
use tower::limit::ConcurrencyLimitLayer;
use tower::load_shed::LoadShedLayer as TowerShed;
use tower::timeout::TimeoutLayer as TowerTimeout;
use tower::{ServiceBuilder, service_fn};
use tower_resilience::adaptive::{AdaptiveLimiterLayer, Aimd};
use tower_resilience::bulkhead::BulkheadLayer as ResilienceBulkhead;
use tower_resilience::timelimiter::TimeLimiterLayer;

use crate::common::{A_MINUTE, Group, peers_work, service, work};

pub(crate) const PAIRS: &[Pair] = &[
    Pair::new("timeout", "timeout", "tokio timeout", "tokio_timeout"),
    Pair::new(
        "timeout layer",
        "timeout_layer",
        "tower timeout",
        "tower_timeout",
    ),
    Pair::new(
        "timeout layer",
        "timeout_layer",
        "tower-resilience",
        "resilience_timeout",
    ),
    Pair::new("bulkhead", "bulkhead", "tokio semaphore", "semaphore"),
    Pair::new(
        "bulkhead layer",
        "bulkhead_layer",
        "tower concurrency limit",
        "tower_concurrency",
    ),
    Pair::new(
        "bulkhead layer",
        "bulkhead_layer",
        "tower-resilience",
        "resilience_bulkhead",
    ),
    Pair::new(
        "backpressure",
        "backpressure",
        "tokio semaphore",
        "semaphore",
    ),
    Pair::new(
        "backpressure layer",
        "backpressure_layer",
        "tower concurrency limit",
        "tower_concurrency",
    ),
    Pair::new(
        "concurrency limit",
        "concurrency",
        "tokio semaphore",
        "semaphore",
    ),
    Pair::new(
        "concurrency limit layer",
        "concurrency_layer",
        "tower-resilience",
        "resilience_adaptive",
    ),
    Pair::new("load shedder", "loadshed", "tokio semaphore", "semaphore"),
    Pair::new(
        "load shedder layer",
        "loadshed_layer",
        "tower load shed and limit",
        "tower_loadshed",
    ),
];

pub(crate) fn timeout() -> Timeout {
    Timeout::new("bench", TimeoutConfig::default()).expect("in range")
}

pub(crate) fn bulkhead() -> Bulkhead {
    Bulkhead::new("bench", BulkheadConfig::default()).expect("in range")
}

pub(crate) fn backpressure() -> Backpressure {
    Backpressure::new("bench", BackpressureConfig::default()).expect("in range")
}

pub(crate) fn concurrency() -> ConcurrencyLimit {
    ConcurrencyLimit::new("bench", ConcurrencyConfig::default()).expect("in range")
}

pub(crate) fn shedder() -> LoadShedder {
    LoadShedder::new("bench", LoadShedConfig::default()).expect("in range")
}

pub(crate) fn bench(group: &mut Group<'_>) {
    let timeout = self::timeout();
    group.bench_function("timeout", |b| {
        b.iter(|| ready(timeout.call(|| work(1))).is_ok());
    });
    group.bench_function("tokio_timeout", |b| {
        b.iter(|| ready(tokio::time::timeout(A_MINUTE, work(1))).is_ok());
    });

    let bulkhead = self::bulkhead();
    group.bench_function("bulkhead", |b| {
        b.iter(|| ready(bulkhead.call(|| work(1))).is_ok());
    });
    let backpressure = self::backpressure();
    group.bench_function("backpressure", |b| {
        b.iter(|| ready(backpressure.call(|| work(1))).is_ok());
    });
    let concurrency = self::concurrency();
    group.bench_function("concurrency", |b| {
        b.iter(|| ready(concurrency.call(|| work(1))).is_ok());
    });
    let shedder = self::shedder();
    group.bench_function("loadshed", |b| {
        b.iter(|| ready(shedder.call(|| work(1))).is_ok());
    });
    let semaphore = Semaphore::new(1000);
    group.bench_function("semaphore", |b| {
        b.iter(|| {
            ready(async {
                let _permit = semaphore.acquire().await.expect("it is never closed");
                work(1).await
            })
            .is_ok()
        });
    });
    layers(group);
}

fn layers(group: &mut Group<'_>) {
    let ours = ServiceBuilder::new().layer(TimeoutLayer::new(timeout()));
    service(group, "timeout_layer", ours.service(service_fn(work)));
    let tower = ServiceBuilder::new().layer(TowerTimeout::new(A_MINUTE));
    service(group, "tower_timeout", tower.service(service_fn(work)));
    let resilience = ServiceBuilder::new().layer(TimeLimiterLayer::standard().build());
    let resilience = resilience.service(service_fn(peers_work));
    service(group, "resilience_timeout", resilience);

    let ours = ServiceBuilder::new().layer(BulkheadLayer::new(bulkhead()));
    service(group, "bulkhead_layer", ours.service(service_fn(work)));
    let ours = ServiceBuilder::new().layer(BackpressureLayer::new(backpressure()));
    service(group, "backpressure_layer", ours.service(service_fn(work)));
    let tower = ServiceBuilder::new().layer(ConcurrencyLimitLayer::new(1000));
    service(group, "tower_concurrency", tower.service(service_fn(work)));
    let resilience = ResilienceBulkhead::builder().max_concurrent_calls(1000);
    let resilience = ServiceBuilder::new().layer(resilience.build().expect("in range"));
    let resilience = resilience.service(service_fn(peers_work));
    service(group, "resilience_bulkhead", resilience);

    let ours = ServiceBuilder::new().layer(ConcurrencyLayer::new(concurrency()));
    service(group, "concurrency_layer", ours.service(service_fn(work)));
    let resilience = Aimd::builder().build().expect("in range");
    let resilience = ServiceBuilder::new().layer(AdaptiveLimiterLayer::new(resilience));
    let resilience = resilience.service(service_fn(peers_work));
    service(group, "resilience_adaptive", resilience);

    let ours = ServiceBuilder::new().layer(LoadShedLayer::new(shedder()));
    service(group, "loadshed_layer", ours.service(service_fn(work)));
    // It sheds what is not ready, which is for another layer to say.
    let tower = ServiceBuilder::new()
        .layer(TowerShed::new())
        .layer(ConcurrencyLimitLayer::new(1000));
    service(group, "tower_loadshed", tower.service(service_fn(work)));
}
