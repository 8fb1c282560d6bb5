use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::{LoadShed, LoadShedError, OwnedLoadShedPermit};

pin_project! {
    /// The answer of a service behind a load shedder, or its refusal.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct LoadShedFuture<F> {
        #[pin]
        state: State<F>,
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = StateProjection]
    enum State<F> {
        Inside {
            #[pin]
            call: F,
            permit: Option<OwnedLoadShedPermit>,
        },
        Refused { shed: LoadShed },
    }
}

impl<F> LoadShedFuture<F> {
    pub(super) fn inside(call: F, permit: OwnedLoadShedPermit) -> Self {
        Self {
            state: State::Inside {
                call,
                permit: Some(permit),
            },
        }
    }

    pub(super) fn refused(shed: LoadShed) -> Self {
        Self {
            state: State::Refused { shed },
        }
    }
}

impl<F, T, E> Future for LoadShedFuture<F>
where
    F: Future<Output = Result<T, E>>,
{
    type Output = Result<T, LoadShedError<E>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProjection::Inside { call, permit } => {
                let outcome = ready!(call.poll(cx));
                // Given back with the answer, not when the future is dropped.
                *permit = None;
                Poll::Ready(outcome.map_err(LoadShedError::Inner))
            }
            StateProjection::Refused { shed } => Poll::Ready(Err(LoadShedError::Shed(*shed))),
        }
    }
}
