//! Schemas of both documents, pair by pair.
//!
//! Pairs refer to each other as schemas do, in circles too. So each of them is compared once, and
//! afterwards every operation is told of what it reaches.

mod choices;
mod rules;
mod values;
mod view;

use std::collections::{HashMap, HashSet};

use super::{Change, Changes, Flow, Rank, Section};
use crate::{
    diagnostic::Location,
    spec::{At, Node},
};
use rules::Rules;
use view::{Set, View, component, resolved};

/// Beyond so many pairs the rest of a document is not looked at: only one made for the purpose has
/// them.
const MAX_PAIRS: usize = 400_000;

/// The same nodes are the same schema.
type Key = (Vec<*const Node>, Vec<*const Node>, Flow);

/// What has changed in one pair.
#[derive(Clone, Debug)]
struct Found {
    rank: Rank,
    code: &'static str,
    message: String,
    location: Location,
}

/// A schema of the old document, and what it has become.
#[derive(Debug)]
struct Pair<'d> {
    old: Set<'d>,
    new: Set<'d>,
    flow: Flow,
    /// What it is called in messages.
    label: String,
    found: Vec<Found>,
    inner: Vec<usize>,
}

/// All pairs that were met.
#[derive(Debug, Default)]
pub(super) struct Schemas<'d> {
    pairs: Vec<Pair<'d>>,
    known: HashMap<Key, usize>,
    /// Where each operation begins to look.
    roots: Vec<(String, usize)>,
}

/// A pair that another one leads to.
struct Inner<'d> {
    old: Set<'d>,
    new: Set<'d>,
    label: String,
}

impl<'d> Schemas<'d> {
    /// Has a schema of an operation compared.
    pub(super) fn compare(
        &mut self,
        operation: &str,
        (old, new): (Option<At<'d>>, Option<At<'d>>),
        flow: Flow,
        label: &str,
    ) {
        if let (Some(old), Some(new)) = (old, new) {
            let inner = Inner {
                old: vec![old],
                new: vec![new],
                label: label.to_owned(),
            };
            if let Some(index) = self.pair(inner, flow) {
                self.roots.push((operation.to_owned(), index));
            }
        }
    }

    fn pair(&mut self, inner: Inner<'d>, flow: Flow) -> Option<usize> {
        let Inner { old, new, label } = inner;
        let nodes = |set: &Set<'d>| {
            let mut nodes: Vec<*const Node> = set
                .iter()
                .map(|at| std::ptr::from_ref(resolved(at).node()))
                .collect();
            nodes.sort_unstable();
            nodes.dedup();
            nodes
        };
        let key = (nodes(&old), nodes(&new), flow);
        if let Some(&known) = self.known.get(&key) {
            return Some(known);
        }
        if self.pairs.len() >= MAX_PAIRS {
            return None;
        }
        // A schema with a name of its own is called by it.
        let label = match new.as_slice() {
            [only] => component(&resolved(only)).unwrap_or(label),
            _ => label,
        };
        self.known.insert(key, self.pairs.len());
        self.pairs.push(Pair {
            old,
            new,
            flow,
            label,
            found: Vec::new(),
            inner: Vec::new(),
        });
        Some(self.pairs.len() - 1)
    }

    /// Compares all pairs, and tells every operation what has changed in those that it reaches.
    pub(super) fn finish(mut self, changes: &mut Changes) {
        let mut next = 0;
        // Pairs that are met on the way are added behind.
        while next < self.pairs.len() {
            let pair = &self.pairs[next];
            let flow = pair.flow;
            let (old, new) = (View::of(&pair.old), View::of(&pair.new));
            if let (Some(old), Some(new)) = (old, new) {
                let mut rules = Rules::new(flow, &pair.label, changes);
                rules.compare(&old, &new);
                let (found, inner) = rules.done();
                let inner = inner.into_iter();
                let inner = inner.filter_map(|it| self.pair(it, flow)).collect();
                self.pairs[next].found = found;
                self.pairs[next].inner = inner;
            }
            next += 1;
        }
        self.tell(changes);
    }

    fn tell(&self, changes: &mut Changes) {
        let matters = self.that_matter();
        for (operation, root) in &self.roots {
            let mut seen = HashSet::new();
            let mut open = vec![*root];
            while let Some(index) = open.pop() {
                if !matters[index] || !seen.insert(index) {
                    continue;
                }
                let pair = &self.pairs[index];
                open.extend(pair.inner.iter().rev());
                for found in &pair.found {
                    changes.push(Change {
                        section: Section::Clients,
                        rank: found.rank,
                        code: found.code,
                        operations: vec![operation.clone()],
                        flows: vec![pair.flow],
                        message: found.message.clone(),
                        location: found.location.clone(),
                    });
                }
            }
        }
    }

    /// The pairs from which a change can be reached; most cannot, and need not be walked again.
    fn that_matter(&self) -> Vec<bool> {
        let mut outer: Vec<Vec<usize>> = vec![Vec::new(); self.pairs.len()];
        for (index, pair) in self.pairs.iter().enumerate() {
            for inner in &pair.inner {
                outer[*inner].push(index);
            }
        }
        let mut matters = vec![false; self.pairs.len()];
        let changed = |(index, pair): (usize, &Pair<'_>)| (!pair.found.is_empty()).then_some(index);
        let mut open: Vec<usize> = self.pairs.iter().enumerate().filter_map(changed).collect();
        while let Some(index) = open.pop() {
            if !std::mem::replace(&mut matters[index], true) {
                open.extend(&outer[index]);
            }
        }
        matters
    }
}
