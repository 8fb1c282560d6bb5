use std::time::Duration;

use super::probe::{Behaviour, Probe, pass};
use super::{Failure, Fault, Stack, check, prove};
use crate::registry::PatternKind;
use crate::service::stack::Layer;

/// What the document says of a circuit breaker or a fail-fast.
#[derive(Clone, Copy, Debug)]
pub struct FusePolicy {
    /// The operation's id.
    pub operation: &'static str,
    /// Its patterns.
    pub stack: Stack,
    /// So many calls that all fail open it.
    pub opens_after: u32,
    /// So long it stays open; until somebody closes it with `None`.
    pub stays_open: Option<Duration>,
    /// So many calls that all succeed close it then.
    pub closes_after: u32,
}

const FAILED: Failure = Failure::Status(500);
const EARLY: Duration = Duration::from_millis(1);

/// Proves of each circuit that it is closed until `opens_after` calls have failed, refuses with
/// 503 for `stays_open` and says so in `Retry-After`, and is closed again after `closes_after`
/// successes.
///
/// # Panics
///
/// When a policy does not hold.
pub fn circuit_breakers(policies: &[FusePolicy]) {
    prove(
        PatternKind::CircuitBreaker,
        policies,
        |policy| (policy.operation, policy.stack),
        async |policy, probe| holds(policy, probe, "circuit_open").await,
    );
}

/// Proves the same of each fail-fast. Without `stays_open` it is closed by hand.
///
/// # Panics
///
/// When a policy does not hold.
pub fn fail_fasts(policies: &[FusePolicy]) {
    prove(
        PatternKind::FailFast,
        policies,
        |policy| (policy.operation, policy.stack),
        async |policy, probe| holds(policy, probe, "fail_fast_open").await,
    );
}

async fn holds(policy: &FusePolicy, probe: &Probe, error: &str) -> Result<(), Fault> {
    let FusePolicy {
        opens_after,
        closes_after,
        ..
    } = *policy;
    probe.handler(Behaviour::Fail(FAILED));
    // All but the last failure are told to the pattern itself, which is quicker.
    fail(probe, opens_after - 1);
    let last = format!("failure {opens_after} of {opens_after}");
    probe.ask().await.has_status(500, &last)?;
    let refused = probe.ask().await;
    let after = format!("a call after {opens_after} failures");
    refused.was_refused(503, error, &after)?;

    probe.handler(Behaviour::Answer);
    match policy.stays_open {
        Some(stays_open) => {
            let seconds = refused.retry_after();
            let expected = u64::try_from(stays_open.as_millis().div_ceil(1000)).ok();
            check(seconds == expected.map(|it| it.max(1)), || {
                format!("Retry-After is {seconds:?} with {stays_open:?} to go")
            })?;
            pass(stays_open.saturating_sub(EARLY)).await;
            if stays_open > EARLY {
                let early = probe.ask().await;
                early.was_refused(503, error, "a call just before the recovery")?;
            }
            pass(2 * EARLY).await;
        }
        None => reset(probe),
    }
    for success in 1..=closes_after {
        let call = format!("call {success} of {closes_after} after the recovery");
        probe.ask().await.was_answered(&call)?;
    }
    probe.handler(Behaviour::Fail(FAILED));
    probe
        .ask()
        .await
        .has_status(500, "a failure after the recovery")?;
    if opens_after > 1 {
        probe.handler(Behaviour::Answer);
        let next = "a call after one failure";
        probe.ask().await.was_answered(next)?;
    }
    Ok(())
}

fn fail(probe: &Probe, times: u32) {
    for layer in probe.around() {
        for _ in 0..times {
            match layer {
                Layer::CircuitBreaker(breaker) if breaker.is_enabled() => {
                    if let Ok(permit) = breaker.acquire() {
                        permit.failure();
                    }
                }
                Layer::FailFast(fail_fast) if fail_fast.is_enabled() => {
                    if let Ok(permit) = fail_fast.acquire() {
                        permit.failure();
                    }
                }
                _ => break,
            }
        }
    }
}

fn reset(probe: &Probe) {
    for pattern in probe.patterns.all() {
        pattern.reset();
    }
}
