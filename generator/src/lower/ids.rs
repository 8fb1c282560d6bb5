//! What the operations of a service are called.
//!
//! Names become methods that people write, so a document that grows must not change them: an id
//! that is written wins over one that is made up, the first of several over the others, and these
//! are told apart by what they do (method and path), never by how many there are. No two ids are
//! equal: policies are known by them.

use std::collections::{HashMap, HashSet};

use super::{Lowering, names, paths};
use crate::{diagnostic::Diagnostic, diagnostic::Location, spec::At};

/// An operation as it is found in the document.
#[derive(Debug)]
pub(super) struct Found<'d> {
    pub(super) path: &'d str,
    pub(super) method: &'static str,
    pub(super) at: At<'d>,
    pub(super) item: At<'d>,
}

/// What one of them is called.
#[derive(Debug, Default)]
pub(super) struct Id {
    pub(super) id: String,
    /// `GetInventory`
    pub(super) type_stem: String,
}

impl<'d> Lowering<'d> {
    /// The ids of operations, in their order.
    pub(super) fn ids(&mut self, operations: &[Found<'d>]) -> Vec<Id> {
        let written = self.written_ids(operations);
        let mut taken = names::Taken::default();
        // `IntoResponse` is a trait that every module of operations uses.
        taken.insert("Into");
        let mut ids: Vec<Id> = operations.iter().map(|_| Id::default()).collect();
        let mut known: HashSet<String> = written.iter().flatten().cloned().collect();
        for is_written in [true, false] {
            for ((found, written), id) in operations.iter().zip(&written).zip(&mut ids) {
                if written.is_some() != is_written {
                    continue;
                }
                let described = made_up(found.path, found.method);
                id.id = written.clone().unwrap_or_else(|| described.clone());
                id.type_stem = stem(&mut taken, &id.id, &described, found);
                if !is_written && !known.insert(described) {
                    id.id = names::camel(&id.type_stem);
                    known.insert(id.id.clone());
                }
            }
        }
        ids
    }

    /// The ids that are written and not written before.
    fn written_ids(&mut self, operations: &[Found<'d>]) -> Vec<Option<String>> {
        let mut seen: HashMap<String, Location> = HashMap::new();
        let mut ids = Vec::with_capacity(operations.len());
        for found in operations {
            let Some(written) = found.at.get("operationId") else {
                ids.push(None);
                continue;
            };
            let text = written.as_str().map(str::to_owned);
            let text = text.or_else(|| {
                let number = written.as_number()?.text.clone();
                self.report(
                    Diagnostic::warning("wrong-kind", "`operationId` must be a string")
                        .at(written.location())
                        .help(format!("write \"{number}\"; that is how it is read")),
                );
                Some(number)
            });
            let id = match text {
                Some(text) if !text.trim().is_empty() => text,
                Some(_) => {
                    self.report(
                        Diagnostic::warning("empty-operation-id", "an `operationId` says nothing")
                            .at(written.location())
                            .help("give the operation a name, or leave `operationId` out"),
                    );
                    ids.push(None);
                    continue;
                }
                None => {
                    self.report(
                        Diagnostic::warning(
                            "wrong-kind",
                            format!(
                                "`operationId` must be a string, this is {}: it is left out",
                                written.kind_name()
                            ),
                        )
                        .at(written.location()),
                    );
                    ids.push(None);
                    continue;
                }
            };
            if let Some(first) = seen.get(&id) {
                let instead = made_up(found.path, found.method);
                self.report(
                    Diagnostic::warning(
                        "duplicate-operation-id",
                        format!("`{id}` is used twice: the second is called `{instead}`"),
                    )
                    .at(written.location())
                    .related(first.clone(), "first used here")
                    .help("give each operation an id of its own"),
                );
                ids.push(None);
                continue;
            }
            seen.insert(id.clone(), written.location());
            ids.push(Some(id));
        }
        ids
    }
}

/// The first name that is free: the id's, then with what tells the operation from others.
fn stem(taken: &mut names::Taken, id: &str, described: &str, found: &Found<'_>) -> String {
    let wish = names::pascal(id);
    let mut wishes = vec![wish.clone()];
    if id != described {
        wishes.push(format!("{wish}{}", names::pascal(described)));
    }
    if found.path.ends_with('/') {
        wishes.push(format!("{wish}Slash"));
    }
    let digest = names::digest(&format!("{} {}", found.method, found.path));
    wishes.push(format!("{wish}X{digest}"));
    for wish in wishes {
        if taken.take(&wish) {
            return wish;
        }
    }
    taken.claim(wish)
}

/// `GET /users/{id}/posts` is `getUsersByIdPosts`.
fn made_up(path: &str, method: &str) -> String {
    let mut id = method.to_owned();
    // `#` and `?` begin what is there to tell keys apart: it counts as well.
    let segments = path.split(['/', '#', '?', '&']);
    for segment in segments.filter(|segment| !segment.is_empty()) {
        let parameters = paths::parameters(segment);
        match parameters.as_slice() {
            [] => id.push_str(&names::pascal(segment)),
            several => {
                for name in several {
                    id.push_str("By");
                    id.push_str(&names::pascal(name));
                }
            }
        }
    }
    id
}
