use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

/// Waiting for a call: only who finds nothing pays for the box.
type Asking<V, E> = Pin<Box<dyn Future<Output = Result<V, E>> + Send>>;

pin_project! {
    /// The answer of a service behind a cache.
    #[must_use = "futures do nothing unless polled"]
    pub struct CacheFuture<F, V, E> {
        #[pin]
        state: State<F, V, E>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<F, V, E> {
        // Taken when it is polled.
        Found { value: Option<V> },
        Passing { #[pin] call: F },
        Asking { asking: Asking<V, E> },
    }
}

impl<F, V, E> CacheFuture<F, V, E> {
    pub(super) fn found(value: V) -> Self {
        let value = Some(value);
        Self {
            state: State::Found { value },
        }
    }

    pub(super) fn passing(call: F) -> Self {
        Self {
            state: State::Passing { call },
        }
    }

    pub(super) fn asking(asking: impl Future<Output = Result<V, E>> + Send + 'static) -> Self {
        let asking = Box::pin(asking);
        Self {
            state: State::Asking { asking },
        }
    }
}

impl<F, V, E> fmt::Debug for CacheFuture<F, V, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            State::Found { .. } => "found",
            State::Passing { .. } => "passing",
            State::Asking { .. } => "asking",
        };
        f.debug_tuple("CacheFuture").field(&state).finish()
    }
}

impl<F, V, E> Future for CacheFuture<F, V, E>
where
    F: Future<Output = Result<V, E>>,
{
    type Output = Result<V, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProjection::Found { value } => match value.take() {
                Some(value) => Poll::Ready(Ok(value)),
                None => unreachable!("polled again after it was ready"),
            },
            StateProjection::Passing { call } => call.poll(cx),
            StateProjection::Asking { asking } => asking.as_mut().poll(cx),
        }
    }
}
