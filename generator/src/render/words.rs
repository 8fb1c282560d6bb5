//! Policies in words, for comments and tables.

use std::time::Duration;

use crate::ir::{
    Backpressure, Bulkhead, Cache, Chaos, CircuitBreaker, Concurrency, FailFast, Fallback,
    FeatureToggle, Hedge, HedgeDelay, Instead, LimitAlgorithm, LoadShed, Mode, Pattern, Policy,
    RateLimit, Retry, Timeout, Window, WindowKind,
};

/// What a policy does, as a fragment: `at most 100 requests per minute, burst 20`.
pub(crate) fn policy(policy: &Policy) -> String {
    let rule = match &policy.pattern {
        Pattern::FeatureToggle(toggle) => feature_toggle(toggle),
        Pattern::LoadShed(shed) => load_shed(shed),
        Pattern::Backpressure(backpressure) => self::backpressure(backpressure),
        Pattern::Concurrency(limit) => concurrency(limit),
        Pattern::RateLimit(limit) => rate_limit(limit),
        Pattern::Retry(retry) => self::retry(retry),
        Pattern::Bulkhead(bulkhead) => self::bulkhead(bulkhead),
        Pattern::Chaos(chaos) => self::chaos(chaos),
        Pattern::FailFast(fail_fast) => self::fail_fast(fail_fast),
        Pattern::CircuitBreaker(circuit) => circuit_breaker(circuit),
        Pattern::Cache(cache) => self::cache(cache),
        Pattern::Fallback(fallback) => self::fallback(fallback),
        Pattern::Hedge(hedge) => self::hedge(hedge),
        Pattern::Timeout(timeout) => self::timeout(timeout),
    };
    match policy.mode {
        Mode::Enforce => rule,
        Mode::Shadow => format!("{rule} (shadow: counted, not enforced)"),
        Mode::Off => format!("{rule} (off)"),
        Mode::ForcedOpen => format!("{rule} (forced open: refuses everything)"),
        Mode::ForcedClosed => format!("{rule} (forced closed: refuses nothing)"),
    }
}

/// The extension's word for a pattern.
pub(crate) fn pattern(pattern: &Pattern) -> &'static str {
    match pattern {
        Pattern::FeatureToggle(_) => "featuretoggle",
        Pattern::LoadShed(_) => "loadshed",
        Pattern::Backpressure(_) => "backpressure",
        Pattern::Concurrency(_) => "concurrency",
        Pattern::RateLimit(_) => "ratelimit",
        Pattern::Retry(_) => "retry",
        Pattern::Bulkhead(_) => "bulkhead",
        Pattern::FailFast(_) => "failfast",
        Pattern::CircuitBreaker(_) => "circuitbreaker",
        Pattern::Cache(_) => "cache",
        Pattern::Chaos(_) => "chaos",
        Pattern::Fallback(_) => "fallback",
        Pattern::Hedge(_) => "hedge",
        Pattern::Timeout(_) => "timeout",
    }
}

fn feature_toggle(toggle: &FeatureToggle) -> String {
    match (toggle.enabled, toggle.percentage) {
        (false, _) => format!("off: answers {}", toggle.status),
        (true, 100.0) => "on".to_owned(),
        (true, share) => format!("on for {share}% of clients, others get {}", toggle.status),
    }
}

fn load_shed(shed: &LoadShed) -> String {
    let mut words = format!("at most {} at a time", count(shed.max_requests, "request"));
    if let Some(depth) = shed.max_queue_depth {
        words += &format!(", none while {depth} wait");
    }
    if shed.is_high_priority {
        words += ", whatever the load of the system";
        return words;
    }
    let thresholds = [
        ("processor time", shed.cpu_threshold),
        ("memory", shed.memory_threshold),
    ];
    for (what, percent) in thresholds {
        if let Some(percent) = percent {
            words += &format!(", none above {percent}% of {what}");
        }
    }
    words
}

fn backpressure(backpressure: &Backpressure) -> String {
    format!(
        "at {} pending new ones wait, {} at most, until {} are; {} is the most",
        count(backpressure.high_water_mark.value, "request"),
        duration(backpressure.timeout),
        backpressure.low_water_mark.value,
        backpressure.max_pending.value,
    )
}

fn concurrency(limit: &Concurrency) -> String {
    let by = match limit.algorithm {
        LimitAlgorithm::Aimd => "failures",
        LimitAlgorithm::Gradient => "latencies",
    };
    format!(
        "{} to {} at a time, found by {by}, {} at first",
        limit.min_limit.value,
        count(limit.max_limit.value, "request"),
        limit.initial_limit.value,
    )
}

fn rate_limit(limit: &RateLimit) -> String {
    let mut words = format!(
        "at most {} per {}",
        count(limit.max_executions, "request"),
        per(limit.per_time)
    );
    if limit.bucket_size != limit.max_executions {
        words += &format!(", burst {}", limit.bucket_size);
    }
    for rate in &limit.further {
        words += &format!(" and {} per {}", rate.executions, per(rate.per));
    }
    if limit.enable_per_client_tracking {
        words += ", each client";
    }
    if limit.cost != 1 {
        words += &format!("; a request counts as {}", limit.cost);
    }
    words
}

fn retry(retry: &Retry) -> String {
    let mut words = format!("up to {}", count(retry.attempts, "attempt"));
    words += &format!(
        ", {} apart, then {} times that, at most {}",
        duration(retry.delay),
        retry.backoff,
        duration(retry.max_delay)
    );
    if retry.exceptions != ["Exception"] {
        words += &format!(", on {}", retry.exceptions.join(", "));
    }
    words
}

fn cache(cache: &Cache) -> String {
    let mut words = format!(
        "answers are given again for {}, at most {} of them",
        duration(cache.ttl),
        cache.max_size
    );
    if !cache.vary.is_empty() {
        words += &format!(", by {}", cache.vary.join(", "));
    }
    for (time, what) in [
        (cache.stale_while_revalidate, "while a new one is fetched"),
        (cache.stale_on_error, "in place of a failure"),
    ] {
        if let Some(time) = time {
            words += &format!("; {} longer {what}", duration(time));
        }
    }
    if let Some(time) = cache.error_ttl {
        words += &format!("; failures for {}", duration(time));
    }
    words
}

fn fallback(fallback: &Fallback) -> String {
    let mut words = match &fallback.instead {
        Instead::Constant { status, .. } => {
            format!("a failure is answered with a constant {status}")
        }
        Instead::Handler => "a failure is answered by another method".to_owned(),
        Instead::LastGood => "a failure is answered with the last good answer".to_owned(),
    };
    if fallback.on != ["Exception"] {
        words += &format!(", on {}", fallback.on.join(", "));
    }
    words
}

fn hedge(hedge: &Hedge) -> String {
    let delay = match hedge.delay {
        HedgeDelay::After(delay) => duration(delay),
        HedgeDelay::Percentile(percent) => format!("as long as {percent}% of calls take"),
    };
    let mut words = format!(
        "up to {} beside each other, {delay} apart, at most {}% more calls",
        count(hedge.attempts, "attempt"),
        (hedge.max_extra * 1000.0).round() / 10.0
    );
    if let Some(timeout) = hedge.timeout {
        words += &format!(", {} in all", duration(timeout));
    }
    words
}

fn bulkhead(bulkhead: &Bulkhead) -> String {
    let mut words = format!("{} at a time", count(bulkhead.max_concurrent, "request"));
    if bulkhead.max_queued > 0 {
        words += &format!(", {} more may wait", bulkhead.max_queued);
        if let Some(timeout) = bulkhead.queue_timeout {
            words += &format!(" for {}", duration(timeout));
        }
    }
    words
}

fn chaos(chaos: &Chaos) -> String {
    let mut words = format!(
        "on purpose: {}% of attempts fail with {}",
        (chaos.fault_rate * 1e4).round() / 100.0,
        chaos.status
    );
    if !chaos.latency.is_zero() {
        words += &format!(", each takes {} longer", duration(chaos.latency));
    }
    words
}

fn fail_fast(fail_fast: &FailFast) -> String {
    let failures = count(fail_fast.failure_threshold, "failure");
    match fail_fast.recovery_timeout {
        Some(time) => format!(
            "opens after {failures} in a row, closes after {}",
            duration(time)
        ),
        None => format!("opens after {failures} in a row, until it is closed by hand"),
    }
}

fn circuit_breaker(circuit: &CircuitBreaker) -> String {
    let opens = match &circuit.window {
        None => count(circuit.failure_threshold, "failure"),
        Some(window) => self::window(window),
    };
    format!(
        "opens after {opens}, probes after {} with {} at a time, closes after {}",
        duration(circuit.recovery_timeout),
        count(circuit.half_open_requests, "request"),
        count(circuit.success_threshold, "success"),
    )
}

/// `50% failures among the last 100 calls`
fn window(window: &Window) -> String {
    let percent = |rate: f64, what: &str| format!("{}% {what}", (rate * 1000.0).round() / 10.0);
    let usual = window.slow_call_rate.is_none().then_some(0.5);
    let failures = window.failure_rate.or(usual);
    let slow = window.slow_call_rate.map(|rate| {
        let from = window.slow_call_duration.unwrap_or(Duration::from_secs(60));
        percent(rate, &format!("calls of {} or more", duration(from)))
    });
    let shares: Vec<String> = failures
        .map(|rate| percent(rate, "failures"))
        .into_iter()
        .chain(slow)
        .collect();
    let among = match window.kind {
        WindowKind::Count => format!("{} calls", window.size.unwrap_or(100)),
        WindowKind::Time => format!("{} seconds", window.size.unwrap_or(60)),
    };
    format!("{} in the last {among}", shares.join(" or "))
}

fn timeout(timeout: &Timeout) -> String {
    let mut words = format!("{} an attempt", duration(timeout.seconds));
    if let Some(total) = timeout.total {
        words += &format!(", {} in all", duration(total));
    }
    words
}

fn count(number: u32, noun: &str) -> String {
    match (number, noun) {
        (1, _) => format!("1 {noun}"),
        (_, "success") => format!("{number} successes"),
        _ => format!("{number} {noun}s"),
    }
}

fn per(time: Duration) -> String {
    match time.as_secs_f64() {
        1.0 => "second".to_owned(),
        60.0 => "minute".to_owned(),
        3600.0 => "hour".to_owned(),
        86400.0 => "day".to_owned(),
        _ => duration(time),
    }
}

/// `250 ms`, `1.5 s`.
pub(crate) fn duration(time: Duration) -> String {
    if time < Duration::from_secs(1) {
        format!("{} ms", time.as_secs_f64() * 1000.0)
    } else {
        format!("{} s", time.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_suit_the_size() {
        assert_eq!(duration(Duration::from_millis(250)), "250 ms");
        assert_eq!(duration(Duration::from_millis(1500)), "1.5 s");
        assert_eq!(per(Duration::from_secs(60)), "minute");
        assert_eq!(per(Duration::from_secs(90)), "90 s");
    }

    #[test]
    fn numbers_agree_with_their_nouns() {
        assert_eq!(count(1, "success"), "1 success");
        assert_eq!(count(2, "success"), "2 successes");
        assert_eq!(count(3, "attempt"), "3 attempts");
    }
}
