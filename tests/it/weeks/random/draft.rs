//! A document while it is being edited, and what chance picks in it.

use failsafe_generator::spec::{Input, Kind, Node, load};
use proptest::sample::Index;
use serde_json::{Map, Number, Value, json};

use super::super::life::Life;

/// A document, and the options of the next run.
#[derive(Clone)]
pub(super) struct Draft {
    pub(super) document: Value,
    pub(super) options: Vec<&'static str>,
}

/// What is left to chance in an edit, one after the other.
pub(super) struct Picks<'p>(pub(super) std::slice::Iter<'p, Index>);

impl Picks<'_> {
    /// One of several; none of none.
    pub(super) fn of<T: Clone>(&mut self, all: &[T]) -> Option<T> {
        let index = self.0.next().expect("an edit picks few things");
        (!all.is_empty()).then(|| all[index.index(all.len())].clone())
    }

    pub(super) fn one<T: Clone>(&mut self, all: &[T]) -> T {
        self.of(all).expect("there are some")
    }

    pub(super) fn flip(&mut self) -> bool {
        self.one(&[false, true])
    }
}

/// What is new may be called so.
const WORDS: &[&str] = &[
    "age", "color", "type", "self", "x-note", "isTame", "bornOn", "id", "owner", "match", "2nd",
];

const METHODS: &[&str] = &["get", "put", "post", "delete", "patch"];

impl Draft {
    pub(super) fn first() -> Self {
        let document = load(&Input::Path(Life::document())).expect("it can be read");
        Self {
            document: value(document.root().node()),
            options: Vec::new(),
        }
    }

    /// A word that is not among those that are taken.
    pub(super) fn word(picks: &mut Picks<'_>, taken: &[String]) -> Option<String> {
        let free: Vec<&str> = WORDS
            .iter()
            .copied()
            .filter(|word| !taken.iter().any(|it| it == word))
            .collect();
        picks.of(&free).map(str::to_owned)
    }

    /// All operations, by their paths and methods.
    pub(super) fn operations(&self) -> Vec<(String, String)> {
        let paths = self.document["paths"].as_object().expect("paths");
        let operations = paths.iter().flat_map(|(path, item)| {
            let methods = METHODS.iter().filter(|method| item.get(**method).is_some());
            methods.map(|method| (path.clone(), (*method).to_owned()))
        });
        operations.collect()
    }

    pub(super) fn operation(&mut self, picks: &mut Picks<'_>) -> Option<&mut Value> {
        let (path, method) = picks.of(&self.operations())?;
        Some(&mut self.document["paths"][path][method])
    }

    /// The methods that a path does not have yet.
    pub(super) fn free_methods(&self, path: &str) -> Vec<&'static str> {
        let item = self.document["paths"].get(path);
        let is_free = |method: &&str| item.is_none_or(|item| item.get(*method).is_none());
        METHODS.iter().copied().filter(is_free).collect()
    }

    pub(super) fn paths(&mut self) -> &mut Map<String, Value> {
        let paths = self.document["paths"].as_object_mut();
        paths.expect("paths")
    }

    /// The tags that operations have.
    pub(super) fn tags(&self) -> Vec<String> {
        let operations = self.operations();
        let mut tags: Vec<String> = operations
            .iter()
            .filter_map(|(path, method)| {
                let tag = &self.document["paths"][path][method]["tags"][0];
                tag.as_str().map(str::to_owned)
            })
            .collect();
        tags.sort();
        tags.dedup();
        tags
    }

    pub(super) fn schemas(&mut self) -> &mut Map<String, Value> {
        let schemas = self.document["components"]["schemas"].as_object_mut();
        schemas.expect("schemas")
    }

    pub(super) fn schema_names(&self) -> Vec<String> {
        let schemas = self.document["components"]["schemas"].as_object();
        schemas.expect("schemas").keys().cloned().collect()
    }

    /// One of the schemas that have this key.
    pub(super) fn schema_with(&mut self, key: &str, picks: &mut Picks<'_>) -> Option<&mut Value> {
        let schemas = self.schemas();
        let names: Vec<String> = schemas
            .iter()
            .filter(|(_, schema)| schema.get(key).is_some())
            .map(|(name, _)| name.clone())
            .collect();
        schemas.get_mut(&picks.of(&names)?)
    }

    /// Some type: a plain one, a list, one with values of its own, or a schema of the document.
    pub(super) fn ty(&self, picks: &mut Picks<'_>) -> Value {
        let mut types = self.plain_types();
        let name = picks.of(&self.schema_names());
        types.extend(name.map(|name| reference(&name)));
        types.push(json!({ "type": "object", "properties": { "note": { "type": "string" } } }));
        picks.one(&types)
    }

    /// A type that parameters may have.
    pub(super) fn plain_types(&self) -> Vec<Value> {
        vec![
            json!({ "type": "string" }),
            json!({ "type": "integer" }),
            json!({ "type": "integer", "format": "int32" }),
            json!({ "type": "number" }),
            json!({ "type": "boolean" }),
            json!({ "type": "string", "format": "date" }),
            json!({ "type": "string", "format": "uuid" }),
            json!({ "type": "string", "enum": ["big", "small"] }),
            json!({ "type": "array", "items": { "type": "string" } }),
            json!({ "type": ["string", "null"] }),
        ]
    }

    /// Replaces texts wherever they stand as values.
    pub(super) fn replace(&mut self, old: &str, new: &str) {
        fn within(value: &mut Value, old: &str, new: &str) {
            match value {
                Value::String(text) if text == old => *text = new.to_owned(),
                Value::Array(items) => items.iter_mut().for_each(|it| within(it, old, new)),
                Value::Object(entries) => {
                    entries.values_mut().for_each(|it| within(it, old, new));
                }
                _ => {}
            }
        }
        within(&mut self.document, old, new);
    }
}

pub(super) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// Renames a key, in its place or at the end: order matters to a document.
pub(super) fn rename(map: &mut Map<String, Value>, old: &str, new: &str) -> Option<()> {
    if map.contains_key(new) || !map.contains_key(old) {
        return None;
    }
    let entries = std::mem::take(map).into_iter();
    map.extend(entries.map(|(key, value)| match key == old {
        true => (new.to_owned(), value),
        false => (key, value),
    }));
    Some(())
}

/// Keys of an object.
pub(super) fn keys(value: &Value) -> Vec<String> {
    let object = value.as_object();
    object.map_or_else(Vec::new, |it| it.keys().cloned().collect())
}

/// The texts of a list.
pub(super) fn texts(value: &Value) -> Vec<String> {
    let items = value.as_array().into_iter().flatten();
    items
        .filter_map(|it| it.as_str().map(str::to_owned))
        .collect()
}

/// Puts a text into a list, or takes it out.
pub(super) fn toggle(list: &mut Value, text: &str) {
    let mut all = texts(list);
    match all.iter().position(|it| it == text) {
        Some(at) => {
            all.remove(at);
        }
        None => all.push(text.to_owned()),
    }
    *list = all.into();
}

fn value(node: &Node) -> Value {
    match &node.kind {
        Kind::Null => Value::Null,
        Kind::Bool(value) => Value::Bool(*value),
        Kind::Number(number) => {
            Value::Number(number.text.parse::<Number>().expect("a plain number"))
        }
        Kind::String(text) => Value::String(text.clone()),
        Kind::Array(items) => Value::Array(items.iter().map(value).collect()),
        Kind::Object(entries) => {
            let entries = entries.iter();
            Value::Object(
                entries
                    .map(|(key, entry)| (key.to_owned(), value(&entry.value)))
                    .collect(),
            )
        }
    }
}
