//! What the root's extension says of the service as a whole.

use std::collections::HashMap;

use super::{
    place::NAMESPACES,
    table::{CLIENT_KEYS, Choice, Takes},
    value::{self, Value, unknown_key},
};
use crate::{
    address,
    diagnostic::{Diagnostic, Diagnostics, Location},
    ir::{ClientKey, ProtectionType, Said, SharedPolicies},
    spec::At,
};

/// The keys beside `resiliency`.
pub(super) const ROOT_KEYS: [&str; 4] = ["otel", "controller", "protection", "client_key"];

const TYPES: &[Choice] = &[
    Choice {
        word: "ingress",
        is_built: true,
    },
    Choice {
        word: "egress",
        is_built: true,
    },
    Choice {
        word: "full",
        is_built: true,
    },
];

/// Reads what stands beside `resiliency` at the root.
pub(super) fn read(root: &At<'_>, found: &mut Diagnostics) -> SharedPolicies {
    let mut shared = SharedPolicies::default();
    let mut seen: HashMap<&str, Location> = HashMap::new();
    let namespaces = NAMESPACES.into_iter().filter_map(|name| root.get(name));
    for (key, value) in namespaces.flat_map(|namespace| namespace.entries()) {
        if !ROOT_KEYS.contains(&key) {
            continue;
        }
        if let Some(first) = seen.insert(key, value.key_location()) {
            found.push(
                Diagnostic::error("pattern-twice", format!("`{key}` is there twice"))
                    .at(value.key_location())
                    .related(first, "first written here"),
            );
            continue;
        }
        match key {
            "otel" => otel(&value, &mut shared, found),
            "controller" => controller(&value, &mut shared, found),
            "protection" => protection(&value, &mut shared, found),
            _ => client_key(&value, &mut shared, found),
        }
    }
    shared
}

/// Where a key beside `resiliency` is written.
pub(super) fn place(root: &At<'_>, key: &str) -> Option<Location> {
    let mut namespaces = NAMESPACES.into_iter().filter_map(|name| root.get(name));
    namespaces.find_map(|namespace| Some(namespace.get(key)?.location()))
}

fn otel(at: &At<'_>, shared: &mut SharedPolicies, found: &mut Diagnostics) {
    for (key, value) in members(at, &["enabled", "endpoint"], found) {
        match key {
            "enabled" => shared.otel.enabled = flag(&value, found),
            _ => shared.otel.endpoint = checked(&value, address::url, found),
        }
    }
}

fn controller(at: &At<'_>, shared: &mut SharedPolicies, found: &mut Diagnostics) {
    let controller = &mut shared.controller;
    for (key, value) in members(at, &["enabled", "url", "prefix"], found) {
        match key {
            "enabled" => controller.enabled = said(flag(&value, found), &value),
            "url" => controller.url = said(checked(&value, address::url, found), &value),
            _ => controller.prefix = said(checked(&value, address::prefix, found), &value),
        }
    }
}

fn protection(at: &At<'_>, shared: &mut SharedPolicies, found: &mut Diagnostics) {
    for (_, value) in members(at, &["type"], found) {
        let kind = match value::read(&Takes::Word(TYPES), &value, found) {
            Some(Value::Word("egress")) => ProtectionType::Egress,
            Some(Value::Word("full")) => ProtectionType::Full,
            Some(_) => ProtectionType::Ingress,
            None => continue,
        };
        shared.protection = said(Some(kind), &value);
    }
}

fn client_key(at: &At<'_>, shared: &mut SharedPolicies, found: &mut Diagnostics) {
    if let Some(Value::Texts(words)) = value::read(&Takes::Words(&CLIENT_KEYS), at, found) {
        shared.client_key = client_keys(&words);
    }
}

/// The names of clients that these words stand for.
pub(super) fn client_keys(words: &[String]) -> Vec<ClientKey> {
    let key = |word: &String| match word.as_str() {
        "x-client-id" => ClientKey::XClientId,
        "authorization" => ClientKey::Authorization,
        _ => ClientKey::Peer,
    };
    words.iter().map(key).collect()
}

/// The known members of an object; tells of the others.
fn members<'d>(
    at: &At<'d>,
    known: &'static [&'static str],
    found: &mut Diagnostics,
) -> Vec<(&'d str, At<'d>)> {
    if !at.is_object() {
        let key = at.token().unwrap_or_default();
        found.push(
            Diagnostic::error(
                "wrong-type",
                format!("`{key}` must be an object, this is {}", at.kind_name()),
            )
            .at(at.location())
            .help(format!("write `{key}: {{ {}: .. }}`", known[0])),
        );
    }
    let (known_members, unknown): (Vec<_>, Vec<_>) =
        at.entries().partition(|(key, _)| known.contains(key));
    for (_, value) in unknown {
        found.push(unknown_key(
            &value,
            at.token().unwrap_or_default(),
            known.iter().copied(),
        ));
    }
    known_members
}

fn flag(at: &At<'_>, found: &mut Diagnostics) -> Option<bool> {
    match value::read(&Takes::Flag, at, found) {
        Some(Value::Flag(flag)) => Some(flag),
        _ => None,
    }
}

/// A text of a form.
fn checked(
    at: &At<'_>,
    check: fn(&str) -> Result<String, String>,
    found: &mut Diagnostics,
) -> Option<String> {
    let key = at.token().unwrap_or_default();
    match check(at.as_str().unwrap_or_default()) {
        Ok(text) => Some(text),
        Err(form) => {
            found.push(
                Diagnostic::error("value-out-of-range", format!("`{key}`: {form}"))
                    .at(at.location()),
            );
            None
        }
    }
}

fn said<T>(value: Option<T>, at: &At<'_>) -> Option<Said<T>> {
    value.map(|value| Said {
        value,
        place: at.location(),
    })
}
