//! What of one file matters to others: the references that lead out of it, and the names that
//! references may use in place of a path.

use super::{
    at::push_token,
    bounds::check_entries,
    node::{Kind, Node, Span},
};
use crate::diagnostic::Diagnostic;

/// The keys of operations.
const METHODS: &[&str] = &[
    "delete", "get", "head", "options", "patch", "post", "put", "trace",
];

/// A reference as it is written, and where.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) text: String,
    pub(super) span: Span,
    pub(super) pointer: String,
    /// Whether nothing is missing where it leads nowhere: it stands for words, which nothing but a
    /// comment is made of, or tells which value means a schema.
    pub(super) is_spare: bool,
}

/// What was found in one file.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// All references but those by path within the file, which need no preparation.
    pub(super) references: Vec<Written>,
    /// `$anchor` and where its schema stands.
    pub(super) anchors: Vec<(String, String)>,
    /// `$id` and where its schema stands.
    pub(super) ids: Vec<(String, String)>,
    /// Lists and maps that are too long, and where they stand.
    pub(super) excessive: Vec<(Diagnostic, Span, String)>,
    pub(super) operations: usize,
}

/// Looks through a file.
///
/// What looks like a reference inside an example, a default or an extension is data and stays
/// unopened.
pub(super) fn collect(root: &Node) -> Found {
    let mut walk = Walk {
        way: Vec::new(),
        found: Found::default(),
    };
    walk.node(root, Keys::Keywords);
    walk.found
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Keys {
    Keywords,
    /// Chosen by the document's author.
    Names,
    /// The same, and the values are references or names.
    Mapping,
    /// Those of an object in place of a description.
    Prose,
}

enum Step<'n> {
    Key(&'n str),
    Index(usize),
}

struct Walk<'n> {
    way: Vec<Step<'n>>,
    found: Found,
}

impl<'n> Walk<'n> {
    fn node(&mut self, node: &'n Node, keys: Keys) {
        match &node.kind {
            Kind::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.way.push(Step::Index(index));
                    self.node(item, Keys::Keywords);
                    self.way.pop();
                }
            }
            Kind::Object(object) => {
                for (key, entry) in object.iter() {
                    self.way.push(Step::Key(key));
                    match &entry.value.kind {
                        Kind::String(text) => self.text(key, text, entry.value.span, keys),
                        Kind::Array(_) | Kind::Object(_) => self.member(key, &entry.value, keys),
                        _ => {}
                    }
                    self.way.pop();
                }
            }
            _ => {}
        }
    }

    fn member(&mut self, key: &str, value: &'n Node, keys: Keys) {
        if matches!(keys, Keys::Names | Keys::Mapping) {
            return self.node(value, Keys::Keywords);
        }
        self.found.operations += usize::from(METHODS.contains(&key));
        if let Some(found) = check_entries(key, value) {
            let pointer = self.pointer();
            self.found.excessive.push((found, value.span, pointer));
            return;
        }
        match (key, &value.kind) {
            ("example" | "default" | "enum" | "const" | "value", _)
            | ("examples", Kind::Array(_)) => {}
            (key, _) if key.starts_with("x-") => {}
            (key, _) => self.node(value, keys_under(key)),
        }
    }

    fn text(&mut self, key: &str, text: &str, span: Span, keys: Keys) {
        let is_reference = match keys {
            // A member is an object, so that a text under this name stands for the whole map.
            Keys::Keywords | Keys::Names | Keys::Prose => key == "$ref",
            Keys::Mapping => names_a_file(text),
        };
        if is_reference && !text.starts_with("#/") && text != "#" {
            let pointer = self.pointer();
            self.found.references.push(Written {
                text: text.to_owned(),
                span,
                pointer,
                is_spare: matches!(keys, Keys::Prose | Keys::Mapping),
            });
        }
        if keys == Keys::Keywords && matches!(key, "$anchor" | "$dynamicAnchor" | "$id") {
            let key = self.way.pop();
            let named = (text.to_owned(), self.pointer());
            self.way.extend(key);
            match self.way.last() {
                Some(Step::Key("$id")) => self.found.ids.push(named),
                _ => self.found.anchors.push(named),
            }
        }
    }

    fn pointer(&self) -> String {
        let mut pointer = String::new();
        for step in &self.way {
            match step {
                Step::Key(key) => push_token(&mut pointer, key),
                Step::Index(index) => push_token(&mut pointer, &index.to_string()),
            }
        }
        pointer
    }
}

/// A value of a discriminator's mapping may also be the bare name of a schema, dots included.
fn names_a_file(text: &str) -> bool {
    let ends = [".yaml", ".yml", ".json"];
    text.contains(['#', '/']) || ends.iter().any(|end| text.ends_with(end))
}

/// What the keys of the object under this key are.
fn keys_under(key: &str) -> Keys {
    match key {
        "mapping" => Keys::Mapping,
        "description" => Keys::Prose,
        "properties" | "patternProperties" | "dependentSchemas" | "$defs" | "definitions"
        | "schemas" | "responses" | "parameters" | "examples" | "requestBodies" | "headers"
        | "securitySchemes" | "links" | "callbacks" | "pathItems" | "paths" | "webhooks"
        | "content" | "encoding" => Keys::Names,
        _ => Keys::Keywords,
    }
}
