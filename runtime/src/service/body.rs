//! Reading a body: its media type, its size, its form.
//!
//! The bytes are read straight into the handler's type. Only where the schema says more than the
//! type, or the type refuses them, are they read once more as a value beside the schema: that
//! walk finds every violation and its place, which serde, stopping at the first, does not.

use axum::body::{Body, HttpBody};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, header};
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::call::Call;
use super::violation::{Place, Severity, Violation};
use crate::schema::{self, Schema};

/// Whether a body may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Requirement {
    Required,
    Optional,
}

/// The bytes of a body that is JSON as far as its headers say, and that fits its schema as far as
/// the schema says more than the type will. `None`: violations were noted. `Some(None)`: no body.
pub(crate) async fn json(
    call: &mut Call,
    schema: &'static Schema,
    requirement: Requirement,
) -> Option<Option<Bytes>> {
    let bytes = raw(call, "application/json", is_json, requirement).await?;
    let Some(bytes) = bytes else {
        return Some(None);
    };
    (schema.typed || note_violations(call, schema, &bytes) == 0).then_some(Some(bytes))
}

/// The bytes of a body of a media type that the operation takes. `None`: violations were noted.
/// `Some(None)`: no body.
pub(crate) async fn raw(
    call: &mut Call,
    expected: &str,
    is_kind: impl Fn(&str) -> bool,
    requirement: Requirement,
) -> Option<Option<Bytes>> {
    let body = std::mem::take(&mut call.body);
    let limit = call.arrival.max_body_bytes;
    let essence = essence(&call.parts.headers);
    let has_type = call.parts.headers.contains_key(header::CONTENT_TYPE);
    // A body of the wrong kind is not worth reading, and one that is not there has no kind.
    if has_type && !is_kind(&essence) && !body.is_end_stream() {
        note(
            call,
            Severity::MediaType,
            "contentType",
            format!("must be {expected}"),
        );
        return None;
    }
    let bytes = match collect(body, &call.parts.headers, limit).await {
        Ok(bytes) => bytes,
        Err(Unread::TooLarge) => {
            let message = format!("must have at most {limit} bytes");
            note(call, Severity::TooLarge, "maxBytes", message);
            return None;
        }
        Err(Unread::Broken) => {
            note(
                call,
                Severity::Unreadable,
                "body",
                "ended before it was complete".to_owned(),
            );
            return None;
        }
    };
    if bytes.is_empty() {
        if requirement == Requirement::Optional {
            return Some(None);
        }
        note(
            call,
            Severity::Unreadable,
            "required",
            "is required".to_owned(),
        );
        return None;
    }
    if !has_type {
        note(
            call,
            Severity::MediaType,
            "contentType",
            format!("must be {expected}"),
        );
        return None;
    }
    Some(Some(bytes))
}

/// The bytes of a body of the one media type that the operation takes.
pub(crate) async fn of_type(
    call: &mut Call,
    media_type: &'static str,
    requirement: Requirement,
) -> Option<Option<Bytes>> {
    let wanted = media_type.split(';').next().unwrap_or_default().trim();
    // Bytes of no particular kind may come as any.
    let any = wanted == "application/octet-stream";
    let is_kind = |essence: &str| any || essence.eq_ignore_ascii_case(wanted);
    raw(call, media_type, is_kind, requirement).await
}

/// The bytes as text. `None`: they are none, which was noted.
pub(crate) fn text(call: &mut Call, bytes: Bytes) -> Option<String> {
    let text = String::from_utf8(bytes.into()).ok();
    if text.is_none() {
        note(
            call,
            Severity::Unreadable,
            "encoding",
            "must be UTF-8".to_owned(),
        );
    }
    text
}

/// The bytes as the handler's type. `None`: violations were noted.
pub(crate) fn typed<T: DeserializeOwned>(
    call: &mut Call,
    schema: &Schema,
    bytes: &[u8],
) -> Option<T> {
    match serde_json::from_slice(bytes) {
        Ok(value) => Some(value),
        Err(error) => {
            note_untyped(call, schema, bytes, &error);
            None
        }
    }
}

/// The type refused the bytes: let the schema say why, or serde where the schema cannot.
fn note_untyped(call: &mut Call, schema: &Schema, bytes: &[u8], error: &serde_json::Error) {
    if note_violations(call, schema, bytes) == 0 {
        note(call, Severity::Constraint, "type", describe(error));
    }
}

/// Notes everything that the schema finds in the bytes, and says how much that is.
fn note_violations(call: &mut Call, schema: &Schema, bytes: &[u8]) -> usize {
    match serde_json::from_slice::<Value>(bytes) {
        Ok(value) => {
            let findings = schema::check(schema, &value);
            let count = findings.len();
            call.violations.add_findings(Place::Body, None, findings);
            count
        }
        Err(error) => {
            note(
                call,
                Severity::Unreadable,
                "json",
                format!("is not JSON: {}", describe(&error)),
            );
            1
        }
    }
}

/// serde_json's message, which names line and column already.
fn describe(error: &serde_json::Error) -> String {
    error.to_string()
}

pub(crate) fn note(call: &mut Call, severity: Severity, rule: &'static str, message: String) {
    let violation = Violation {
        place: Place::Body,
        name: None,
        pointer: String::new(),
        rule,
        message,
    };
    call.violations.add(severity, violation);
}

/// The media type of the body without its parameters; empty where it cannot be read.
fn essence(headers: &HeaderMap) -> String {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .unwrap_or_default()
        .trim()
        .to_owned()
}

/// `application/json` or `+json`.
fn is_json(essence: &str) -> bool {
    let (kind, subtype) = essence.split_once('/').unwrap_or_default();
    let has_suffix = subtype
        .len()
        .checked_sub("+json".len())
        .and_then(|start| subtype.get(start..))
        .is_some_and(|suffix| suffix.eq_ignore_ascii_case("+json"));
    kind.eq_ignore_ascii_case("application") && (subtype.eq_ignore_ascii_case("json") || has_suffix)
}

enum Unread {
    TooLarge,
    Broken,
}

/// The whole body, as long as it is no longer than `limit`.
async fn collect(mut body: Body, headers: &HeaderMap, limit: usize) -> Result<Bytes, Unread> {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    // Refused before a byte of it is read.
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(Unread::TooLarge);
    }
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Unread::Broken)?.into_data() else {
            continue;
        };
        if first.len() + rest.len() + data.len() > limit {
            return Err(Unread::TooLarge);
        }
        // Most bodies come in one piece, which is then taken as it is.
        if first.is_empty() && rest.is_empty() {
            first = data;
        } else {
            if rest.is_empty() {
                rest.extend_from_slice(&first);
                first.clear();
            }
            rest.extend_from_slice(&data);
        }
    }
    Ok(if rest.is_empty() {
        first
    } else {
        rest.freeze()
    })
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::super::operation::Operation;
    use super::super::stack::PolicyStack;
    use super::super::testing::{call, request};
    use super::*;

    static PUT: Operation = Operation::new("put", Method::PUT, "/");

    fn with(media_type: Option<&str>, body: &'static [u8]) -> Call {
        let headers: Vec<_> = media_type
            .map(|it| ("content-type", it))
            .into_iter()
            .collect();
        call(
            &PUT,
            PolicyStack::new(),
            request(Method::PUT, "/", &headers, body),
        )
    }

    fn status(call: Call) -> u16 {
        call.reject().status().as_u16()
    }

    #[tokio::test]
    async fn text_is_read_as_text() {
        let mut call = with(Some("text/plain"), "größer".as_bytes());
        let text = call.text("text/plain; charset=utf-8").await;
        assert_eq!(text.as_deref(), Some("größer"));
        for (media_type, body, expected) in [
            (Some("text/plain"), &b"\xff"[..], 400),
            (Some("text/plain"), b"", 400),
            (Some("text/html"), b"a", 415),
            (None, b"a", 415),
        ] {
            let mut call = with(media_type, body);
            assert_eq!(call.text("text/plain").await, None);
            assert_eq!(status(call), expected, "{media_type:?} {body:?}");
        }
    }

    #[tokio::test]
    async fn bytes_are_taken_as_they_are() {
        let mut call = with(Some("IMAGE/png"), b"\xff\x00");
        assert_eq!(call.bytes("image/png").await, Some(vec![255, 0]));
        let mut call = with(Some("image/gif"), b"a");
        assert_eq!(call.bytes("application/octet-stream").await, Some(vec![97]));
        let mut call = with(Some("image/gif"), b"a");
        assert_eq!(call.bytes("image/png").await, None);
        assert_eq!(status(call), 415);
    }

    #[tokio::test]
    async fn a_body_that_may_be_left_out_may() {
        assert_eq!(
            with(None, b"").optional_text("text/plain").await,
            Some(None)
        );
        assert_eq!(
            with(None, b"").optional_bytes("image/png").await,
            Some(None)
        );
    }
}
