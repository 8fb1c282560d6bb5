//! Reading a body: its media type, its size, its form.
//!
//! The bytes are read straight into the handler's type. Only where the schema says more than the
//! type, or the type refuses them, are they read once more as a value beside the schema: that
//! walk finds every violation and its place, which serde, stopping at the first, does not.

pub(super) mod media;
mod unhurried;

#[cfg(test)]
mod tests;

use axum::body::{Body, HttpBody};
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::timeout;

pub(crate) use self::unhurried::{Interrupted, Unhurried};
#[cfg(feature = "cache")]
use super::call::BodySeen;
use super::call::Call;
#[cfg(feature = "cache")]
use super::digest;
use super::problem::Problem;
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
pub(crate) fn json(
    call: &mut Call,
    schema: &'static Schema,
    requirement: Requirement,
) -> Option<Option<Bytes>> {
    let bytes = raw(call, &["application/json"], requirement)?;
    let Some(bytes) = bytes else {
        return Some(None);
    };
    (schema.typed || note_violations(call, schema, &bytes) == 0).then_some(Some(bytes))
}

/// Reads all of a body. One of the wrong kind is not worth it, and whoever asks for it says so.
pub(crate) async fn whole(call: &mut Call) {
    let taken = call.context.operation.consumes;
    let named = media::named(&call.parts.headers);
    let is_wrong = named.is_some_and(|named| media::position(taken, named).is_none());
    if is_wrong && !taken.is_empty() {
        return;
    }
    let body = std::mem::take(&mut call.body);
    let collected = collect(body, &call.parts.headers, call.arrival.max_body_bytes);
    // A client that sends a byte now and then would hold what the request holds for ever.
    let collected = timeout(call.arrival.body_read_timeout, collected).await;
    call.whole = Some(collected.unwrap_or(Err(Unread::Slow)));
}

/// The bytes of a body of one of the media types that the operation takes; `usual` are those of
/// an operation that names none. `None`: violations were noted. `Some(None)`: no body.
pub(crate) fn raw(
    call: &mut Call,
    usual: &'static [&'static str],
    requirement: Requirement,
) -> Option<Option<Bytes>> {
    let taken = match call.context.operation.consumes {
        [] => usual,
        taken => taken,
    };
    let named = media::named(&call.parts.headers);
    let is_taken = named.is_some_and(|named| media::position(taken, named).is_some());
    let is_named = named.is_some();
    // A file may have no bytes. Without any there is no JSON, no text and no form.
    let is_file = named.is_some_and(|named| {
        let is_form = named.eq_ignore_ascii_case("application/x-www-form-urlencoded");
        let is_text = named
            .get(..5)
            .is_some_and(|ty| ty.eq_ignore_ascii_case("text/"));
        is_taken && !is_form && !is_text && !media::is_json(named)
    });
    let has_bytes = match &call.whole {
        Some(Ok(bytes)) => !bytes.is_empty(),
        Some(Err(_)) => true,
        None => !call.body.is_end_stream(),
    };
    if is_named && !is_taken && has_bytes {
        note_media_type(call, taken);
        return None;
    }
    debug_assert!(
        call.whole.is_some() || call.body.is_end_stream(),
        "an operation of `Routes::route` says what it `consumes`, others call `Call::whole` before"
    );
    let bytes = match call.whole.take().unwrap_or(Ok(Bytes::new())) {
        Ok(bytes) => bytes,
        Err(Unread::Slow) => {
            note_slow(call);
            return None;
        }
        Err(Unread::TooLarge) => {
            let message = format!("must have at most {} bytes", call.arrival.max_body_bytes);
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
    #[cfg(feature = "cache")]
    if call.stack.response_cache().is_some() {
        call.body_seen = BodySeen::Digest(digest::of(&bytes));
    }
    if bytes.is_empty() {
        if requirement == Requirement::Optional {
            return Some(None);
        }
        if is_file {
            return Some(Some(bytes));
        }
        note_missing(call);
        return None;
    }
    if !is_named && !taken.iter().any(|taken| media::takes_unnamed(taken)) {
        note_media_type(call, taken);
        return None;
    }
    Some(Some(bytes))
}

pub(crate) fn note_slow(call: &mut Call) {
    let message = "came too slowly".to_owned();
    note(call, Severity::TooSlow, "readTimeout", message);
}

/// Whether there is a body of a media type that the operation takes, before any of it is read.
/// `None`: there should be one, which was noted.
#[cfg(feature = "multipart")]
pub(crate) fn announced(
    call: &mut Call,
    usual: &'static [&'static str],
    requirement: Requirement,
) -> Option<bool> {
    let taken = match call.context.operation.consumes {
        [] => usual,
        taken => taken,
    };
    if call.body.is_end_stream() {
        if requirement == Requirement::Optional {
            return Some(false);
        }
        note_missing(call);
        return None;
    }
    #[cfg(feature = "cache")]
    {
        call.body_seen = BodySeen::Stream;
    }
    let named = media::named(&call.parts.headers);
    if named.is_some_and(|named| media::position(taken, named).is_some()) {
        return Some(true);
    }
    note_media_type(call, taken);
    None
}

/// The same where a body may well be empty as long as it is said what it is: a list of nothing.
pub(crate) fn named(
    call: &mut Call,
    usual: &'static [&'static str],
    requirement: Requirement,
) -> Option<bool> {
    let taken = match call.context.operation.consumes {
        [] => usual,
        taken => taken,
    };
    match media::named(&call.parts.headers) {
        Some(named) if media::position(taken, named).is_some() => Some(true),
        None if call.body.is_end_stream() && requirement == Requirement::Optional => Some(false),
        None if call.body.is_end_stream() => {
            note_missing(call);
            None
        }
        _ => {
            note_media_type(call, taken);
            None
        }
    }
}

fn note_missing(call: &mut Call) {
    let message = "is required".to_owned();
    note(call, Severity::Unreadable, "required", message);
}

fn note_media_type(call: &mut Call, taken: &[&str]) {
    let message = format!("must be {}", taken.join(" or "));
    note(call, Severity::MediaType, "contentType", message);
}

/// Which of the media types that the operation takes the body is of.
pub(crate) fn content(call: &Call) -> usize {
    let taken = call.context.operation.consumes;
    let found = match media::named(&call.parts.headers) {
        Some(named) => media::position(taken, named),
        None => taken.iter().position(|taken| media::takes_unnamed(taken)),
    };
    found.unwrap_or(0)
}

/// The bytes of a body of any kind that the operation takes.
pub(crate) fn bytes(call: &mut Call, requirement: Requirement) -> Option<Option<Bytes>> {
    raw(call, &["*/*"], requirement)
}

/// A text as the value that it writes, checked against its schema. `None`: violations were noted.
/// `Some(None)`: no body.
pub(crate) fn text(
    call: &mut Call,
    schema: &'static Schema,
    requirement: Requirement,
) -> Option<Option<Value>> {
    let Some(bytes) = raw(call, &["text/plain"], requirement)? else {
        return Some(None);
    };
    let Ok(text) = std::str::from_utf8(&bytes) else {
        note(
            call,
            Severity::Unreadable,
            "encoding",
            "must be UTF-8".to_owned(),
        );
        return None;
    };
    let Some(value) = schema::value_of(schema, text) else {
        let message = format!("must be {}", schema::types_of(schema));
        note(call, Severity::Unreadable, "type", message);
        return None;
    };
    let findings = schema::check(schema, &value);
    let fits = findings.is_empty();
    call.violations.add_findings(Place::Body, None, findings);
    fits.then_some(Some(value))
}

/// The value as the handler's type. `None`: violations were noted.
pub(crate) fn typed_value<T: DeserializeOwned>(
    call: &mut Call,
    schema: &Schema,
    value: &Value,
) -> Option<T> {
    match T::deserialize(value) {
        Ok(typed) => Some(typed),
        Err(error) => {
            let findings = schema::check(schema, value);
            if findings.is_empty() {
                note_misfit(call, &error);
            }
            call.violations.add_findings(Place::Body, None, findings);
            None
        }
    }
}

/// The bytes as the handler's type. `None`: violations were noted.
pub(crate) fn typed<T: DeserializeOwned>(
    call: &mut Call,
    schema: &Schema,
    bytes: &[u8],
) -> Option<T> {
    match read(bytes) {
        Ok(value) => Some(value),
        Err(error) => {
            note_untyped(call, schema, bytes, &error);
            None
        }
    }
}

/// JSON as a type of the service. Integers may be written as `1.0`, which no integer of serde's
/// takes, and which few do: so only what was refused is looked through for them.
///
/// # Errors
///
/// When it is no JSON, or none of this type.
pub(crate) fn read<T: DeserializeOwned>(json: &[u8]) -> serde_json::Result<T> {
    serde_json::from_slice(json).or_else(|error| match schema::plain(json) {
        Some(plain) => serde_json::from_slice(&plain).map_err(|_| error),
        None => Err(error),
    })
}

/// The type refused the bytes: let the schema say why, or serde where the schema cannot.
fn note_untyped(call: &mut Call, schema: &Schema, bytes: &[u8], error: &serde_json::Error) {
    if note_violations(call, schema, bytes) == 0 {
        note_misfit(call, error);
    }
}

/// The type refused what the schema has nothing against: one says more than the other.
pub(crate) fn note_misfit(call: &mut Call, error: &serde_json::Error) {
    let message = format!("cannot be read: {}", describe(error));
    note(call, Severity::Constraint, "type", message);
}

/// Notes everything that the schema finds in the bytes, and says how much that is.
fn note_violations(call: &mut Call, schema: &Schema, bytes: &[u8]) -> usize {
    let (severity, found) = check(schema, bytes, None);
    let count = found.len();
    for violation in found {
        call.violations.add(severity, violation);
    }
    count
}

/// Everything that the schema finds in JSON, which may be a part of a body that has a name.
pub(crate) fn check(
    schema: &Schema,
    json: &[u8],
    name: Option<&str>,
) -> (Severity, Vec<Violation>) {
    let (severity, found) = match serde_json::from_slice::<Value>(json) {
        Ok(value) => {
            let found = schema::check(schema, &value).into_iter();
            let found = found.map(|finding| Violation {
                pointer: finding.pointer,
                ..violation(finding.rule, finding.message)
            });
            (Severity::Constraint, found.collect())
        }
        Err(error) => {
            let message = format!("is not JSON: {}", describe(&error));
            (Severity::Unreadable, vec![violation("json", message)])
        }
    };
    let named = |mut violation: Violation| {
        violation.name = name.map(str::to_owned);
        violation
    };
    (severity, found.into_iter().map(named).collect())
}

/// serde_json's message, which names line and column already.
fn describe(error: &serde_json::Error) -> String {
    error.to_string()
}

pub(crate) fn note(call: &mut Call, severity: Severity, rule: &'static str, message: String) {
    call.violations.add(severity, violation(rule, message));
}

/// What is wrong with a body as a whole.
pub(crate) fn violation(rule: &'static str, message: String) -> Violation {
    Violation {
        place: Place::Body,
        name: None,
        pointer: String::new(),
        rule,
        message,
    }
}

/// Why a body could not be read.
#[derive(Debug)]
pub(crate) enum Unread {
    TooLarge,
    Broken,
    Slow,
}

impl IntoResponse for Unread {
    fn into_response(self) -> Response {
        let (status, detail) = match self {
            Unread::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "the body is too long"),
            Unread::Broken => (
                StatusCode::BAD_REQUEST,
                "the body ended before it was complete",
            ),
            Unread::Slow => (StatusCode::REQUEST_TIMEOUT, "the body took too long"),
        };
        Problem::new(status).detail(detail).into_response()
    }
}

/// The whole body, as long as it is no longer than `limit`.
pub(crate) async fn collect(
    mut body: Body,
    headers: &HeaderMap,
    limit: usize,
) -> Result<Bytes, Unread> {
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
