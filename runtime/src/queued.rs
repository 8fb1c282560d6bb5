//! Waiting at a gate, and the place behind it.

use std::fmt::Debug;
use std::future::poll_fn;
use std::ops::Deref;
use std::time::Duration;

use tokio::time::timeout;

use crate::gate::{Gate, Ticket};

/// What has a gate.
///
/// The patterns that have one implement it; there is no way to do so from outside.
pub trait Gated {
    /// Why nobody is let in.
    type Refusal: Copy + Debug;
    /// Either that or the call's own error.
    type Error<E>;

    /// The gate.
    fn gate(&self) -> &Gate;

    /// Enters, or takes a place in the queue.
    ///
    /// # Errors
    ///
    /// When neither is possible.
    fn step(&self) -> Result<Step, Self::Refusal>;

    /// How long a call may wait; for ever with `None`.
    fn patience(&self) -> Option<Duration>;

    /// Counts a call that was let in after it had waited.
    fn let_in(&self);

    /// Counts a call that has waited so long for nothing.
    fn waited_in_vain(&self, after: Duration) -> Self::Refusal;

    /// The error of a call that was refused.
    fn refused<E>(refusal: Self::Refusal) -> Self::Error<E>;

    /// The error of a call that was made.
    fn inner<E>(error: E) -> Self::Error<E>;
}

/// The first step of a call.
#[derive(Debug)]
pub enum Step {
    /// It is inside, and there is a place to be given back unless the pattern is off.
    Inside {
        /// Whether there is.
        has_place: bool,
    },
    /// It waits.
    Queued(Ticket),
}

/// A place behind a gate, given back when it is dropped.
#[derive(Debug)]
#[must_use = "the place is given back when the permit is dropped"]
pub struct Place<P: Deref<Target: Gated>> {
    owner: P,
    /// None was taken while the pattern was off.
    has_place: bool,
}

impl<P: Deref<Target: Gated>> Place<P> {
    #[inline]
    pub(crate) fn new(owner: P, has_place: bool) -> Self {
        Self { owner, has_place }
    }

    #[inline]
    fn leave(&mut self) {
        if std::mem::take(&mut self.has_place) {
            self.owner.gate().leave();
        }
    }
}

impl<P: Deref<Target: Gated>> Drop for Place<P> {
    #[inline]
    fn drop(&mut self) {
        self.leave();
    }
}

#[cfg(feature = "tower")]
impl<P: Deref<Target: Gated>> crate::permitted::Permit for Place<P> {
    type Refusal = <P::Target as Gated>::Refusal;
    type Error<E> = <P::Target as Gated>::Error<E>;

    #[inline]
    fn end(&mut self, _failed: bool) {
        self.leave();
    }

    fn refused<E>(refusal: Self::Refusal) -> Self::Error<E> {
        P::Target::refused(refusal)
    }

    #[inline]
    fn inner<E>(error: E) -> Self::Error<E> {
        P::Target::inner(error)
    }
}

/// A call that is inside with a permit, or will be.
#[cfg(any(test, feature = "service", feature = "tower"))]
pub(crate) enum Entered<P, W> {
    Inside(P),
    Queued(W),
}

/// What a call gets that waits.
type Outcome<P> = Result<Place<P>, Refusal<P>>;
type Refusal<P> = <<P as Deref>::Target as Gated>::Refusal;

/// Enters, after a wait where there has to be one.
#[inline]
pub(crate) async fn acquire<P>(owner: P) -> Outcome<P>
where
    P: Deref<Target: Gated> + Clone,
{
    match owner.step()? {
        Step::Inside { has_place } => Ok(Place::new(owner, has_place)),
        Step::Queued(ticket) => wait(owner, ticket).await,
    }
}

/// The same in two steps, for those who go another way when there is nothing to wait for.
#[cfg(any(test, feature = "service", feature = "tower"))]
#[inline]
pub(crate) fn enter<P>(
    owner: P,
) -> Result<Entered<Place<P>, impl Future<Output = Outcome<P>> + use<P>>, Refusal<P>>
where
    P: Deref<Target: Gated> + Clone,
{
    Ok(match owner.step()? {
        Step::Inside { has_place } => Entered::Inside(Place::new(owner, has_place)),
        Step::Queued(ticket) => Entered::Queued(wait(owner, ticket)),
    })
}

/// Waits in the queue.
fn wait<P>(owner: P, ticket: Ticket) -> impl Future<Output = Outcome<P>> + use<P>
where
    P: Deref<Target: Gated> + Clone,
{
    let queued = Queued::new(owner, ticket);
    async move {
        if let Err(after) = queued.turn(queued.owner.patience()).await {
            return Err(queued.owner.waited_in_vain(after));
        }
        queued.owner.let_in();
        Ok(Place::new(queued.into_owner(), true))
    }
}

/// A place in the queue of a gate. Dropped, it is given up, and so is a place inside for which it
/// was exchanged meanwhile.
#[derive(Debug)]
struct Queued<P: Deref<Target: Gated>> {
    owner: P,
    ticket: Ticket,
    /// There is nothing to be given up any more.
    is_settled: bool,
}

impl<P: Deref<Target: Gated>> Queued<P> {
    /// To be made together with the ticket: a future that is never polled gives nothing up.
    fn new(owner: P, ticket: Ticket) -> Self {
        Self {
            owner,
            ticket,
            is_settled: false,
        }
    }

    /// Waits until it is let in, at most so long.
    ///
    /// # Errors
    ///
    /// When that was not long enough: how long it was.
    async fn turn(&self, at_most: Option<Duration>) -> Result<(), Duration> {
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
    fn into_owner(mut self) -> P {
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
