//! Calls that are made again, beside themselves or in place of themselves, when they fail or are
//! slow; and what stands for their answer.

use std::convert::Infallible;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use failsafe_benches::{Pair, ready};
use failsafe_runtime::fallback::FallbackLayer;
use failsafe_runtime::hedge::HedgeLayer;
use failsafe_runtime::retry::RetryLayer;
use failsafe_runtime::{Fallback, FallbackConfig, Hedge, HedgeConfig, Retry, RetryConfig};
use tower::hedge::{Hedge as TowerHedge, Policy};
use tower::{ServiceBuilder, service_fn};
use tower_resilience::{
    fallback::FallbackLayer as ResilienceFallback, hedge::HedgeLayer as ResilienceHedge,
    retry::RetryLayer as ResilienceRetry,
};

use crate::common::{A_MINUTE, Group, PeerError, peers_work, service, work};

pub(crate) const PAIRS: &[Pair] = &[
    Pair::new("retry", "retry", "backon", "backon"),
    Pair::new(
        "retry layer",
        "retry_layer",
        "tower-resilience",
        "resilience_retry",
    ),
    Pair::new("hedge", "hedge", "select by hand", "select"),
    Pair::new("hedge layer", "hedge_layer", "tower hedge", "tower_hedge"),
    Pair::new(
        "hedge layer",
        "hedge_layer",
        "tower-resilience",
        "resilience_hedge",
    ),
    Pair::new("fallback", "fallback", "plain call", "plain"),
    Pair::new(
        "fallback layer",
        "fallback_layer",
        "tower-resilience",
        "resilience_fallback",
    ),
];

pub(crate) fn retry() -> Retry {
    Retry::new("bench", RetryConfig::default()).expect("in range")
}

fn hedge() -> Hedge {
    Hedge::new("bench", HedgeConfig::default()).expect("in range")
}

fn fallback() -> Fallback {
    Fallback::new("bench", FallbackConfig::default()).expect("in range")
}

pub(crate) fn bench(group: &mut Group<'_>) {
    let retry = self::retry();
    group.bench_function("retry", |b| {
        b.iter(|| ready(retry.call(|| work(1))).is_ok());
    });
    let backoff = ExponentialBuilder::default();
    group.bench_function("backon", |b| {
        b.iter(|| ready(async { (|| work(1)).retry(backoff).await }).is_ok());
    });

    let hedge = self::hedge();
    group.bench_function("hedge", |b| {
        b.iter(|| ready(hedge.call(|| work(1))).is_ok());
    });
    group.bench_function("select", |b| {
        b.iter(|| {
            ready(async {
                tokio::select! {
                    biased;
                    answer = work(1) => answer,
                    answer = async {
                        tokio::time::sleep(Duration::from_millis(30)).await;
                        work(1).await
                    } => answer,
                }
            })
            .is_ok()
        });
    });

    let fallback = self::fallback();
    group.bench_function("fallback", |b| {
        b.iter(|| ready(fallback.call(|| work(1), || 0)).is_ok());
    });
    layers(group);
}

fn layers(group: &mut Group<'_>) {
    let ours = ServiceBuilder::new().layer(RetryLayer::new(retry()));
    service(group, "retry_layer", ours.service(service_fn(work)));
    let resilience = ServiceBuilder::new().layer(ResilienceRetry::exponential_backoff().build());
    let resilience = resilience.service(service_fn(peers_work));
    service(group, "resilience_retry", resilience);

    let ours = ServiceBuilder::new().layer(HedgeLayer::new(hedge()));
    service(group, "hedge_layer", ours.service(service_fn(work)));
    let tower = TowerHedge::new(service_fn(work), Always, 10, 0.95, A_MINUTE);
    service(group, "tower_hedge", tower);
    let resilience = ServiceBuilder::new().layer(ResilienceHedge::standard());
    let resilience = resilience.service(service_fn(peers_work));
    service(group, "resilience_hedge", resilience);

    let ours = ServiceBuilder::new().layer(FallbackLayer::new(
        fallback(),
        |failed: Result<u64, Infallible>| failed.unwrap_or(0),
    ));
    service(group, "fallback_layer", ours.service(service_fn(work)));
    let resilience = ResilienceFallback::<u64, u64, PeerError>::value(0);
    let resilience = ServiceBuilder::new().layer(resilience);
    let resilience = resilience.service(service_fn(peers_work));
    service(group, "resilience_fallback", resilience);
}

/// Every request may be repeated.
#[derive(Clone)]
struct Always;

impl Policy<u64> for Always {
    fn clone_request(&self, request: &u64) -> Option<u64> {
        Some(*request)
    }

    fn can_retry(&self, _: &u64) -> bool {
        true
    }
}
