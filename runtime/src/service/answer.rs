//! Answers that generated code builds: JSON, or nothing but a status.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::ApiError;

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
            tracing::error!(%error, "an answer could not be written as JSON");
            empty(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
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
    serde_json::from_str(json).map_err(ApiError::internal)
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

/// No body.
#[must_use]
pub fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
