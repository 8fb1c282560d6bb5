//! The document as the service shows it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::json;
use crate::{
    ir::{Api, Mode, Operation, Pattern, Policy},
    spec::{Document, FileId},
};

/// Extensions that are for the generator alone.
const OURS: &[&str] = &[
    "x-telstra",
    "x-failsafe",
    "x-ratelimit",
    "x-retry",
    "x-circuitbreaker",
    "x-timeout",
    "x-bulkhead",
    "x-fallback",
    "x-hedge",
    "x-failfast",
    "x-featuretoggle",
    "x-cache",
    "x-loadshed",
    "x-backpressure",
    "x-concurrency",
];

/// The document as JSON: extensions removed, refusals declared.
pub(super) fn document(document: &Document, apis: &[Api]) -> String {
    let mut root = json::value(&document.files[0].root);
    without_extensions(&mut root);
    let operations = apis.iter().flat_map(|api| &api.operations);
    let mut refuses = false;
    for operation in operations {
        // What stands in a file of its own is not part of the text that is served.
        if operation.location.file == FileId(0)
            && let Some(node) = root.pointer_mut(&operation.location.pointer)
        {
            refuses |= declare(node, operation);
        }
    }
    if refuses {
        define(&mut root);
    }
    let mut text = serde_json::to_string_pretty(&root).expect("a JSON value is JSON");
    text.push('\n');
    text
}

/// Adds the answers that come without the handler to those that the document names. An answer
/// that the document describes itself stays as it is. Whether any was a refusal of a pattern.
fn declare(node: &mut Value, operation: &Operation) -> bool {
    let Some(members) = node.as_object_mut() else {
        return false;
    };
    let responses = members.entry("responses").or_insert_with(|| json!({}));
    let Some(responses) = responses.as_object_mut() else {
        return false;
    };
    let mut add = |status: &str, response: Value| {
        responses.entry(status).or_insert(response);
    };
    if !operation.parameters.is_empty() || operation.body.is_some() {
        add("400", problem("The request cannot be read."));
        add(
            "422",
            problem("The request breaks a rule of this document."),
        );
    }
    if operation.body.is_some() {
        add("413", problem("The body is too large."));
        add("415", problem("The body is of another media type."));
    }
    let refusals = refusals(operation);
    for (status, words) in &refusals {
        add(status, refusal(status, &words.join(" ")));
    }
    if operation.policies.iter().any(is_enforced_rate_limit) {
        mark_passed(responses);
    }
    !refusals.is_empty()
}

/// Status and why, in the order of the statuses.
fn refusals(operation: &Operation) -> BTreeMap<&'static str, Vec<&'static str>> {
    let mut refusals: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for policy in &operation.policies {
        if matches!(policy.mode, Mode::Off | Mode::Shadow | Mode::ForcedClosed) {
            continue;
        }
        let (status, why) = match policy.pattern {
            Pattern::RateLimit(_) => ("429", "The rate limit is exceeded (`rate_limit_exceeded`)."),
            Pattern::Retry(_) => ("503", "All attempts failed (`attempts_exceeded`)."),
            Pattern::CircuitBreaker(_) => ("503", "The circuit is open (`circuit_open`)."),
            Pattern::Timeout(_) => ("504", "No answer in time (`timeout`)."),
        };
        refusals.entry(status).or_default().push(why);
    }
    refusals
}

fn is_enforced_rate_limit(policy: &Policy) -> bool {
    matches!(policy.pattern, Pattern::RateLimit(_)) && policy.mode != Mode::Off
}

fn problem(description: &str) -> Value {
    json!({
        "description": description,
        "content": { "application/problem+json": { "schema": {
            "type": "object",
            "required": ["title", "status"],
            "properties": {
                "type": { "type": "string" },
                "title": { "type": "string" },
                "status": { "type": "integer" },
                "detail": { "type": "string" },
                "operation": { "type": "string" },
                "violations": { "type": "array", "items": {
                    "type": "object",
                    "required": ["in", "pointer", "rule", "message"],
                    "properties": {
                        "in": {
                            "type": "string",
                            "enum": ["body", "query", "path", "header", "cookie"],
                        },
                        "name": { "type": "string" },
                        "pointer": { "type": "string" },
                        "rule": { "type": "string" },
                        "message": { "type": "string" },
                    },
                } },
            },
        } } },
    })
}

fn refusal(status: &str, description: &str) -> Value {
    let header = |name: &str| {
        (
            name.to_owned(),
            json!({ "$ref": format!("#/components/headers/{name}") }),
        )
    };
    let names: &[&str] = match status {
        "429" => &[
            "Retry-After",
            "X-RateLimit-Retry-After-Ms",
            "X-Backpressure",
            "X-Client-Id",
        ],
        "503" => &["Retry-After"],
        _ => &[],
    };
    let mut response = json!({
        "description": description,
        "content": { "application/json": { "schema": { "$ref": format!("#/components/schemas/{REFUSAL}") } } },
    });
    if !names.is_empty() {
        response["headers"] = names
            .iter()
            .map(|name| header(name))
            .collect::<Map<_, _>>()
            .into();
    }
    response
}

/// Adds the headers of a rate-limited answer to every success.
fn mark_passed(responses: &mut Map<String, Value>) {
    for (status, response) in responses {
        let Some(response) = response.as_object_mut() else {
            continue;
        };
        // A response that is shared by reference belongs to other operations as well.
        if !status.starts_with('2') || response.contains_key("$ref") {
            continue;
        }
        let headers = response.entry("headers").or_insert_with(|| json!({}));
        let Some(headers) = headers.as_object_mut() else {
            continue;
        };
        for name in [
            "RateLimit-Limit",
            "RateLimit-Remaining",
            "X-Backpressure",
            "X-Client-Id",
        ] {
            let reference = json!({ "$ref": format!("#/components/headers/{name}") });
            headers.entry(name).or_insert(reference);
        }
    }
}

/// The name of the refusals' schema in the served document.
const REFUSAL: &str = "FailsafeRefusal";

/// Defines what the declared answers refer to.
fn define(root: &mut Value) {
    let Some(root) = root.as_object_mut() else {
        return;
    };
    let components = root.entry("components").or_insert_with(|| json!({}));
    let integer =
        |description: &str| json!({ "description": description, "schema": { "type": "integer" } });
    let headers = [
        (
            "Retry-After",
            integer("Whole seconds after which to come back."),
        ),
        (
            "X-RateLimit-Retry-After-Ms",
            integer("The same in milliseconds."),
        ),
        ("RateLimit-Limit", integer("The tokens of a full bucket.")),
        (
            "RateLimit-Remaining",
            integer("The whole tokens that are left."),
        ),
        (
            "X-Backpressure",
            json!({
                "description": "How hard the service is pressed.",
                "schema": { "type": "number", "minimum": 0, "maximum": 1 },
            }),
        ),
        (
            "X-Client-Id",
            json!({
                "description": "Who the service takes the client for.",
                "schema": { "type": "string" },
            }),
        ),
    ];
    add_missing(components, "headers", headers);
    let schema = json!({
        "type": "object",
        "required": ["error", "message", "client_id"],
        "properties": {
            "error": { "type": "string" },
            "message": { "type": "string" },
            "retry_after_seconds": { "type": "number" },
            "retry_after_ms": { "type": "integer" },
            "client_id": { "type": "string" },
        },
    });
    add_missing(components, "schemas", [(REFUSAL, schema)]);
}

fn add_missing<const N: usize>(components: &mut Value, key: &str, entries: [(&str, Value); N]) {
    let Some(components) = components.as_object_mut() else {
        return;
    };
    let group = components.entry(key).or_insert_with(|| json!({}));
    let Some(group) = group.as_object_mut() else {
        return;
    };
    for (name, value) in entries {
        group.entry(name).or_insert(value);
    }
}

fn without_extensions(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|key, _| !OURS.contains(&key.as_str()));
            members.values_mut().for_each(without_extensions);
        }
        Value::Array(items) => items.iter_mut().for_each(without_extensions),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::{diagnostic::Diagnostics, lower, spec};

    fn served(text: &str) -> Value {
        let input = spec::Input::Stdin(text.into());
        let document = spec::load(&input).expect("a good document");
        let service = lower::lower(&document, &mut Diagnostics::default()).expect("good");
        serde_json::from_str(&service.openapi_json).expect("JSON")
    }

    #[test]
    fn what_the_policies_answer_is_declared_and_the_extensions_are_gone() {
        let served = served(
            "{openapi: 3.1.0, info: {title: a, version: '1'}, paths: {/a: {get: {\
             x-ratelimit: {}, x-circuitbreaker: {}, x-retry: {}, x-timeout: {}, x-mine: 1, \
             responses: {'200': {description: d}, '503': {description: mine}}}}}}",
        );
        let get = &served["paths"]["/a"]["get"];
        assert_eq!(get["responses"]["503"], json!({ "description": "mine" }));
        assert!(get["responses"]["429"]["headers"]["Retry-After"].is_object());
        assert!(get["responses"]["504"]["content"]["application/json"].is_object());
        assert!(get["responses"]["200"]["headers"]["RateLimit-Remaining"].is_object());
        assert!(
            get["responses"].get("422").is_none(),
            "nothing can be wrong with the request"
        );
        assert!(served["components"]["schemas"]["FailsafeRefusal"].is_object());
        assert_eq!(get["x-mine"], json!(1));
        assert!(get.get("x-ratelimit").is_none());
    }

    #[test]
    fn an_operation_without_policies_declares_only_what_can_be_wrong_with_a_request() {
        let served = served(
            "{openapi: 3.1.0, info: {title: a, version: '1'}, paths: {/a: {get: {\
             parameters: [{name: q, in: query, schema: {type: integer}}], \
             responses: {'200': {description: d}}}}}}",
        );
        let responses = served["paths"]["/a"]["get"]["responses"]
            .as_object()
            .expect("responses");
        assert_eq!(responses.keys().collect::<Vec<_>>(), ["200", "400", "422"]);
        assert!(served.get("components").is_none());
    }
}
