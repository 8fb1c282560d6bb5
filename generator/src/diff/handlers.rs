//! What a person's code meets that is generated: methods, and the types that they work with.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Change, Changes, Pair, Rank, Section};
use crate::{
    diagnostic::Location,
    ir::{Operation, Outgoing, Service},
    render::{self, HandlerApi, Role, Stub, TypeShape},
};

pub(super) fn compare(old: &Service, new: &Service, pairs: &[Pair], changes: &mut Changes) {
    let mut told = Told { changes };
    methods(old, new, pairs, &mut told);
    types(old, new, pairs, &mut told);
    credentials(old, new, &mut told);
    for (kind, was, is) in [
        ("webhook", &old.webhooks, &new.webhooks),
        ("callback", &old.callbacks, &new.callbacks),
    ] {
        calls(kind, was, is, &mut told);
    }
}

struct Told<'c> {
    changes: &'c mut Changes,
}

impl Told<'_> {
    fn push(
        &mut self,
        (rank, code): (Rank, &'static str),
        operation: &str,
        location: Location,
        message: String,
    ) {
        self.changes.push(Change {
            section: Section::Handlers,
            rank,
            code,
            operations: vec![operation.to_owned()],
            flows: Vec::new(),
            message,
            location,
        });
    }
}

type Route = (String, String);

/// The methods of each operation: its own, and the one that answers in its place.
fn by_route(apis: &[HandlerApi]) -> HashMap<Route, Vec<(&HandlerApi, &Stub)>> {
    let mut found: HashMap<Route, Vec<_>> = HashMap::new();
    for api in apis {
        for stub in &api.stubs {
            let route = (stub.http_method.clone(), stub.operation_path().to_owned());
            found.entry(route).or_default().push((api, stub));
        }
    }
    found
}

fn operations(service: &Service) -> Vec<(Route, &Operation)> {
    let all = service.apis.iter().flat_map(|api| &api.operations);
    all.map(|it| ((it.method.clone(), it.path.clone()), it))
        .collect()
}

fn methods(old: &Service, new: &Service, pairs: &[Pair], told: &mut Told<'_>) {
    let (old_apis, new_apis) = (render::handler_apis(old), render::handler_apis(new));
    let (before, after) = (by_route(&old_apis), by_route(&new_apis));
    let none = Vec::new();
    let from: BTreeSet<&Route> = pairs.iter().map(|pair| &pair.old).collect();
    let to: HashMap<&Route, &Route> = pairs.iter().map(|pair| (&pair.new, &pair.old)).collect();
    for (route, operation) in operations(new) {
        let name = format!("{} {}", route.0, route.1);
        let location = told.changes.shifted(&operation.location);
        let is = after.get(&route).unwrap_or(&none);
        let was = match to.get(&route).map(|route| before.get(*route)) {
            Some(Some(was)) => was,
            // It is there, and cannot be generated.
            Some(None) => continue,
            None => &none,
        };
        for (index, (api, stub)) in is.iter().enumerate() {
            match was.get(index) {
                Some(before) => method(*before, (api, stub), &name, &location, told),
                None => {
                    let message = format!(
                        "`{}::{}` is new: `generate` adds it to your code",
                        api.trait_name, stub.name
                    );
                    let code = (Rank::Compatible, "handler-added");
                    told.push(code, &name, location.clone(), message);
                }
            }
        }
        for (api, stub) in was.iter().skip(is.len()) {
            gone(api, stub, &name, location.clone(), told);
        }
    }
    for (route, operation) in operations(old) {
        if from.contains(&route) {
            continue;
        }
        let name = format!("{} {}", route.0, route.1);
        for (api, stub) in before.get(&route).unwrap_or(&none) {
            gone(api, stub, &name, operation.location.clone(), told);
        }
    }
}

fn gone(api: &HandlerApi, stub: &Stub, name: &str, location: Location, told: &mut Told<'_>) {
    let message = format!(
        "`{}::{}` is gone: remove it from your code",
        api.trait_name, stub.name
    );
    told.push((Rank::Rework, "handler-removed"), name, location, message);
}

fn method(
    (old_api, was): (&HandlerApi, &Stub),
    (new_api, is): (&HandlerApi, &Stub),
    name: &str,
    location: &Location,
    told: &mut Told<'_>,
) {
    let mut push = |code, message| {
        told.push((Rank::Rework, code), name, location.clone(), message);
    };
    if old_api.trait_name != new_api.trait_name {
        let (from, to) = (&old_api.trait_name, &new_api.trait_name);
        push(
            "handler-moved",
            format!("`{}` is of `{to}` now, it was of `{from}`", is.name),
        );
    }
    if was.name != is.name {
        push(
            "handler-renamed",
            format!("`{}` is called `{}` now", was.name, is.name),
        );
    }
    if was.signature != is.signature {
        let words = |stub: &Stub| match stub.signature.split_last() {
            Some((answer, arguments)) => format!("({}) -> {answer}", arguments.join(", ")),
            None => "()".to_owned(),
        };
        let message = format!(
            "`{}` is `{}` now, it was `{}`",
            is.name,
            words(is),
            words(was)
        );
        push("handler-signature", message);
    }
}

fn types(old: &Service, new: &Service, pairs: &[Pair], told: &mut Told<'_>) {
    // A model and an answer may have the same name, in modules of their own.
    let before = render::shapes(old);
    let before: HashMap<(&str, Option<&Route>), &TypeShape> = before
        .iter()
        .map(|shape| ((shape.name.as_str(), shape.operation.as_ref()), shape))
        .collect();
    let to: HashMap<&Route, &Route> = pairs.iter().map(|pair| (&pair.new, &pair.old)).collect();
    for is in render::shapes(new) {
        let operation = match &is.operation {
            Some(route) => match to.get(route) {
                Some(route) => Some(*route),
                // Of a new operation everything is new.
                None => continue,
            },
            None => None,
        };
        // What has another name is told of with the method that names it.
        let Some(was) = before.get(&(is.name.as_str(), operation)) else {
            continue;
        };
        if was.members == is.members && was.is_enum == is.is_enum {
            continue;
        }
        let Some((rank, message)) = difference(was, &is) else {
            continue;
        };
        let name = is
            .operation
            .as_ref()
            .map(|(method, path)| format!("{method} {path}"));
        let location = told.changes.shifted(&is.location);
        let code = (rank, "type-of-handlers-changed");
        told.push(code, &name.unwrap_or_default(), location, message);
    }
}

/// What has become of the members of a type, and whether code has to follow. Nobody minds another
/// order.
fn difference(was: &TypeShape, is: &TypeShape) -> Option<(Rank, String)> {
    if was.is_enum != is.is_enum {
        let word = |shape: &TypeShape| if shape.is_enum { "an enum" } else { "a struct" };
        let message = format!("`{}` is {} now, it was {}", is.name, word(is), word(was));
        return Some((Rank::Rework, message));
    }
    let before: BTreeMap<&str, &str> = members(was);
    let after: BTreeMap<&str, &str> = members(is);
    let mut words = Vec::new();
    let mut rank = Rank::Compatible;
    for (name, ty) in &is.members {
        match before.get(name.as_str()) {
            Some(known) if *known == ty.as_str() => {}
            Some(_) if name.is_empty() => words.push(format!("is `{ty}` now")),
            Some(_) if ty.is_empty() => words.push(format!("`{name}` carries nothing now")),
            Some(_) => words.push(format!("`{name}` is `{ty}` now")),
            None if name.is_empty() => words.push(format!("is `{ty}` now")),
            None => {
                words.push(format!("`{name}` is new"));
                // What is only read may have more fields, what is only made more variants.
                let is_harmless = match is.role {
                    Role::Given => !is.is_enum,
                    Role::Answer => is.is_enum,
                    Role::Model => false,
                };
                if is_harmless {
                    continue;
                }
            }
        }
        if before.get(name.as_str()) != Some(&ty.as_str()) {
            rank = Rank::Rework;
        }
    }
    for (name, _) in was
        .members
        .iter()
        .filter(|(name, _)| !after.contains_key(name.as_str()))
    {
        rank = Rank::Rework;
        if !name.is_empty() {
            words.push(format!("`{name}` is gone"));
        }
    }
    (!words.is_empty()).then(|| (rank, format!("`{}`: {}", is.name, words.join(", "))))
}

fn members(shape: &TypeShape) -> BTreeMap<&str, &str> {
    let members = shape.members.iter();
    members
        .map(|(name, ty)| (name.as_str(), ty.as_str()))
        .collect()
}

/// Who judges credentials.
fn credentials(old: &Service, new: &Service, told: &mut Told<'_>) {
    let root = |service: &Service| {
        let operations = service.apis.iter().flat_map(|api| &api.operations);
        let mut using = operations.filter(|operation| !operation.security.is_empty());
        using.next().map(|operation| operation.location.clone())
    };
    let has = |service: &Service, name: &str| {
        let mut all = service.security.iter();
        all.any(|scheme| scheme.rust_name == name)
    };
    for scheme in &new.security {
        if let Some(location) = root(new).filter(|_| !has(old, &scheme.rust_name)) {
            let message = format!("`{}` of src/authentication.rs is new", scheme.rust_name);
            let location = told.changes.shifted(&location);
            told.push((Rank::Rework, "credential-added"), "", location, message);
        }
    }
    for scheme in &old.security {
        if let Some(location) = root(old).filter(|_| !has(new, &scheme.rust_name)) {
            let message = format!("`{}` of src/authentication.rs is gone", scheme.rust_name);
            told.push((Rank::Rework, "credential-removed"), "", location, message);
        }
    }
}

/// The methods by which a service calls others.
fn calls(kind: &str, old: &[Outgoing], new: &[Outgoing], told: &mut Told<'_>) {
    let names = |list: &[Outgoing]| -> BTreeSet<String> {
        list.iter().map(|call| call.rust_name.clone()).collect()
    };
    let (before, after) = (names(old), names(new));
    for call in old.iter().filter(|call| !after.contains(&call.rust_name)) {
        let message = format!("the {kind} `{}` is gone", call.rust_name);
        let code = (Rank::Rework, "call-method-removed");
        told.push(code, "", call.location.clone(), message);
    }
    for call in new.iter().filter(|call| !before.contains(&call.rust_name)) {
        let message = format!("the {kind} `{}` is new", call.rust_name);
        let location = told.changes.shifted(&call.location);
        let code = (Rank::Compatible, "call-method-added");
        told.push(code, "", location, message);
    }
}
