//! What operations are guarded by, as it takes effect: inherited values and defaults filled in.

mod facts;

use std::collections::{HashMap, HashSet};

use super::{Change, Changes, Pair, Rank, Section};
use indexmap::IndexMap;

use crate::{
    diagnostic::Location,
    ir::{Operation, Policy, RetryBudget, Service},
    render::words,
    spec::{FileId, Span},
};
use facts::{Fact, facts};

pub(super) fn compare(old: &Service, new: &Service, pairs: &[Pair], changes: &mut Changes) {
    let (before, after) = (by_route(old), by_route(new));
    for pair in pairs {
        let (Some(was), Some(is)) = (before.get(&pair.old), after.get(&pair.new)) else {
            continue;
        };
        operation(was, is, &pair.name(), changes);
    }
    let known: HashSet<&(String, String)> = pairs.iter().map(|pair| &pair.new).collect();
    for (route, operation) in after.iter().filter(|(route, _)| !known.contains(*route)) {
        for policy in &operation.policies {
            let name = format!("{} {}", route.0, route.1);
            let location = changes.shifted(&policy.location);
            let message = format!("{}: {}", word(policy), words::policy(policy));
            tell(
                changes,
                (Rank::Compatible, "policy-of-new"),
                &name,
                location,
                message,
            );
        }
    }
    service(old, new, changes);
}

/// By method and path, in the order of the document.
fn by_route(service: &Service) -> IndexMap<(String, String), &Operation> {
    let all = service.apis.iter().flat_map(|api| &api.operations);
    all.map(|it| ((it.method.clone(), it.path.clone()), it))
        .collect()
}

fn word(policy: &Policy) -> &'static str {
    words::pattern(&policy.pattern)
}

fn tell(
    changes: &mut Changes,
    (rank, code): (Rank, &'static str),
    operation: &str,
    location: Location,
    message: String,
) {
    changes.push(Change {
        section: Section::Policies,
        rank,
        code,
        operations: vec![operation.to_owned()],
        flows: Vec::new(),
        message,
        location,
    });
}

fn operation(was: &Operation, is: &Operation, name: &str, changes: &mut Changes) {
    let before: HashMap<&str, &Policy> = was.policies.iter().map(|it| (word(it), it)).collect();
    let after: HashMap<&str, &Policy> = is.policies.iter().map(|it| (word(it), it)).collect();
    for policy in &is.policies {
        let location = changes.shifted(&policy.location);
        match before.get(word(policy)) {
            Some(old) => changed(old, policy, (was, is), name, changes),
            None => {
                let message = format!("{} is new: {}", word(policy), words::policy(policy));
                let rank = match facts::refuses(&policy.pattern) {
                    true => Rank::Stricter,
                    false => Rank::Compatible,
                };
                tell(changes, (rank, "policy-added"), name, location, message);
            }
        }
    }
    for policy in &was.policies {
        if !after.contains_key(word(policy)) {
            let message = format!("{} is gone: {}", word(policy), words::policy(policy));
            let location = policy.location.clone();
            tell(
                changes,
                (Rank::Compatible, "policy-removed"),
                name,
                location,
                message,
            );
        }
    }
    // The order of those that both have.
    let order = |list: &[Policy], others: &HashMap<&str, &Policy>| -> Vec<&'static str> {
        let list = list.iter().map(word);
        list.filter(|word| others.contains_key(word)).collect()
    };
    let (was_order, is_order) = (order(&was.policies, &after), order(&is.policies, &before));
    if was_order != is_order {
        let message = format!("order: {} -> {}", was_order.join(", "), is_order.join(", "));
        let location = changes.shifted(&is.location);
        tell(
            changes,
            (Rank::Compatible, "policy-order"),
            name,
            location,
            message,
        );
    }
}

/// One pattern of one operation, before and after.
fn changed(
    was: &Policy,
    is: &Policy,
    (old, new): (&Operation, &Operation),
    name: &str,
    changes: &mut Changes,
) {
    let (before, after) = (facts(was), facts(is));
    let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
    let mut differences: Vec<(bool, String)> = Vec::new();
    for Fact { key, text, weight } in &after {
        let Some(old) = before.iter().find(|fact| fact.key == *key) else {
            continue;
        };
        if old.text != *text {
            let is_stricter = weight > &old.weight;
            let message = format!("{key} {} -> {}", shown(&old.text), shown(text));
            differences.push((is_stricter, message));
        }
    }
    // A pattern is called like its operation where nothing is said: no news when that is renamed.
    let is_shared = |policy: &Policy, of: &Operation| policy.name != of.id;
    if was.name != is.name && (is_shared(was, old) || is_shared(is, new)) {
        differences.push((false, format!("name {} -> {}", was.name, is.name)));
    }
    for (is_stricter, message) in differences {
        let rank = match is_stricter {
            true => Rank::Stricter,
            false => Rank::Compatible,
        };
        let message = format!("{}: {message}", word(is));
        let location = changes.shifted(&is.location);
        tell(changes, (rank, "policy-changed"), name, location, message);
    }
}

/// What counts for the service as a whole.
fn service(old: &Service, new: &Service, changes: &mut Changes) {
    let (was, is) = (&old.policies, &new.policies);
    let root = Location {
        file: FileId(0),
        span: Span::default(),
        pointer: "".into(),
    };
    let mut differences = Vec::new();
    if was.client_key != is.client_key {
        differences.push("clients are told apart in another way (`client_key`)".to_owned());
    }
    if was.retry_budget != is.retry_budget {
        let words = |budget: &RetryBudget| {
            format!("{} and {} a second", budget.ratio, budget.min_per_second)
        };
        differences.push(format!(
            "the budget of retries: {} -> {}",
            words(&was.retry_budget),
            words(&is.retry_budget)
        ));
    }
    for message in differences {
        let location = changes.shifted(&root);
        tell(
            changes,
            (Rank::Compatible, "policy-changed"),
            "",
            location,
            message,
        );
    }
}
