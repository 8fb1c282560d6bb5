//! Changes to a document that has been read: what was written in a form that the standard does not
//! know, put into the one that was meant.

use std::collections::HashSet;

use super::{
    at::{At, Document},
    node::{Entry, FileId, Kind, Node},
    object::Object,
};

/// A change to one node.
#[derive(Clone, Debug)]
pub struct Edit {
    file: FileId,
    pointer: String,
    change: Change,
}

/// What becomes of a node.
#[derive(Clone, Debug)]
pub enum Change {
    /// Its key or its place in a list goes with it.
    Remove,
    Set(Kind),
    /// It stands under another key.
    Rename(String),
    /// A list of it alone.
    Wrap,
    /// A list of the values of its members.
    Values,
    /// An object with this member more, at its end, if it has none of this name.
    Insert(&'static str, Kind),
    /// Its members of these names stand in an object under this key.
    Gather(&'static str, &'static [&'static str]),
    /// A list with this text more.
    Push(String),
}

impl Edit {
    pub fn new(at: &At<'_>, change: Change) -> Self {
        Self {
            file: at.file(),
            pointer: at.pointer(),
            change,
        }
    }

    /// Equal for changes of one kind to one node.
    fn identity(&self) -> (FileId, String, String) {
        let kind = match &self.change {
            Change::Push(text) => text.clone(),
            Change::Insert(key, _) => (*key).to_owned(),
            change => format!("{:?}", std::mem::discriminant(change)),
        };
        (self.file, self.pointer.clone(), kind)
    }
}

impl Document {
    /// Makes changes that somebody asked for: the document is another one now.
    pub fn change(&mut self, edits: Vec<Edit>) {
        self.is_changed |= !edits.is_empty();
        self.edit(edits);
    }

    /// Makes changes, the last one first: what is found on the way down is changed on the way up,
    /// so that every pointer leads to where it led when it was found.
    pub fn edit(&mut self, mut edits: Vec<Edit>) {
        // A node that several references lead to may have been looked at more than once.
        let mut seen = HashSet::new();
        edits.retain(|edit| seen.insert(edit.identity()));
        for edit in edits.into_iter().rev() {
            let root = &mut self.files[edit.file.0 as usize].root;
            let Some((parent, token)) = edit.pointer.rsplit_once('/') else {
                alter(root, edit.change);
                continue;
            };
            let token = token.replace("~1", "/").replace("~0", "~");
            if let Some(parent) = node(root, parent) {
                change(parent, &token, edit.change);
            }
        }
    }
}

fn node<'n>(root: &'n mut Node, pointer: &str) -> Option<&'n mut Node> {
    pointer.split('/').skip(1).try_fold(root, |node, token| {
        child(node, &token.replace("~1", "/").replace("~0", "~"))
    })
}

fn child<'n>(node: &'n mut Node, token: &str) -> Option<&'n mut Node> {
    match &mut node.kind {
        Kind::Array(items) => items.get_mut(token.parse::<usize>().ok()?),
        Kind::Object(object) => Some(&mut object.get_mut(token)?.value),
        _ => None,
    }
}

fn change(parent: &mut Node, token: &str, change: Change) {
    match (change, &mut parent.kind) {
        (Change::Remove, Kind::Object(object)) => {
            object.remove(token);
        }
        (Change::Remove, Kind::Array(items)) => {
            if let Some(index) = token.parse().ok().filter(|index| *index < items.len()) {
                items.remove(index);
            }
        }
        (Change::Rename(name), Kind::Object(object)) => {
            // Of two that mean one key the first counts.
            object.rename(token, &name);
        }
        (change, _) => {
            if let Some(node) = child(parent, token) {
                alter(node, change);
            }
        }
    }
}

fn alter(node: &mut Node, change: Change) {
    let span = node.span;
    let bare = |kind| Node { kind, span };
    match (change, &mut node.kind) {
        (Change::Set(kind), _) => node.kind = kind,
        (Change::Wrap, kind) => {
            let inner = std::mem::replace(kind, Kind::Null);
            *kind = Kind::Array(vec![bare(inner)]);
        }
        (Change::Values, Kind::Object(object)) => {
            let members = std::mem::take(object).into_members();
            node.kind = Kind::Array(members.map(|(_, entry)| entry.value).collect());
        }
        (Change::Insert(key, kind), Kind::Object(object)) => insert(object, key, bare(kind)),
        (Change::Gather(key, names), Kind::Object(object)) => {
            let mut inner = Object::new();
            for name in names {
                if let Some(entry) = object.remove(name) {
                    inner.insert(*name, entry);
                }
            }
            insert(object, key, bare(Kind::Object(inner)));
        }
        (Change::Push(text), Kind::Array(items)) => items.push(bare(Kind::String(text))),
        _ => {}
    }
}

fn insert(object: &mut Object, key: &str, value: Node) {
    let entry = Entry {
        key_span: value.span,
        value,
    };
    object.insert(key, entry);
}
