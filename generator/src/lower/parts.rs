//! What a document is made of, as far as references tell: places, and which of them refer to which.
//!
//! Built backwards, from what is referred to, because the question is always who needs a place. So
//! a document costs what it holds, and not the sum of what each of its operations reaches.

use std::collections::{HashMap, HashSet};

use crate::{
    diagnostic::Location,
    spec::{At, FileId, Node},
};

/// A part of a document: everything below a place. An index into [`Parts`].
pub(super) type Part = usize;

#[derive(Debug, Default)]
pub(super) struct Parts<'d> {
    by_place: HashMap<(FileId, String), Part>,
    /// The parts that refer to each.
    referrers: Vec<Vec<Part>>,
    /// Those whose text has not been read yet.
    open: Vec<(Part, At<'d>)>,
}

impl<'d> Parts<'d> {
    /// The part below a place, with everything that it refers to.
    pub(super) fn add(&mut self, at: At<'d>) -> Part {
        let part = self.part(at);
        while let Some((part, at)) = self.open.pop() {
            self.read(part, at);
        }
        part
    }

    fn part(&mut self, at: At<'d>) -> Part {
        let next = self.referrers.len();
        let part = *self
            .by_place
            .entry((at.file(), at.pointer()))
            .or_insert(next);
        if part == next {
            self.referrers.push(Vec::new());
            self.open.push((part, at));
        }
        part
    }

    fn read(&mut self, part: Part, at: At<'d>) {
        let mut seen: HashSet<*const Node> = HashSet::new();
        let mut open = vec![at];
        while let Some(at) = open.pop() {
            // A node may stand in many places: the aliases of YAML.
            if !seen.insert(at.node()) {
                continue;
            }
            for target in targets(&at) {
                let target = self.part(target);
                self.referrers[target].push(part);
            }
            open.extend(at.entries().map(|(_, inner)| inner));
            open.extend(at.items());
        }
    }

    /// Says that a part needs another one, which its text does not refer to.
    pub(super) fn refer(&mut self, from: Part, to: Part) {
        self.referrers[to].push(from);
    }

    /// Where some parts are.
    pub(super) fn places(&self, those: &HashSet<Part>) -> impl Iterator<Item = (FileId, &str)> {
        let places = self.by_place.iter();
        places
            .filter(|(_, part)| those.contains(part))
            .map(|((file, pointer), _)| (*file, pointer.as_str()))
    }

    /// The parts in which a place stands.
    pub(super) fn around(&self, place: &Location) -> Vec<Part> {
        let pointer: &str = &place.pointer;
        let ends = pointer.match_indices('/').map(|(end, _)| end);
        ends.chain([pointer.len()])
            .filter_map(|end| self.by_place.get(&(place.file, pointer[..end].to_owned())))
            .copied()
            .collect()
    }

    /// These parts and those that refer to one of them, near or far, without those that were
    /// reached before.
    pub(super) fn reaching(&self, parts: Vec<Part>, before: &mut HashSet<Part>) -> Vec<Part> {
        let mut found = Vec::new();
        let mut open = parts;
        while let Some(part) = open.pop() {
            if before.insert(part) {
                found.push(part);
                open.extend(&self.referrers[part]);
            }
        }
        found
    }

    /// Everything that these parts are made of.
    pub(super) fn made_of(&self, parts: Vec<Part>) -> HashSet<Part> {
        let mut referred = vec![Vec::new(); self.referrers.len()];
        for (part, referrers) in self.referrers.iter().enumerate() {
            for referrer in referrers {
                referred[*referrer].push(part);
            }
        }
        let mut found = HashSet::new();
        let mut open = parts;
        while let Some(part) = open.pop() {
            if found.insert(part) {
                open.extend(&referred[part]);
            }
        }
        found
    }
}

/// What a node refers to.
fn targets<'d>(at: &At<'d>) -> Vec<At<'d>> {
    let text = |key: &str| at.get(key).filter(|text| text.as_str().is_some());
    let references = [text("$ref"), text("$dynamicRef")].into_iter().flatten();
    let mut targets: Vec<At<'d>> = references.filter_map(|it| it.follow().ok()).collect();
    let mapping = at.get("discriminator").and_then(|it| it.get("mapping"));
    for (_, value) in mapping.iter().flat_map(At::entries) {
        let root = at.document().root();
        // By its bare name or by reference.
        let named = || root.get("components")?.get("schemas")?.get(value.as_str()?);
        targets.extend(named().or_else(|| value.follow().ok()));
    }
    targets
}
