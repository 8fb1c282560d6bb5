//! From keys to the policies of the service.

use super::{
    around::{self, Known},
    merge::Merged,
    service::client_keys,
    value::Value,
};
use crate::diagnostic::Diagnostics;
use crate::ir::{
    Backpressure, Bulkhead, Cache, Chaos, CircuitBreaker, Concurrency, FailFast, Fallback,
    FeatureToggle, Hedge, HedgeDelay, Jitter, LimitAlgorithm, LoadShed, Mode, Pattern, Policy,
    RateLimit, Retry, RetryAfterStrategy, Timeout, Window, WindowKind,
};

/// The policy of a pattern; none for one that says too little, which is told.
pub(super) fn policy(
    merged: &Merged,
    operation: &str,
    known: Known<'_>,
    found: &mut Diagnostics,
) -> Option<Policy> {
    let pattern = match merged.pattern.name {
        "featuretoggle" => Pattern::FeatureToggle(FeatureToggle {
            enabled: merged.flag("enabled"),
            status: merged.count("status")?,
            percentage: merged.number("percentage")?,
        }),
        "loadshed" => Pattern::LoadShed(LoadShed {
            max_requests: merged.count("max_requests")?,
            max_queue_depth: merged.count("max_queue_depth"),
            cpu_threshold: merged.number("cpu_threshold"),
            memory_threshold: merged.number("memory_threshold"),
            is_high_priority: merged.word("priority") == "high",
        }),
        "backpressure" => Pattern::Backpressure(Backpressure {
            max_pending: merged.following("max_pending")?,
            high_water_mark: merged.following("high_water_mark")?,
            low_water_mark: merged.following("low_water_mark")?,
            timeout: merged.time("timeout")?,
        }),
        "concurrency" => Pattern::Concurrency(Concurrency {
            initial_limit: merged.following("initial_limit")?,
            min_limit: merged.following("min_limit")?,
            max_limit: merged.following("max_limit")?,
            increase_rate: merged.number("increase_rate")?,
            decrease_factor: merged.number("decrease_factor")?,
            algorithm: match merged.word("algorithm") {
                "gradient" => LimitAlgorithm::Gradient,
                _ => LimitAlgorithm::Aimd,
            },
        }),
        "chaos" => Pattern::Chaos(Chaos {
            fault_rate: merged.number("fault_rate")?,
            latency: merged.time("latency")?,
            status: merged.count("status")?,
            seed: merged.count("seed")?,
        }),
        "ratelimit" => Pattern::RateLimit(rate_limit(merged)?),
        "retry" => Pattern::Retry(retry(merged)?),
        "bulkhead" => Pattern::Bulkhead(Bulkhead {
            max_concurrent: merged.count("max_concurrent")?,
            max_queued: merged.count("max_queued")?,
            queue_timeout: merged.time("queue_timeout"),
        }),
        "cache" => Pattern::Cache(cache(merged)?),
        "fallback" => Pattern::Fallback(Fallback {
            instead: around::instead(merged, known, found)?,
            on: kinds(merged, "on"),
        }),
        "hedge" => Pattern::Hedge(Hedge {
            attempts: merged.count("attempts")?,
            delay: match merged.word("delay") {
                "p90" => HedgeDelay::Percentile(90),
                "p95" => HedgeDelay::Percentile(95),
                "p99" => HedgeDelay::Percentile(99),
                _ => HedgeDelay::After(merged.time("delay")?),
            },
            timeout: merged.time("timeout"),
            max_extra: merged.number("max_extra")?,
        }),
        "failfast" => Pattern::FailFast(FailFast {
            failure_threshold: merged.count("failure_threshold")?,
            recovery_timeout: merged.time("recovery_timeout"),
        }),
        "circuitbreaker" => Pattern::CircuitBreaker(circuit_breaker(merged)?),
        "timeout" => Pattern::Timeout(Timeout {
            seconds: merged.time("seconds")?,
            total: merged.time("total"),
        }),
        _ => return None,
    };
    let name = match merged.written("name").map(|written| &written.value) {
        Some(Value::Text(name)) => name.clone(),
        _ => operation.to_owned(),
    };
    let mode = match merged.word("mode") {
        "shadow" => Mode::Shadow,
        "off" => Mode::Off,
        "forced_open" => Mode::ForcedOpen,
        "forced_closed" => Mode::ForcedClosed,
        _ => Mode::Enforce,
    };
    Some(Policy {
        name,
        mode,
        pattern,
        location: merged.location.clone(),
        values: Vec::new(),
    })
}

fn rate_limit(merged: &Merged) -> Option<RateLimit> {
    Some(RateLimit {
        max_executions: merged.count("max_executions")?,
        per_time: merged.time("per_time_secs")?,
        bucket_size: merged.count("bucket_size")?,
        further: merged.rates().get(1..).unwrap_or_default().to_vec(),
        retry_after_strategy: match merged.word("retry_after_strategy") {
            "fixed" => RetryAfterStrategy::Fixed,
            "utilization" => RetryAfterStrategy::Utilization,
            _ => RetryAfterStrategy::Backpressure,
        },
        enable_per_client_tracking: merged.flag("enable_per_client_tracking"),
        track_latency: merged.flag("track_latency"),
        p95_baseline: merged.time("p95_baseline")?,
        min_latency: merged.time("min_latency")?,
        min_retry_delay: merged.time("min_retry_delay")?,
        max_retry_penalty: merged.time("max_retry_penalty")?,
        gradient_sensitivity: merged.number("gradient_sensitivity")?,
        window_size: merged.count("window_size")?,
        max_clients: merged.count("max_clients")?,
        cost: merged.count("cost")?,
        client_key: match merged.written("client_key").map(|written| &written.value) {
            Some(Value::Texts(words)) => Some(client_keys(words)),
            _ => None,
        },
    })
}

fn retry(merged: &Merged) -> Option<Retry> {
    Some(Retry {
        attempts: merged.count("attempts")?,
        delay: merged.time("delay")?,
        backoff: merged.number("backoff")?,
        max_delay: merged.time("max_delay")?,
        jitter: match merged.word("jitter") {
            "none" => Jitter::None,
            "equal" => Jitter::Equal,
            "decorrelated" => Jitter::Decorrelated,
            _ => Jitter::Full,
        },
        exceptions: kinds(merged, "exceptions"),
        without_idempotency_key: true,
    })
}

/// Kinds of failures; by default any.
fn kinds(merged: &Merged, key: &str) -> Vec<String> {
    texts(merged, key).unwrap_or_else(|| vec!["Exception".to_owned()])
}

fn texts(merged: &Merged, key: &str) -> Option<Vec<String>> {
    match merged.written(key).map(|written| &written.value) {
        Some(Value::Texts(texts)) => Some(texts.clone()),
        _ => None,
    }
}

fn cache(merged: &Merged) -> Option<Cache> {
    let usual = || ["GET", "HEAD"].map(str::to_owned).to_vec();
    Some(Cache {
        ttl: merged.time("ttl")?,
        max_size: merged.count("max_size")?,
        vary: texts(merged, "vary").unwrap_or_default(),
        methods: texts(merged, "methods").unwrap_or_else(usual),
        stale_while_revalidate: merged.time("stale_while_revalidate"),
        stale_on_error: merged.time("stale_on_error"),
        error_ttl: merged.time("error_ttl"),
    })
}

fn circuit_breaker(merged: &Merged) -> Option<CircuitBreaker> {
    Some(CircuitBreaker {
        failure_threshold: merged.count("failure_threshold")?,
        recovery_timeout: merged.time("recovery_timeout")?,
        half_open_requests: merged.count("half_open_requests")?,
        success_threshold: merged.count("success_threshold")?,
        window: window(merged),
    })
}

fn window(merged: &Merged) -> Option<Window> {
    let kind = match merged.word("window") {
        "count" => WindowKind::Count,
        "time" => WindowKind::Time,
        _ => return None,
    };
    Some(Window {
        kind,
        size: merged.count("window_size"),
        failure_rate: merged.number("failure_rate"),
        slow_call_rate: merged.number("slow_call_rate"),
        slow_call_duration: merged.time("slow_call_duration"),
        minimum_calls: merged.count("minimum_calls"),
    })
}
