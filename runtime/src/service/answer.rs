//! Answers that generated code builds: JSON, text, bytes, or nothing but a status.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::body::read;
use super::context::RequestContext;
use super::error::ApiError;

/// What a handler answers with, written as the client wants it.
///
/// Everything that is a response by itself is an answer. Generated enums of answers that have
/// several media types look at what the request accepts.
pub trait Answer {
    /// The response to a request.
    fn into_answer(self, ctx: &RequestContext) -> Response;
}

impl<T: IntoResponse> Answer for T {
    fn into_answer(self, _: &RequestContext) -> Response {
        self.into_response()
    }
}

/// What came of a handler, its answer written as the client wants it.
///
/// # Errors
///
/// Those of the handler.
pub fn answer<R: Answer>(
    ctx: &RequestContext,
    result: Result<R, ApiError>,
) -> Result<Response, ApiError> {
    result.map(|answer| answer.into_answer(ctx))
}

/// A JSON body. A value that cannot be written (a map whose keys are no strings) is the service's
/// fault: it is logged and answered with an empty 500.
pub fn json<T: Serialize + ?Sized>(status: StatusCode, value: &T) -> Response {
    json_as(status, "application/json", value)
}

/// A JSON body of a media type of its own, `application/problem+json` for instance.
pub fn json_as<T: Serialize + ?Sized>(
    status: StatusCode,
    media_type: &'static str,
    value: &T,
) -> Response {
    json_bytes(status, media_type, serde_json::to_vec(value))
}

/// The part of [`json_as`] that is the same for all types, so that it is compiled once.
fn json_bytes(
    status: StatusCode,
    media_type: &'static str,
    written: Result<Vec<u8>, serde_json::Error>,
) -> Response {
    match written {
        Ok(bytes) => with_body(status, media_type, bytes),
        Err(error) => {
            tracing::error!(%error, "an answer could not be written");
            empty(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

/// A body of text: a string as it is, anything else as JSON writes it.
pub fn text<T: Serialize + ?Sized>(
    status: StatusCode,
    media_type: &'static str,
    value: &T,
) -> Response {
    let written = serde_json::to_value(value).map(|value| match value {
        Value::String(text) => text.into_bytes(),
        other => other.to_string().into_bytes(),
    });
    json_bytes(status, media_type, written)
}

/// A body of any media type.
pub fn with_body(status: StatusCode, media_type: &'static str, body: impl Into<Bytes>) -> Response {
    let mut response = Response::new(Body::from(body.into()));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

/// The value that a document's example stands for, in the type of an answer.
///
/// # Errors
///
/// When the text is no such value, which the generator sees to: an answer of 500.
pub fn example<T: DeserializeOwned>(json: &str) -> Result<T, ApiError> {
    read(json.as_bytes()).map_err(ApiError::internal)
}

/// A status without a constant of its own.
///
/// # Panics
///
/// If it has not three digits, which the generator sees to.
#[must_use]
pub fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).expect("a status has three digits")
}

/// An answer whose status a handler chose: one of another class (`2` for 2xx) than the document
/// says is the service's fault, which is logged and answered with an empty 500.
#[must_use]
pub fn of_class(class: u16, response: Response) -> Response {
    let status = response.status();
    if status.as_u16() / 100 == class {
        return response;
    }
    tracing::error!(%status, class, "an answer has a status of another class");
    empty(StatusCode::INTERNAL_SERVER_ERROR)
}

/// No body.
#[must_use]
pub fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
