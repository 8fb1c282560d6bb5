//! What goes with the operations that are left out.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Candidate, tags_gone};
use crate::{
    diagnostic::{Diagnostic, Location},
    lower::{
        ids::Found,
        operations::METHODS,
        parts::{Part, Parts},
    },
    spec::{At, Change, Document, Edit, FileId},
};

/// Components that somebody refers to, or else nobody needs. Security schemes are called by their
/// names.
const SECTIONS: &[&str] = &[
    "schemas",
    "parameters",
    "responses",
    "requestBodies",
    "headers",
    "examples",
    "links",
    "callbacks",
    "pathItems",
];

/// What is taken out of a document.
#[derive(Debug, Default)]
pub(super) struct Cut<'d> {
    removed: Vec<At<'d>>,
    places: HashSet<(FileId, String)>,
    /// Files that something still leads to.
    files: HashSet<FileId>,
    /// Whether what goes is also a part of what stays.
    pub(super) is_impossible: bool,
}

impl<'d> Cut<'d> {
    pub(super) fn of(
        document: &'d Document,
        operations: &[Found<'d>],
        candidates: &[Candidate<'_>],
        is_kept: &[bool],
        wrong: &mut Vec<Diagnostic>,
    ) -> Self {
        let mut cut = Self::default();
        let pairs = || operations.iter().zip(is_kept.iter().copied());
        let mut by_path: BTreeMap<&str, Vec<(&Found<'d>, bool)>> = BTreeMap::new();
        for (found, is_kept) in pairs() {
            by_path
                .entry(found.path)
                .or_default()
                .push((found, is_kept));
        }
        let paths = document.root().get("paths");
        let paths = paths.and_then(|paths| paths.resolve().ok());
        for (path, written) in paths.iter().flat_map(At::entries) {
            let Some(here) = by_path.get(path) else {
                continue;
            };
            if !here.iter().any(|(_, is_kept)| *is_kept) {
                cut.remove(written);
                continue;
            }
            for (found, _) in here.iter().filter(|(_, is_kept)| !is_kept) {
                let keys = [written.get(found.method), found.item.get(found.method)];
                keys.into_iter().flatten().for_each(|key| cut.remove(key));
            }
        }
        cut.refuse_shared(&pairs().filter(|(_, it)| *it).collect::<Vec<_>>(), wrong);
        cut.remove_parts(document, operations, is_kept);
        let gone = tags_gone(candidates, is_kept);
        let tags = document.root().get("tags");
        for tag in tags.iter().flat_map(At::items) {
            let name = tag.get("name");
            if name.is_some_and(|name| name.as_str().is_some_and(|name| gone.contains(name))) {
                cut.remove(tag);
            }
        }
        cut
    }

    fn remove(&mut self, at: At<'d>) {
        if self.places.insert((at.file(), at.pointer())) {
            self.removed.push(at);
        }
    }

    /// One path item may stand for several paths: what goes from one goes from the others.
    fn refuse_shared(&mut self, kept: &[(&Found<'d>, bool)], wrong: &mut Vec<Diagnostic>) {
        for (found, _) in kept {
            let Some(own) = found.item.get(found.method) else {
                continue;
            };
            if self.covers(&own.location()) {
                self.is_impossible = true;
                let method = found.method.to_uppercase();
                wrong.push(
                    Diagnostic::error(
                        "shared-operation",
                        format!(
                            "`{method} {}` is also that of a path that is left out",
                            found.path
                        ),
                    )
                    .at(own.key_location())
                    .help("choose all of the paths that share it, or none of them"),
                );
            }
        }
    }

    /// Takes away the components that only operations need which go.
    fn remove_parts(&mut self, document: &'d Document, operations: &[Found<'d>], is_kept: &[bool]) {
        let mut parts = Parts::default();
        let (mut kept, mut gone) = (Vec::new(), Vec::new());
        for (found, is_kept) in operations.iter().zip(is_kept) {
            let list = if *is_kept { &mut kept } else { &mut gone };
            let shared = found.item.entries();
            let shared = shared.filter(|(key, _)| !METHODS.contains(key));
            list.extend(shared.map(|(_, at)| parts.add(at)));
            list.push(parts.add(found.at.clone()));
        }
        let others = document.root().entries();
        let others = others.filter(|(key, _)| !matches!(*key, "paths" | "components"));
        kept.extend(others.map(|(_, at)| parts.add(at)));
        let components = document.root().get("components");
        let section = |name: &str| components.as_ref().and_then(|it| it.get(name));
        if let Some(schemas) = section("schemas") {
            add_heirs(&mut parts, &schemas);
        }
        let needed = parts.made_of(kept);
        let before = parts.made_of(gone);
        self.files
            .extend(parts.places(&needed).map(|(file, _)| file));
        let (needed, before) = (
            components_of(&parts, &needed),
            components_of(&parts, &before),
        );
        for name in SECTIONS {
            for (_, at) in section(name).iter().flat_map(At::entries) {
                let pointer = at.pointer();
                if before.contains(&*pointer) && !needed.contains(&*pointer) {
                    self.remove(at);
                }
            }
        }
    }

    /// Whether a place goes, or stands in a file that nothing leads to any longer.
    pub(super) fn covers(&self, place: &Location) -> bool {
        let pointer = &*place.pointer;
        let ends = pointer.match_indices('/').map(|(end, _)| end);
        let is_removed = (ends.skip(1).chain([pointer.len()])).any(|end| {
            self.places
                .contains(&(place.file, pointer[..end].to_owned()))
        });
        // Before anything is known of files, those of what stays are not to be doubted.
        is_removed
            || !self.files.is_empty()
                && place.file != FileId(0)
                && !self.files.contains(&place.file)
    }

    pub(super) fn into_edits(self) -> Vec<Edit> {
        let removed = self.removed.iter();
        removed.map(|at| Edit::new(at, Change::Remove)).collect()
    }
}

/// Whoever needs a schema with a discriminator needs those that extend it, which it does not name.
fn add_heirs<'d>(parts: &mut Parts<'d>, schemas: &At<'d>) {
    let mut heirs: HashMap<String, Vec<At<'d>>> = HashMap::new();
    let mut open = Vec::new();
    for (_, schema) in schemas.entries() {
        if schema.get("discriminator").is_some() {
            open.push(schema.clone());
        }
        for part in schema.get("allOf").iter().flat_map(At::items) {
            if let Some(Ok(base)) = part.reference().map(|reference| reference.follow()) {
                heirs
                    .entry(base.pointer())
                    .or_default()
                    .push(schema.clone());
            }
        }
    }
    while let Some(base) = open.pop() {
        // A discriminator is inherited, so the heirs have heirs of this kind as well.
        for heir in heirs.remove(&base.pointer()).unwrap_or_default() {
            let (from, to) = (parts.add(base.clone()), parts.add(heir.clone()));
            parts.refer(from, to);
            open.push(heir);
        }
    }
}

/// The components of the first file that some parts are, or are within.
fn components_of<'p>(parts: &'p Parts<'_>, those: &HashSet<Part>) -> HashSet<&'p str> {
    let places = parts.places(those);
    let here =
        places.filter(|(file, pointer)| *file == FileId(0) && pointer.starts_with("/components/"));
    here.map(|(_, pointer)| {
        let mut ends = pointer.match_indices('/').map(|(end, _)| end);
        ends.nth(3).map_or(pointer, |end| &pointer[..end])
    })
    .collect()
}
