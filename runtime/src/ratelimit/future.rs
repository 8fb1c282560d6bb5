use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::limit::Begun;
use super::{RateLimit, RateLimitError, RateLimited};

pin_project! {
    /// The answer of a service behind a rate limit, or its refusal.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct RateLimitFuture<F> {
        #[pin]
        state: State<F>,
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = StateProjection]
    enum State<F> {
        Admitted {
            #[pin]
            call: F,
            limit: Arc<RateLimit>,
            begun: Begun,
        },
        Refused { refusal: RateLimited },
    }
}

impl<F> RateLimitFuture<F> {
    pub(super) fn admitted(call: F, limit: Arc<RateLimit>, begun: Begun) -> Self {
        Self {
            state: State::Admitted { call, limit, begun },
        }
    }

    pub(super) fn refused(refusal: RateLimited) -> Self {
        Self {
            state: State::Refused { refusal },
        }
    }
}

impl<F, T, E> Future for RateLimitFuture<F>
where
    F: Future<Output = Result<T, E>>,
{
    type Output = Result<T, RateLimitError<E>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProjection::Admitted { call, limit, begun } => {
                let outcome = ready!(call.poll(cx));
                limit.end(*begun);
                Poll::Ready(outcome.map_err(RateLimitError::Inner))
            }
            StateProjection::Refused { refusal } => {
                Poll::Ready(Err(RateLimitError::Limited(*refusal)))
            }
        }
    }
}
