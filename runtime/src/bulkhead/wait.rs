use std::future::poll_fn;
use std::ops::Deref;
use std::task::Poll;
use std::time::Duration;

use tokio::time::timeout;

use super::{Bulkhead, BulkheadFull, BulkheadPermit};
use crate::gate::Ticket;

/// A place in the queue. Dropped, it is given up.
#[derive(Debug)]
struct Queued<P: Deref<Target = Bulkhead>> {
    bulkhead: P,
    /// Taken when the place was exchanged for one inside.
    ticket: Option<Ticket>,
}

impl<P: Deref<Target = Bulkhead> + Clone> Queued<P> {
    fn into_permit(mut self) -> BulkheadPermit<P> {
        self.ticket = None;
        BulkheadPermit::new(self.bulkhead.clone(), true)
    }
}

impl<P: Deref<Target = Bulkhead>> Drop for Queued<P> {
    fn drop(&mut self) {
        if let Some(ticket) = &self.ticket {
            self.bulkhead.gate().give_up(ticket);
        }
    }
}

/// Waits for a place, at most so long.
pub(super) async fn for_a_place<P>(
    bulkhead: P,
    ticket: Ticket,
    at_most: Option<Duration>,
) -> Result<BulkheadPermit<P>, BulkheadFull>
where
    P: Deref<Target = Bulkhead> + Clone,
{
    let queued = Queued {
        bulkhead,
        ticket: Some(ticket),
    };
    let turn = poll_fn(|cx| match &queued.ticket {
        Some(ticket) => queued.bulkhead.gate().poll(ticket, cx),
        None => Poll::Ready(()),
    });
    match at_most {
        None => turn.await,
        Some(after) => {
            if timeout(after, turn).await.is_err() {
                let full = BulkheadFull::WaitedInVain { after };
                queued.bulkhead.waited_in_vain(full);
                return Err(full);
            }
        }
    }
    queued.bulkhead.admitted();
    Ok(queued.into_permit())
}
