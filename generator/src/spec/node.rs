//! A value of a document together with the place where it is written.

use super::object::Object;

/// Which file of the document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// Byte offsets into a file's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    /// Where the spans of the first overlay begin: behind the largest file that is read.
    pub(super) const OVERLAYS: u32 = 3 << 30;

    /// Whether it was an overlay that put something here.
    pub fn is_of_overlay(self) -> bool {
        self.start >= Self::OVERLAYS
    }

    /// From byte offsets; files are bounded far below the range of the fields.
    pub(crate) fn new(start: usize, end: usize) -> Self {
        let narrow = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
        Self {
            start: narrow(start),
            end: narrow(end),
        }
    }
}

/// A value and its place.
#[derive(Clone, Debug)]
pub struct Node {
    pub kind: Kind,
    pub span: Span,
}

/// The forms of a value: those of JSON.
#[derive(Clone, Debug)]
pub enum Kind {
    Null,
    Bool(bool),
    Number(Number),
    String(String),
    Array(Vec<Node>),
    Object(Object),
}

/// A number as it is written, so that no digit is lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// In JSON's notation.
    pub text: String,
}

/// A value under a key.
#[derive(Clone, Debug)]
pub struct Entry {
    pub key_span: Span,
    pub value: Node,
}

impl Node {
    /// Whether something stands at a JSON pointer.
    pub(super) fn has(&self, pointer: &str) -> bool {
        let mut tokens = pointer.split('/').skip(1);
        let end = tokens.try_fold(self, |node, token| match &node.kind {
            Kind::Array(items) => items.get(token.parse::<usize>().ok()?),
            Kind::Object(object) => {
                let key = token.replace("~1", "/").replace("~0", "~");
                Some(&object.get(&key)?.value)
            }
            _ => None,
        });
        end.is_some()
    }

    /// How many values stand inside one another below it.
    pub(super) fn depth(&self) -> usize {
        match &self.kind {
            Kind::Array(items) => 1 + items.iter().map(Self::depth).max().unwrap_or(0),
            Kind::Object(object) => {
                let values = object.values().map(|entry| entry.value.depth());
                1 + values.max().unwrap_or(0)
            }
            _ => 0,
        }
    }

    /// About the bytes that a copy takes.
    pub(super) fn weight(&self) -> usize {
        let inner = match &self.kind {
            Kind::String(text) => text.len(),
            Kind::Array(items) => items.iter().map(Self::weight).sum(),
            Kind::Object(object) => object
                .iter()
                .map(|(key, entry)| key.len() + entry.value.weight())
                .sum(),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) => 0,
        };
        16 + inner
    }
}
