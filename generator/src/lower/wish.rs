//! What a model would like to be called, before all names are known.

use super::names;
use crate::{
    ir::ModelId,
    spec::{At, Document},
};

/// A name in parts: where it starts, and what leads from there to the model.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    base: Base,
    rest: Vec<String>,
    inside: bool,
}

#[derive(Clone, Debug)]
enum Base {
    Text(String),
    Model(ModelId),
}

/// Where a name starts.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place<'w> {
    /// At a model, inside of which this one is written.
    Inside(ModelId),
    /// At the name of a schema, or of an operation.
    Named(&'w str),
}

/// Parts of a pointer that say where a schema stands and nothing about what it is.
const NOISE: &[&str] = &[
    "components",
    "schemas",
    "definitions",
    "$defs",
    "properties",
    "parameters",
    "responses",
    "requestBodies",
    "headers",
    "content",
    "schema",
    "allOf",
    "oneOf",
    "anyOf",
    "paths",
];

impl Wish {
    pub(super) fn text(text: &str) -> Self {
        Self {
            base: Base::Text(text.to_owned()),
            rest: Vec::new(),
            inside: false,
        }
    }

    pub(super) fn of(id: ModelId) -> Self {
        Self {
            base: Base::Model(id),
            rest: Vec::new(),
            inside: false,
        }
    }

    /// A name from a pointer, for what is referred to and is no component.
    pub(super) fn of_place(at: &At<'_>, document: &Document) -> Self {
        let pointer = at.pointer();
        let mut words: Vec<String> = pointer
            .split('/')
            .skip(1)
            .map(|token| token.replace("~1", "/").replace("~0", "~"))
            .filter(|token| !NOISE.contains(&token.as_str()) && !token.contains('/'))
            .map(|token| {
                if token == "items" {
                    "item".to_owned()
                } else {
                    token
                }
            })
            .collect();
        if words.is_empty() {
            let file = &document.files[at.file().0 as usize].name;
            let stem = file.file_stem().unwrap_or(file.as_os_str());
            words.push(stem.to_string_lossy().into_owned());
        }
        Self::text(&words.join(" "))
    }

    /// The name of something inside.
    pub(super) fn then(&self, part: &str) -> Self {
        let mut longer = self.clone();
        longer.rest.push(part.to_owned());
        longer
    }

    /// Marks the name as that of a model whose shape is known already.
    pub(super) fn inside(mut self) -> Self {
        self.inside = true;
        self
    }

    pub(super) fn is_inside(&self) -> bool {
        self.inside
    }

    /// Where the name starts.
    pub(super) fn place(&self) -> Place<'_> {
        match &self.base {
            Base::Model(id) => Place::Inside(*id),
            Base::Text(text) => Place::Named(text),
        }
    }

    /// What it is called in its place.
    pub(super) fn last(&self) -> Option<&str> {
        self.rest.last().map(String::as_str)
    }

    /// The name, given those of the models that came before.
    pub(super) fn spell(&self, name_of: impl Fn(ModelId) -> String) -> String {
        let mut name = match (&self.base, self.rest.is_empty()) {
            (Base::Text(text), true) => return names::type_name(text),
            (Base::Text(text), false) => names::pascal(text),
            (Base::Model(id), _) => name_of(*id),
        };
        for part in &self.rest {
            // A digit keeps its place behind a word: `Item2`, not `ItemN2`.
            name.push_str(&names::pascal_behind(part));
        }
        name
    }
}
