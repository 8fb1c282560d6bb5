//! Answers that say what is wrong, in the form of RFC 9457.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use super::answer;
use super::violation::Violation;

/// An `application/problem+json` answer.
///
/// ```
/// use failsafe_runtime::service::{Problem, StatusCode};
///
/// let problem = Problem::new(StatusCode::NOT_FOUND).detail("no inventory has this id");
/// ```
#[derive(Debug, Serialize)]
pub struct Problem {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    #[serde(serialize_with = "status_number")]
    status: StatusCode,
    #[serde(skip_serializing_if = "String::is_empty")]
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    violations: Vec<Violation>,
}

impl Problem {
    /// A problem that says no more than its status does.
    #[must_use]
    pub fn new(status: StatusCode) -> Problem {
        Problem {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Unknown"),
            status,
            detail: String::new(),
            operation: None,
            violations: Vec::new(),
        }
    }

    /// What happened in this case, for the person who reads the answer.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Problem {
        self.detail = detail.into();
        self
    }

    /// Names the operation concerned.
    #[must_use]
    pub fn operation(mut self, id: &'static str) -> Problem {
        self.operation = Some(id);
        self
    }

    /// What the request breaks of its document.
    #[must_use]
    pub fn violations(mut self, violations: Vec<Violation>) -> Problem {
        self.violations = violations;
        self
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = answer::json(self.status, &self);
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        response
    }
}

fn status_number<S: serde::Serializer>(status: &StatusCode, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_u16(status.as_u16())
}
