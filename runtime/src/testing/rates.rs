use std::time::Duration;

use super::probe::{Client, Probe, SOMEBODY, pass};
use super::{Fault, Stack, check, prove};
use crate::registry::PatternKind;
use crate::service::stack::Before;

/// What the document says of a rate limit.
#[derive(Clone, Copy, Debug)]
pub struct RateLimitPolicy {
    /// The operation's id.
    pub operation: &'static str,
    /// Its patterns.
    pub stack: Stack,
    /// So many calls are let in at once.
    pub calls: u32,
    /// So long after them the next one is, and not before.
    pub refill: Duration,
    /// Every client has a bucket of its own.
    pub per_client: bool,
}

/// The most calls with which a bucket is emptied one by one.
const MAX_CALLS: u32 = 100_000;
const EARLY: Duration = Duration::from_millis(1);

/// Proves of each limit that it lets in `calls` calls and refuses the next one with 429, that it
/// goes on refusing until `refill` is over and lets the next one in then, and that `Retry-After`
/// names no earlier time.
///
/// # Panics
///
/// When a policy does not hold.
pub fn rate_limits(policies: &[RateLimitPolicy]) {
    prove(
        PatternKind::RateLimit,
        policies,
        |policy| (policy.operation, policy.stack),
        holds,
    );
}

async fn holds(policy: &RateLimitPolicy, probe: &Probe) -> Result<(), Fault> {
    let first = probe.ask().await;
    first.was_answered("the first call")?;
    if policy.calls > MAX_CALLS {
        return Ok(());
    }
    let client = first.headers.get("x-client-id");
    let client = client.and_then(|id| id.to_str().ok());
    if let Some(Before::RateLimit(limit)) = probe.before() {
        // The patterns themselves are quicker to ask than the whole service.
        for call in 2..policy.calls {
            let granted = limit.acquire(client).is_ok();
            check(granted, || {
                format!("call {call} of {} was refused", policy.calls)
            })?;
        }
    }
    if policy.calls > 1 {
        let last = format!("call {0} of {0}", policy.calls);
        probe.ask().await.was_answered(&last)?;
    }
    let refused = probe.ask().await;
    let one_more = format!("call {} of {}", policy.calls + 1, policy.calls);
    refused.was_refused(429, "rate_limit_exceeded", &one_more)?;
    let Some(retry_after) = refused.retry_after() else {
        return Err(format!("{one_more} was refused without a Retry-After"));
    };
    let retry_after = Duration::from_secs(retry_after);
    check(retry_after >= policy.refill, || {
        format!(
            "Retry-After is {retry_after:?}, but the next token takes {:?}",
            policy.refill
        )
    })?;
    if policy.per_client {
        let other = probe.ask_as(Client(SOMEBODY.0 + 1), &[]).await;
        other.was_answered("another client")?;
    }
    pass(policy.refill.saturating_sub(EARLY)).await;
    if policy.refill > EARLY {
        let early = probe.ask().await;
        let when = "a call just before the next token";
        early.was_refused(429, "rate_limit_exceeded", when)?;
    }
    pass(2 * EARLY).await;
    probe
        .ask()
        .await
        .was_answered("a call when there is a token again")
}
