//! Answers that are written bit by bit, and bytes; bodies that are read bit by bit.
//!
//! What a stream yields is on its way to the client as soon as it is there, and the next item is
//! asked for when the connection has taken the last one, so a slow client slows the stream down
//! and fills no memory. When the client goes away the stream is dropped. What an operation holds
//! while it answers is held until the stream has ended.

mod channel;
mod events;
mod lines;
mod payload;
mod received;
#[cfg(test)]
mod tests;

use std::pin::Pin;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures_core::Stream;
use http::{HeaderValue, StatusCode, header};

pub use self::channel::Sender;
pub use self::events::{Event, EventStream, events};
pub use self::lines::{JsonLines, json_lines};
pub use self::payload::{Payload, payload};
pub(crate) use self::received::lines;
pub use self::received::{InvalidLine, ReceivedLines};

/// Whatever made a stream end early. It is logged, and the client sees the answer break off.
pub type StreamError = Box<dyn std::error::Error + Send + Sync>;

/// Pieces of a body. One type for all streams, so that a new item type costs little.
type Pieces = Pin<Box<dyn Stream<Item = Result<Bytes, StreamError>> + Send>>;

fn response(status: StatusCode, media_type: &'static str, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

/// Says in the log why an answer breaks off: nobody else is left to be told.
fn note(error: StreamError) -> StreamError {
    tracing::error!(%error, "a streamed answer broke off");
    error
}
