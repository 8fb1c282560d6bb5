//! The members of an object, in the order in which they are written.
//!
//! A document is a hundred thousand objects of three members each: for those a look at each key is
//! sooner done than a hash, and takes no memory. The few large ones have an index beside.

use std::collections::HashMap;

use super::node::Entry;

/// Up to here every key is looked at.
const FEW: usize = 16;

/// Members by their keys.
#[derive(Clone, Debug, Default)]
pub struct Object {
    members: Vec<(Box<str>, Entry)>,
    /// None of few. In a box, because most objects have none.
    index: Option<Box<Index>>,
}

/// Where each key is.
#[derive(Clone, Debug, Default)]
struct Index(HashMap<Box<str>, usize>);

impl Object {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn len(&self) -> usize {
        self.members.len()
    }

    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.get_full(key).map(|(_, entry)| entry)
    }

    /// A member with its key, which lives as long as the object.
    pub fn get_full(&self, key: &str) -> Option<(&str, &Entry)> {
        let (key, entry) = &self.members[self.position(key)?];
        Some((key, entry))
    }

    pub fn get_mut(&mut self, key: &str) -> Option<&mut Entry> {
        let position = self.position(key)?;
        Some(&mut self.members[position].1)
    }

    pub fn contains_key(&self, key: &str) -> bool {
        self.position(key).is_some()
    }

    /// Adds a member at the end. Where there is one under this key it stays, and is returned.
    pub fn insert(&mut self, key: impl Into<Box<str>>, entry: Entry) -> Option<Taken<'_>> {
        let key = key.into();
        if let Some(position) = self.position(&key) {
            let (key, entry) = &self.members[position];
            return Some(Taken { key, entry });
        }
        if let Some(index) = &mut self.index {
            index.0.insert(key.clone(), self.members.len());
        }
        self.members.push((key, entry));
        if self.index.is_none() && self.members.len() > FEW {
            let keys = self.members.iter().enumerate();
            let numbered = keys.map(|(position, (key, _))| (key.clone(), position));
            self.index = Some(Box::new(Index(numbered.collect())));
        }
        None
    }

    pub fn remove(&mut self, key: &str) -> Option<Entry> {
        let position = self.position(key)?;
        let (key, entry) = self.members.remove(position);
        if let Some(index) = &mut self.index {
            index.0.remove(&key);
            let behind = index.0.values_mut().filter(|at| **at > position);
            behind.for_each(|at| *at -= 1);
        }
        Some(entry)
    }

    /// Gives a member another key in its place, or takes it away where that key is taken.
    pub(super) fn rename(&mut self, key: &str, to: &str) {
        if self.contains_key(to) {
            self.remove(key);
        } else if let Some(position) = self.position(key) {
            self.members[position].0 = to.into();
            if let Some(index) = &mut self.index {
                index.0.remove(key);
                index.0.insert(to.into(), position);
            }
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.members.iter().map(|(key, entry)| (&**key, entry))
    }

    pub fn values(&self) -> impl Iterator<Item = &Entry> {
        self.members.iter().map(|(_, entry)| entry)
    }

    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut Entry> {
        self.members.iter_mut().map(|(_, entry)| entry)
    }

    pub fn into_members(self) -> impl Iterator<Item = (Box<str>, Entry)> {
        self.members.into_iter()
    }

    /// Gives back what was kept for members that have not come.
    pub(super) fn shrink(&mut self) {
        self.members.shrink_to_fit();
    }

    fn position(&self, key: &str) -> Option<usize> {
        match &self.index {
            Some(index) => index.0.get(key).copied(),
            None => self.members.iter().position(|(own, _)| &**own == key),
        }
    }
}

/// The member that has a key already.
#[derive(Debug)]
pub struct Taken<'o> {
    pub key: &'o str,
    pub entry: &'o Entry,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Kind, Node, Span};

    fn entry() -> Entry {
        let span = Span::default();
        Entry {
            key_span: span,
            value: Node {
                kind: Kind::Null,
                span,
            },
        }
    }

    #[test]
    fn members_are_found_in_objects_of_any_size_and_keep_their_order() {
        for size in [1, FEW, FEW + 1, 10 * FEW] {
            let mut object = Object::new();
            let keys: Vec<String> = (0..size).map(|number| format!("key {number}")).collect();
            for key in &keys {
                assert!(object.insert(key.as_str(), entry()).is_none(), "a new key");
                let taken = object.insert(key.as_str(), entry());
                assert_eq!(taken.expect("a known key").key, key);
            }
            assert!(keys.iter().all(|key| object.get(key).is_some()));
            object.rename("key 0", "other");
            assert!(object.get("key 0").is_none() && object.get("other").is_some());
            let last = keys.last().filter(|_| size > 1);
            if let Some(last) = last {
                object.rename(last, "other");
            }
            let left: Vec<&str> = object.iter().map(|(key, _)| key).collect();
            let expected: Vec<&str> = (["other"].into_iter())
                .chain(keys[1..].iter().map(String::as_str))
                .filter(|key| Some(*key) != last.map(String::as_str))
                .collect();
            assert_eq!(left, expected);
            assert!(left.iter().all(|key| object.contains_key(key)));
        }
    }
}
