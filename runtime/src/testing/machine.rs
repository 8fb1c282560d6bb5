use super::probe::Probe;
use super::{Fault, Stack, check, prove};
use crate::registry::PatternKind;

/// What the document says of a load shedder that looks at the machine.
#[derive(Clone, Copy, Debug)]
pub struct MachinePolicy {
    /// The operation's id.
    pub operation: &'static str,
    /// Its patterns.
    pub stack: Stack,
    /// It sheds when so many percent of the processor time are used.
    pub cpu: Option<f64>,
    /// It sheds when so many percent of the memory are used.
    pub memory: Option<f64>,
    /// Its calls are of high priority: the machine is not looked at for them.
    pub spared: bool,
}

/// How far below a threshold the machine is at ease, in percent.
const BELOW: f64 = 0.01;

/// Proves of each load shedder that it refuses calls with 503 from its thresholds on, and not below
/// them, and that it lets them in again when the machine is at ease. The machine is pretended.
///
/// # Panics
///
/// When a policy does not hold.
pub fn machine_limits(policies: &[MachinePolicy]) {
    prove(
        PatternKind::LoadShed,
        policies,
        |policy| (policy.operation, policy.stack),
        holds,
    );
}

async fn holds(policy: &MachinePolicy, probe: &Probe) -> Result<(), Fault> {
    for (what, threshold) in [("CPU", policy.cpu), ("memory", policy.memory)] {
        let pretend = |load: f64| match what {
            "CPU" => probe.system.pretend(load, 0.0),
            _ => probe.system.pretend(0.0, load),
        };
        let Some(threshold) = threshold else {
            pretend(100.0);
            let all_used = format!("a call with all {what} in use");
            probe.ask().await.was_answered(&all_used)?;
            continue;
        };
        pretend(threshold - BELOW);
        let below = format!("a call just below {threshold} % {what}");
        probe.ask().await.was_answered(&below)?;
        pretend(threshold);
        let at = format!("a call at {threshold} % {what}");
        let answer = probe.ask().await;
        if policy.spared {
            answer.was_answered(&at)?;
            continue;
        }
        answer.was_refused(503, "load_shed", &at)?;
        check(answer.retry_after().is_some(), || {
            format!("{at} is not told when to come back")
        })?;
        pretend(0.0);
        let again = format!("a call after the {what} is free again");
        probe.ask().await.was_answered(&again)?;
    }
    Ok(())
}
