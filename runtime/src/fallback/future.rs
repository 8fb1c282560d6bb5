use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::Fallback;
use crate::{Classify, Shared};

pin_project! {
    /// The answer of a service, or what takes its place.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct FallbackFuture<Fut, F, C> {
        #[pin]
        call: Fut,
        fallback: Shared<Fallback>,
        answer: F,
        classify: C,
    }
}

impl<Fut, F, C> FallbackFuture<Fut, F, C> {
    pub(super) fn new(call: Fut, fallback: Shared<Fallback>, answer: F, classify: C) -> Self {
        Self {
            call,
            fallback,
            answer,
            classify,
        }
    }
}

impl<Fut, F, C, T, E> Future for FallbackFuture<Fut, F, C>
where
    Fut: Future<Output = Result<T, E>>,
    F: Fn(Result<T, E>) -> T,
    C: Classify<T, E>,
{
    type Output = Result<T, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let outcome = ready!(this.call.poll(cx));
        Poll::Ready(match this.classify.classify(&outcome) {
            None => {
                this.fallback.succeeded();
                outcome
            }
            Some(failure) if this.fallback.invoke(failure) => Ok((this.answer)(outcome)),
            Some(_) => outcome,
        })
    }
}
