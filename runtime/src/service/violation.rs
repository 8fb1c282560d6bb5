//! What a request breaks of its document, and the one answer that lists it all.

use std::fmt::Write as _;

use http::StatusCode;
use serde::Serialize;

use super::problem::Problem;
use crate::schema::{Finding, MAX_FINDINGS};

/// Where in the request a violation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// The path.
    Path,
    /// The query string.
    Query,
    /// A header.
    Header,
    /// A cookie.
    Cookie,
    /// The body.
    Body,
}

/// One violation, as it appears in the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// Where it is.
    #[serde(rename = "in")]
    pub place: Place,
    /// The parameter's name. `None` for the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// JSON pointer to the value within the parameter or the body, `""` for the whole.
    pub pointer: String,
    /// The rule that is broken, mostly a keyword of JSON Schema.
    pub rule: &'static str,
    /// What the value has to be.
    pub message: String,
}

/// How bad a violation is. The worst one decides the status of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    /// It can be read and breaks a constraint.
    Constraint,
    /// It cannot be read.
    Unreadable,
    /// No answer can be given in a form that the request accepts.
    NotAcceptable,
    /// The body is of a kind that the operation does not take.
    MediaType,
    /// The body is larger than the service takes.
    TooLarge,
    /// The body came too slowly.
    TooSlow,
    /// The service has no room for the body.
    #[cfg(feature = "multipart")]
    NoRoom,
}

impl Severity {
    fn status(self) -> StatusCode {
        match self {
            Severity::Constraint => StatusCode::UNPROCESSABLE_ENTITY,
            Severity::Unreadable => StatusCode::BAD_REQUEST,
            Severity::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
            Severity::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Severity::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Severity::TooSlow => StatusCode::REQUEST_TIMEOUT,
            #[cfg(feature = "multipart")]
            Severity::NoRoom => StatusCode::INSUFFICIENT_STORAGE,
        }
    }
}

/// The violations of one request, gathered from all its places.
#[derive(Debug, Default)]
pub(crate) struct Violations {
    found: Vec<Violation>,
    worst: Option<Severity>,
}

impl Violations {
    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    #[cfg(test)]
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Violation> {
        self.found.iter()
    }

    /// Every violation counts for the status; the answer lists as many as help anybody.
    pub(crate) fn add(&mut self, severity: Severity, violation: Violation) {
        self.worst = self.worst.max(Some(severity));
        if self.found.len() < MAX_FINDINGS {
            self.found.push(violation);
        }
    }

    /// Adds what a schema found in the value of one place.
    pub(crate) fn add_findings(&mut self, place: Place, name: Option<&str>, found: Vec<Finding>) {
        for finding in found {
            self.add_finding(Severity::Constraint, place, name, finding);
        }
    }

    /// Adds one finding.
    pub(crate) fn add_finding(
        &mut self,
        severity: Severity,
        place: Place,
        name: Option<&str>,
        found: Finding,
    ) {
        let violation = Violation {
            place,
            name: name.map(str::to_owned),
            pointer: found.pointer,
            rule: found.rule,
            message: found.message,
        };
        self.add(severity, violation);
    }

    /// The status of the answer.
    pub(crate) fn status(&self) -> StatusCode {
        self.worst.unwrap_or(Severity::Unreadable).status()
    }

    /// The answer.
    pub(crate) fn into_problem(self) -> Problem {
        let status = self.status();
        let mut detail = String::new();
        if let Some(first) = self.found.first() {
            let place = match (&first.name, first.pointer.as_str()) {
                (Some(name), pointer) => format!("{name}{pointer}"),
                (None, "") => "the body".to_owned(),
                (None, pointer) => pointer.to_owned(),
            };
            let _ = write!(detail, "{place} {}", first.message);
        }
        if self.found.len() > 1 {
            let _ = write!(detail, " (and {} more)", self.found.len() - 1);
        }
        Problem::new(status).detail(detail).violations(self.found)
    }
}
