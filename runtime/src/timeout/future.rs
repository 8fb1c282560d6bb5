use std::ops::Deref;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;
use tokio::time::Sleep;

use super::{TimedOut, Timeout};

pin_project! {
    /// A future with a bound on its time.
    #[derive(Debug)]
    pub struct Limited<P, F> {
        timeout: P,
        after: Option<Duration>,
        #[pin]
        timer: Option<Sleep>,
        #[pin]
        future: F,
    }
}

impl<P: Deref<Target = Timeout>, F: Future> Limited<P, F> {
    pub(crate) fn new(timeout: P, after: Option<Duration>, future: F) -> Self {
        Self {
            timeout,
            after,
            timer: None,
            future,
        }
    }
}

impl<P: Deref<Target = Timeout>, F: Future> Future for Limited<P, F> {
    type Output = Result<F::Output, TimedOut>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if let Poll::Ready(output) = this.future.poll(cx) {
            return Poll::Ready(Ok(output));
        }
        let Some(after) = *this.after else {
            return Poll::Pending;
        };
        if this.timer.is_none() {
            this.timer.set(Some(tokio::time::sleep(after)));
        }
        match this.timer.as_mut().as_pin_mut().map(|timer| timer.poll(cx)) {
            Some(Poll::Ready(())) => Poll::Ready(Err(TimedOut { after })),
            _ => Poll::Pending,
        }
    }
}
