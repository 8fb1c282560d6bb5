//! What patterns say in the headers of answers that they let pass.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::beside;
use super::refusals::{free, put};
use crate::ir::{Instead, Mode, Operation, Pattern, Status};

/// Name, words, type.
type Header = (&'static str, &'static str, &'static str);

/// The fields of the IETF's draft, on answers that passed and on refusals.
pub(super) const POLICY: (&str, &str) = (
    "RateLimit-Policy",
    "The limits by name: their tokens (q), refilled in so many seconds (w).",
);
pub(super) const STANDING: (&str, &str) = (
    "RateLimit",
    "The limit that decided: the tokens left (r), more of which are there in so many seconds (t).",
);

/// The headers of a pattern, and which pattern that is.
struct Group {
    is_of: fn(&Pattern) -> bool,
    /// Whether an operation's answers of this status may have them.
    is_on: fn(&Operation, &str) -> bool,
    headers: &'static [Header],
}

const GROUPS: &[Group] = &[
    Group {
        is_of: |pattern| matches!(pattern, Pattern::RateLimit(_)),
        is_on: is_success,
        headers: &[
            ("RateLimit-Limit", "The tokens of a full bucket.", "integer"),
            (
                "RateLimit-Remaining",
                "The whole tokens that are left.",
                "integer",
            ),
            (POLICY.0, POLICY.1, "string"),
            (STANDING.0, STANDING.1, "string"),
            (
                "X-Backpressure",
                "How hard the operation is pressed, from 0 to 1.",
                "number",
            ),
            (
                "X-Client-Id",
                "Who the service takes the client for.",
                "string",
            ),
        ],
    },
    Group {
        is_of: |pattern| matches!(pattern, Pattern::Cache(_)),
        is_on: is_success,
        headers: &[
            (
                "Age",
                "Seconds since the answer was new, where it is not.",
                "integer",
            ),
            (
                "X-Cache",
                "Where the answer comes from: HIT, MISS or STALE.",
                "string",
            ),
        ],
    },
    Group {
        is_of: |pattern| matches!(pattern, Pattern::Fallback(_)),
        is_on: is_instead,
        headers: &[(
            "X-Fallback",
            "`true` where the answer stands in for another that failed.",
            "string",
        )],
    },
];

/// The components for all that some operation may say.
pub(super) struct Components(Vec<(&'static Group, Vec<(&'static str, String)>)>);

impl Components {
    /// Adds them to the document.
    pub(super) fn add(root: &mut Value, operations: &[&Operation]) -> Self {
        let used = GROUPS.iter().filter(|group| {
            operations
                .iter()
                .any(|operation| group.is_said_by(operation))
        });
        let mut all = Vec::new();
        for group in used {
            let mut named = Vec::new();
            for (name, words, ty) in group.headers {
                let component = free(root, "headers", name);
                put(root, "headers", &component, header(words, ty));
                named.push((*name, component));
            }
            all.push((group, named));
        }
        Self(all)
    }

    /// Notes the answers of an operation on which its patterns say something.
    ///
    /// A response that several operations share by reference may say it at those that have the
    /// pattern: no header of these has to be there.
    pub(super) fn note(
        &self,
        passed: &mut Passed,
        root: &Value,
        operation_at: &str,
        operation: &Operation,
    ) {
        let responses = format!("{operation_at}/responses");
        let Some(declared) = root.pointer(&responses).and_then(Value::as_object) else {
            return;
        };
        for (group, named) in &self.0 {
            if !group.is_said_by(operation) {
                continue;
            }
            let statuses = declared.keys();
            for status in statuses.filter(|status| (group.is_on)(operation, status)) {
                let Some(place) = beside::place(root, &responses, status) else {
                    continue;
                };
                passed.0.entry(place).or_default().extend(named.clone());
            }
        }
    }
}

/// Headers by name, with their components, and the responses that have them.
#[derive(Default)]
pub(super) struct Passed(BTreeMap<String, BTreeMap<&'static str, String>>);

impl Passed {
    /// Declares them where the document does not do so itself.
    pub(super) fn declare(self, root: &mut Value) {
        for (place, headers) in self.0 {
            let response = root.pointer_mut(&place).and_then(Value::as_object_mut);
            if let Some(response) = response {
                declare(response, &headers);
            }
        }
    }
}

impl Group {
    fn is_said_by(&self, operation: &Operation) -> bool {
        let mut policies = operation.policies.iter();
        policies.any(|policy| policy.mode != Mode::Off && (self.is_of)(&policy.pattern))
    }
}

fn declare(response: &mut Map<String, Value>, components: &BTreeMap<&'static str, String>) {
    let headers = response
        .entry("headers")
        .or_insert_with(|| Value::Object(Map::new()));
    let Some(headers) = headers.as_object_mut() else {
        return;
    };
    for (name, component) in components {
        let known = headers.keys().any(|key| key.eq_ignore_ascii_case(name));
        if !known {
            let reference = format!("#/components/headers/{component}");
            headers.insert((*name).to_owned(), json!({ "$ref": reference }));
        }
    }
}

/// Whether answers of this status are successes; `default` stands for them where nothing else does.
fn is_success(operation: &Operation, status: &str) -> bool {
    let mut declared = operation.responses.iter().map(|it| it.status);
    let is_declared = declared.any(|it| matches!(it, Status::Code(200..=299) | Status::Range(2)));
    status.starts_with('2') || (status == "default" && !is_declared)
}

/// Whether a constant that stands in for an answer has this status. What a method says instead, and
/// the last good answer, are successes.
fn is_instead(operation: &Operation, status: &str) -> bool {
    let mut patterns = operation.policies.iter().map(|policy| &policy.pattern);
    let constant = patterns.find_map(|pattern| match pattern {
        Pattern::Fallback(fallback) => match &fallback.instead {
            Instead::Constant { status, .. } => Some(status.to_string()),
            _ => None,
        },
        _ => None,
    });
    constant.map_or_else(
        || is_success(operation, status),
        |constant| {
            let digits = constant.chars().zip(status.chars());
            let mut digits = digits.map(|(of, said)| of == said || said.eq_ignore_ascii_case(&'x'));
            status == "default" || digits.all(|is_alike| is_alike)
        },
    )
}

pub(super) fn header(description: &str, ty: &str) -> Value {
    json!({ "description": description, "schema": { "type": ty } })
}
