use std::time::Duration;

use super::probe::{Behaviour, Probe};
use super::{Failure, Fault, Stack, check, is_about, prove};
use crate::registry::PatternKind;

/// What the document says of a fallback that always answers the same.
#[derive(Clone, Copy, Debug)]
pub struct FallbackPolicy {
    /// The operation's id.
    pub operation: &'static str,
    /// Its patterns.
    pub stack: Stack,
    /// The status of its answer.
    pub status: u16,
    /// A failure that it answers.
    pub after: Failure,
}

/// Proves of each fallback that it answers a failure, and says so, and leaves answers as they are.
///
/// # Panics
///
/// When a policy does not hold.
pub fn fallbacks(policies: &[FallbackPolicy]) {
    prove(
        PatternKind::Fallback,
        policies,
        |policy| (policy.operation, policy.stack),
        falls_back,
    );
}

async fn falls_back(policy: &FallbackPolicy, probe: &Probe) -> Result<(), Fault> {
    probe.handler(Behaviour::Fail(policy.after));
    let degraded = probe.ask().await;
    check(degraded.status == policy.status, || {
        let status = policy.status;
        format!(
            "a failure was answered with {}, not {status}",
            degraded.status
        )
    })?;
    check(degraded.headers.contains_key("x-fallback"), || {
        "the answer to a failure does not say what it is".to_owned()
    })?;
    probe.handler(Behaviour::Answer);
    let own = probe.ask().await;
    own.was_answered("a call that succeeds")?;
    check(!own.headers.contains_key("x-fallback"), || {
        "a success is said to be no answer of the operation".to_owned()
    })
}

/// What the document says of a hedge.
#[derive(Clone, Copy, Debug)]
pub struct HedgePolicy {
    /// The operation's id.
    pub operation: &'static str,
    /// Its patterns.
    pub stack: Stack,
    /// After so long a call is made once more, as long as nothing was observed.
    pub after: Duration,
    /// So long the whole may take.
    pub timeout: Option<Duration>,
}

/// Proves of each hedge that a call which hangs is made once more, and answered the moment that the
/// second one is; and that one which never ends is given up with 504.
///
/// # Panics
///
/// When a policy does not hold.
pub fn hedges(policies: &[HedgePolicy]) {
    prove(
        PatternKind::Hedge,
        policies,
        |policy| (policy.operation, policy.stack),
        hedges_slow_calls,
    );
}

async fn hedges_slow_calls(policy: &HedgePolicy, probe: &Probe) -> Result<(), Fault> {
    probe.handler(Behaviour::HangFirst);
    let answer = probe.ask().await;
    answer.was_answered("a call that hangs the first time")?;
    check(is_about(answer.took, policy.after), || {
        let after = policy.after;
        format!(
            "the second call answered after {:?}, not {after:?}",
            answer.took
        )
    })?;
    let calls = probe.calls();
    check(calls == 2, || {
        format!("the handler was called {calls} times, not twice")
    })?;
    let Some(timeout) = policy.timeout else {
        return Ok(());
    };
    probe.handler(Behaviour::Hang);
    let late = probe.ask().await;
    late.was_refused(504, "hedge_timeout", "a call that does not end")?;
    check(is_about(late.took, timeout), || {
        format!(
            "the call was given up after {:?}, not {timeout:?}",
            late.took
        )
    })
}

/// What the document says of a cache.
#[cfg(feature = "cache")]
#[derive(Clone, Copy, Debug)]
pub struct CachePolicy {
    /// The operation's id.
    pub operation: &'static str,
    /// Its patterns.
    pub stack: Stack,
    /// So long an answer is given again.
    pub keeps_for: Duration,
}

/// Proves of each cache that an answer is given again without a call, and not for too long.
///
/// # Panics
///
/// When a policy does not hold.
#[cfg(feature = "cache")]
pub fn caches(policies: &[CachePolicy]) {
    prove(
        PatternKind::Cache,
        policies,
        |policy| (policy.operation, policy.stack),
        keeps,
    );
}

#[cfg(feature = "cache")]
async fn keeps(policy: &CachePolicy, probe: &Probe) -> Result<(), Fault> {
    probe.handler(Behaviour::Answer);
    for (calls, when) in [(1, "the first request"), (1, "the same once more")] {
        probe.ask().await.was_answered(when)?;
        made(probe, calls, when)?;
    }
    super::probe::pass(policy.keeps_for).await;
    let when = "the same when the answer has become too old";
    probe.ask().await.was_answered(when)?;
    made(probe, 2, when)
}

#[cfg(feature = "cache")]
fn made(probe: &Probe, expected: u32, when: &str) -> Result<(), Fault> {
    let calls = probe.calls();
    check(calls == expected, || {
        format!("after {when} the handler was called {calls} times, not {expected}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::{Instead, PolicyStack};
    use crate::{ConfigError, FallbackConfig, HedgeConfig, Patterns};

    fn hedged(patterns: &Patterns) -> Result<PolicyStack, ConfigError> {
        Ok(PolicyStack::new().hedge(patterns.hedge("op", HedgeConfig::default())?))
    }

    fn hedge(after: u64) -> HedgePolicy {
        HedgePolicy {
            operation: "op",
            stack: hedged,
            after: Duration::from_millis(after),
            timeout: None,
        }
    }

    #[test]
    fn what_is_said_holds() {
        hedges(&[hedge(30)]);
    }

    #[test]
    #[should_panic(expected = "the second call answered after 3")]
    fn another_delay_is_found_out() {
        hedges(&[hedge(20)]);
    }

    #[test]
    #[should_panic(expected = "a failure was answered with 204, not 200")]
    fn another_answer_is_found_out() {
        fn falling_back(patterns: &Patterns) -> Result<PolicyStack, ConfigError> {
            let fallback = patterns.fallback("op", FallbackConfig::default())?;
            Ok(PolicyStack::new().fallback(fallback, Instead::status(204)))
        }
        fallbacks(&[FallbackPolicy {
            operation: "op",
            stack: falling_back,
            status: 200,
            after: Failure::Connection,
        }]);
    }
}
