//! The resilience of the document: its extensions, at the root, at paths and at operations, to
//! the policies of each operation.
//!
//! `table` knows the patterns and their keys, `follow` the defaults that depend on what is written,
//! `place` reads what one place says with `value` for each key, `merge` makes one of the places that
//! concern an operation, `check` looks at what stands together, `around` and `streams` at what the
//! operation asks and answers, `build` makes the policies, and `effective` says why their values are
//! what they are.

mod around;
mod build;
mod check;
mod effective;
mod follow;
mod merge;
mod order;
mod place;
mod schema;
mod service;
mod shared;
mod streams;
mod table;
mod value;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

pub(super) use self::around::response;
pub(crate) use self::place::first_policy;
pub(super) use self::place::is_extension;
pub(crate) use self::schema::json_schema;
use self::{
    around::Known,
    merge::Merged,
    place::{Level, Place},
    shared::Shared,
};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    ir::{Api, Instead, Operation, Pattern, Policy, SharedPolicies},
    lower::names::Taken,
    spec::{At, Document},
};

const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// Gives every operation its policies; says what holds for the service as a whole. `explains`: each
/// value says where it comes from.
pub(super) fn apply(
    document: &Document,
    apis: &mut [Api],
    explains: bool,
    found: &mut Diagnostics,
) -> SharedPolicies {
    let root = document.root();
    let mut service = service::read(&root, found);
    let at_root = place::read(&root, Level::Root, found);
    let client_key = service::place(&root, "client_key");
    let mut shared = Shared::default();
    // By path and method: several paths may share the text of an operation.
    let mut operations: HashMap<(String, String), &mut Operation> = apis
        .iter_mut()
        .flat_map(|api| &mut api.operations)
        .map(|operation| {
            let method = operation.method.to_lowercase();
            ((operation.path.clone(), method), operation)
        })
        .collect();
    let paths = root.get("paths");
    let items = paths
        .iter()
        .flat_map(At::members)
        .filter(|(path, _)| path.starts_with('/'));
    for (path, written) in items {
        // What a reference leads to nowhere has been told by whoever reads the paths.
        let Ok(item) = written.resolve() else {
            continue;
        };
        let [at_path, beside_path] = with_siblings(&written, &item, Level::Path, found);
        for (method, written) in written.members().into_iter() {
            if !METHODS.contains(&method) {
                continue;
            }
            // Some keep each operation in a file of its own.
            let Ok(at) = written.resolve() else { continue };
            let operation = operations.get_mut(&(path.to_owned(), method.to_owned()));
            let own = at.get("operationId").and_then(|id| id.as_str());
            let id = match (&operation, own) {
                (Some(operation), _) => operation.id.clone(),
                (None, Some(id)) => id.to_owned(),
                (None, None) => format!("{method} {path}"),
            };
            let [at_operation, beside_operation] =
                with_siblings(&written, &at, Level::Operation, found);
            let places = [
                &at_root,
                &at_path,
                &beside_path,
                &at_operation,
                &beside_operation,
            ];
            let about = About {
                id: &id,
                known: Known {
                    operation: operation.as_deref().map(|it| &**it),
                    method,
                },
                at: &at,
                item: &item,
                is_streamed: (operation.as_deref()).is_some_and(|of| streams::is_streamed(of)),
            };
            let mut policies = policies(places, &about, found);
            if explains {
                for (merged, policy) in &mut policies {
                    let place = client_key.as_ref();
                    policy.values = effective::values(merged, &policy.name, &service, place);
                }
            }
            for (merged, policy) in &policies {
                shared.add(merged, policy, found);
            }
            if let Some(operation) = operation {
                operation.policies = policies.into_iter().map(|(_, policy)| policy).collect();
            }
        }
    }
    service.retry_budget = shared.retry_budget();
    if explains {
        for operation in apis.iter_mut().flat_map(|api| &mut api.operations) {
            effective::add_budget(operation, service.retry_budget, shared.budget_place());
        }
    }
    apis.iter_mut().for_each(name_fallbacks);
    service
}

/// What a place says, and what is said beside the reference to it: whoever refers to somebody
/// else's file, or changes the document by an overlay, has no other place, and is nearer.
fn with_siblings(
    written: &At<'_>,
    resolved: &At<'_>,
    level: Level,
    found: &mut Diagnostics,
) -> [Place; 2] {
    let beside = match written.reference() {
        Some(_) => place::read(written, level, found),
        None => Place::default(),
    };
    [place::read(resolved, level, found), beside]
}

/// Names the methods that answer in place of calls that failed.
fn name_fallbacks(api: &mut Api) {
    let mut taken = Taken::default();
    for operation in &api.operations {
        taken.insert(&operation.rust_name);
    }
    for operation in &mut api.operations {
        let by_handler = |policy: &Policy| match &policy.pattern {
            Pattern::Fallback(fallback) => fallback.instead == Instead::Handler,
            _ => false,
        };
        if operation.policies.iter().any(by_handler) {
            let name = operation.rust_name.trim_start_matches("r#");
            operation.fallback_name = Some(taken.claim(format!("{name}_fallback")));
        }
    }
}

/// The operation that policies are for.
struct About<'o, 'd> {
    id: &'o str,
    known: Known<'o>,
    at: &'o At<'d>,
    item: &'o At<'d>,
    /// Whether its body is read while it comes.
    is_streamed: bool,
}

fn policies(
    places: [&Place; 5],
    about: &About<'_, '_>,
    found: &mut Diagnostics,
) -> Vec<(Merged, Policy)> {
    let &About {
        id,
        known,
        at,
        item,
        is_streamed,
    } = about;
    let mut stack = Vec::new();
    for merged in merge::merge(places, found) {
        check::pattern(&merged, found);
        let Some(mut policy) = build::policy(&merged, id, known, found) else {
            continue;
        };
        if is_streamed && !streams::may_stand(&merged, at, found) {
            continue;
        }
        if let Pattern::Retry(retry) = &mut policy.pattern
            && is_unsafe(known.method)
        {
            retry.without_idempotency_key = merged.is_own();
        }
        let stays = match &policy.pattern {
            Pattern::Retry(_) | Pattern::Hedge(_) => {
                around::over_stream(&merged, known, found);
                !is_unsafe(known.method)
                    || takes_idempotency_key(at)
                    || takes_idempotency_key(item)
                    || may_repeat(&merged, known.method, at, found)
            }
            Pattern::Cache(cache) => around::keeps(&merged, cache, known, found),
            _ => true,
        };
        if stays {
            stack.push((merged, policy));
        }
    }
    let falls_back_on_cache = |policy: &Policy| match &policy.pattern {
        Pattern::Fallback(fallback) => fallback.instead == Instead::LastGood,
        _ => false,
    };
    if let Some(index) = stack.iter().position(|(_, it)| falls_back_on_cache(it))
        && !around::has_last_good(&stack[index].0, &stack, known, found)
    {
        stack.remove(index);
    }
    check::stack(&stack, found);
    if let Some(order) = merge::order(places) {
        order::check(&stack, order, found);
    }
    stack
}

/// Whether repeating a request may do a thing twice.
fn is_unsafe(method: &str) -> bool {
    matches!(method, "post" | "patch")
}

/// Whether a retry or a hedge stays on an operation that changes something and knows no idempotency
/// keys: only where the operation itself asks for it.
fn may_repeat(merged: &Merged, method: &str, at: &At<'_>, found: &mut Diagnostics) -> bool {
    let method = method.to_uppercase();
    let pattern = merged.pattern.name;
    let (own, left_out, repeated) = match pattern {
        "hedge" => (
            "hedge-without-idempotency-key",
            "inherited-hedge-left-out",
            "hedged",
        ),
        _ => (
            "retry-without-idempotency-key",
            "inherited-retry-left-out",
            "retried",
        ),
    };
    if merged.is_own() {
        found.push(
            Diagnostic::warning(
                own,
                format!("a {method} that is {repeated} may take effect more than once"),
            )
            .at(merged.location.clone())
            .help(format!(
                "declare the header parameter `Idempotency-Key` and tell repetitions apart by \
                 it, or remove the {pattern}"
            )),
        );
        return true;
    }
    found.push(
        Diagnostic::note(
            left_out,
            format!("the inherited {pattern} is left out: a {method} is not safe to repeat"),
        )
        .at(at.key_location())
        .related(merged.location.clone(), "inherited from here")
        .help(format!(
            "write `x-{pattern}: {{}}` here to have it {repeated} all the same, or declare the header \
             parameter `Idempotency-Key`"
        )),
    );
    false
}

/// Whether an `Idempotency-Key` is among the parameters.
fn takes_idempotency_key(at: &At<'_>) -> bool {
    let parameters = at.get("parameters");
    parameters
        .iter()
        .flat_map(At::items)
        .filter_map(|parameter| parameter.resolve().ok())
        .any(|parameter| {
            let text = |key: &str| parameter.get(key).and_then(|value| value.as_str());
            text("in") == Some("header")
                && text("name").is_some_and(|name| name.eq_ignore_ascii_case("idempotency-key"))
        })
}
