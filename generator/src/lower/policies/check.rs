//! What only shows when the keys of a pattern, or the patterns of an operation, stand together.

use std::time::Duration;

use super::{merge::Merged, table::LONGEST_SECS};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    ir::{Jitter, Pattern, Policy, Rate, RateLimit, Retry},
};

/// The runtime counts tokens in nanoseconds; beyond a million a second they blur.
const MAX_PER_SECOND: f64 = 1e6;

/// The keys of one pattern.
pub(super) fn pattern(merged: &Merged, found: &mut Diagnostics) {
    for (low, high) in merged.pattern.ordered {
        let (Some(less), Some(more)) = (merged.count(low), merged.count(high)) else {
            continue;
        };
        if less > more {
            let blamed = if merged.written(low).is_some() {
                low
            } else {
                high
            };
            found.push(
                Diagnostic::error(
                    "value-out-of-range",
                    format!("`{low}` must be at most `{high}`, which is {more}; it is {less}"),
                )
                .at(merged.place(blamed))
                .help(format!("lower `{low}` or raise `{high}`")),
            );
        }
    }
    match merged.pattern.name {
        "circuitbreaker" => window(merged, found),
        "ratelimit" => several(merged, found),
        "hedge" => hedge(merged, found),
        "chaos" => chaos(merged, found),
        _ => {}
    }
}

/// Whether there is time for a second call.
fn hedge(merged: &Merged, found: &mut Diagnostics) {
    let (Some(delay), Some(timeout)) = (merged.time("delay"), merged.time("timeout")) else {
        return;
    };
    if delay >= timeout {
        found.push(
            Diagnostic::warning(
                "hedge-never-made",
                format!(
                    "a second call begins after {}, when the whole call ends at {}",
                    shown(delay),
                    shown(timeout)
                ),
            )
            .at(merged.place("delay"))
            .help("make `delay` less than `timeout`"),
        );
    }
}

/// Nobody should have it without knowing.
fn chaos(merged: &Merged, found: &mut Diagnostics) {
    let rate = merged.number("fault_rate").unwrap_or_default();
    let latency = merged.time("latency").unwrap_or_default();
    let does: Vec<String> = [
        (rate > 0.0).then(|| {
            let status = merged.count("status").unwrap_or(503);
            format!(
                "{}% of attempts fail with {status}",
                (rate * 1e4).round() / 100.0
            )
        }),
        (!latency.is_zero()).then(|| format!("each takes {} longer", shown(latency))),
    ]
    .into_iter()
    .flatten()
    .collect();
    if does.is_empty() || merged.word("mode") != "enforce" {
        return;
    }
    let message = format!("chaos is on: {}, on purpose", does.join(", and "));
    found.push(
        Diagnostic::warning("chaos-is-on", message)
            .at(merged.location.clone())
            .help(
                "remove it before others rely on the service, or write `mode: off` and switch it \
                 on by the control plane",
            ),
    );
}

/// What only shows where a rate limit has several limits.
fn several(merged: &Merged, found: &mut Diagnostics) {
    let further = merged.rates().get(1..).unwrap_or_default();
    if further.is_empty() {
        return;
    }
    if merged.written("bucket_size").is_some() {
        found.push(
            Diagnostic::error(
                "said-twice",
                "each of several limits has a bucket of its own size",
            )
            .at(merged.place("bucket_size"))
            .related(merged.place("limit"), "the limits")
            .help("remove `bucket_size`, or keep one limit"),
        );
    }
    let cost = merged.count("cost").unwrap_or(1);
    if let Some(small) = further.iter().find(|rate| rate.executions < cost) {
        let size = small.executions;
        let message =
            format!("`cost` must be at most every limit, one of which is {size}; it is {cost}");
        found.push(
            Diagnostic::error("value-out-of-range", message)
                .at(merged.place("cost"))
                .help("lower `cost` or raise the limit"),
        );
    }
}

/// What only means something with a window, and what only means something without one.
fn window(merged: &Merged, found: &mut Diagnostics) {
    const OF_WINDOWS: [&str; 5] = [
        "window_size",
        "failure_rate",
        "slow_call_rate",
        "slow_call_duration",
        "minimum_calls",
    ];
    if merged.written("window").is_none() {
        if let Some(key) = OF_WINDOWS
            .into_iter()
            .find(|key| merged.written(key).is_some())
        {
            found.push(
                Diagnostic::error("window-missing", format!("`{key}` is a key of a window"))
                    .at(merged.place(key))
                    .help(
                        "add `window: count` (the last calls) or `window: time` (the last seconds)",
                    ),
            );
        }
        return;
    }
    if merged.written("failure_threshold").is_some() {
        found.push(
            Diagnostic::warning(
                "key-without-effect",
                "with a `window`, failures in a row are not counted",
            )
            .at(merged.place("failure_threshold"))
            .help("remove `failure_threshold`; `failure_rate` says how many failures are too many"),
        );
    }
    let of_time = merged.word("window") == "time";
    let (size, largest) = match (merged.count("window_size"), of_time) {
        (Some(size), true) => (size, 3600),
        (Some(size), false) => (size, 100_000),
        (None, true) => (60, 3600),
        (None, false) => (100, 100_000),
    };
    if size > largest {
        found.push(
            Diagnostic::error(
                "value-out-of-range",
                format!("a window of time has at most {largest} seconds, this has {size}"),
            )
            .at(merged.place("window_size")),
        );
    }
    if let Some(minimum) = merged.count("minimum_calls")
        && !of_time
        && minimum > size
    {
        found.push(
            Diagnostic::error(
                "value-out-of-range",
                format!("a window of {size} calls never holds {minimum}"),
            )
            .at(merged.place("minimum_calls"))
            .help("lower `minimum_calls` or raise `window_size`"),
        );
    }
    if merged.written("slow_call_duration").is_some() && merged.written("slow_call_rate").is_none()
    {
        found.push(
            Diagnostic::warning(
                "key-without-effect",
                "slow calls are not counted without a `slow_call_rate`",
            )
            .at(merged.place("slow_call_duration"))
            .help("add `slow_call_rate: 0.5`, or remove it"),
        );
    }
}

/// The patterns of one operation.
pub(super) fn stack(stack: &[(Merged, Policy)], found: &mut Diagnostics) {
    for (merged, policy) in stack {
        if let Pattern::RateLimit(limit) = &policy.pattern {
            rate(merged, limit, found);
        }
    }
    let retry = stack.iter().find_map(|(_, policy)| match &policy.pattern {
        Pattern::Retry(retry) => Some(retry),
        _ => None,
    });
    let timeout = stack
        .iter()
        .find_map(|(merged, policy)| match &policy.pattern {
            Pattern::Timeout(timeout) => Some((merged, timeout)),
            _ => None,
        });
    let Some((merged, timeout)) = timeout else {
        return;
    };
    let Some(total) = timeout.total else { return };
    if timeout.seconds > total {
        found.push(
            Diagnostic::warning(
                "timeout-never-reached",
                format!(
                    "an attempt may take {}, but all of them together only {}",
                    shown(timeout.seconds),
                    shown(total)
                ),
            )
            .at(merged.place("total"))
            .help("make `seconds` less than `total`"),
        );
    } else if let Some(retry) = retry {
        let waits = waits(retry);
        // What the document does not say of an attempt is no reason to blame what it says.
        let (attempts, attempt) = match merged.written("seconds") {
            Some(_) => (
                format!(
                    "{} attempts of {} and",
                    retry.attempts,
                    shown(timeout.seconds)
                ),
                timeout.seconds,
            ),
            None => (format!("{} attempts with", retry.attempts), Duration::ZERO),
        };
        let longest = attempt.saturating_mul(retry.attempts).saturating_add(waits);
        if longest > total {
            found.push(
                Diagnostic::warning(
                    "retry-exceeds-total",
                    format!(
                        "{attempts} {} of waiting make {}, more than the `total` of {}",
                        shown(waits),
                        shown(longest),
                        shown(total)
                    ),
                )
                .at(merged.place("total"))
                .help("the last attempts may never be made: raise `total`, or lower `attempts`, `delay` or `seconds`"),
            );
        }
    }
}

fn rate(merged: &Merged, limit: &RateLimit, found: &mut Diagnostics) {
    let first = Rate {
        executions: limit.max_executions,
        per: limit.per_time,
    };
    one_rate(merged, first, limit.bucket_size, found);
    for rate in &limit.further {
        one_rate(merged, *rate, rate.executions, found);
    }
}

fn one_rate(merged: &Merged, rate: Rate, bucket_size: u32, found: &mut Diagnostics) {
    let per_second = f64::from(rate.executions) / rate.per.as_secs_f64();
    let key = if merged.written("limit").is_some() {
        "limit"
    } else {
        "max_executions"
    };
    if per_second > MAX_PER_SECOND {
        found.push(
            Diagnostic::error(
                "value-out-of-range",
                format!(
                    "a rate limit allows at most {MAX_PER_SECOND} calls a second, this is \
                     {per_second}"
                ),
            )
            .at(merged.place(key)),
        );
    } else if f64::from(bucket_size) / per_second > LONGEST_SECS {
        found.push(
            Diagnostic::error(
                "value-out-of-range",
                "the bucket must be full again within ten years",
            )
            .at(merged.place("bucket_size"))
            .help("lower `bucket_size` or `per_time_secs`"),
        );
    }
}

/// The longest that a call may wait between its attempts.
fn waits(retry: &Retry) -> Duration {
    let longest = retry.max_delay.as_secs_f64();
    let mut wait = retry.delay.as_secs_f64();
    let mut sum = 0.0;
    for _ in 1..retry.attempts {
        sum += wait.min(longest);
        wait *= match retry.jitter {
            Jitter::Decorrelated => 3.0,
            Jitter::None | Jitter::Full | Jitter::Equal => retry.backoff,
        };
    }
    Duration::try_from_secs_f64(sum).unwrap_or(Duration::MAX)
}

/// A duration as the document would say it.
fn shown(time: Duration) -> String {
    let millis = time.as_secs_f64() * 1000.0;
    match millis {
        millis if millis < 1000.0 => format!("{}ms", (millis * 1000.0).round() / 1000.0),
        millis => format!("{}s", millis.round() / 1000.0),
    }
}
