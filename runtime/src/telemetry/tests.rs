//! Every pattern is driven through what it counts, and found under the names that are promised.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use super::prometheus::Scrape;
use crate::registry::{PatternKind, PatternSnapshot};
use crate::{
    BackpressureConfig, BulkheadConfig, CacheConfig, ChaosConfig, CircuitBreakerConfig,
    ConcurrencyConfig, FailFastConfig, FallbackConfig, FeatureToggleConfig, HedgeConfig,
    HedgeDelay, LoadShedConfig, Patterns, RateLimitConfig, RetryConfig, TimeoutConfig,
};

const SECOND: Duration = Duration::from_secs(1);

async fn fails() -> Result<u8, &'static str> {
    Err("broken")
}

async fn works() -> Result<u8, &'static str> {
    Ok(1)
}

async fn hangs() -> Result<u8, &'static str> {
    sleep(100 * SECOND).await;
    works().await
}

/// Has everything happen that is counted.
async fn driven() -> Arc<Patterns> {
    let patterns = Patterns::new();

    let retry = RetryConfig {
        attempts: 2,
        ..RetryConfig::default()
    };
    let retry = patterns.retry("it", retry).unwrap();
    let _ = retry.call(works).await;
    let _ = retry.call(fails).await;

    let circuit = CircuitBreakerConfig {
        failure_threshold: 1,
        success_threshold: Some(1),
        recovery_timeout: SECOND,
        ..CircuitBreakerConfig::default()
    };
    let circuit = patterns.circuit_breaker("it", circuit).unwrap();
    let _ = circuit.call(fails).await;
    let _ = circuit.call(works).await;
    sleep(2 * SECOND).await;
    let _ = circuit.call(works).await;

    let timeout = TimeoutConfig {
        seconds: SECOND,
        ..TimeoutConfig::default()
    };
    let timeout = patterns.timeout("it", timeout).unwrap();
    let _ = timeout.call(hangs).await;
    let _ = timeout.call(works).await;

    let bulkhead = BulkheadConfig {
        max_concurrent: 1,
        ..BulkheadConfig::default()
    };
    let bulkhead = patterns.bulkhead("it", bulkhead).unwrap();
    let held = bulkhead.try_acquire();
    let _ = bulkhead.try_acquire();
    drop(held);

    let cache = patterns
        .cache::<u8, u8, &'static str>("it", CacheConfig::default())
        .unwrap();
    let _ = cache.get_or_call(1, works).await;
    let _ = cache.get_or_call(1, works).await;

    let fail_fast = FailFastConfig {
        failure_threshold: 1,
        ..FailFastConfig::default()
    };
    let fail_fast = patterns.fail_fast("it", fail_fast).unwrap();
    let _ = fail_fast.call(fails).await;
    let _ = fail_fast.call(works).await;
    fail_fast.close();

    let toggle = patterns
        .feature_toggle("it", FeatureToggleConfig::default())
        .unwrap();
    let _ = toggle.call(works).await;
    toggle.set_enabled(false);
    let _ = toggle.call(works).await;

    let hedge = HedgeConfig {
        delay: HedgeDelay::After(SECOND),
        timeout: Some(10 * SECOND),
        ..HedgeConfig::default()
    };
    let hedge = patterns.hedge("it", hedge).unwrap();
    let _ = hedge.call(works).await;
    let _ = hedge.call(fails).await;
    let _ = hedge.call(hangs).await;

    let fallback = patterns.fallback("it", FallbackConfig::default()).unwrap();
    let _ = fallback.call_or(fails, 2).await;

    let limit = RateLimitConfig {
        max_executions: 1,
        ..RateLimitConfig::default()
    };
    let limit = patterns.rate_limit("it", limit).unwrap();
    let _ = limit.acquire(None);
    let _ = limit.acquire(None);
    limit.record_latency(SECOND);

    let shed = LoadShedConfig {
        max_requests: 1,
        ..LoadShedConfig::default()
    };
    let shed = patterns.load_shedder("it", shed).unwrap();
    let held = shed.acquire();
    let _ = shed.acquire();
    drop(held);

    let concurrency = ConcurrencyConfig {
        initial_limit: Some(1),
        min_limit: Some(1),
        ..ConcurrencyConfig::default()
    };
    let concurrency = patterns.concurrency_limit("it", concurrency).unwrap();
    let held = concurrency.acquire();
    let _ = concurrency.acquire();
    drop(held);

    let backpressure = BackpressureConfig {
        max_pending: Some(1),
        high_water_mark: Some(1),
        low_water_mark: Some(0),
        ..BackpressureConfig::default()
    };
    let backpressure = patterns.backpressure("it", backpressure).unwrap();
    let held = backpressure.try_acquire();
    let _ = backpressure.try_acquire();
    drop(held);

    let broken = ChaosConfig {
        fault_rate: 1.0,
        ..ChaosConfig::default()
    };
    let chaos = patterns.chaos("it", broken).unwrap();
    let _ = chaos.call(works).await;
    chaos.reconfigure(ChaosConfig::default()).unwrap();
    let _ = chaos.call(works).await;

    Arc::new(patterns)
}

fn counted(pattern: &PatternSnapshot, name: &str) -> u64 {
    let counters = pattern.counters.iter().filter(|it| it.name == name);
    counters.map(|it| it.value).sum()
}

/// What is promised of each pattern, and how much of it has happened.
const COUNTERS: &[(PatternKind, &[(&str, u64)])] = &[
    (
        PatternKind::Retry,
        &[("attempt", 3), ("success", 1), ("giveup", 1)],
    ),
    (
        PatternKind::CircuitBreaker,
        &[
            ("transition.working", 1),
            ("transition.recovering", 1),
            ("transition.failing", 1),
            ("success", 1),
            ("rejected", 1),
        ],
    ),
    (PatternKind::Timeout, &[("fired", 1), ("success", 1)]),
    (PatternKind::Bulkhead, &[("full", 1), ("admitted", 1)]),
    (PatternKind::Cache, &[("hit", 1), ("miss", 1), ("set", 1)]),
    (
        PatternKind::FailFast,
        &[("opened", 1), ("closed", 1), ("rejected", 1)],
    ),
    (
        PatternKind::FeatureToggle,
        &[("enabled", 1), ("disabled", 1)],
    ),
    (
        PatternKind::Hedge,
        &[
            ("success", 1),
            ("failure", 2),
            ("all_failed", 1),
            ("timeout", 1),
        ],
    ),
    (PatternKind::Fallback, &[("invoked", 1)]),
    (
        PatternKind::RateLimit,
        &[("requests", 2), ("tokens_consumed", 1), ("rejections", 1)],
    ),
    (PatternKind::LoadShed, &[("admitted", 1), ("shed", 1)]),
    (
        PatternKind::Concurrency,
        &[("admitted", 1), ("rejected", 1)],
    ),
    (PatternKind::Backpressure, &[("admitted", 1), ("full", 1)]),
    (PatternKind::Chaos, &[("fault", 1), ("passed", 1)]),
];

#[tokio::test(start_paused = true)]
async fn every_pattern_counts_under_the_names_that_are_promised() {
    let patterns = driven().await;
    let snapshot = patterns.snapshot();
    let text = Scrape::new(Arc::clone(&patterns)).text();
    assert_eq!(COUNTERS.len(), PatternKind::ALL.len());
    for (kind, promised) in COUNTERS {
        let mut found = snapshot.patterns.iter().filter(|it| it.kind == *kind);
        let pattern = found.next().expect("each is there");
        for (name, value) in *promised {
            let kind = kind.as_str();
            assert_eq!(counted(pattern, name), *value, "{kind} {name}");
            let metric = format!(
                "failsafe_{kind}_{}_total{{pattern=\"it\"",
                name.replace('.', "_")
            );
            assert!(text.contains(&metric), "no {metric} in\n{text}");
            #[cfg(feature = "otel")]
            assert_eq!(
                super::otel::instrument_name("shop", pattern, name),
                format!("failsafe.shop.it.{kind}.{name}")
            );
        }
        assert!(pattern.statistics.total > 0, "{pattern:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_rate_limit_has_all_ten_of_its_metrics() {
    let text = Scrape::new(driven().await).text();
    for metric in [
        "requests_total{pattern=\"it\",client=\"\",status=\"allowed\"} 1",
        "requests_total{pattern=\"it\",client=\"\",status=\"rejected\"} 1",
        "tokens_consumed_total{pattern=\"it\"} 1",
        "rejections_total{pattern=\"it\",client=\"\",reason=\"tokens\"} 1",
        "tokens_available{pattern=\"it\"} 0.0",
        "tokens_max{pattern=\"it\"} 1.0",
        "bucket_utilization_ratio{pattern=\"it\"} 1.0",
        "backpressure_score{pattern=\"it\",client=\"\"} 1.0",
        "token_refill_rate{pattern=\"it\"} 0.01",
        "request_latency_seconds_count{pattern=\"it\",client=\"\"} 1",
        "retry_after_seconds_count{pattern=\"it\",client=\"\"} 1",
    ] {
        let metric = format!("failsafe_ratelimit_{metric}");
        assert!(text.contains(&metric), "no {metric} in\n{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_can_be_full_says_how_full_it_is() {
    let snapshot = driven().await.snapshot();
    for pattern in &snapshot.patterns {
        let has_room = matches!(
            pattern.kind,
            PatternKind::RateLimit
                | PatternKind::LoadShed
                | PatternKind::Concurrency
                | PatternKind::Backpressure
                | PatternKind::Bulkhead
                | PatternKind::Cache
        );
        let utilization = pattern.statistics.utilization;
        assert_eq!(utilization.is_some(), has_room, "{pattern:?}");
    }
}
