//! The patterns that decide before a request is read, and what a request holds that they let in.
//!
//! Most requests are let in or refused at once, by plain calls one after the other. Only one that
//! has to wait for a place becomes a future, which goes on from there.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;
use tokio::time::{Instant, timeout};

use super::client::ClientId;
use super::error::failure_of;
use super::headers;
use super::hold::hold;
use super::patience::Patience;
use super::refusal::Refusal;
use super::routes::BoxFuture;
use super::stack::{Before, PolicyStack};
use crate::FeatureDisabled;
use crate::backpressure::OwnedBackpressurePermit;
use crate::bulkhead::OwnedBulkheadPermit;
use crate::concurrency::OwnedConcurrencyPermit;
use crate::loadshed::OwnedLoadShedPermit;
use crate::queued::{self, Entered};
use crate::{RateLimit, RateLimitGrant, RateLimited};

/// What a request has that was let in.
#[derive(Debug, Default)]
pub(super) struct Admitted {
    /// Of several rate limits the tightest one.
    grant: Option<(Arc<RateLimit>, RateLimitGrant)>,
    places: Vec<Place>,
    /// How long it waited for them.
    pub(super) waited: Duration,
}

/// What a request holds until the last byte of its answer.
#[derive(Debug)]
enum Place {
    Bulkhead(
        #[expect(dead_code, reason = "held, and given back by dropping it")] OwnedBulkheadPermit,
    ),
    Concurrency(OwnedConcurrencyPermit),
    LoadShed(#[expect(dead_code, reason = "as above")] OwnedLoadShedPermit),
    Backpressure(#[expect(dead_code, reason = "as above")] OwnedBackpressurePermit),
}

/// What became of a request at the door.
pub(super) enum Admission {
    In(Admitted),
    Refused(Refused),
    Waiting(BoxFuture<Result<Admitted, Refused>>),
}

/// A refusal, and what the pattern has to say beside it.
pub(super) enum Refused {
    By(Refusal),
    ByRateLimit(Arc<RateLimit>, RateLimited),
}

impl Refused {
    pub(super) fn into_response(self, client: &ClientId) -> Response {
        match self {
            Refused::By(refusal) => refusal.into_response(client),
            Refused::ByRateLimit(limit, refused) => {
                let refusal = Refusal::RateLimit {
                    retry_after: refused.retry_after,
                    backpressure: refused.backpressure,
                };
                let mut response = refusal.into_response(client);
                headers::mark_refused(&mut response, &limit, &refused);
                response
            }
        }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Refused {
        Refused::By(refusal)
    }
}

/// Asks the patterns of an operation in their order.
pub(super) fn admit(stack: &Arc<PolicyStack>, client: &ClientId, patience: Patience) -> Admission {
    let mut admitted = Admitted::default();
    for (index, pattern) in stack.before.iter().enumerate() {
        match ask(pattern, client, &mut admitted) {
            Ok(None) => {}
            Ok(Some(turn)) => {
                let stack = Arc::clone(stack);
                let wait = wait(stack, index, client.clone(), admitted, turn, patience);
                return Admission::Waiting(Box::pin(wait));
            }
            Err(refused) => return Admission::Refused(refused),
        }
    }
    Admission::In(admitted)
}

/// A request's turn at a queue.
type Turn = BoxFuture<Result<Option<Place>, Refused>>;

/// Asks one pattern. A turn: the request has to wait for it.
fn ask(
    pattern: &Before,
    client: &ClientId,
    admitted: &mut Admitted,
) -> Result<Option<Turn>, Refused> {
    match pattern {
        Before::FeatureToggle(toggle) => {
            #[cfg(feature = "open-feature")]
            if toggle.asks_others() {
                let (toggle, client) = (Arc::clone(toggle), client.clone());
                return Ok(Some(Box::pin(async move {
                    let asked = toggle.admit(Some(client.as_str())).await;
                    asked.map(|()| None).map_err(Refused::from)
                })));
            }
            toggle.check(Some(client.as_str()))?;
        }
        Before::RateLimit(rate_limit) => {
            let grant = rate_limit
                .acquire(Some(client.as_str()))
                .map_err(|refused| Refused::ByRateLimit(Arc::clone(rate_limit), refused))?;
            let is_tighter = match &admitted.grant {
                None => true,
                Some((_, tightest)) => grant.remaining() < tightest.remaining(),
            };
            if is_tighter {
                admitted.grant = Some((Arc::clone(rate_limit), grant));
            }
        }
        Before::LoadShed(shedder) => {
            let permit = shedder.acquire_owned().map_err(|shed| Refusal::LoadShed {
                retry_after: shed.retry_after,
            })?;
            admitted.places.push(Place::LoadShed(permit));
        }
        Before::Backpressure(backpressure) => match queued::enter(Arc::clone(backpressure)) {
            Ok(Entered::Inside(permit)) => admitted.places.push(Place::Backpressure(permit)),
            Ok(Entered::Queued(turn)) => {
                return Ok(Some(Box::pin(async move {
                    let permit = turn.await.map_err(|_| Refusal::BackpressureFull)?;
                    Ok(Some(Place::Backpressure(permit)))
                })));
            }
            Err(_) => return Err(Refusal::BackpressureFull.into()),
        },
        Before::Concurrency(limit) => {
            let permit = limit.acquire_owned();
            let permit = permit.map_err(|_| Refusal::ConcurrencyLimited)?;
            admitted.places.push(Place::Concurrency(permit));
        }
        Before::Bulkhead(bulkhead) => match queued::enter(Arc::clone(bulkhead)) {
            Ok(Entered::Inside(permit)) => admitted.places.push(Place::Bulkhead(permit)),
            Ok(Entered::Queued(turn)) => {
                return Ok(Some(Box::pin(async move {
                    let permit = turn.await.map_err(|_| Refusal::BulkheadFull)?;
                    Ok(Some(Place::Bulkhead(permit)))
                })));
            }
            Err(_) => return Err(Refusal::BulkheadFull.into()),
        },
    }
    Ok(None)
}

/// Goes on where a request has to wait, for as long as all of it may take.
async fn wait(
    stack: Arc<PolicyStack>,
    index: usize,
    client: ClientId,
    admitted: Admitted,
    turn: Turn,
    patience: Patience,
) -> Result<Admitted, Refused> {
    let started = Instant::now();
    let rest = go_on(&stack, index, &client, admitted, turn);
    let total = stack.total();
    let own = total.map(|(_, after)| after);
    let mut admitted = match own.into_iter().chain(patience.left).min() {
        None => rest.await?,
        Some(after) => match timeout(after, rest).await {
            Ok(admitted) => admitted?,
            Err(_) => {
                if let Some((total, _)) = total.filter(|(_, own)| *own == after) {
                    total.fired(after);
                }
                return Err(Refusal::Timeout { after }.into());
            }
        },
    };
    admitted.waited = started.elapsed();
    Ok(admitted)
}

async fn go_on(
    stack: &PolicyStack,
    index: usize,
    client: &ClientId,
    mut admitted: Admitted,
    turn: Turn,
) -> Result<Admitted, Refused> {
    admitted.places.extend(turn.await?);
    for pattern in &stack.before[index + 1..] {
        if let Some(turn) = ask(pattern, client, &mut admitted)? {
            admitted.places.extend(turn.await?);
        }
    }
    Ok(admitted)
}

impl Admitted {
    /// Says on the answer what is left, and gives places back when its body has ended.
    pub(super) fn finish(mut self, mut response: Response, client: &ClientId) -> Response {
        if let Some((limit, grant)) = &self.grant {
            headers::mark_passed(&mut response, limit, grant, client);
        }
        for place in &mut self.places {
            if let Place::Concurrency(permit) = place {
                // What the document calls a failure tells of overload as far as can be seen from
                // here; a client's mistake tells nothing against the service.
                match failure_of(response.status()) {
                    Some(_) => permit.failed(),
                    None => permit.succeeded(),
                }
            }
        }
        if self.places.is_empty() {
            return response;
        }
        hold(response, self.places)
    }
}

impl From<FeatureDisabled> for Refused {
    fn from(disabled: FeatureDisabled) -> Refused {
        Refused::By(Refusal::FeatureDisabled {
            status: disabled.status,
        })
    }
}
