use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::limit::Begun;
use super::{RateLimit, RateLimitError, RateLimited};
use crate::Shared;

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
            limit: Shared<RateLimit>,
            begun: Begun,
        },
        Refused { refusal: RateLimited },
    }
}

impl<F> RateLimitFuture<F> {
    #[inline]
    pub(super) fn new(
        limit: Shared<RateLimit>,
        begun: Result<Begun, RateLimited>,
        call: impl FnOnce() -> F,
    ) -> Self {
        Self {
            state: match begun {
                Ok(begun) => State::Admitted {
                    limit,
                    begun,
                    call: call(),
                },
                Err(refusal) => State::Refused { refusal },
            },
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
