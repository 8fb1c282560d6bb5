//! Bodies of `application/x-www-form-urlencoded`: the fields of a form as a type.

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::body::{self, Requirement};
use super::call::Call;
use super::params::{Encoding, Fields, NotUtf8, decoded, split_pairs};
use super::violation::{Place, Severity};
use crate::schema::{self, Schema};

const MEDIA_TYPE: &str = "application/x-www-form-urlencoded";

/// The value of a form that fits its schema. `None`: violations were noted. `Some(None)`: no body.
pub(crate) async fn value(
    call: &mut Call,
    schema: &'static Schema,
    encodings: &'static [Encoding],
    requirement: Requirement,
) -> Option<Option<Value>> {
    let Some(bytes) = body::raw(call, &[MEDIA_TYPE], Requirement::Optional).await? else {
        return match requirement {
            Requirement::Optional => Some(None),
            // A form of which every field is left out has no bytes.
            Requirement::Required => nothing(call, schema).map(Some),
        };
    };
    fitting(call, schema, encodings, &bytes).map(Some)
}

fn nothing(call: &mut Call, schema: &'static Schema) -> Option<Value> {
    let empty = Value::Object(serde_json::Map::new());
    if schema::check(schema, &empty).is_empty() {
        return Some(empty);
    }
    body::note(
        call,
        Severity::Unreadable,
        "required",
        "is required".to_owned(),
    );
    None
}

/// The value that the bytes of a form mean, if it fits.
pub(crate) fn fitting(
    call: &mut Call,
    schema: &'static Schema,
    encodings: &'static [Encoding],
    bytes: &Bytes,
) -> Option<Value> {
    let Ok(value) = read(schema, encodings, bytes) else {
        body::note(
            call,
            Severity::Unreadable,
            "encoding",
            "must be UTF-8".to_owned(),
        );
        return None;
    };
    let findings = schema::check(schema, &value);
    let fits = findings.is_empty();
    call.violations.add_findings(Place::Body, None, findings);
    fits.then_some(value)
}

fn read(
    schema: &'static Schema,
    encodings: &'static [Encoding],
    bytes: &[u8],
) -> Result<Value, NotUtf8> {
    let text = std::str::from_utf8(bytes).map_err(|_| NotUtf8)?;
    let mut fields = Fields::new(schema, encodings);
    for (name, text) in split_pairs(text) {
        fields.escaped(&decoded(Place::Body, name)?, text)?;
    }
    Ok(fields.into_value())
}

/// The value as the handler's type. `None`: a violation was noted.
pub(crate) fn typed<T: DeserializeOwned>(call: &mut Call, value: Value) -> Option<T> {
    match serde_json::from_value(value) {
        Ok(value) => Some(value),
        Err(error) => {
            body::note(call, Severity::Constraint, "type", error.to_string());
            None
        }
    }
}
