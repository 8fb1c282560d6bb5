//! Who may call: whether everybody who was let in still is.

use std::collections::{BTreeMap, BTreeSet};

use super::{Changes, Rank};
use crate::{lower::json_value, spec::At};

/// One way to be let in: schemes with their scopes. Empty: everybody.
type Way<'d> = BTreeMap<&'d str, BTreeSet<&'d str>>;

/// Where an operation or its document says who may call it.
fn written<'d>(root: &At<'d>, operation: &At<'d>) -> Option<At<'d>> {
    let own = operation.get("security").filter(|at| !at.is_null());
    own.or_else(|| root.get("security").filter(|at| !at.is_null()))
}

fn ways<'d>(security: Option<&At<'d>>) -> Vec<Way<'d>> {
    let ways: Vec<Way<'d>> = security
        .into_iter()
        .flat_map(At::items)
        .map(|way| {
            let needs = way.entries().map(|(scheme, scopes)| {
                let scopes = scopes.items().filter_map(|scope| scope.as_str());
                (scheme, scopes.collect())
            });
            needs.collect()
        })
        .collect();
    match ways.is_empty() {
        true => vec![Way::new()],
        false => ways,
    }
}

/// Whether credentials for one way are enough for another.
fn suffices(own: &Way<'_>, asked: &Way<'_>) -> bool {
    asked.iter().all(|(scheme, scopes)| {
        let held = own.get(scheme);
        held.is_some_and(|held| scopes.is_subset(held))
    })
}

fn words(way: &Way<'_>) -> String {
    if way.is_empty() {
        return "nothing".to_owned();
    }
    let needs = way.iter().map(|(scheme, scopes)| match scopes.is_empty() {
        true => format!("`{scheme}`"),
        false => {
            let scopes: Vec<&str> = scopes.iter().copied().collect();
            format!("`{scheme}` with {}", scopes.join(", "))
        }
    });
    needs.collect::<Vec<_>>().join(" and ")
}

/// What an operation asks of its callers.
pub(super) fn compare(
    (old_root, new_root): (&At<'_>, &At<'_>),
    (old, new): (&At<'_>, &At<'_>),
    name: &str,
    changes: &mut Changes,
) {
    let (before, after) = (written(old_root, old), written(new_root, new));
    let (old_ways, new_ways) = (ways(before.as_ref()), ways(after.as_ref()));
    if old_ways == new_ways {
        return;
    }
    let location = match (&after, &before) {
        (Some(after), _) => changes.in_new(after),
        (None, Some(before)) => before.key_location(),
        (None, None) => return,
    };
    let list = |ways: &[Way<'_>]| {
        let ways: Vec<String> = ways.iter().map(words).collect();
        ways.join(", or ")
    };
    let is_shut_out = |way: &&Way<'_>| !new_ways.iter().any(|asked| suffices(way, asked));
    let shut_out: Vec<Way<'_>> = old_ways.iter().filter(is_shut_out).cloned().collect();
    match shut_out.is_empty() {
        true => changes.client(
            (Rank::Compatible, "security-relaxed"),
            name,
            location,
            format!("asks for {} now", list(&new_ways)),
        ),
        false => changes.client(
            (Rank::Breaking, "security-added"),
            name,
            location,
            format!(
                "asks for {} now: {} is no longer enough",
                list(&new_ways),
                list(&shut_out)
            ),
        ),
    }
}

fn described<'d>(root: &At<'d>) -> Option<At<'d>> {
    root.get("components")?.get("securitySchemes")
}

/// How credentials are sent.
pub(super) fn schemes(old_root: &At<'_>, new_root: &At<'_>, changes: &mut Changes) {
    let (Some(old), Some(new)) = (described(old_root), described(new_root)) else {
        return;
    };
    for (name, before) in old.entries() {
        // Who asks for one that is gone is told of with the operation.
        let Some(after) = new.get(name) else { continue };
        let (Ok(before), Ok(after)) = (before.resolve(), after.resolve()) else {
            continue;
        };
        for key in ["type", "in", "name", "scheme"] {
            let value = |at: &At<'_>| at.get(key).map(|at| json_value(at.node()));
            let (was, is) = (value(&before), value(&after));
            if was != is {
                let shown = |value: Option<serde_json::Value>| {
                    value.map_or("nothing".to_owned(), |value| format!("`{value}`"))
                };
                let message = format!(
                    "the security scheme `{name}` has {} as `{key}` now, it had {}",
                    shown(is),
                    shown(was)
                );
                let location = changes.in_new(&after.get(key).unwrap_or(after.clone()));
                changes.client(
                    (Rank::Breaking, "security-scheme-changed"),
                    "",
                    location,
                    message,
                );
            }
        }
    }
}
