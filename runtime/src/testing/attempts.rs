use super::probe::{Behaviour, Probe, SOMEBODY};
use super::{Failure, Fault, Stack, check, prove};
use crate::registry::PatternKind;

/// What the document says of a retry.
#[derive(Clone, Copy, Debug)]
pub struct RetryPolicy {
    /// The operation's id.
    pub operation: &'static str,
    /// Its patterns.
    pub stack: Stack,
    /// So often a call is made, the first time included.
    pub attempts: u32,
    /// A failure after which it is made again.
    pub after: Failure,
    /// Only requests with an `Idempotency-Key` are.
    pub only_keyed: bool,
}

const KEY: (&str, &str) = ("idempotency-key", "a-key");

/// Proves of each retry that a call which fails `attempts` times is given up with 503 and was made
/// so often, and that one which succeeds the last time is answered.
///
/// # Panics
///
/// When a policy does not hold.
pub fn retries(policies: &[RetryPolicy]) {
    prove(
        PatternKind::Retry,
        policies,
        |policy| (policy.operation, policy.stack),
        holds,
    );
}

async fn holds(policy: &RetryPolicy, probe: &Probe) -> Result<(), Fault> {
    let attempts = policy.attempts;
    probe.handler(Behaviour::Fail(policy.after));
    let given_up = probe.ask_as(SOMEBODY, &[KEY]).await;
    given_up.was_refused(503, "attempts_exceeded", "a call that always fails")?;
    made(probe, attempts)?;

    probe.handler(Behaviour::FailFirst(attempts - 1, policy.after));
    let last = format!("a call that succeeds at attempt {attempts}");
    probe.ask_as(SOMEBODY, &[KEY]).await.was_answered(&last)?;
    made(probe, attempts)?;

    if policy.only_keyed {
        probe.handler(Behaviour::Fail(policy.after));
        let failed = probe.ask().await;
        check(failed.error != "attempts_exceeded", || {
            "a call without an Idempotency-Key was made again".to_owned()
        })?;
        made(probe, 1)?;
    }
    Ok(())
}

fn made(probe: &Probe, attempts: u32) -> Result<(), Fault> {
    let calls = probe.calls();
    check(calls == attempts, || {
        format!("the handler was called {calls} times, not {attempts}")
    })
}
