use std::time::Duration;

use super::probe::{Behaviour, Probe};
use super::{Fault, Stack, check, is_about, prove};
use crate::registry::PatternKind;

/// What the document says of a timeout.
#[derive(Clone, Copy, Debug)]
pub struct TimeoutPolicy {
    /// The operation's id.
    pub operation: &'static str,
    /// Its patterns.
    pub stack: Stack,
    /// So long one attempt may take.
    pub after: Duration,
}

/// Proves of each timeout that a call which does not end is given up with 504 when its time is
/// over, and that the next one is answered.
///
/// # Panics
///
/// When a policy does not hold.
pub fn timeouts(policies: &[TimeoutPolicy]) {
    prove(
        PatternKind::Timeout,
        policies,
        |policy| (policy.operation, policy.stack),
        holds,
    );
}

async fn holds(policy: &TimeoutPolicy, probe: &Probe) -> Result<(), Fault> {
    probe.handler(Behaviour::Hang);
    let late = probe.ask().await;
    late.was_refused(504, "timeout", "a call that does not end")?;
    check(is_about(late.took, policy.after), || {
        format!(
            "the call was given up after {:?}, not {:?}",
            late.took, policy.after
        )
    })?;
    probe.handler(Behaviour::Answer);
    probe.ask().await.was_answered("a call in time")
}
