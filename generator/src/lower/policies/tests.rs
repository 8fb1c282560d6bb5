mod rates;
mod repeats;

use std::time::Duration;

use crate::{
    diagnostic::Diagnostics,
    ir::{ClientKey, Mode, Pattern, Policy, Rate, RateLimit, Retry, Service, Timeout},
    lower,
    spec::{Input, load},
};

/// Lowers a document of one path with these operations.
fn try_service(root: &str, path: &str) -> (Option<Service>, Vec<&'static str>) {
    let text = format!(
        "openapi: 3.1.0\ninfo: {{ title: Test, version: '1' }}\n{root}\npaths:\n  /things:\n{}",
        indent(path)
    );
    let document = load(&Input::Stdin(text.into())).expect("a document");
    let mut found = Diagnostics::default();
    let service = lower::lower(&document, &mut found);
    let codes = found
        .iter()
        .map(|found| found.code)
        .filter(|code| !["no-responses", "others-can-be-generated"].contains(code));
    (service, codes.collect())
}

fn indent(text: &str) -> String {
    text.lines().map(|line| format!("    {line}\n")).collect()
}

/// An operation in the lines of a path.
fn operation(method: &str, own: &str) -> String {
    let own: String = own.lines().map(|line| format!("  {line}\n")).collect();
    format!("{method}:\n  operationId: {method}\n{own}")
}

/// The policies of the first operation, and what was found.
fn policies_with_findings(root: &str, path: &str) -> (Vec<Policy>, Vec<&'static str>) {
    let (service, codes) = try_service(root, path);
    let service = service.unwrap_or_else(|| panic!("no service: {codes:?}"));
    (service.apis[0].operations[0].policies.clone(), codes)
}

fn policies(root: &str, path: &str) -> Vec<Policy> {
    let (policies, codes) = policies_with_findings(root, path);
    assert_eq!(codes, Vec::<&str>::new());
    policies
}

/// What is wrong with the extension of one operation.
fn codes(extension: &str) -> Vec<&'static str> {
    try_service("", &operation("get", extension)).1
}

fn names(policies: &[Policy]) -> Vec<&'static str> {
    policies
        .iter()
        .map(|policy| match policy.pattern {
            Pattern::FeatureToggle(_) => "featuretoggle",
            Pattern::LoadShed(_) => "loadshed",
            Pattern::Backpressure(_) => "backpressure",
            Pattern::Concurrency(_) => "concurrency",
            Pattern::RateLimit(_) => "ratelimit",
            Pattern::Bulkhead(_) => "bulkhead",
            Pattern::Cache(_) => "cache",
            Pattern::Chaos(_) => "chaos",
            Pattern::Fallback(_) => "fallback",
            Pattern::Hedge(_) => "hedge",
            Pattern::FailFast(_) => "failfast",
            Pattern::CircuitBreaker(_) => "circuitbreaker",
            Pattern::Retry(_) => "retry",
            Pattern::Timeout(_) => "timeout",
        })
        .collect()
}

fn rate_limit(policies: &[Policy]) -> RateLimit {
    let limit = policies.iter().find_map(|policy| match &policy.pattern {
        Pattern::RateLimit(limit) => Some(limit.clone()),
        _ => None,
    });
    limit.expect("a rate limit")
}

fn timeout(policies: &[Policy]) -> Timeout {
    let timeout = policies.iter().find_map(|policy| match &policy.pattern {
        Pattern::Timeout(timeout) => Some(timeout.clone()),
        _ => None,
    });
    timeout.expect("a timeout")
}

fn retry(policies: &[Policy]) -> Option<Retry> {
    policies.iter().find_map(|policy| match &policy.pattern {
        Pattern::Retry(retry) => Some(retry.clone()),
        _ => None,
    })
}

const ALL_AT_ROOT: &str = "x-failsafe:
  resiliency:
    ratelimit: { max_executions: 100, per_time_secs: 10, bucket_size: 50 }
    circuitbreaker: {}
    retry: { attempts: 2, delay: 0 }
    timeout: { seconds: 3 }";

#[test]
fn defaults_fill_what_is_left_out() {
    let stack = policies(
        "",
        "get: { operationId: get, x-ratelimit: {}, x-timeout:, x-retry: true }",
    );
    assert_eq!(names(&stack), ["ratelimit", "retry", "timeout"]);
    insta::assert_debug_snapshot!(
        stack
            .iter()
            .map(|policy| (&policy.name, policy.mode, &policy.pattern))
            .collect::<Vec<_>>()
    );
}

#[test]
fn the_nearer_place_wins_key_by_key() {
    let path = "x-telstra: { resiliency: { ratelimit: { bucket_size: 7 } } }
get:
  operationId: get
  x-ratelimit: { max_executions: 5 }";
    let limit = rate_limit(&policies(ALL_AT_ROOT, path));
    assert_eq!(
        (limit.max_executions, limit.per_time, limit.bucket_size),
        (5, Duration::from_secs(10), 7)
    );
}

#[test]
fn two_ways_of_saying_one_thing_displace_each_other() {
    let with = |own: &str| {
        rate_limit(&policies(
            ALL_AT_ROOT,
            &format!("get: {{ operationId: get, x-ratelimit: {own} }}"),
        ))
    };
    let limit = with("{ limit: 3/second }");
    assert_eq!(
        (limit.max_executions, limit.per_time),
        (3, Duration::from_secs(1))
    );
    assert_eq!(limit.bucket_size, 50, "which neither of the two says");

    let path = "x-ratelimit: { limit: 3/second }
get: { operationId: get, x-ratelimit: { max_executions: 4 } }";
    let limit = rate_limit(&policies("", path));
    assert_eq!(
        (limit.max_executions, limit.per_time),
        (4, Duration::from_secs(60))
    );
}

#[test]
fn an_inherited_pattern_can_be_taken_away() {
    let stack = |own: &str| {
        let stack = policies(ALL_AT_ROOT, &operation("get", own));
        names(&stack).join(" ")
    };
    assert_eq!(stack(""), "ratelimit circuitbreaker retry timeout");
    assert_eq!(stack("x-retry: false"), "ratelimit circuitbreaker timeout");
    assert_eq!(
        stack("x-retry: { enabled: false }"),
        "ratelimit circuitbreaker timeout"
    );
    assert_eq!(
        stack("x-failsafe: { resiliency: { retry: false, timeout: { enabled: false } } }"),
        "ratelimit circuitbreaker"
    );
}

#[test]
fn a_pattern_that_was_taken_away_comes_back_without_what_it_inherited() {
    let path = |at_path: &str, own: &str| {
        format!("x-timeout: {at_path}\nget: {{ operationId: get, x-timeout: {own} }}")
    };
    let root = "x-timeout: { total: 60 }";
    let fresh = timeout(&policies(root, &path("false", "{ seconds: 1 }")));
    assert_eq!((fresh.seconds, fresh.total), (Duration::from_secs(1), None));
    // A switch is a key like every other.
    let switched = timeout(&policies(
        root,
        &path("{ enabled: false }", "{ enabled: true }"),
    ));
    assert_eq!(switched.total, Some(Duration::from_secs(60)));
    let (stack, codes) =
        policies_with_findings(root, &path("{ enabled: false }", "{ seconds: 1 }"));
    assert!(stack.is_empty());
    assert_eq!(codes, ["inherited-switch"]);
}

/// A path may be somebody else's, and be referred to.
#[test]
fn what_is_said_beside_a_reference_is_said_nearer() {
    let other = "
  /other:
    x-timeout: { seconds: 7, total: 60 }
    get: { operationId: other }";
    let seconds = |path: &str| {
        let text = format!(
            "openapi: 3.1.0\ninfo: {{ title: Test, version: '1' }}\npaths:\n  /things: {path}{other}\n"
        );
        let document = load(&Input::Stdin(text.into())).expect("a document");
        let service = lower::lower(&document, &mut Diagnostics::default()).expect("a service");
        let timeout = timeout(&service.apis[0].operations[0].policies);
        (
            timeout.seconds.as_secs(),
            timeout.total.map(|it| it.as_secs()),
        )
    };
    let reference = "$ref: '#/paths/~1other'";
    assert_eq!(seconds(&format!("{{ {reference} }}")), (7, Some(60)));
    let beside = format!("{{ {reference}, x-timeout: {{ seconds: 2 }} }}");
    assert_eq!(seconds(&beside), (2, Some(60)));
    let get = "{ get: { $ref: '#/paths/~1other/get', x-timeout: { seconds: 3 } } }";
    assert_eq!(seconds(get), (3, None));
}

#[test]
fn an_order_permutes_what_it_names() {
    let with = |order: &str| {
        let path = format!(
            "get: {{ operationId: get, x-failsafe: {{ resiliency: {{ order: {order} }} }} }}"
        );
        let (policies, found) = policies_with_findings(ALL_AT_ROOT, &path);
        assert!(
            found.iter().all(|code| *code == "dubious-order"),
            "{found:?}"
        );
        names(&policies).join(" ")
    };
    assert_eq!(with("[]"), "ratelimit circuitbreaker retry timeout");
    assert_eq!(
        with("[ratelimit, retry, circuitbreaker]"),
        "ratelimit retry circuitbreaker timeout"
    );
    assert_eq!(
        with("[timeout, circuitbreaker]"),
        "ratelimit timeout retry circuitbreaker"
    );
    assert_eq!(
        with("[timeout, hedge, retry]"),
        "ratelimit circuitbreaker timeout retry"
    );
}

#[test]
fn durations_are_seconds_or_have_a_unit() {
    for (written, expected) in [
        ("5", Duration::from_secs(5)),
        ("0.25", Duration::from_millis(250)),
        ("'5'", Duration::from_secs(5)),
        ("250ms", Duration::from_millis(250)),
        ("1.5 s", Duration::from_millis(1500)),
        ("2m", Duration::from_secs(120)),
        ("1h", Duration::from_secs(3600)),
        ("7us", Duration::from_micros(7)),
    ] {
        let stack = policies(
            "",
            &format!("get: {{ operationId: get, x-timeout: {{ seconds: {written} }} }}"),
        );
        assert_eq!(timeout(&stack).seconds, expected, "{written}");
    }
    for bad in [
        "5x", "s", "''", "1e400", "[1]", "true", "-1", "0", "0s", "1ps", "NaN", "inf", "infs",
    ] {
        let found = codes(&format!("x-timeout: {{ seconds: {bad} }}"));
        assert_eq!(found.len(), 1, "{bad}: {found:?}");
    }
}

#[test]
fn modes_are_read() {
    let mode = |pattern: &str, mode: &str| {
        let path = format!("get: {{ operationId: get, {pattern}: {{ mode: {mode} }} }}");
        policies("", &path)[0].mode
    };
    assert_eq!(mode("x-ratelimit", "shadow"), Mode::Shadow);
    assert_eq!(mode("x-circuitbreaker", "forced_open"), Mode::ForcedOpen);
    assert_eq!(mode("x-retry", "off"), Mode::Off);
    assert_eq!(codes("x-retry: { mode: forced_open }"), ["unknown-word"]);
}

#[test]
fn a_default_never_contradicts_what_is_written() {
    for fine in [
        "x-concurrency: { initial_limit: 5 }",
        "x-concurrency: { initial_limit: 5000 }",
        "x-concurrency: { min_limit: 2000 }",
        "x-concurrency: { max_limit: 4 }",
        "x-backpressure: { max_pending: 1 }",
        "x-backpressure: { high_water_mark: 5000 }",
        "x-backpressure: { high_water_mark: 10 }",
        "x-backpressure: { low_water_mark: 900 }",
        "x-retry: { delay: 2m }",
        "x-timeout: { total: 10 }",
        "x-timeout: { total: 10 }\nx-retry: {}",
        "x-circuitbreaker: { window: count, window_size: 3 }",
    ] {
        assert_eq!(codes(fine), Vec::<&str>::new(), "{fine}");
    }
    assert_eq!(
        timeout(&policies(
            "",
            "get: { operationId: get, x-timeout: { total: 10 } }"
        ))
        .seconds,
        Duration::from_secs(10)
    );
    let delay = "get: { operationId: get, x-retry: { delay: 2m } }";
    let retry = retry(&policies("", delay)).expect("a retry");
    assert_eq!(retry.max_delay, Duration::from_secs(120));
    // What is written is not bent.
    for wrong in [
        "x-concurrency: { initial_limit: 5, min_limit: 6 }",
        "x-concurrency: { initial_limit: 5, max_limit: 4 }",
        "x-backpressure: { max_pending: 10, high_water_mark: 11 }",
    ] {
        assert_eq!(codes(wrong), ["value-out-of-range"], "{wrong}");
    }
    let without_seconds = "x-timeout: { total: 2 }\nx-retry: { delay: 2 }";
    assert_eq!(codes(without_seconds), ["retry-exceeds-total"]);
}

#[test]
fn instances_of_one_name_have_the_same_values() {
    let both = |first: &str, second: &str| {
        let path = format!(
            "get: {{ operationId: get, x-ratelimit: {first} }}\n\
             put: {{ operationId: put, x-ratelimit: {second} }}"
        );
        try_service("", &path).1
    };
    assert_eq!(
        both("{ name: a, cost: 2 }", "{ name: a, cost: 2 }"),
        Vec::<&str>::new()
    );
    assert_eq!(
        both("{ name: a, cost: 2 }", "{ name: b, cost: 3 }"),
        Vec::<&str>::new()
    );
    assert_eq!(
        both("{ name: a, cost: 2 }", "{ name: a, cost: 3 }"),
        ["shared-name-differs"]
    );
    assert_eq!(
        both("{ name: a }", "{ name: a, mode: shadow }"),
        ["shared-name-differs"]
    );
    // The name of one may be the id of another.
    assert_eq!(
        both("{ cost: 2 }", "{ name: get, cost: 3 }"),
        ["shared-name-differs"]
    );
}

/// Nothing that the table knows is refused by name.
#[test]
fn every_pattern_and_key_is_there() {
    for pattern in super::table::PATTERNS {
        let own = match pattern.name {
            // It has to say what it answers with.
            "fallback" => "handler: true",
            _ => "",
        };
        let found = codes(&format!("x-{}: {{ {own} }}", pattern.name));
        assert_eq!(found, Vec::<&str>::new(), "{}", pattern.name);
        let off = codes(&format!("x-{}: false", pattern.name));
        assert_eq!(off, Vec::<&str>::new(), "{}", pattern.name);
        for key in pattern.keys {
            let found = codes(&format!(
                "x-{}: {{ {}: {{ no: thing }} }}",
                pattern.name, key.name
            ));
            assert!(
                !found.contains(&"unknown-extension-key") || key.name == "budget",
                "{}",
                key.name
            );
        }
    }
}

#[test]
fn values_out_of_range_are_refused() {
    for bad in [
        "x-ratelimit: { max_executions: 0 }",
        "x-ratelimit: { max_executions: 4294967296 }",
        "x-ratelimit: { max_executions: 1.0 }",
        "x-ratelimit: { bucket_size: -1 }",
        "x-ratelimit: { limit: [1/second, 1/minute, 1/hour, 1/day, 2/day] }",
        "x-ratelimit: { limit: [9/second, 2000000/second] }",
        "x-ratelimit: { limit: [9/second, 5/minute], cost: 6 }",
        "x-ratelimit: { cost: 2, bucket_size: 1 }",
        "x-ratelimit: { window_size: 10001 }",
        "x-ratelimit: { gradient_sensitivity: 0 }",
        "x-ratelimit: { limit: 0/second }",
        "x-ratelimit: { limit: 2000000/second }",
        "x-ratelimit: { max_executions: 1, per_time_secs: 1d, bucket_size: 4000 }",
        "x-retry: { attempts: 0 }",
        "x-retry: { backoff: 0.9 }",
        "x-circuitbreaker: { success_threshold: 256 }",
        "x-timeout: { total: 3651d }",
        "x-timeout: { name: '' }",
        "x-timeout: { name: \"a\\nb\" }",
    ] {
        assert_eq!(codes(bad), ["value-out-of-range"], "{bad}");
    }
}

#[test]
fn the_keys_of_a_window_need_one_and_fit_it() {
    for (keys, expected) in [
        ("window: count, failure_rate: 0.5", &[][..]),
        (
            "window: time, window_size: 3600, slow_call_rate: 1, slow_call_duration: 2s",
            &[],
        ),
        ("failure_rate: 0.5", &["window-missing"]),
        (
            "window: count, failure_threshold: 3",
            &["key-without-effect"],
        ),
        (
            "window: count, slow_call_duration: 2s",
            &["key-without-effect"],
        ),
        (
            "window: count, window_size: 5, minimum_calls: 6",
            &["value-out-of-range"],
        ),
        ("window: time, window_size: 3601", &["value-out-of-range"]),
        ("window: count, failure_rate: 0", &["value-out-of-range"]),
    ] {
        assert_eq!(
            codes(&format!("x-circuitbreaker: {{ {keys} }}")),
            expected,
            "{keys}"
        );
    }
}
