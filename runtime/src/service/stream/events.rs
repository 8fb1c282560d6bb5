//! Server-sent events: `text/event-stream`.

use std::any::Any;
use std::convert::Infallible;
use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures_core::Stream;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, Sleep, sleep};

use super::channel::{Iter, Map, Sender, channel, sure};
use super::lines::example;
use super::{Pieces, StreamError, note};
use crate::service::error::ApiError;

/// One event. A text is sent as it is, anything else as JSON.
///
/// ```
/// use failsafe_runtime::service::Event;
///
/// let event = Event::new("ready").name("state").id("17");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Event<T> {
    /// What it says.
    pub data: T,
    id: Option<String>,
    name: Option<String>,
    retry: Option<Duration>,
}

impl<T> Event<T> {
    /// An event that is nothing but its data.
    pub fn new(data: T) -> Event<T> {
        Event {
            data,
            id: None,
            name: None,
            retry: None,
        }
    }

    /// Sets the id that a client sends as `Last-Event-ID` when it comes back.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Event<T> {
        self.id = Some(id.into());
        self
    }

    /// Sets the name by which clients listen for it: the field `event`.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Event<T> {
        self.name = Some(name.into());
        self
    }

    /// Sets how long a client waits before it connects again, in whole milliseconds.
    #[must_use]
    pub fn retry(mut self, after: Duration) -> Event<T> {
        self.retry = Some(after);
        self
    }
}

impl<T> From<T> for Event<T> {
    fn from(data: T) -> Event<T> {
        Event::new(data)
    }
}

/// An answer of events, each of which is sent as soon as it is there.
///
/// Between events that are far apart a comment is sent, so that proxies keep the connection and
/// a client that has gone is noticed.
///
/// ```
/// use failsafe_runtime::service::{Event, EventStream};
///
/// let (sender, answer) = EventStream::<String>::channel(16);
/// # let _ = answer;
/// # async move {
/// tokio::spawn(async move {
///     sender.send(Event::new("ready".to_owned()).name("state")).await;
/// });
/// # };
/// ```
pub struct EventStream<T> {
    pieces: Pieces,
    keep_alive: Duration,
    item: PhantomData<fn() -> T>,
}

impl<T: Serialize + Send + 'static> EventStream<T> {
    /// How long the line may be silent.
    const KEEP_ALIVE: Duration = Duration::from_secs(15);

    /// The events of a stream, which may be of bare data.
    pub fn new<S>(stream: S) -> EventStream<T>
    where
        S: Stream + Send + 'static,
        S::Item: Into<Event<T>>,
    {
        EventStream::fallible::<_, _, Infallible>(sure(stream))
    }

    /// The events of a stream that may fail, which ends the answer.
    pub fn fallible<S, I, E>(stream: S) -> EventStream<T>
    where
        S: Stream<Item = Result<I, E>> + Send + 'static,
        I: Into<Event<T>> + 'static,
        E: Into<StreamError> + 'static,
    {
        let function = |item: Result<I, E>| {
            let event = item.map_err(|error| note(error.into()))?.into();
            let data = match (&event.data as &dyn Any).downcast_ref::<String>() {
                Some(text) => text.clone(),
                None => serde_json::to_string(&event.data).map_err(|error| note(error.into()))?,
            };
            let Event {
                id, name, retry, ..
            } = &event;
            Ok(written(&data, id.as_deref(), name.as_deref(), *retry))
        };
        EventStream {
            pieces: Box::pin(Map { stream, function }),
            keep_alive: EventStream::<T>::KEEP_ALIVE,
            item: PhantomData,
        }
    }

    /// What a sender is given, of which at most `capacity` events wait for the client.
    #[must_use]
    pub fn channel(capacity: usize) -> (Sender<Event<T>>, EventStream<T>) {
        let (sender, received) = channel(capacity);
        (sender, EventStream::new(received))
    }

    /// Sets how long the line may be silent before a comment is sent. Default: 15 s.
    #[must_use]
    pub fn keep_alive(mut self, after: Duration) -> EventStream<T> {
        self.keep_alive = after;
        self
    }

    /// The event that a document's example stands for.
    ///
    /// # Errors
    ///
    /// When the text is no such value, which the generator sees to.
    pub fn example(json: &str) -> Result<EventStream<T>, ApiError>
    where
        T: DeserializeOwned,
    {
        example(json).map(EventStream::from)
    }
}

impl<T: Serialize + Send + 'static> From<Vec<T>> for EventStream<T> {
    fn from(items: Vec<T>) -> EventStream<T> {
        EventStream::new(Iter(items.into_iter()))
    }
}

impl<T> fmt::Debug for EventStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream")
            .field("keep_alive", &self.keep_alive)
            .finish_non_exhaustive()
    }
}

/// An event as it is sent. No text can end its field: line breaks begin another line of data, and
/// are left out where there may be one line only.
fn written(data: &str, id: Option<&str>, name: Option<&str>, retry: Option<Duration>) -> Bytes {
    let mut text = String::with_capacity(data.len() + 16);
    for (field, value) in [("id", id), ("event", name)] {
        if let Some(value) = value {
            text.push_str(field);
            text.push_str(": ");
            text.extend(value.chars().filter(|c| !matches!(c, '\r' | '\n' | '\0')));
            text.push('\n');
        }
    }
    if let Some(retry) = retry {
        text.push_str(&format!("retry: {}\n", retry.as_millis()));
    }
    let unix = data.replace("\r\n", "\n");
    for line in unix.split(['\n', '\r']) {
        text.push_str("data: ");
        text.push_str(line);
        text.push('\n');
    }
    text.push('\n');
    text.into()
}

/// An answer of events.
pub fn events<T>(status: StatusCode, media_type: &'static str, stream: EventStream<T>) -> Response {
    let kept_alive = KeptAlive {
        pieces: stream.pieces,
        after: stream.keep_alive,
        timer: None,
    };
    let mut response = super::response(status, media_type, Body::from_stream(kept_alive));
    let no_cache = HeaderValue::from_static("no-cache");
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, no_cache);
    response
}

/// Events, with comments where there are none for long.
struct KeptAlive {
    pieces: Pieces,
    after: Duration,
    /// Runs while the line is silent.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Stream for KeptAlive {
    type Item = Result<Bytes, StreamError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if let Poll::Ready(piece) = this.pieces.as_mut().poll_next(cx) {
            this.timer = None;
            return Poll::Ready(piece);
        }
        let after = this.after;
        let timer = this.timer.get_or_insert_with(|| Box::pin(sleep(after)));
        if timer.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        timer.as_mut().reset(Instant::now() + after);
        Poll::Ready(Some(Ok(Bytes::from_static(b":\n\n"))))
    }
}
