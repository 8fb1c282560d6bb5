//! Calls whose permit may be long in coming, as the layers make them.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use tower_service::Service;

use crate::permitted::{Permit, watched};
#[cfg(any(feature = "backpressure", feature = "bulkhead"))]
use crate::{
    Shared,
    queued::{self, Entered, Gated, Place},
};

/// Waiting for a permit: only a call that has to wait pays for the box.
pub(crate) type Wait<P> = Pin<Box<dyn Future<Output = Result<P, <P as Permit>::Refusal>> + Send>>;

/// Where a call is when it is made.
pub(crate) enum Turn<P: Permit> {
    Now(P),
    Later(Wait<P>),
}

#[cfg(any(feature = "backpressure", feature = "bulkhead"))]
impl<T: Gated + Send + Sync> Turn<Place<Shared<T>>>
where
    T::Refusal: Send,
{
    /// The turn of a call that has come to a gate.
    #[inline]
    pub(crate) fn at(owner: &Shared<T>) -> Result<Self, T::Refusal> {
        Ok(match queued::enter(owner.clone())? {
            Entered::Inside(place) => Self::Now(place),
            Entered::Queued(wait) => Self::Later(Box::pin(wait)),
        })
    }
}

pin_project! {
    /// The answer of a service that is called with a permit, or the refusal of one.
    #[must_use = "futures do nothing unless polled"]
    pub struct Awaited<S: Service<Request>, Request, P: Permit> {
        #[pin]
        state: State<S::Future, S, Request, P>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<F, S, Request, P: Permit> {
        Waiting {
            wait: Wait<P>,
            // Taken when the call is made.
            call: Option<(S, Request)>,
        },
        Admitted {
            #[pin]
            call: F,
            permit: P,
        },
        Refused {
            refusal: P::Refusal,
        },
    }
}

impl<S, Request, P> Awaited<S, Request, P>
where
    S: Service<Request> + Clone,
    P: Permit,
{
    /// Calls the service, which was made ready, when its turn has come.
    #[inline]
    pub(crate) fn new(
        turn: Result<Turn<P>, P::Refusal>,
        service: &mut S,
        request: Request,
    ) -> Self {
        Self {
            state: match turn {
                Ok(Turn::Now(permit)) => State::Admitted {
                    permit,
                    call: service.call(request),
                },
                Ok(Turn::Later(wait)) => {
                    // The one that was made ready waits with the call; the clone takes its place.
                    let fresh = service.clone();
                    let ready = std::mem::replace(service, fresh);
                    State::Waiting {
                        wait,
                        call: Some((ready, request)),
                    }
                }
                Err(refusal) => State::Refused { refusal },
            },
        }
    }
}

impl<S: Service<Request>, Request, P: Permit> fmt::Debug for Awaited<S, Request, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            State::Waiting { .. } => "waiting",
            State::Admitted { .. } => "admitted",
            State::Refused { .. } => "refused",
        };
        f.debug_tuple("Awaited").field(&state).finish()
    }
}

impl<S: Service<Request>, Request, P: Permit> Future for Awaited<S, Request, P> {
    type Output = Result<S::Response, P::Error<S::Error>>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            let next = match state.as_mut().project() {
                StateProjection::Waiting { wait, call } => {
                    match (ready!(wait.as_mut().poll(cx)), call.take()) {
                        (Ok(permit), Some((mut service, request))) => State::Admitted {
                            call: service.call(request),
                            permit,
                        },
                        (Err(refusal), _) => State::Refused { refusal },
                        (Ok(_), None) => unreachable!("the state changes when the call is made"),
                    }
                }
                StateProjection::Admitted { call, permit } => {
                    let outcome = ready!(watched(permit, || call.poll(cx)));
                    permit.end(outcome.is_err());
                    return Poll::Ready(outcome.map_err(P::inner));
                }
                StateProjection::Refused { refusal } => {
                    return Poll::Ready(Err(P::refused(*refusal)));
                }
            };
            state.set(next);
        }
    }
}
