//! `tests/policies.rs`: the document's policies once more, as what a client sees of them.
//!
//! The values come straight from the document and not from the configurations in `resilience.rs`,
//! so the one is a proof of the other. A pattern is a table and one test that walks it: an
//! operation more is a row more.

use std::time::Duration;

use super::{layout, resilience::configs::duration, used::Used};
use crate::{
    ir::{
        Backpressure, Bulkhead, Cache, CircuitBreaker, Concurrency, FailFast, Fallback,
        FeatureToggle, Hedge, HedgeDelay, Instead, LoadShed, Mode, Operation, Pattern, Rate,
        RateLimit, Retry, Service, Timeout, WindowKind,
    },
    render::{filters::rust_string, words},
};

/// Beyond this a limit is none, and to reach it takes its time.
const MAX_COUNT: u32 = 100_000;
/// A handler that hangs is waited for no longer.
const MAX_TIME: Duration = Duration::from_secs(24 * 60 * 60 - 1);
/// Every service grants so many retries in a row.
const MAX_ATTEMPTS: u32 = 50;

/// The members of a row, beside those that every row has.
type Fields = Vec<(&'static str, String)>;

/// What is proved of one type of pattern.
struct Proof {
    table: &'static str,
    row: &'static str,
    /// The function of the runtime that walks the table, and the name of the test.
    function: &'static str,
    promise: &'static str,
    /// None where there is nothing to prove.
    fields: fn(&Pattern) -> Option<Fields>,
}

const PROOFS: &[Proof] = &[
    Proof {
        table: "FEATURE_TOGGLES",
        row: "FeatureTogglePolicy",
        function: "feature_toggles",
        promise: "On for `percentage` of the clients; `status` for everybody while it is off.",
        fields: |pattern| match pattern {
            Pattern::FeatureToggle(toggle) => Some(feature_toggle(toggle)),
            _ => None,
        },
    },
    Proof {
        table: "RATE_LIMITS",
        row: "RateLimitPolicy",
        function: "rate_limits",
        promise: "`calls` at once, 429 for the next one, and room again when it may come back.",
        fields: |pattern| match pattern {
            Pattern::RateLimit(limit) => rate_limit(limit),
            _ => None,
        },
    },
    Proof {
        table: "LOAD_SHEDDERS",
        row: "PlacesPolicy",
        function: "load_shedders",
        promise: "`running` at a time, 503 for all others.",
        fields: |pattern| match pattern {
            Pattern::LoadShed(shed) => load_shed(shed),
            _ => None,
        },
    },
    Proof {
        table: "MACHINE_LIMITS",
        row: "MachinePolicy",
        function: "machine_limits",
        promise: "503 from so many percent of the processor time or the memory on.",
        fields: |pattern| match pattern {
            Pattern::LoadShed(shed) => machine(shed),
            _ => None,
        },
    },
    Proof {
        table: "CONCURRENCY_LIMITS",
        row: "PlacesPolicy",
        function: "concurrency_limits",
        promise: "`running` at a time before anything was learned, 503 for all others.",
        fields: |pattern| match pattern {
            Pattern::Concurrency(limit) => concurrency(limit),
            _ => None,
        },
    },
    Proof {
        table: "BACKPRESSURES",
        row: "PlacesPolicy",
        function: "backpressures",
        promise: "`running` until new ones have to wait, 503 for who has waited too long.",
        fields: |pattern| match pattern {
            Pattern::Backpressure(backpressure) => self::backpressure(backpressure),
            _ => None,
        },
    },
    Proof {
        table: "BULKHEADS",
        row: "PlacesPolicy",
        function: "bulkheads",
        promise: "`running` at a time and `waiting` in the queue, 503 for all others.",
        fields: |pattern| match pattern {
            Pattern::Bulkhead(bulkhead) => self::bulkhead(bulkhead),
            _ => None,
        },
    },
    Proof {
        table: "CACHES",
        row: "CachePolicy",
        function: "caches",
        promise: "One call for all who ask within `keeps_for`.",
        fields: |pattern| match pattern {
            Pattern::Cache(cache) => self::cache(cache),
            _ => None,
        },
    },
    Proof {
        table: "FALLBACKS",
        row: "FallbackPolicy",
        function: "fallbacks",
        promise: "A failure is answered with `status`, and the answer says what it is.",
        fields: |pattern| match pattern {
            Pattern::Fallback(fallback) => self::fallback(fallback),
            _ => None,
        },
    },
    Proof {
        table: "FAIL_FASTS",
        row: "FusePolicy",
        function: "fail_fasts",
        promise: "503 after `opens_after` failures, until it is closed again.",
        fields: |pattern| match pattern {
            Pattern::FailFast(fail_fast) => self::fail_fast(fail_fast),
            _ => None,
        },
    },
    Proof {
        table: "CIRCUIT_BREAKERS",
        row: "FusePolicy",
        function: "circuit_breakers",
        promise: "503 after `opens_after` failures, closed again after `closes_after` successes.",
        fields: |pattern| match pattern {
            Pattern::CircuitBreaker(breaker) => circuit_breaker(breaker),
            _ => None,
        },
    },
    Proof {
        table: "RETRIES",
        row: "RetryPolicy",
        function: "retries",
        promise: "`attempts` of a call that fails, and then 503.",
        fields: |pattern| match pattern {
            Pattern::Retry(retry) => self::retry(retry),
            _ => None,
        },
    },
    Proof {
        table: "HEDGES",
        row: "HedgePolicy",
        function: "hedges",
        promise: "A call that hangs is made once more `after` so long, and its answer taken.",
        fields: |pattern| match pattern {
            Pattern::Hedge(hedge) => self::hedge(hedge),
            _ => None,
        },
    },
    Proof {
        table: "TIMEOUTS",
        row: "TimeoutPolicy",
        function: "timeouts",
        promise: "504 for what takes longer.",
        fields: |pattern| match pattern {
            Pattern::Timeout(timeout) => Some(self::timeout(timeout)),
            _ => None,
        },
    },
];

/// What is proved of patterns that are not enforced, whatever they are.
const MODES: Proof = Proof {
    table: "MODES",
    row: "ModePolicy",
    function: "modes",
    promise: "`shadow` counts and `off` does nothing; a circuit is forced to be open or closed.",
    fields: |_| None,
};

/// The file, where there is anything to prove.
pub(super) fn file(service: &Service, crate_name: &str) -> Option<String> {
    let mut tests = String::new();
    for proof in PROOFS {
        let rows: Vec<String> = service
            .apis
            .iter()
            .flat_map(|api| &api.operations)
            .flat_map(|operation| rows(proof, operation))
            .collect();
        if !rows.is_empty() {
            tests.push_str(&test(proof, &rows));
        }
    }
    let modes = modes(service);
    if !modes.is_empty() {
        tests.push_str(&test(&MODES, &modes));
    }
    if tests.is_empty() {
        return None;
    }
    let names = Used::of(&tests);
    let mut text = String::from(
        "//! The document's policies as clients meet them: `cargo test --test policies`.\n\
         //!\n\
         //! Each row holds the document's own values, and is tried on the operation's real stack of\n\
         //! patterns, with a clock that is paused.\n\n",
    );
    if names.name("Duration") {
        text.push_str("use std::time::Duration;\n\n");
    }
    let from_testing: Vec<&str> = [
        "CachePolicy",
        "Failure",
        "FallbackPolicy",
        "FeatureTogglePolicy",
        "FusePolicy",
        "HedgePolicy",
        "MachinePolicy",
        "ModePolicy",
        "PlacesPolicy",
        "RateLimitPolicy",
        "RetryPolicy",
        "TimeoutPolicy",
    ]
    .into_iter()
    .filter(|name| names.name(name))
    .chain(["self"])
    .collect();
    let mut imports = [
        layout::import("failsafe_runtime::testing", &from_testing),
        format!("use {crate_name}::generated::resilience;\n"),
    ];
    imports.sort();
    text.push_str(&imports.concat());
    text.push_str(&tests);
    Some(text)
}

/// A row for each policy that is not enforced.
fn modes(service: &Service) -> Vec<String> {
    let operations = service.apis.iter().flat_map(|api| &api.operations);
    let policies = operations.flat_map(|operation| {
        let policies = operation.policies.iter();
        policies.map(move |policy| (operation, policy))
    });
    // Chaos makes trouble, or it does not: there is nothing to be refused.
    let quiet = policies.filter(|(_, policy)| {
        policy.mode != Mode::Enforce && !matches!(policy.pattern, Pattern::Chaos(_))
    });
    quiet
        .map(|(operation, policy)| {
            let pattern = rust_string(words::pattern(&policy.pattern));
            let mode = rust_string(mode(policy.mode));
            row(&MODES, operation, &[("pattern", pattern), ("mode", mode)])
        })
        .collect()
}

/// A mode in the document's words.
fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Enforce => "enforce",
        Mode::Shadow => "shadow",
        Mode::Off => "off",
        Mode::ForcedOpen => "forced_open",
        Mode::ForcedClosed => "forced_closed",
    }
}

/// The operation's policies of this type that are enforced.
fn rows(proof: &Proof, operation: &Operation) -> Vec<String> {
    let enforced = operation
        .policies
        .iter()
        .filter(|policy| policy.mode == Mode::Enforce);
    enforced
        .filter_map(|policy| (proof.fields)(&policy.pattern))
        .map(|fields| row(proof, operation, &fields))
        .collect()
}

fn row(proof: &Proof, operation: &Operation, fields: &[(&str, String)]) -> String {
    let mut row = format!(
        "{} {{\n    operation: {},\n    stack: resilience::{},\n",
        proof.row,
        rust_string(&operation.id),
        operation.rust_name
    );
    for (name, value) in fields {
        row.push_str(&format!("    {name}: {value},\n"));
    }
    row + "}"
}

fn test(proof: &Proof, rows: &[String]) -> String {
    let Proof {
        table,
        row,
        function,
        promise,
        ..
    } = proof;
    // rustfmt draws the brackets around a single row together.
    let rows = match rows {
        [only] => only.clone(),
        several => {
            let rows = several
                .iter()
                .map(|row| layout::indented(&format!("{row},")));
            format!("\n{}", rows.collect::<String>())
        }
    };
    format!(
        "\n/// {promise}\nconst {table}: &[{row}] = &[{rows}];\n\n\
         #[test]\nfn {function}() {{\n    testing::{function}({table});\n}}\n"
    )
}

fn feature_toggle(toggle: &FeatureToggle) -> Fields {
    vec![
        ("enabled", toggle.enabled.to_string()),
        ("status", toggle.status.to_string()),
        ("percentage", format!("{:?}", toggle.percentage)),
    ]
}

fn rate_limit(limit: &RateLimit) -> Option<Fields> {
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

fn load_shed(shed: &LoadShed) -> Option<Fields> {
    places(shed.max_requests, 0, None)
}

fn machine(shed: &LoadShed) -> Option<Fields> {
    let looks_at_it = shed.cpu_threshold.is_some() || shed.memory_threshold.is_some();
    looks_at_it.then(|| {
        vec![
            ("cpu", format!("{:?}", shed.cpu_threshold)),
            ("memory", format!("{:?}", shed.memory_threshold)),
            ("spared", shed.is_high_priority.to_string()),
        ]
    })
}

fn concurrency(limit: &Concurrency) -> Option<Fields> {
    places(limit.initial_limit.value, 0, None)
}

fn backpressure(backpressure: &Backpressure) -> Option<Fields> {
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

fn bulkhead(bulkhead: &Bulkhead) -> Option<Fields> {
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

fn cache(cache: &Cache) -> Option<Fields> {
    let keeps_for = cache.ttl + cache.stale_while_revalidate.unwrap_or_default();
    let reads = cache.methods.iter().any(|method| method == "GET");
    (reads && keeps_for <= MAX_TIME).then(|| vec![("keeps_for", duration(keeps_for))])
}

/// What always answers the same; a method of the handlers is the person's to prove.
fn fallback(fallback: &Fallback) -> Option<Fields> {
    let Instead::Constant { status, .. } = &fallback.instead else {
        return None;
    };
    let failure = fallback.on.iter().find_map(|name| failure(name))?;
    Some(vec![("status", status.to_string()), ("after", failure)])
}

fn hedge(hedge: &Hedge) -> Option<Fields> {
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

fn fail_fast(fail_fast: &FailFast) -> Option<Fields> {
    fuse(fail_fast.failure_threshold, fail_fast.recovery_timeout, 1)
}

fn circuit_breaker(breaker: &CircuitBreaker) -> Option<Fields> {
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

fn retry(retry: &Retry) -> Option<Fields> {
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

fn timeout(timeout: &Timeout) -> Fields {
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

    #[test]
    fn a_single_row_is_drawn_together_with_its_brackets() {
        let text = test(&PROOFS[0], &["Row {\n    a: 1,\n}".to_owned()]);
        assert!(text.contains("&[Row {\n    a: 1,\n}];"), "{text}");
        let rows = ["Row {\n    a: 1,\n}", "Row {\n    a: 2,\n}"].map(str::to_owned);
        let text = test(&PROOFS[0], &rows);
        assert!(
            text.contains("&[\n    Row {\n        a: 1,\n    },\n"),
            "{text}"
        );
    }
}
