//! Calls that are not made: answered already, or switched off.

use std::convert::Infallible;
use std::hint::black_box;
use std::time::Duration;

use failsafe_benches::{Pair, ready};
use failsafe_runtime::cache::CacheLayer;
use failsafe_runtime::{Cache, CacheConfig, FeatureToggle, FeatureToggleConfig};
use tower::{ServiceBuilder, service_fn};
use tower_resilience::cache::CacheLayer as ResilienceCache;

use crate::common::{Group, peers_work, service, work};

pub(crate) const PAIRS: &[Pair] = &[
    Pair::new("feature toggle", "featuretoggle", "plain call", "plain"),
    Pair::new("cache hit", "cache", "moka", "moka"),
    Pair::new(
        "cache hit layer",
        "cache_layer",
        "tower-resilience",
        "resilience_cache",
    ),
];

pub(crate) fn toggle() -> FeatureToggle {
    FeatureToggle::new("bench", FeatureToggleConfig::default()).expect("in range")
}

/// A cache with an answer in it.
fn filled() -> Cache<u64, u64, Infallible> {
    let cache = Cache::new("bench", CacheConfig::default()).expect("in range");
    cache.insert(1, 3);
    cache
}

pub(crate) fn bench(group: &mut Group<'_>) {
    let toggle = self::toggle();
    group.bench_function("featuretoggle", |b| {
        b.iter(|| ready(toggle.call(|| work(1))).is_ok());
    });

    let cache = filled();
    group.bench_function("cache", |b| {
        b.iter(|| ready(cache.get_or_call(1, || work(1))).is_ok());
    });
    let moka: moka::sync::Cache<u64, u64> = moka::sync::Cache::builder()
        .max_capacity(1000)
        .time_to_live(Duration::from_secs(300))
        .build();
    moka.insert(1, 3);
    group.bench_function("moka", |b| b.iter(|| moka.get(black_box(&1)) == Some(3)));

    let ours = ServiceBuilder::new().layer(CacheLayer::new(filled(), |key: &u64| Some(*key)));
    service(group, "cache_layer", ours.service(service_fn(work)));
    let resilience = ResilienceCache::builder()
        .max_size(1000)
        .ttl(Duration::from_secs(300))
        .key_extractor(|key: &u64| *key)
        .build()
        .expect("in range");
    let resilience = ServiceBuilder::new().layer(resilience);
    let resilience = resilience.service(service_fn(peers_work));
    service(group, "resilience_cache", resilience);
}
