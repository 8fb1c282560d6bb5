//! Which operation has become which, and what of each clients see.

use std::collections::{HashMap, HashSet};

use super::{
    Changes, Flow, Pair, Rank,
    messages::{self, Calls},
    schema::Schemas,
    security,
};
use crate::{lower, spec::At};

const METHODS: &[&str] = &[
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// One operation, or one call that the service makes.
#[derive(Clone, Debug)]
pub(super) struct Operation<'d> {
    /// Upper case.
    pub(super) method: String,
    /// The path; of a webhook its name.
    pub(super) path: String,
    /// With the parameters that all operations of a path share.
    pub(super) item: At<'d>,
    pub(super) at: At<'d>,
}

impl Operation<'_> {
    fn id(&self) -> Option<&str> {
        self.at.get("operationId")?.as_str()
    }
}

/// The methods of a path item, wherever it stands.
pub(super) fn of_item<'d>(path: &str, item: &At<'d>) -> Vec<Operation<'d>> {
    let members = item.members().into_iter();
    let operations = members.filter(|(key, _)| METHODS.contains(key));
    let operations = operations.map(|(method, at)| Operation {
        method: method.to_ascii_uppercase(),
        path: path.to_owned(),
        item: item.resolve().unwrap_or_else(|_| item.clone()),
        at: at.resolve().unwrap_or(at),
    });
    operations.collect()
}

fn all<'d>(root: &At<'d>, section: &str) -> Vec<Operation<'d>> {
    let section = root.get(section);
    let items = section.iter().flat_map(At::members);
    let items = items.filter(|(path, _)| !path.starts_with("x-"));
    items
        .flat_map(|(path, item)| of_item(path, &item))
        .collect()
}

/// Compares what clients see, and says which operation has become which.
pub(super) fn compare<'d>(old: &At<'d>, new: &At<'d>, changes: &mut Changes) -> Vec<Pair> {
    let mut schemas = Schemas::default();
    let mut pairs = Vec::new();
    let (before, after) = (all(old, "paths"), all(new, "paths"));
    base_path(old, new, changes);
    security::schemes(old, new, changes);
    for (was, is) in matched(&before, &after, changes) {
        let pair = Pair {
            old: (was.method.clone(), was.path.clone()),
            new: (is.method.clone(), is.path.clone()),
        };
        let name = pair.name();
        moved(was, is, &name, changes);
        security::compare((old, new), (&was.at, &is.at), &name, changes);
        let calls = Calls::between(&name, Flow::Received);
        messages::compare(&calls, was, is, &mut schemas, changes);
        callbacks(&name, was, is, &mut schemas, changes);
        pairs.push(pair);
    }
    let hooks = (all(old, "webhooks"), all(new, "webhooks"));
    outgoing("webhook", &hooks.0, &hooks.1, &mut schemas, changes);
    schemas.finish(changes);
    pairs
}

/// What makes two operations the same one.
type Key = dyn Fn(&Operation<'_>) -> Option<(String, String)>;

/// Operations of the same method and path; those left, of the same `operationId`.
fn matched<'o, 'd>(
    old: &'o [Operation<'d>],
    new: &'o [Operation<'d>],
    changes: &mut Changes,
) -> Vec<(&'o Operation<'d>, &'o Operation<'d>)> {
    let written = |it: &Operation<'_>| Some((it.method.clone(), it.path.clone()));
    // What parameters are called tells no paths apart.
    let shape = |it: &Operation<'_>| Some((it.method.clone(), lower::path_shape(&it.path)));
    let id = |it: &Operation<'_>| Some((String::new(), it.id()?.to_owned()));
    let mut become_of: HashMap<usize, usize> = HashMap::new();
    let mut taken: HashSet<usize> = HashSet::new();
    let keys: [&Key; 3] = [&written, &shape, &id];
    for key in keys {
        let open = new.iter().enumerate();
        let open = open.filter(|(index, _)| !taken.contains(index));
        let mut open: HashMap<_, usize> = open
            .filter_map(|(index, it)| Some((key(it)?, index)))
            .collect();
        for (index, was) in old.iter().enumerate() {
            if become_of.contains_key(&index) {
                continue;
            }
            if let Some(is) = key(was).and_then(|key| open.remove(&key)) {
                become_of.insert(index, is);
                taken.insert(is);
            }
        }
    }
    let mut pairs = Vec::new();
    for (index, was) in old.iter().enumerate() {
        match become_of.get(&index) {
            Some(&is) => pairs.push((was, &new[is])),
            None => changes.client(
                (Rank::Breaking, "operation-removed"),
                &format!("{} {}", was.method, was.path),
                was.at.key_location(),
                "is gone",
            ),
        }
    }
    for (index, is) in new.iter().enumerate() {
        if !taken.contains(&index) {
            let name = format!("{} {}", is.method, is.path);
            let location = changes.in_new(&is.at);
            changes.client(
                (Rank::Compatible, "operation-added"),
                &name,
                location,
                "is new",
            );
        }
    }
    pairs
}

fn moved(was: &Operation<'_>, is: &Operation<'_>, name: &str, changes: &mut Changes) {
    let is_same =
        was.method == is.method && lower::path_shape(&was.path) == lower::path_shape(&is.path);
    let location = changes.in_new(&is.at);
    if !is_same {
        let message = format!("was `{} {}`", was.method, was.path);
        changes.client(
            (Rank::Breaking, "operation-moved"),
            name,
            location.clone(),
            message,
        );
    }
    let deprecated = |it: &Operation<'_>| it.at.get("deprecated").and_then(|at| at.as_bool());
    if deprecated(is) == Some(true) && deprecated(was) != Some(true) {
        let code = (Rank::Compatible, "operation-deprecated");
        changes.client(code, name, location, "is deprecated now");
    }
}

/// The path under which all operations are.
fn base_path(old: &At<'_>, new: &At<'_>, changes: &mut Changes) {
    let (was, is) = (lower::base_path_of(old), lower::base_path_of(new));
    if was != is {
        let shown = |path: &str| format!("`{}`", if path.is_empty() { "/" } else { path });
        let message = format!(
            "all paths begin with {} now, it was {}",
            shown(&is),
            shown(&was)
        );
        let location = changes.in_new(&new.get("servers").unwrap_or(new.clone()));
        changes.client((Rank::Breaking, "base-path-changed"), "", location, message);
    }
}

/// Calls that the service makes: what it sends is what clients receive.
fn outgoing<'d>(
    kind: &str,
    old: &[Operation<'d>],
    new: &[Operation<'d>],
    schemas: &mut Schemas<'d>,
    changes: &mut Changes,
) {
    let find = |list: &[Operation<'d>], like: &Operation<'d>| {
        let mut list = list.iter();
        list.find(|it| it.path == like.path && it.method == like.method)
            .cloned()
    };
    let name = |it: &Operation<'d>| match it.method.as_str() {
        "POST" => format!("{kind} {}", it.path),
        method => format!("{kind} {} {method}", it.path),
    };
    for was in old {
        match find(new, was) {
            Some(is) => {
                let name = name(&is);
                let calls = Calls::between(&name, Flow::Sent);
                messages::compare(&calls, was, &is, schemas, changes);
            }
            None => {
                let location = was.at.key_location();
                let code = (Rank::Breaking, "call-removed");
                changes.client(code, &name(was), location, "is made no longer");
            }
        }
    }
    for is in new {
        if find(old, is).is_none() {
            let location = changes.in_new(&is.at);
            let code = (Rank::Compatible, "call-added");
            changes.client(code, &name(is), location, "is new");
        }
    }
}

fn callbacks<'d>(
    name: &str,
    was: &Operation<'d>,
    is: &Operation<'d>,
    schemas: &mut Schemas<'d>,
    changes: &mut Changes,
) {
    let calls = |operation: &Operation<'d>| -> Vec<Operation<'d>> {
        let all = operation.at.get("callbacks");
        let all = all.iter().flat_map(At::members);
        let items = all.flat_map(|(callback, at)| {
            let at = at.resolve().unwrap_or(at);
            let items = at.entries().collect::<Vec<_>>();
            items.into_iter().map(move |(_, item)| (callback, item))
        });
        items
            .flat_map(|(callback, item)| of_item(callback, &item))
            .collect()
    };
    outgoing(
        &format!("{name} callback"),
        &calls(was),
        &calls(is),
        schemas,
        changes,
    );
}
