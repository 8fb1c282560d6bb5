//! Leaving out the operations that cannot be generated, for those who want the others.
//!
//! An error belongs to the operations that reach its place: those in whose text it stands, and
//! those whose references lead there. One that belongs to none of them, and to no component, is
//! about the document as a whole, and stops the run as ever.

use std::{
    cell::OnceCell,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
};

use super::{
    Lowering,
    ids::Found,
    operations::METHODS,
    parts::{Part, Parts},
};
use crate::{
    diagnostic::{Diagnostic, Diagnostics, Location, Severity},
    spec::{At, Document, FileId},
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

/// Which parts of a document its operations and its named schemas are made of.
#[derive(Debug)]
pub(super) struct Reach<'d> {
    document: &'d Document,
    /// Known once something is wrong, which for most documents is never.
    owners: OnceCell<Owners<'d>>,
}

#[derive(Debug)]
struct Owners<'d> {
    operations: Vec<Found<'d>>,
    /// By the parts that are an operation's own text, or what its path item says for all of its
    /// methods.
    operations_of: HashMap<Part, Vec<usize>>,
    schemas: HashMap<Part, String>,
    /// What operations are made of.
    needed: HashSet<Part>,
    parts: Parts<'d>,
}

impl<'d> Owners<'d> {
    fn of(document: &'d Document) -> Self {
        let mut parts = Parts::default();
        let operations = Lowering::new(document).found();
        let mut operations_of: HashMap<Part, Vec<usize>> = HashMap::new();
        for (index, found) in operations.iter().enumerate() {
            let shared = found.item.entries();
            let shared = shared.filter(|(key, _)| !METHODS.contains(key));
            for at in shared.map(|(_, at)| at).chain([found.at.clone()]) {
                operations_of.entry(parts.add(at)).or_default().push(index);
            }
        }
        let components = document.root().get("components");
        let schemas = components.and_then(|components| components.get("schemas"));
        let schemas = schemas.iter().flat_map(At::entries);
        let schemas = schemas.map(|(name, at)| (parts.add(at), name.to_owned()));
        Self {
            schemas: schemas.collect(),
            needed: parts.made_of(operations_of.keys().copied().collect()),
            operations,
            operations_of,
            parts,
        }
    }
}

impl<'d> Reach<'d> {
    pub(super) fn new(document: &'d Document) -> Self {
        Self {
            document,
            owners: OnceCell::new(),
        }
    }

    /// How many operations errors belong to, where all of them belong to operations and there are
    /// others.
    pub(super) fn at_fault(&self, found: &Diagnostics) -> Option<(usize, usize)> {
        let mut found: Vec<Diagnostic> = found.iter().cloned().collect();
        let mut skipped = Skipped::default();
        self.judge(&mut found, &mut skipped);
        let is_error = |found: &Diagnostic| found.severity == Severity::Error;
        let all = self.owners.get()?.operations.len();
        let faulty = skipped.operations.len();
        (!found.iter().any(is_error) && faulty < all).then_some((faulty, all))
    }

    /// Adds what errors belong to. Those errors become warnings.
    pub(super) fn judge(&self, found: &mut [Diagnostic], skipped: &mut Skipped) {
        // What an earlier error has reached is left out for that one already.
        let mut reached = HashSet::new();
        for error in found {
            if error.severity != Severity::Error {
                continue;
            }
            let Some(place) = error.location.clone() else {
                continue;
            };
            let owners = self.owners.get_or_init(|| Owners::of(self.document));
            let around = owners.parts.around(&place);
            let is_needed = around.iter().any(|part| owners.needed.contains(part));
            for part in owners.parts.reaching(around, &mut reached) {
                for index in owners.operations_of.get(&part).into_iter().flatten() {
                    let operation = &owners.operations[*index];
                    let key = (operation.path.to_owned(), operation.method);
                    skipped.operations.entry(key).or_insert_with(|| LeftOut {
                        method: operation.method.to_uppercase(),
                        path: operation.path.to_owned(),
                        location: operation.at.key_location(),
                        reason: error.clone(),
                    });
                }
                skipped.schemas.extend(owners.schemas.get(&part).cloned());
            }
            let is_unused = place.file != FileId(0) || place.pointer.starts_with("/components/");
            if is_needed || is_unused {
                error.severity = Severity::Warning;
            }
        }
    }
}
