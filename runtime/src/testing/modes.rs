use serde_json::{Map, Value, json};

use super::probe::{Answer, Behaviour, Probe};
use super::{Failure, Fault, Stack, check, prove_each};
use crate::registry::PatternKind;
use crate::service::headers;

/// What the document says of a pattern that is not enforced.
#[derive(Clone, Copy, Debug)]
pub struct ModePolicy {
    /// The operation's id.
    pub operation: &'static str,
    /// Its patterns.
    pub stack: Stack,
    /// The pattern's type, as documents write it.
    pub pattern: &'static str,
    /// `shadow`, `off`, `forced_open` or `forced_closed`.
    pub mode: &'static str,
}

/// Proves of each pattern that is not enforced that it lets everything pass and changes nothing of
/// it, even with the tightest values that it can have: of one in shadow that it counts what it would
/// have done, of one that is off that it does not. A circuit that is forced open refuses everything.
///
/// # Panics
///
/// When a policy does not hold.
pub fn modes(policies: &[ModePolicy]) {
    prove_each(
        policies,
        |policy| {
            let kind = PatternKind::named(policy.pattern);
            (policy.operation, policy.stack, kind)
        },
        async |policy, probe| {
            let held = holds(policy, probe).await;
            held.map_err(|fault| format!("{} in mode {}: {fault}", policy.pattern, policy.mode))
        },
    );
}

async fn holds(policy: &ModePolicy, probe: &Probe) -> Result<(), Fault> {
    let mode = probe.pattern.config_json()["mode"].clone();
    check(mode == policy.mode, || format!("its mode is {mode}"))?;
    let tightest = probe.pattern.reconfigure_json(&tightest(probe.kind));
    tightest.map_err(|error| error.to_string())?;
    if policy.mode == "forced_open" {
        let refused = probe.ask().await;
        refused.was_refused(503, "circuit_open", "a call")?;
        return check(probe.calls() == 0, || "the handler was called".to_owned());
    }
    passes(probe).await?;
    // A cache acts by what it keeps, which it does in shadow as well.
    if probe.kind == PatternKind::Cache || policy.mode == "forced_closed" {
        return Ok(());
    }
    let snapshot = probe.pattern.snapshot();
    let shadows = snapshot.counters.iter();
    let shadows = shadows.filter(|counter| counter.name.starts_with("shadow_"));
    let counted: u64 = shadows.map(|counter| counter.value).sum();
    check((counted > 0) == (policy.mode == "shadow"), || {
        format!("it counted {counted} calls on which it would have acted")
    })
}

/// Calls that fail, that take their time together, and that are asked twice, end as the handler
/// ends them, each with a call of its own.
async fn passes(probe: &Probe) -> Result<(), Fault> {
    probe.handler(Behaviour::Fail(Failure::Connection));
    for _ in 0..3 {
        untouched(&ask(probe).await, 502)?;
    }
    called(probe, 3)?;
    probe.handler(Behaviour::Slow);
    let (first, second) = tokio::join!(ask(probe), ask(probe));
    untouched(&first, 200)?;
    untouched(&second, 200)?;
    called(probe, 2)?;
    probe.handler(Behaviour::Answer);
    for _ in 0..2 {
        untouched(&ask(probe).await, 200)?;
    }
    called(probe, 2)
}

/// As somebody whose request may be repeated.
async fn ask(probe: &Probe) -> Answer {
    let headers = [("idempotency-key", "one")];
    probe.ask_as(super::probe::SOMEBODY, &headers).await
}

fn untouched(answer: &Answer, status: u16) -> Result<(), Fault> {
    answer.has_status(status, "a call")?;
    let instead = answer.headers.contains_key(headers::FALLBACK);
    check(!instead, || {
        "a call was answered by the fallback".to_owned()
    })
}

fn called(probe: &Probe, times: u32) -> Result<(), Fault> {
    check(probe.calls() == times, || {
        let calls = probe.calls();
        format!("the handler was called {calls} times for {times} requests")
    })
}

/// Values by which every other call is one on which the pattern acts.
fn tightest(kind: PatternKind) -> Map<String, Value> {
    let keys = match kind {
        PatternKind::FeatureToggle => json!({ "enabled": false }),
        PatternKind::RateLimit => json!({
            "limit": [], "max_executions": 1, "per_time_secs": 3600, "bucket_size": null, "cost": 1,
        }),
        PatternKind::LoadShed => json!({
            "max_requests": 1, "max_queue_depth": null, "cpu_threshold": null,
            "memory_threshold": null,
        }),
        PatternKind::Concurrency => json!({
            "initial_limit": 1, "min_limit": 1, "max_limit": 1,
        }),
        PatternKind::Backpressure => json!({
            "max_pending": 1, "high_water_mark": 1, "low_water_mark": 0, "timeout": 0,
        }),
        PatternKind::Bulkhead => json!({
            "max_concurrent": 1, "max_queued": 0, "queue_timeout": null,
        }),
        PatternKind::Fallback => json!({ "on": ["Exception"] }),
        PatternKind::FailFast => json!({ "failure_threshold": 1 }),
        PatternKind::CircuitBreaker => json!({
            "failure_threshold": 1, "window": null, "window_size": null, "failure_rate": null,
            "slow_call_rate": null, "slow_call_duration": null, "minimum_calls": null,
        }),
        PatternKind::Retry => json!({ "attempts": 2, "exceptions": ["Exception"] }),
        PatternKind::Hedge => json!({
            "attempts": 2, "delay": 0.1, "timeout": null, "max_extra": 1,
        }),
        PatternKind::Timeout => json!({ "seconds": 0.5, "total": null }),
        PatternKind::Cache | PatternKind::Chaos => json!({}),
    };
    match keys {
        Value::Object(keys) => keys,
        _ => Map::new(),
    }
}
