//! Waiting at a gate.

use std::future::poll_fn;
use std::ops::Deref;
use std::time::Duration;

use tokio::time::timeout;

use crate::gate::{Gate, Ticket};

/// What has a gate.
pub(crate) trait Gated {
    fn gate(&self) -> &Gate;
}

/// A call that is inside with a permit, or will be.
#[cfg(feature = "service")]
pub(crate) enum Entered<P, W> {
    Inside(P),
    Queued(W),
}

/// A place in the queue of a gate. Dropped, it is given up, and so is a place inside for which it
/// was exchanged meanwhile.
#[derive(Debug)]
pub(crate) struct Queued<P: Deref<Target: Gated>> {
    owner: P,
    ticket: Ticket,
    /// There is nothing to be given up any more.
    is_settled: bool,
}

impl<P: Deref<Target: Gated>> Queued<P> {
    /// To be made together with the ticket: a future that is never polled gives nothing up.
    pub(crate) fn new(owner: P, ticket: Ticket) -> Self {
        Self {
            owner,
            ticket,
            is_settled: false,
        }
    }

    pub(crate) fn owner(&self) -> &P::Target {
        &self.owner
    }

    /// Waits until it is let in, at most so long.
    ///
    /// # Errors
    ///
    /// When that was not long enough: how long it was.
    pub(crate) async fn turn(&self, at_most: Option<Duration>) -> Result<(), Duration> {
        let turn = poll_fn(|cx| self.owner.gate().poll(&self.ticket, cx));
        match at_most {
            None => turn.await,
            Some(after) => timeout(after, turn).await.map_err(|_| after)?,
        }
        Ok(())
    }
}

impl<P: Deref<Target: Gated> + Clone> Queued<P> {
    /// The owner, whose place inside has to be given back from now on.
    pub(crate) fn into_owner(mut self) -> P {
        self.is_settled = true;
        self.owner.clone()
    }
}

impl<P: Deref<Target: Gated>> Drop for Queued<P> {
    fn drop(&mut self) {
        if !self.is_settled {
            self.owner.gate().give_up(&self.ticket);
        }
    }
}
