//! JSON values one after another: NDJSON, JSON Lines, and JSON text sequences (RFC 7464).

use std::convert::Infallible;
use std::fmt;
use std::marker::PhantomData;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures_core::Stream;
use http::StatusCode;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::channel::{Iter, Map, Sender, channel, sure};
use super::{Pieces, StreamError, note};
use crate::service::body::read;
use crate::service::error::ApiError;

/// An answer of values, each of which is sent as soon as it is there.
///
/// ```
/// use failsafe_runtime::service::JsonLines;
///
/// let (sender, answer) = JsonLines::<u32>::channel(16);
/// # let _ = answer;
/// # async move {
/// tokio::spawn(async move {
///     for step in 0..100 {
///         if !sender.send(step).await {
///             break; // the client has gone
///         }
///     }
/// });
/// # };
/// ```
pub struct JsonLines<T> {
    pieces: Pieces,
    item: PhantomData<fn() -> T>,
}

impl<T: Serialize + Send + 'static> JsonLines<T> {
    /// The values of a stream.
    pub fn new<S>(stream: S) -> JsonLines<T>
    where
        S: Stream<Item = T> + Send + 'static,
    {
        JsonLines::fallible::<_, Infallible>(sure(stream))
    }

    /// The values of a stream that may fail, which ends the answer.
    pub fn fallible<S, E>(stream: S) -> JsonLines<T>
    where
        S: Stream<Item = Result<T, E>> + Send + 'static,
        E: Into<StreamError> + 'static,
    {
        let function = |item: Result<T, E>| {
            let item = item.map_err(|error| note(error.into()))?;
            line(serde_json::to_vec(&item))
        };
        JsonLines {
            pieces: Box::pin(Map { stream, function }),
            item: PhantomData,
        }
    }

    /// What a sender is given, of which at most `capacity` values wait for the client.
    #[must_use]
    pub fn channel(capacity: usize) -> (Sender<T>, JsonLines<T>) {
        let (sender, received) = channel(capacity);
        (sender, JsonLines::new(received))
    }

    /// The value that a document's example stands for.
    ///
    /// # Errors
    ///
    /// When the text is no such value, which the generator sees to.
    pub fn example(json: &str) -> Result<JsonLines<T>, ApiError>
    where
        T: DeserializeOwned,
    {
        example(json).map(JsonLines::from)
    }
}

/// One value, or the several of a list.
pub(super) fn example<T: DeserializeOwned>(json: &str) -> Result<Vec<T>, ApiError> {
    match read(json.as_bytes()) {
        Ok(single) => Ok(vec![single]),
        Err(_) => read(json.as_bytes()).map_err(ApiError::internal),
    }
}

/// The part that is the same for all types.
fn line(written: Result<Vec<u8>, serde_json::Error>) -> Result<Bytes, StreamError> {
    let mut line = written.map_err(|error| note(error.into()))?;
    line.push(b'\n');
    Ok(line.into())
}

impl<T: Serialize + Send + 'static> From<Vec<T>> for JsonLines<T> {
    fn from(items: Vec<T>) -> JsonLines<T> {
        JsonLines::new(Iter(items.into_iter()))
    }
}

impl<T> fmt::Debug for JsonLines<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonLines").finish_non_exhaustive()
    }
}

/// An answer of values one after another.
pub fn json_lines<T>(
    status: StatusCode,
    media_type: &'static str,
    lines: JsonLines<T>,
) -> Response {
    let body = match media_type.starts_with("application/json-seq") {
        false => Body::from_stream(lines.pieces),
        true => Body::from_stream(Map {
            stream: lines.pieces,
            function: |piece: Result<Bytes, StreamError>| {
                piece.map(|line| Bytes::from([b"\x1e", &line[..]].concat()))
            },
        }),
    };
    super::response(status, media_type, body)
}
