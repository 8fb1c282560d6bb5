//! A body piece by piece, from a client that may not take its time.

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use futures_core::Stream;
use tokio::time::{Sleep, sleep};

/// The pieces of a body, none of which may be waited for longer than a certain time.
pub(crate) struct Unhurried {
    body: Body,
    patience: Duration,
    /// Runs while a piece is waited for.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Unhurried {
    pub(crate) fn new(body: Body, patience: Duration) -> Unhurried {
        Unhurried {
            body,
            patience,
            timer: None,
        }
    }
}

/// Why a body ended early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interrupted {
    /// The client went away, or spoke no HTTP any more.
    Broken,
    /// The client sent nothing for too long.
    Slow,
}

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Interrupted::Broken => "ended before it was complete",
            Interrupted::Slow => "came too slowly",
        })
    }
}

impl Error for Interrupted {}

impl Stream for Unhurried {
    type Item = Result<Bytes, Interrupted>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        // Trailers, which are no data, are for nobody.
        while let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(cx) {
            this.timer = None;
            match frame.map(|frame| frame.map(|frame| frame.into_data())) {
                None => return Poll::Ready(None),
                Some(Err(_)) => return Poll::Ready(Some(Err(Interrupted::Broken))),
                Some(Ok(Ok(data))) => return Poll::Ready(Some(Ok(data))),
                Some(Ok(Err(_))) => {}
            }
        }
        let patience = this.patience;
        let timer = this.timer.get_or_insert_with(|| Box::pin(sleep(patience)));
        timer
            .as_mut()
            .poll(cx)
            .map(|()| Some(Err(Interrupted::Slow)))
    }
}
