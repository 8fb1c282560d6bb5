//! What happens to policies, to who may call, and to options.

use serde_json::{Value, json};

use super::{Edit, draft::Picks};

pub(super) const EDITS: &[Edit] = &[
    Edit("an operation has another policy", 4, |draft, picks| {
        let (key, value) = policy(picks);
        draft.operation(picks)?[format!("x-{key}")] = value;
        Some(())
    }),
    Edit("an operation loses its policies", 2, |draft, picks| {
        let operation = draft.operation(picks)?.as_object_mut()?;
        let before = operation.len();
        operation.retain(|key, _| !key.starts_with("x-"));
        (operation.len() < before).then_some(())
    }),
    Edit("all operations have another policy", 2, |draft, picks| {
        let (key, value) = policy(picks);
        draft.document["x-telstra"]["resiliency"][key] = value;
        Some(())
    }),
    Edit("a policy of all operations goes", 1, |draft, picks| {
        let all = draft.document["x-telstra"]["resiliency"].as_object_mut()?;
        let key = picks.of(&all.keys().cloned().collect::<Vec<_>>())?;
        all.remove(&key);
        Some(())
    }),
    Edit("a handler falls back, or no longer", 2, |draft, picks| {
        let operation = draft.operation(picks)?.as_object_mut()?;
        if operation.remove("x-fallback").is_none() {
            operation.insert("x-fallback".to_owned(), json!({ "handler": true }));
        }
        Some(())
    }),
    Edit(
        "callers show who they are, or no longer",
        2,
        |draft, picks| {
            let schemes = json!({ "key": { "type": "apiKey", "in": "header", "name": "x-key" } });
            draft.document["components"]["securitySchemes"] = schemes;
            let is_for_all = picks.flip();
            let place = match is_for_all {
                true => &mut draft.document,
                false => draft.operation(picks)?,
            };
            match place.get("security") {
                Some(_) => drop(place.as_object_mut()?.remove("security")),
                None => place["security"] = json!([{ "key": [] }]),
            }
            Some(())
        },
    ),
    Edit("nobody shows who he is", 1, |draft, _| {
        for (path, method) in draft.operations() {
            let operation = &mut draft.document["paths"][path][method];
            operation.as_object_mut()?.remove("security");
        }
        draft.document.as_object_mut()?.remove("security");
        let components = draft.document["components"].as_object_mut()?;
        components.remove("securitySchemes").map(drop)
    }),
    Edit("the title changes", 1, |draft, picks| {
        draft.document["info"]["title"] = picks.one(&["The \"Shelter\"", "Æther", "x"]).into();
        Some(())
    }),
    Edit("options change", 4, |draft, picks| {
        draft.options.extend(picks.one(OPTIONS));
        Some(())
    }),
    Edit("a webhook is added, or goes", 1, |draft, picks| {
        let schema = draft.ty(picks);
        let document = draft.document.as_object_mut()?;
        if document.remove("webhooks").is_none() {
            let body = json!({ "content": { "application/json": { "schema": schema } } });
            let call = json!({ "operationId": "petBorn", "requestBody": body, "responses": { "204": { "description": "Fine." } } });
            document.insert(
                "webhooks".to_owned(),
                json!({ "petBorn": { "post": call } }),
            );
        }
        Some(())
    }),
];

const OPTIONS: &[&[&str]] = &[
    &["--telemetry", "PROMETHEUS"],
    &["--telemetry", "NONE"],
    &["--docs"],
    &["--no-docs"],
    &["--controlplane", "--controlplane-prefix", "/ops"],
    &["--no-controlplane"],
    &["--no-protection"],
    &["--protection", "--protection-type", "FULL"],
    &["--no-dockerfile"],
    &["--dockerfile"],
    &["--stubs", "example"],
    &["--stubs", "todo"],
    &["--server-port", "9000"],
    &["--app-version", "2"],
    &["--app-name", "Home"],
    &["--exclude", "tag:visits"],
    &["--all-operations"],
];

fn policy(picks: &mut Picks<'_>) -> (&'static str, Value) {
    picks.one(&[
        ("ratelimit", json!({ "max_executions": 7 })),
        ("ratelimit", json!(false)),
        ("retry", json!({ "attempts": 2 })),
        ("circuitbreaker", json!({ "failure_threshold": 2 })),
        ("timeout", json!({ "seconds": 3 })),
        ("bulkhead", json!({ "max_concurrent": 2, "max_queued": 1 })),
        ("fallback", json!({ "status": 200, "body": [] })),
        ("fallback", json!({ "handler": true })),
        ("hedge", json!({ "attempts": 2 })),
        ("failfast", json!({ "recovery_timeout": 1 })),
        ("featuretoggle", json!({ "enabled": false })),
        ("cache", json!({ "ttl": 1 })),
        ("loadshed", json!({ "max_requests": 3 })),
        ("backpressure", json!({ "max_pending": 3 })),
        ("concurrency", json!({ "max_limit": 20 })),
        ("concurrency", json!({ "max_limit": "many" })),
    ])
}
