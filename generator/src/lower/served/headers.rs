//! What patterns say in the headers of answers that they let pass.

use serde_json::{Map, Value, json};

use super::refusals::{free, put};
use crate::ir::{Mode, Operation, Pattern};

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
    headers: &'static [Header],
}

const GROUPS: &[Group] = &[
    Group {
        is_of: |pattern| matches!(pattern, Pattern::RateLimit(_)),
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

    /// Declares on the answers of an operation what its patterns say there.
    pub(super) fn declare(&self, responses: &mut Map<String, Value>, operation: &Operation) {
        for (_, named) in self
            .0
            .iter()
            .filter(|(group, _)| group.is_said_by(operation))
        {
            declare(responses, named);
        }
    }
}

impl Group {
    fn is_said_by(&self, operation: &Operation) -> bool {
        let mut policies = operation.policies.iter();
        policies.any(|policy| policy.mode != Mode::Off && (self.is_of)(&policy.pattern))
    }
}

fn declare(responses: &mut Map<String, Value>, components: &[(&str, String)]) {
    let passed = responses
        .iter_mut()
        .filter(|(status, _)| status.starts_with('2'))
        .filter_map(|(_, response)| response.as_object_mut())
        // A response that is shared by reference belongs to other operations, too.
        .filter(|response| !response.contains_key("$ref"));
    for response in passed {
        let headers = response
            .entry("headers")
            .or_insert_with(|| Value::Object(Map::new()));
        let Some(headers) = headers.as_object_mut() else {
            continue;
        };
        for (name, component) in components {
            let known = headers.keys().any(|key| key.eq_ignore_ascii_case(name));
            if !known {
                let reference = format!("#/components/headers/{component}");
                headers.insert((*name).to_owned(), json!({ "$ref": reference }));
            }
        }
    }
}

pub(super) fn header(description: &str, ty: &str) -> Value {
    json!({ "description": description, "schema": { "type": ty } })
}
