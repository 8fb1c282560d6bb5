//! What a row of each pattern says: the values of the document as a client sees them.

use std::time::Duration;

use super::super::resilience::configs::duration;
use crate::ir::{
    Backpressure, Bulkhead, Cache, CircuitBreaker, Concurrency, FailFast, Fallback, FeatureToggle,
    Hedge, HedgeDelay, Instead, LoadShed, Rate, RateLimit, Retry, Timeout, WindowKind,
};

/// Beyond this a limit is none, and to reach it takes its time.
const MAX_COUNT: u32 = 100_000;
/// A handler that hangs is waited for no longer.
const MAX_TIME: Duration = Duration::from_secs(24 * 60 * 60 - 1);
/// Every service grants so many retries in a row.
const MAX_ATTEMPTS: u32 = 50;

/// The members of a row, beside those that every row has.
pub(super) type Fields = Vec<(&'static str, String)>;

pub(super) fn feature_toggle(toggle: &FeatureToggle) -> Fields {
    vec![
        ("enabled", toggle.enabled.to_string()),
        ("status", toggle.status.to_string()),
        ("percentage", format!("{:?}", toggle.percentage)),
    ]
}

pub(super) fn rate_limit(limit: &RateLimit) -> Option<Fields> {
    let first = (
        limit.bucket_size,
        Rate {
            executions: limit.max_executions,
            per: limit.per_time,
        },
    );
    let further = limit.further.iter().map(|rate| (rate.executions, *rate));
    let limits: Vec<(u32, Rate)> = std::iter::once(first).chain(further).collect();
    let cost = limit.cost.max(1);
    let calls = limits.iter().map(|(size, _)| size / cost).min()?;
    if calls == 0 {
        return None;
    }
    let until_next = limits.iter().map(|(size, rate)| {
        let left = size - calls * cost;
        let missing = u128::from(cost.saturating_sub(left));
        rate.per.as_nanos() * missing / u128::from(rate.executions.max(1))
    });
    // Buckets count in whole nanoseconds; people do not.
    let micros = until_next.max()? / 1000;
    let refill = Duration::from_micros(u64::try_from(micros).ok()?);
    Some(vec![
        ("calls", calls.to_string()),
        ("refill", duration(refill)),
        ("per_client", limit.enable_per_client_tracking.to_string()),
    ])
}

pub(super) fn load_shed(shed: &LoadShed) -> Option<Fields> {
    places(shed.max_requests, 0, None)
}

pub(super) fn machine(shed: &LoadShed) -> Option<Fields> {
    let looks_at_it = shed.cpu_threshold.is_some() || shed.memory_threshold.is_some();
    looks_at_it.then(|| {
        vec![
            ("cpu", format!("{:?}", shed.cpu_threshold)),
            ("memory", format!("{:?}", shed.memory_threshold)),
            ("spared", shed.is_high_priority.to_string()),
        ]
    })
}

pub(super) fn concurrency(limit: &Concurrency) -> Option<Fields> {
    places(limit.initial_limit.value, 0, None)
}

pub(super) fn backpressure(backpressure: &Backpressure) -> Option<Fields> {
    let Backpressure {
        max_pending,
        high_water_mark,
        timeout,
        ..
    } = *backpressure;
    let waiting = match timeout.is_zero() {
        true => 0,
        false => max_pending.value.saturating_sub(high_water_mark.value),
    };
    places(high_water_mark.value, waiting, Some(timeout))
}

pub(super) fn bulkhead(bulkhead: &Bulkhead) -> Option<Fields> {
    places(
        bulkhead.max_concurrent,
        bulkhead.max_queued,
        bulkhead.queue_timeout,
    )
}

fn places(running: u32, waiting: u32, patience: Option<Duration>) -> Option<Fields> {
    let patience = patience.filter(|_| waiting > 0);
    (running <= MAX_COUNT && waiting <= MAX_COUNT).then(|| {
        vec![
            ("running", running.to_string()),
            ("waiting", waiting.to_string()),
            ("patience", some(patience)),
        ]
    })
}

pub(super) fn cache(cache: &Cache) -> Option<Fields> {
    let keeps_for = cache.ttl + cache.stale_while_revalidate.unwrap_or_default();
    let reads = cache.methods.iter().any(|method| method == "GET");
    (reads && keeps_for <= MAX_TIME).then(|| vec![("keeps_for", duration(keeps_for))])
}

/// What always answers the same; a method of the handlers is the person's to prove.
pub(super) fn fallback(fallback: &Fallback) -> Option<Fields> {
    let Instead::Constant { status, .. } = &fallback.instead else {
        return None;
    };
    let failure = fallback.on.iter().find_map(|name| failure(name))?;
    Some(vec![("status", status.to_string()), ("after", failure)])
}

pub(super) fn hedge(hedge: &Hedge) -> Option<Fields> {
    // As long as nothing was observed, a percentile is this.
    let after = match hedge.delay {
        HedgeDelay::After(delay) => delay,
        HedgeDelay::Percentile(_) => Duration::from_millis(30),
    };
    let is_made = hedge.attempts > 1 && hedge.max_extra > 0.0;
    let in_time = hedge.timeout.is_none_or(|timeout| after < timeout);
    let is_soon = after <= MAX_TIME && hedge.timeout.is_none_or(|timeout| timeout < MAX_TIME);
    (is_made && in_time && is_soon)
        .then(|| vec![("after", duration(after)), ("timeout", some(hedge.timeout))])
}

pub(super) fn fail_fast(fail_fast: &FailFast) -> Option<Fields> {
    fuse(fail_fast.failure_threshold, fail_fast.recovery_timeout, 1)
}

pub(super) fn circuit_breaker(breaker: &CircuitBreaker) -> Option<Fields> {
    let opens_after = match &breaker.window {
        None => breaker.failure_threshold,
        // Calls that fail at once open only what looks at failures.
        Some(window) if window.failure_rate.is_none() && window.slow_call_rate.is_some() => {
            return None;
        }
        Some(window) => window.minimum_calls.unwrap_or(match window.kind {
            WindowKind::Count => window.size.map_or(10, |size| size.min(10)),
            WindowKind::Time => 10,
        }),
    };
    fuse(
        opens_after,
        Some(breaker.recovery_timeout),
        breaker.success_threshold,
    )
}

fn fuse(opens_after: u32, stays_open: Option<Duration>, closes_after: u32) -> Option<Fields> {
    (opens_after <= MAX_COUNT && closes_after <= MAX_COUNT).then(|| {
        vec![
            ("opens_after", opens_after.to_string()),
            ("stays_open", some(stays_open)),
            ("closes_after", closes_after.to_string()),
        ]
    })
}

pub(super) fn retry(retry: &Retry) -> Option<Fields> {
    let failure = retry.exceptions.iter().find_map(|name| failure(name))?;
    (retry.attempts <= MAX_ATTEMPTS).then(|| {
        vec![
            ("attempts", retry.attempts.to_string()),
            ("after", failure),
            ("only_keyed", (!retry.without_idempotency_key).to_string()),
        ]
    })
}

/// A failure that an entry of `exceptions` means; none where it means an answer.
fn failure(exception: &str) -> Option<String> {
    match exception {
        "Exception" | "ConnectionError" => Some("Failure::Connection".to_owned()),
        "TimeoutError" => Some("Failure::Timeout".to_owned()),
        "5xx" => Some("Failure::Status(503)".to_owned()),
        status => match status.parse::<u16>() {
            Ok(501) | Err(_) => None,
            Ok(status) => (500..600)
                .contains(&status)
                .then(|| format!("Failure::Status({status})")),
        },
    }
}

pub(super) fn timeout(timeout: &Timeout) -> Fields {
    let after = timeout
        .total
        .map_or(timeout.seconds, |total| total.min(timeout.seconds));
    vec![("after", duration(after))]
}

fn some(time: Option<Duration>) -> String {
    match time {
        Some(time) => format!("Some({})", duration(time)),
        None => "None".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_the_failures_that_are_retried_one_is_chosen_that_is_one() {
        assert_eq!(failure("404"), None);
        assert_eq!(failure("4xx"), None);
        assert_eq!(failure("501"), None);
        assert_eq!(failure("5xx").as_deref(), Some("Failure::Status(503)"));
        assert_eq!(failure("502").as_deref(), Some("Failure::Status(502)"));
    }
}
