use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use pin_project_lite::pin_project;
use tokio::time::Sleep;

use super::{ChaosError, InjectedFault};

pin_project! {
    /// The answer of a service some of whose calls fail, or come late, on purpose.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct ChaosFuture<F> {
        latency: Option<Duration>,
        // Only a call that comes late pays for the box.
        sleep: Option<Pin<Box<Sleep>>>,
        #[pin]
        then: Then<F>,
    }
}

pin_project! {
    #[project = ThenProjection]
    #[derive(Debug)]
    enum Then<F> {
        Call { #[pin] call: F },
        Fault { fault: InjectedFault },
    }
}

impl<F> ChaosFuture<F> {
    pub(super) fn call(latency: Duration, call: F) -> Self {
        Self::after(latency, Then::Call { call })
    }

    pub(super) fn fault(latency: Duration, fault: InjectedFault) -> Self {
        Self::after(latency, Then::Fault { fault })
    }

    fn after(latency: Duration, then: Then<F>) -> Self {
        Self {
            latency: (!latency.is_zero()).then_some(latency),
            sleep: None,
            then,
        }
    }
}

impl<F, T, E> Future for ChaosFuture<F>
where
    F: Future<Output = Result<T, E>>,
{
    type Output = Result<T, ChaosError<E>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Some(latency) = this.latency.take() {
            *this.sleep = Some(Box::pin(tokio::time::sleep(latency)));
        }
        if let Some(sleep) = this.sleep {
            ready!(sleep.as_mut().poll(cx));
            *this.sleep = None;
        }
        match this.then.project() {
            ThenProjection::Call { call } => call.poll(cx).map_err(ChaosError::Inner),
            ThenProjection::Fault { fault } => Poll::Ready(Err(ChaosError::Injected(*fault))),
        }
    }
}
