//! Walking a document while remembering where one stands.

use std::{borrow::Cow, path::PathBuf, sync::Arc};

use super::{
    links::Links,
    node::{FileId, Kind, Node, Number, Span},
    object::Object,
    version::OpenApiVersion,
};
use crate::diagnostic::{Diagnostic, Location};

/// A document: the file that was named and every file that it refers to.
#[derive(Debug)]
pub struct Document {
    pub files: Vec<File>,
    pub version: OpenApiVersion,
    /// What was found while reading, and does not keep the rest from being looked at.
    pub problems: Vec<Diagnostic>,
    /// Where references lead that are no paths within their file.
    pub(super) links: Links,
    pub(super) is_changed: bool,
}

/// One file of a document.
#[derive(Debug)]
pub struct File {
    /// As a person would name it in a message.
    pub name: PathBuf,
    pub text: Arc<String>,
    pub root: Node,
    /// Where its spans begin. None but those of overlays begin elsewhere than at 0: what they add
    /// becomes a part of the first file's tree, and is still found in theirs.
    pub base: u32,
}

impl Document {
    /// A file by itself, whatever it is.
    pub(super) fn of_one(file: File) -> Self {
        Self {
            files: vec![file],
            version: OpenApiVersion::default(),
            problems: Vec::new(),
            links: Links::default(),
            is_changed: false,
        }
    }

    /// Whether it is one file, and all that stands there.
    pub fn is_as_written(&self) -> bool {
        let files = self.files.iter().filter(|file| file.base == 0);
        files.count() == 1 && !self.is_changed
    }

    /// The root of the file that was named.
    pub fn root(&self) -> At<'_> {
        self.root_of(FileId(0))
    }

    /// The root of one of the files.
    pub fn root_of(&self, file: FileId) -> At<'_> {
        At {
            document: self,
            file,
            node: &self.files[file.0 as usize].root,
            pointer: Pointer(None),
            key_span: None,
        }
    }
}

/// A node, and the way to it.
#[derive(Clone, Debug)]
pub struct At<'d> {
    document: &'d Document,
    file: FileId,
    node: &'d Node,
    pointer: Pointer<'d>,
    key_span: Option<Span>,
}

/// Goes one step further in a JSON pointer.
pub(super) fn push_token(pointer: &mut String, token: &str) {
    pointer.push('/');
    for c in token.chars() {
        match c {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            c => pointer.push(c),
        }
    }
}

/// The way from the root of a file, shared between siblings.
#[derive(Clone, Debug)]
struct Pointer<'d>(Option<Arc<(Pointer<'d>, Cow<'d, str>)>>);

impl<'d> Pointer<'d> {
    fn child(&self, token: Cow<'d, str>) -> Self {
        Self(Some(Arc::new((self.clone(), token))))
    }

    fn write(&self, out: &mut String) {
        if let Some(link) = &self.0 {
            link.0.write(out);
            push_token(out, &link.1);
        }
    }
}

impl<'d> At<'d> {
    /// The bare value.
    pub fn node(&self) -> &'d Node {
        self.node
    }

    /// The file in which the value stands.
    pub fn file(&self) -> FileId {
        self.file
    }

    /// The document in which it stands.
    pub fn document(&self) -> &'d Document {
        self.document
    }

    /// JSON pointer within the file.
    pub fn pointer(&self) -> String {
        let mut out = String::new();
        self.pointer.write(&mut out);
        out
    }

    /// The last token of the pointer: the key or index under which the value stands.
    pub fn token(&self) -> Option<&str> {
        self.pointer.0.as_ref().map(|link| &*link.1)
    }

    /// Where the value is written.
    pub fn location(&self) -> Location {
        Location {
            file: self.file,
            span: self.node.span,
            pointer: self.pointer().into(),
        }
    }

    /// Where the key of the value is written; the value's own place where it has none.
    pub fn key_location(&self) -> Location {
        Location {
            span: self.key_span.unwrap_or(self.node.span),
            ..self.location()
        }
    }

    /// The value under a key of an object.
    pub fn get(&self, key: &str) -> Option<At<'d>> {
        let Kind::Object(entries) = &self.node.kind else {
            return None;
        };
        let (key, entry) = entries.get_full(key)?;
        Some(self.step(key.into(), &entry.value, Some(entry.key_span)))
    }

    /// The members of an object, in the document's order; none of anything else.
    pub fn entries(&self) -> impl Iterator<Item = (&'d str, At<'d>)> + use<'d> {
        let here = self.clone();
        let entries = match &self.node.kind {
            Kind::Object(entries) => Some(entries),
            _ => None,
        };
        let members = entries.into_iter().flat_map(Object::iter);
        members.map(move |(key, entry)| {
            (
                key,
                here.step(key.into(), &entry.value, Some(entry.key_span)),
            )
        })
    }

    /// The elements of an array; none of anything else.
    pub fn items(&self) -> impl Iterator<Item = At<'d>> + use<'d> {
        let here = self.clone();
        let items: &'d [Node] = match &self.node.kind {
            Kind::Array(items) => items,
            _ => &[],
        };
        items
            .iter()
            .enumerate()
            .map(move |(index, node)| here.step(index.to_string().into(), node, None))
    }

    pub fn is_null(&self) -> bool {
        matches!(self.node.kind, Kind::Null)
    }

    pub fn is_object(&self) -> bool {
        matches!(self.node.kind, Kind::Object(_))
    }

    pub fn is_array(&self) -> bool {
        matches!(self.node.kind, Kind::Array(_))
    }

    pub fn as_str(&self) -> Option<&'d str> {
        match &self.node.kind {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_bool(&self) -> Option<bool> {
        match self.node.kind {
            Kind::Bool(value) => Some(value),
            _ => None,
        }
    }

    pub fn as_number(&self) -> Option<&'d Number> {
        match &self.node.kind {
            Kind::Number(number) => Some(number),
            _ => None,
        }
    }

    pub fn as_u64(&self) -> Option<u64> {
        self.as_number()?.text.parse().ok()
    }

    pub fn as_f64(&self) -> Option<f64> {
        self.as_number()?.text.parse().ok()
    }

    /// What the value is, in words for a message: `a string`, `an object`.
    pub fn kind_name(&self) -> &'static str {
        match self.node.kind {
            Kind::Null => "null",
            Kind::Bool(_) => "a boolean",
            Kind::Number(_) => "a number",
            Kind::String(_) => "a string",
            Kind::Array(_) => "an array",
            Kind::Object(_) => "an object",
        }
    }

    /// What the value says to look up instead of it. A property may have this name, too; then it
    /// is no text.
    pub fn reference(&self) -> Option<At<'d>> {
        self.get("$ref").filter(|text| text.as_str().is_some())
    }

    /// The value at a JSON pointer of the same file.
    pub fn at_pointer(&self, pointer: &str) -> Option<At<'d>> {
        let root = self.document.root_of(self.file);
        let mut tokens = pointer.split('/').skip(1);
        tokens.try_fold(root, |at, token| at.child(token))
    }

    /// The value under one token of a JSON pointer.
    pub(super) fn child(&self, token: &str) -> Option<At<'d>> {
        let token: Cow<'_, str> = match token.contains('~') {
            true => token.replace("~1", "/").replace("~0", "~").into(),
            false => token.into(),
        };
        match &self.node.kind {
            Kind::Array(items) => {
                let node = items.get(token.parse::<usize>().ok()?)?;
                Some(self.step(token.into_owned().into(), node, None))
            }
            _ => self.get(&token),
        }
    }

    fn step(&self, token: Cow<'d, str>, node: &'d Node, key_span: Option<Span>) -> At<'d> {
        At {
            document: self.document,
            file: self.file,
            node,
            pointer: self.pointer.child(token),
            key_span,
        }
    }
}
