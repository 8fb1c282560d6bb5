//! Streams that are fed from elsewhere, and those made of what is there already.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use tokio::sync::mpsc;

/// Feeds an answer that is on its way. When it is dropped the answer ends.
pub struct Sender<T>(mpsc::Sender<T>);

impl<T> Sender<T> {
    /// Waits until there is room. `false`: the client has gone, and nothing more is needed.
    pub async fn send(&self, item: T) -> bool {
        self.0.send(item).await.is_ok()
    }

    /// Waits until the client has gone.
    pub async fn closed(&self) {
        self.0.closed().await;
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Sender(self.0.clone())
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").finish_non_exhaustive()
    }
}

/// A sender, and the stream of what it sends. At most `capacity` items wait.
pub(super) fn channel<T: Send>(capacity: usize) -> (Sender<T>, Received<T>) {
    let (sender, receiver) = mpsc::channel(capacity.max(1));
    (Sender(sender), Received(receiver))
}

pub(super) struct Received<T>(mpsc::Receiver<T>);

impl<T> Stream for Received<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.0.poll_recv(cx)
    }
}

/// What is there already.
pub(super) struct Iter<I>(pub(super) I);

// Nobody is given a pinned reference to what is inside.
impl<I> Unpin for Iter<I> {}

impl<I: Iterator> Stream for Iter<I> {
    type Item = I::Item;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<I::Item>> {
        Poll::Ready(self.0.next())
    }
}

pin_project_lite::pin_project! {
    /// Every item through a function.
    pub(super) struct Map<S, F> {
        #[pin]
        pub(super) stream: S,
        pub(super) function: F,
    }
}

impl<S: Stream, T, F: FnMut(S::Item) -> T> Stream for Map<S, F> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let this = self.project();
        this.stream
            .poll_next(cx)
            .map(|item| item.map(this.function))
    }
}

/// The items of a stream that cannot fail, as results.
pub(super) type Sure<S, T> = Map<S, fn(T) -> Result<T, Infallible>>;

pub(super) fn sure<S: Stream>(stream: S) -> Sure<S, S::Item> {
    Map {
        stream,
        function: Ok,
    }
}
