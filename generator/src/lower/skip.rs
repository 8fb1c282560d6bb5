//! Leaving out the operations that cannot be generated, for those who want the others.
//!
//! An error belongs to the operations that reach its place: those in whose text it stands, and
//! those whose references lead there. One that belongs to none of them, and to no component, is
//! about the document as a whole, and stops the run as ever.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::{Lowering, ids::Found, operations::METHODS};
use crate::{
    diagnostic::{Diagnostic, Location, Severity},
    spec::{At, Document, FileId, Node},
};

/// A path as it is written, and a method in lower case.
pub(super) type Key = (String, &'static str);

/// An operation that has been left out, and the first reason for it.
#[derive(Clone, Debug)]
pub struct LeftOut {
    /// Upper case.
    pub method: String,
    /// As it is written.
    pub path: String,
    pub location: Location,
    pub reason: Diagnostic,
}

/// What is not generated.
#[derive(Debug, Default)]
pub(super) struct Skipped {
    pub(super) operations: BTreeMap<Key, LeftOut>,
    /// Schemas among the components, which are otherwise generated whoever uses them.
    pub(super) schemas: BTreeSet<String>,
}

impl Skipped {
    pub(super) fn len(&self) -> usize {
        self.operations.len() + self.schemas.len()
    }
}

/// A part of a document: everything below this place.
type Part = (FileId, String);

/// Which parts of a document its operations and its named schemas are made of.
#[derive(Debug)]
pub(super) struct Reach<'d> {
    operations: Vec<(Found<'d>, Vec<Part>)>,
    schemas: Vec<(String, Vec<Part>)>,
}

impl<'d> Reach<'d> {
    pub(super) fn new(document: &'d Document) -> Self {
        let found = Lowering::new(document).found();
        let operations = found.into_iter().map(|found| {
            let parts = parts_of(&found);
            (found, parts)
        });
        let components = document.root().get("components");
        let schemas = components.and_then(|components| components.get("schemas"));
        let schemas = schemas.iter().flat_map(At::entries).map(|(name, at)| {
            let mut parts = vec![(at.file(), at.pointer())];
            follow(at, &mut parts);
            (name.to_owned(), parts)
        });
        Self {
            operations: operations.collect(),
            schemas: schemas.collect(),
        }
    }

    /// Adds what errors belong to. Those errors become warnings.
    pub(super) fn judge(&self, found: &mut [Diagnostic], skipped: &mut Skipped) {
        for error in found {
            if error.severity != Severity::Error {
                continue;
            }
            let Some(place) = error.location.clone() else {
                continue;
            };
            let mut concerned = 0;
            for (operation, parts) in &self.operations {
                if reaches(parts, &place) {
                    concerned += 1;
                    let key = (operation.path.to_owned(), operation.method);
                    skipped.operations.entry(key).or_insert_with(|| LeftOut {
                        method: operation.method.to_uppercase(),
                        path: operation.path.to_owned(),
                        location: operation.at.key_location(),
                        reason: error.clone(),
                    });
                }
            }
            let reaching = self
                .schemas
                .iter()
                .filter(|(_, parts)| reaches(parts, &place));
            skipped
                .schemas
                .extend(reaching.map(|(name, _)| name.clone()));
            let is_unused = place.file != FileId(0) || place.pointer.starts_with("/components/");
            if concerned > 0 || is_unused {
                error.severity = Severity::Warning;
            }
        }
    }
}

/// An operation and everything that it refers to.
fn parts_of(found: &Found<'_>) -> Vec<Part> {
    let mut parts = vec![(found.at.file(), found.at.pointer())];
    follow(found.at.clone(), &mut parts);
    for (key, shared) in found.item.entries() {
        if !METHODS.contains(&key) {
            parts.push((shared.file(), shared.pointer()));
            follow(shared, &mut parts);
        }
    }
    parts
}

/// Adds everything that a node refers to, near or far.
fn follow(at: At<'_>, parts: &mut Vec<Part>) {
    let mut seen: HashSet<*const Node> = HashSet::new();
    let mut open = vec![at];
    while let Some(at) = open.pop() {
        if !seen.insert(at.node()) {
            continue;
        }
        if let Some(Ok(target)) = at.reference().map(|reference| reference.follow()) {
            parts.push((target.file(), target.pointer()));
            open.push(target);
        }
        open.extend(at.entries().map(|(_, inner)| inner));
        open.extend(at.items());
    }
}

fn reaches(parts: &[Part], place: &Location) -> bool {
    parts.iter().any(|(file, pointer)| {
        let rest = place.pointer.strip_prefix(pointer.as_str());
        place.file == *file && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}
