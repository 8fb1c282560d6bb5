//! Bytes of any kind: a file, an image, whatever a document does not describe.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures_core::Stream;
use http::{HeaderValue, StatusCode, header};
use tokio::io::{AsyncRead, ReadBuf};

use super::channel::Map;
use super::{StreamError, note};
use crate::service::answer;

/// Bytes to answer with: there already, or read while they are sent.
///
/// ```
/// use failsafe_runtime::service::Payload;
///
/// let small = Payload::from(vec![0x89, b'P', b'N', b'G']);
/// let named = Payload::from("a,b\n1,2\n").media_type("text/csv; charset=utf-8");
/// let large = Payload::read(tokio::io::empty());
/// ```
pub struct Payload {
    body: Body,
    media_type: Option<String>,
}

impl Payload {
    /// The pieces of a stream.
    pub fn stream<S, E>(stream: S) -> Payload
    where
        S: Stream<Item = Result<Bytes, E>> + Send + 'static,
        E: Into<StreamError> + 'static,
    {
        let function = |piece: Result<Bytes, E>| piece.map_err(|error| note(error.into()));
        Payload {
            body: Body::from_stream(Map { stream, function }),
            media_type: None,
        }
    }

    /// What a reader reads: a file, for instance.
    pub fn read(reader: impl AsyncRead + Send + 'static) -> Payload {
        Payload::stream(Reading {
            reader: Box::pin(reader),
        })
    }

    /// Says what kind of bytes these are. Without it they are what the document says, or
    /// `application/octet-stream` where it leaves that open.
    #[must_use]
    pub fn media_type(mut self, media_type: impl Into<String>) -> Payload {
        self.media_type = Some(media_type.into());
        self
    }
}

impl From<Bytes> for Payload {
    fn from(bytes: Bytes) -> Payload {
        Payload {
            body: Body::from(bytes),
            media_type: None,
        }
    }
}

impl From<Vec<u8>> for Payload {
    fn from(bytes: Vec<u8>) -> Payload {
        Bytes::from(bytes).into()
    }
}

impl From<String> for Payload {
    fn from(text: String) -> Payload {
        Bytes::from(text).into()
    }
}

impl From<&'static str> for Payload {
    fn from(text: &'static str) -> Payload {
        Bytes::from_static(text.as_bytes()).into()
    }
}

impl From<&'static [u8]> for Payload {
    fn from(bytes: &'static [u8]) -> Payload {
        Bytes::from_static(bytes).into()
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Payload")
            .field("media_type", &self.media_type)
            .finish_non_exhaustive()
    }
}

/// An answer of bytes. `media_type` is what they are unless they say otherwise themselves.
pub fn payload(status: StatusCode, media_type: &'static str, payload: Payload) -> Response {
    let mut response = super::response(status, media_type, payload.body);
    let Some(own) = payload.media_type else {
        return response;
    };
    match HeaderValue::from_str(&own) {
        Ok(own) => {
            response.headers_mut().insert(header::CONTENT_TYPE, own);
            response
        }
        Err(_) => {
            tracing::error!(media_type = own, "an answer has a media type that is none");
            answer::empty(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

/// The pieces that a reader gives.
struct Reading<R> {
    reader: Pin<Box<R>>,
}

/// What is asked of a reader at a time.
const PIECE: usize = 16 * 1024;

impl<R: AsyncRead> Stream for Reading<R> {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut piece = vec![0; PIECE];
        let mut buffer = ReadBuf::new(&mut piece);
        if let Err(error) = ready!(self.reader.as_mut().poll_read(cx, &mut buffer)) {
            return Poll::Ready(Some(Err(error)));
        }
        let length = buffer.filled().len();
        piece.truncate(length);
        Poll::Ready((length > 0).then(|| Ok(piece.into())))
    }
}
