use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use super::probe::{Behaviour, Probe};
use super::{Fault, Stack, check, is_about, prove};
use crate::registry::PatternKind;
use crate::service::stack::Before;

/// What the document says of a pattern that bounds how many calls run at a time.
#[derive(Clone, Copy, Debug)]
pub struct PlacesPolicy {
    /// The operation's id.
    pub operation: &'static str,
    /// Its patterns.
    pub stack: Stack,
    /// So many calls run at once.
    pub running: u32,
    /// So many more wait.
    pub waiting: u32,
    /// So long they do. For ever with `None`.
    pub patience: Option<Duration>,
}

macro_rules! proof {
    ($name:ident, $kind:ident, $error:literal, $what:literal) => {
        #[doc = concat!("Proves of each ", $what, " that it lets `running` calls run, has `waiting`")]
        /// more wait for `patience`, refuses all others with 503 at once, and has room again when
        /// the calls have ended.
        ///
        /// # Panics
        ///
        /// When a policy does not hold.
        pub fn $name(policies: &[PlacesPolicy]) {
            prove(
                PatternKind::$kind,
                policies,
                |policy| (policy.operation, policy.stack),
                async |policy, probe| holds(policy, probe, $error).await,
            );
        }
    };
}

proof!(bulkheads, Bulkhead, "bulkhead_full", "bulkhead");
proof!(load_shedders, LoadShed, "load_shed", "load shedder");
proof!(
    concurrency_limits,
    Concurrency,
    "concurrency_limited",
    "concurrency limit"
);
proof!(
    backpressures,
    Backpressure,
    "backpressure_full",
    "backpressure"
);

/// A place, or waiting for one.
type Held<'a> = Box<dyn Holds + 'a>;

trait Holds {}

impl<T> Holds for T {}

async fn holds(policy: &PlacesPolicy, probe: &Probe, error: &str) -> Result<(), Fault> {
    let running = policy.running;
    // All places but one are taken at the pattern itself, which is quicker.
    let mut held = Vec::new();
    for place in 1..running {
        let taken = hold(probe);
        held.push(taken.ok_or_else(|| format!("place {place} of {running} was refused"))?);
    }
    probe.handler(Behaviour::Hang);
    let mut last = Box::pin(probe.ask());
    let ended = poll_once(last.as_mut()).await;
    if let Some(answer) = ended {
        return Err(format!(
            "place {running} of {running} was refused with {} {}",
            answer.status, answer.error
        ));
    }
    if policy.waiting > 0 {
        in_the_queue(policy, probe, error).await?;
    } else {
        let refused = probe.ask().await;
        let one_more = format!("call {} of {running} at a time", running + 1);
        refused.was_refused(503, error, &one_more)?;
        check(refused.took.is_zero(), || {
            format!(
                "{one_more} waited {:?} although nothing may wait",
                refused.took
            )
        })?;
    }
    drop(last);
    held.clear();
    probe.handler(Behaviour::Answer);
    probe
        .ask()
        .await
        .was_answered("a call after all others have ended")
}

async fn in_the_queue(policy: &PlacesPolicy, probe: &Probe, error: &str) -> Result<(), Fault> {
    if let Some(patience) = policy.patience {
        let refused = probe.ask().await;
        refused.was_refused(503, error, "a call that has waited")?;
        check(is_about(refused.took, patience), || {
            format!("a call waited {:?}, not {patience:?}", refused.took)
        })?;
    }
    let mut waiting: Vec<Pin<Box<dyn Future<Output = Held<'_>> + '_>>> = Vec::new();
    for _ in 0..policy.waiting {
        let mut turn = wait(probe);
        if poll_once(turn.as_mut()).await.is_some() {
            return Err("a call did not wait although all places are taken".to_owned());
        }
        waiting.push(turn);
    }
    let refused = probe.ask().await;
    let one_more = format!(
        "call {} of {} in the queue",
        policy.waiting + 1,
        policy.waiting
    );
    refused.was_refused(503, error, &one_more)?;
    check(refused.took.is_zero(), || {
        format!(
            "{one_more} waited {:?} although the queue is full",
            refused.took
        )
    })
}

/// Polls once; `None` while it is pending.
async fn poll_once<F: Future + ?Sized>(mut future: Pin<&mut F>) -> Option<F::Output> {
    poll_fn(|cx| {
        Poll::Ready(match future.as_mut().poll(cx) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        })
    })
    .await
}

/// Takes a place.
fn hold(probe: &Probe) -> Option<Held<'_>> {
    Some(match probe.before()? {
        Before::Bulkhead(bulkhead) => Box::new(bulkhead.try_acquire().ok()?),
        Before::Backpressure(backpressure) => Box::new(backpressure.try_acquire().ok()?),
        Before::Concurrency(limit) => Box::new(limit.acquire().ok()?),
        Before::LoadShed(shedder) => Box::new(shedder.acquire().ok()?),
        Before::FeatureToggle(_) | Before::RateLimit(_) => return None,
    })
}

/// Waits for a place, and what that comes to.
fn wait(probe: &Probe) -> Pin<Box<dyn Future<Output = Held<'_>> + '_>> {
    match probe.before() {
        Some(Before::Bulkhead(bulkhead)) => {
            Box::pin(async { Box::new(bulkhead.acquire().await) as Held<'_> })
        }
        Some(Before::Backpressure(backpressure)) => {
            Box::pin(async { Box::new(backpressure.acquire().await) as Held<'_> })
        }
        _ => Box::pin(std::future::ready(Box::new(()) as Held<'_>)),
    }
}
