//! The answers that a service gives in place of its handlers, declared for its clients.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::beside;
use super::headers::{Components, POLICY, Passed, STANDING, header};

use crate::ir::{Api, Mode, Operation, Pattern};

/// One answer: its status, the name of its component, and when an operation can give it.
#[derive(Clone)]
struct Row {
    status: Cow<'static, str>,
    name: Cow<'static, str>,
    /// Beside those whose feature toggle answers with this status.
    can: fn(&Operation) -> bool,
    response: fn(&Names) -> Value,
}

/// What the shared schemas are called.
struct Names {
    refusal: String,
    problem: String,
}

const ROWS: &[Row] = &[
    Row {
        status: Cow::Borrowed("400"),
        name: Cow::Borrowed("Unreadable"),
        can: reads,
        response: |names| problem(names, "The request cannot be read."),
    },
    Row {
        status: Cow::Borrowed("401"),
        name: Cow::Borrowed("Unauthorized"),
        can: is_secured,
        response: |names| {
            let words = "The request has no credentials, or none that are accepted.";
            let mut response = problem(names, words);
            response["headers"] = json!({
                "WWW-Authenticate": header("What the service asks for.", "string"),
            });
            response
        },
    },
    Row {
        status: Cow::Borrowed("403"),
        name: Cow::Borrowed("Forbidden"),
        can: is_secured,
        response: |names| {
            let words = "The caller may not do this, or the feature is off for it.";
            let mut response = problem(names, words);
            response["content"]["application/json"] =
                refusal(names, words)["content"]["application/json"].clone();
            response
        },
    },
    Row {
        status: Cow::Borrowed("406"),
        name: Cow::Borrowed("NotAcceptable"),
        can: |operation| !operation.produces().is_empty(),
        response: |names| {
            let words = "No answer has a media type that the request accepts.";
            problem(names, words)
        },
    },
    Row {
        status: Cow::Borrowed("408"),
        name: Cow::Borrowed("TooSlow"),
        can: |operation| operation.body.is_some(),
        response: |names| problem(names, "The body came too slowly."),
    },
    Row {
        status: Cow::Borrowed("413"),
        name: Cow::Borrowed("TooLarge"),
        can: |operation| operation.body.is_some(),
        response: |names| problem(names, "The body is larger than the service takes."),
    },
    Row {
        status: Cow::Borrowed("415"),
        name: Cow::Borrowed("UnsupportedMediaType"),
        can: |operation| operation.body.is_some(),
        response: |names| problem(names, "The body is of a media type that is not taken."),
    },
    Row {
        status: Cow::Borrowed("422"),
        name: Cow::Borrowed("Invalid"),
        can: reads,
        response: |names| {
            problem(
                names,
                "The request can be read and breaks a constraint of this document.",
            )
        },
    },
    Row {
        status: Cow::Borrowed("429"),
        name: Cow::Borrowed("RateLimited"),
        can: |operation| has(operation, |it| matches!(it, Pattern::RateLimit(_))),
        response: |names| {
            let mut response = refusal(names, "There is no token for the request.");
            response["headers"] = json!({
                "Retry-After": header("Seconds to wait, rounded up.", "integer"),
                "X-RateLimit-Retry-After-Ms": header("Milliseconds to wait.", "integer"),
                "RateLimit-Policy": header(POLICY.1, "string"),
                "RateLimit": header(STANDING.1, "string"),
                "X-Backpressure": header("Load of the operation, from 0 to 1.", "number"),
                "X-Client-Id": header("Who the service takes the client for.", "string"),
            });
            response
        },
    },
    Row {
        status: Cow::Borrowed("503"),
        name: Cow::Borrowed("Unavailable"),
        can: |operation| {
            has(operation, |it| {
                matches!(
                    it,
                    Pattern::LoadShed(_)
                        | Pattern::Backpressure(_)
                        | Pattern::Concurrency(_)
                        | Pattern::Bulkhead(_)
                        | Pattern::FailFast(_)
                        | Pattern::CircuitBreaker(_)
                        | Pattern::Retry(_)
                )
            })
        },
        response: |names| {
            let words = "The operation is too busy, or what it depends on does not answer.";
            let mut response = refusal(names, words);
            response["headers"] = json!({
                "Retry-After": header("Seconds to wait, where that is known.", "integer"),
                "X-Should-Retry": header("`false` where it was retried already.", "string"),
            });
            response
        },
    },
    Row {
        status: Cow::Borrowed("504"),
        name: Cow::Borrowed("TimedOut"),
        can: |operation| {
            has(operation, |it| match it {
                Pattern::Timeout(_) => true,
                Pattern::Hedge(hedge) => hedge.timeout.is_some(),
                _ => false,
            })
        },
        response: |names| refusal(names, "The operation took too long."),
    },
    Row {
        status: Cow::Borrowed("507"),
        name: Cow::Borrowed("NoRoom"),
        can: takes_files,
        response: |names| problem(names, "The service has no room for the files of the body."),
    },
];

impl Row {
    fn is_of(&self, operation: &Operation) -> bool {
        let mut own = toggled(operation).chain(injected(operation));
        (self.can)(operation) || own.any(|status| self.status == status.to_string())
    }

    /// The answer as it is declared. `injected`: the statuses of faults that are made on purpose,
    /// which are told as any handler's failure.
    fn declared(&self, names: &Names, injected: &BTreeSet<String>) -> Value {
        let mut response = (self.response)(names);
        if injected.contains(&*self.status) {
            let fault = problem(names, "");
            let media_type = "application/problem+json";
            response["content"][media_type] = fault["content"][media_type].clone();
        }
        response
    }
}

/// The answers of feature toggles, and of chaos, whose status no refusal has.
fn of_own_status(operations: &[&Operation], injected: &BTreeSet<String>) -> Vec<Row> {
    let toggled = operations.iter().flat_map(|it| toggled(it));
    let toggled: BTreeSet<String> = toggled.map(|status| status.to_string()).collect();
    let toggles = toggled.iter().map(|status| Row {
        name: Cow::Owned(format!("FeatureOff{status}")),
        status: Cow::Owned(status.clone()),
        can: |_| false,
        response: |names| refusal(names, "The feature is off for the client."),
    });
    let faults = injected.difference(&toggled).map(|status| Row {
        name: Cow::Owned(format!("InjectedFault{status}")),
        status: Cow::Owned(status.clone()),
        can: |_| false,
        response: |names| problem(names, "A fault that was injected on purpose."),
    });
    let all = toggles.chain(faults);
    all.filter(|own| ROWS.iter().all(|row| row.status != own.status))
        .collect()
}

/// The status of the faults that chaos makes of an operation's calls.
fn injected(operation: &Operation) -> impl Iterator<Item = u32> {
    operation
        .policies
        .iter()
        .filter_map(|policy| match &policy.pattern {
            Pattern::Chaos(chaos) if policy.mode == Mode::Enforce && chaos.fault_rate > 0.0 => {
                Some(chaos.status)
            }
            _ => None,
        })
}

/// The statuses with which feature toggles may refuse an operation.
fn toggled(operation: &Operation) -> impl Iterator<Item = u32> {
    operation
        .policies
        .iter()
        .filter_map(|policy| match &policy.pattern {
            Pattern::FeatureToggle(toggle) if policy.mode == Mode::Enforce => Some(toggle.status),
            _ => None,
        })
}

/// Declares them at every operation that does not say otherwise itself.
pub(super) fn declare(root: &mut Value, apis: &[Api]) {
    let operations: Vec<&Operation> = apis.iter().flat_map(|api| &api.operations).collect();
    let injected = operations.iter().flat_map(|it| injected(it));
    let injected: BTreeSet<String> = injected.map(|status| status.to_string()).collect();
    let own = of_own_status(&operations, &injected);
    let all = ROWS.iter().cloned().chain(own);
    let rows: Vec<Row> = all
        .filter(|row| operations.iter().any(|operation| row.is_of(operation)))
        .collect();
    if rows.is_empty() {
        return;
    }
    let names = Names {
        refusal: free(root, "schemas", "FailsafeRefusal"),
        problem: free(root, "schemas", "FailsafeProblem"),
    };
    let components: Vec<(&Row, String)> = rows
        .iter()
        .map(|row| (row, free(root, "responses", &row.name)))
        .collect();
    let headers = Components::add(root, &operations);
    // Responses of the document's own with a status that a refusal may have.
    let mut shared = BTreeSet::new();
    let mut passed = Passed::default();
    for operation in operations {
        let place = place_of(root, operation);
        for (row, _) in components.iter().filter(|(row, _)| row.is_of(operation)) {
            let responses = place.as_ref().map(|place| format!("{place}/responses"));
            let declared = responses.and_then(|at| beside::place(root, &at, &row.status));
            shared.extend(declared.map(|pointer| (pointer, row.status.to_string())));
        }
        if let Some(place) = &place {
            headers.note(&mut passed, root, place, operation);
        }
        let written = place.and_then(|pointer| root.pointer_mut(&pointer));
        let Some(written) = written.and_then(Value::as_object_mut) else {
            continue;
        };
        let responses = written
            .entry("responses")
            .or_insert_with(|| Value::Object(Map::new()));
        let Some(responses) = responses.as_object_mut() else {
            continue;
        };
        for (row, component) in &components {
            if row.is_of(operation) && !responses.contains_key(&*row.status) {
                let reference = format!("#/components/responses/{component}");
                responses.insert(row.status.to_string(), json!({ "$ref": reference }));
            }
        }
    }
    passed.declare(root);
    beside::declare(root, &shared, |status| {
        let row = rows.iter().find(|row| row.status == status);
        row.map_or(Value::Null, |row| row.declared(&names, &injected))
    });
    for (row, component) in &components {
        let response = row.declared(&names, &injected);
        put(root, "responses", component, response);
    }
    put(root, "schemas", &names.refusal, refusal_schema());
    put(root, "schemas", &names.problem, problem_schema());
}

/// The pointer to an operation, through the references on the way.
fn place_of(root: &Value, operation: &Operation) -> Option<String> {
    let token = |text: &str| text.replace('~', "~0").replace('/', "~1");
    let mut pointer = format!("/paths/{}", token(&operation.path));
    for step in [None, Some(operation.method.to_ascii_lowercase())] {
        if let Some(step) = step {
            pointer = format!("{pointer}/{step}");
        }
        let reference = root.pointer(&pointer)?.get("$ref").and_then(Value::as_str);
        if let Some(target) = reference.and_then(|text| text.strip_prefix('#')) {
            pointer = target.to_owned();
        }
    }
    Some(pointer)
}

/// Whether some caller may be asked for credentials.
fn is_secured(operation: &Operation) -> bool {
    let mut alternatives = operation.security.iter();
    alternatives.any(|requirement| !requirement.all.is_empty())
}

fn reads(operation: &Operation) -> bool {
    !operation.parameters.is_empty() || operation.body.is_some()
}

/// Whether its body is a form with files, which are kept until they are read.
fn takes_files(operation: &Operation) -> bool {
    let contents = operation.body.iter().flat_map(|body| &body.contents);
    contents.into_iter().any(|content| content.form.is_some())
}

/// Whether a pattern of a kind is there to refuse, not to count alone.
fn has(operation: &Operation, test: fn(&Pattern) -> bool) -> bool {
    let refuses = |mode| !matches!(mode, Mode::Off | Mode::Shadow | Mode::ForcedClosed);
    operation
        .policies
        .iter()
        .any(|policy| refuses(policy.mode) && test(&policy.pattern))
}

fn problem(names: &Names, description: &str) -> Value {
    let schema = format!("#/components/schemas/{}", names.problem);
    json!({
        "description": description,
        "content": { "application/problem+json": { "schema": { "$ref": schema } } },
    })
}

fn refusal(names: &Names, description: &str) -> Value {
    let schema = format!("#/components/schemas/{}", names.refusal);
    json!({
        "description": description,
        "content": { "application/json": { "schema": { "$ref": schema } } },
    })
}

/// What a refusal may be called.
const WORDS: [&str; 11] = [
    "feature_disabled",
    "rate_limit_exceeded",
    "load_shed",
    "concurrency_limited",
    "backpressure_full",
    "bulkhead_full",
    "fail_fast_open",
    "circuit_open",
    "attempts_exceeded",
    "hedge_timeout",
    "timeout",
];

fn refusal_schema() -> Value {
    json!({
        "type": "object",
        "description": "Why the service did not ask its handler.",
        "required": ["error", "message", "client_id"],
        "properties": {
            "error": {
                "type": "string",
                "enum": WORDS,
            },
            "message": { "type": "string" },
            "retry_after_seconds": { "type": "number" },
            "retry_after_ms": { "type": "integer" },
            "client_id": { "type": "string" },
        },
    })
}

fn problem_schema() -> Value {
    json!({
        "type": "object",
        "description": "Everything that is wrong with a request (RFC 9457).",
        "required": ["type", "title", "status"],
        "properties": {
            "type": { "type": "string" },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "detail": { "type": "string" },
            "operation": { "type": "string" },
            "violations": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["in", "pointer", "rule", "message"],
                    "properties": {
                        "in": {
                            "type": "string",
                            "enum": ["path", "query", "header", "cookie", "body"],
                        },
                        "name": { "type": "string" },
                        "pointer": { "type": "string" },
                        "rule": { "type": "string" },
                        "message": { "type": "string" },
                    },
                },
            },
        },
    })
}

/// A name that the document has not given to anything.
pub(super) fn free(root: &Value, section: &str, wish: &str) -> String {
    let taken = |name: &str| {
        root.get("components")
            .and_then(|components| components.get(section)?.get(name))
            .is_some()
    };
    let mut name = wish.to_owned();
    let mut number = 2;
    while taken(&name) {
        name = format!("{wish}{number}");
        number += 1;
    }
    name
}

pub(super) fn put(root: &mut Value, section: &str, name: &str, value: Value) {
    let Some(root) = root.as_object_mut() else {
        return;
    };
    let mut there = root;
    for key in ["components", section] {
        let next = there
            .entry(key)
            .or_insert_with(|| Value::Object(Map::new()));
        let Some(next) = next.as_object_mut() else {
            return;
        };
        there = next;
    }
    there.insert(name.to_owned(), value);
}
