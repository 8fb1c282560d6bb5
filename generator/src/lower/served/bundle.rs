//! One document out of several files.
//!
//! What stands in another file is put to the components and referred to there; what has no place
//! among them (a path item, an operation) is written where it is used. Along the way our
//! extensions are left out: everywhere but in data and among names that the author chose.

use std::collections::{HashMap, VecDeque};

use serde_json::{Map, Value, json};

use super::{nulls, ranges, tags};
use crate::{
    lower::{self, closed, overlap, policies},
    spec::{At, Document, FileId, Node, OpenApiVersion},
};

/// How many values may be written where they are used, each time anew. A document that doubles
/// itself with each reference meets this bound; one that a person wrote does not come near.
const MAX_INLINED: usize = 4 << 20;

/// What a node is, as far as references and names within it are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// Something whose keys are the standard's.
    Plain,
    Schema,
    /// A component of this section.
    Component(&'static str),
    /// A list of things of a section, or an object of them under names.
    Each(&'static str),
    /// Values by names that the author chose, of no section.
    Names,
    /// The values of a discriminator's mapping.
    Mapping,
    /// Whatever the author wrote.
    Data,
}

/// The document as one JSON value, for clients.
pub(in crate::lower) fn bundle(document: &Document) -> Value {
    let mut value = of_files(document, false);
    if let Some(version) = value.get_mut("openapi") {
        *version = spelled(version, document.version).into();
    }
    value
}

/// The same for the generator: with the extensions, and nothing that is not written there.
pub(in crate::lower) fn in_one_file(document: &Document) -> Value {
    of_files(document, true)
}

fn of_files(document: &Document, as_written: bool) -> Value {
    let root = document.root();
    let mut bundler = Bundler {
        is_3_0: document.version == OpenApiVersion::V3_0,
        as_written,
        names: HashMap::new(),
        moved: Map::new(),
        queue: VecDeque::new(),
        within: Vec::new(),
        inlined: 0,
    };
    let components = root
        .get("components")
        .map_or_else(Vec::new, |at| at.members());
    for (section, at) in components {
        for (name, _) in at.members() {
            bundler.take(section, name);
        }
    }
    let mut value = bundler.value(&root, Role::Plain);
    bundler.move_all();
    if let Value::Object(root) = &mut value {
        let components = root
            .entry("components")
            .or_insert_with(|| Value::Object(Map::new()));
        for (section, moved) in bundler.moved {
            let (Some(components), Value::Object(moved)) = (components.as_object_mut(), moved)
            else {
                continue;
            };
            let there = components
                .entry(section)
                .or_insert_with(|| Value::Object(Map::new()));
            if let Some(there) = there.as_object_mut() {
                there.extend(moved);
            }
        }
        if root.get("components") == Some(&Value::Object(Map::new())) {
            root.shift_remove("components");
        }
    }
    value
}

/// A version as clients expect it: with three numbers, and as a text.
fn spelled(written: &Value, version: OpenApiVersion) -> String {
    let is_whole = |text: &str| {
        let mut parts = text.split('.');
        let are_numbers = parts
            .by_ref()
            .take(3)
            .filter(|part| part.parse::<u8>().is_ok());
        are_numbers.count() == 3 && parts.next().is_none()
    };
    match written.as_str() {
        Some(text) if is_whole(text) => text.to_owned(),
        _ => format!("{version}.0"),
    }
}

struct Bundler<'d> {
    is_3_0: bool,
    /// Whether our extensions stay, and nothing is added for clients.
    as_written: bool,
    /// The names that are taken, by section; what a node of another file is called.
    names: HashMap<(String, String), Option<*const Node>>,
    moved: Map<String, Value>,
    /// What has a name and is to be moved. One after the other: a chain of references may be
    /// longer than a stack is deep.
    queue: VecDeque<(&'static str, String, At<'d>)>,
    /// What is being written in place of a reference, outermost first.
    within: Vec<*const Node>,
    inlined: usize,
}

impl<'d> Bundler<'d> {
    fn is_left_out(&self, key: &str) -> bool {
        !self.as_written && policies::is_extension(key)
    }

    fn take(&mut self, section: &str, name: &str) {
        self.names
            .insert((section.to_owned(), name.to_owned()), None);
    }

    fn value(&mut self, at: &At<'d>, role: Role) -> Value {
        if role == Role::Data {
            return lower::json::value(at.node());
        }
        if at.is_array() {
            let items = at.items().map(|item| self.value(&item, each(role)));
            return Value::Array(items.collect());
        }
        if !at.is_object() {
            return match (role, at.as_str()) {
                (Role::Mapping, Some(text)) if leaves(at, text) => {
                    self.moved_to(at, "schemas").unwrap_or_else(|| text.into())
                }
                _ => lower::json::value(at.node()),
            };
        }
        if let Some(inlined) = self.reference(at, role) {
            return inlined;
        }
        self.inlined += usize::from(!self.within.is_empty());
        let keys_are_names = matches!(role, Role::Each(_) | Role::Names | Role::Mapping);
        if keys_are_names && at.reference().is_some() {
            return self.map(at, role);
        }
        let mut members = Map::new();
        for (key, member) in at.entries() {
            if !keys_are_names && self.is_left_out(key) {
                continue;
            }
            let value = match (key, member.as_str()) {
                ("$ref", Some(text)) if !keys_are_names && leaves(&member, text) => {
                    let section = section_of(role).unwrap_or("schemas");
                    self.moved_to(&member, section)
                        .unwrap_or_else(|| text.into())
                }
                _ => self.value(&member, role_of(role, key)),
            };
            members.insert(key.to_owned(), value);
        }
        if role == Role::Schema && !self.as_written {
            ranges::declare(at, &mut members);
            tags::declare(at, &mut members);
            nulls::declare(at, &mut members, self.is_3_0);
            if overlap::find(at).is_some() {
                any_of(&mut members);
            }
            if closed::shut_out(at).is_some() {
                members.shift_remove("additionalProperties");
                // Nothing of 3.0 says the same.
                if !self.is_3_0 {
                    members.insert("unevaluatedProperties".to_owned(), Value::Bool(false));
                }
            }
            for name in closed::forgotten(at) {
                let properties = members.entry("properties").or_insert_with(|| json!({}));
                if let Value::Object(properties) = properties {
                    properties.insert(name.to_owned(), json!({}));
                }
            }
        }
        Value::Object(members)
    }

    /// Writes what has got a name among the components.
    fn move_all(&mut self) {
        while let Some((section, name, target)) = self.queue.pop_front() {
            let role = match section {
                "schemas" => Role::Schema,
                section => Role::Component(section),
            };
            let value = self.value(&target, role);
            let there = self
                .moved
                .entry(section)
                .or_insert_with(|| Value::Object(Map::new()));
            if let Some(there) = there.as_object_mut() {
                there.insert(name, value);
            }
        }
    }

    /// What stands in another file and has no section among the components.
    fn reference(&mut self, at: &At<'d>, role: Role) -> Option<Value> {
        let reference = at.get("$ref")?;
        let text = reference.as_str()?;
        if section_of(role).is_some()
            || !leaves(&reference, text)
            || matches!(role, Role::Names | Role::Each(_))
        {
            return None;
        }
        let target = reference.follow().ok()?;
        let mut value = self.inline(&target, |this| this.value(&target, role))?;
        // What stands beside the reference to a path is a part of it.
        if let Value::Object(members) = &mut value {
            for (key, member) in at.entries().filter(|(key, _)| *key != "$ref") {
                if !self.is_left_out(key) {
                    members.insert(key.to_owned(), self.value(&member, role_of(role, key)));
                }
            }
        }
        Some(value)
    }

    /// A map of which the whole stands elsewhere.
    fn map(&mut self, at: &At<'d>, role: Role) -> Value {
        // By where it stands: a map may hold others that are the same one.
        let target = at.resolve().unwrap_or_else(|_| at.clone());
        let members = self.inline(&target, |this| {
            let of = |(key, member): (&str, At<'d>)| {
                (key.to_owned(), this.value(&member, role_of(role, key)))
            };
            at.members().into_iter().map(of).collect::<Map<_, _>>()
        });
        members.unwrap_or_default().into()
    }

    /// Writes something where it is used; none where that has no end.
    fn inline<T>(&mut self, target: &At<'d>, write: impl FnOnce(&mut Self) -> T) -> Option<T> {
        let node: *const Node = target.node();
        if self.within.contains(&node) || self.inlined >= MAX_INLINED {
            return None;
        }
        self.within.push(node);
        let written = write(self);
        self.within.pop();
        Some(written)
    }

    /// Moves what a reference names to the components, and says where it is now.
    fn moved_to(&mut self, reference: &At<'d>, section: &'static str) -> Option<Value> {
        let target = reference.follow().ok()?;
        if target.file() == FileId(0) {
            return Some(format!("#{}", target.pointer()).into());
        }
        let node: *const Node = target.node();
        let wish = wish(&target);
        let mut name = wish.clone();
        let mut number = 2;
        loop {
            match self.names.get(&(section.to_owned(), name.clone())) {
                Some(Some(known)) if *known == node => break,
                Some(_) => {
                    name = format!("{wish}{number}");
                    number += 1;
                }
                None => {
                    let slot = (section.to_owned(), name.clone());
                    self.names.insert(slot, Some(node));
                    self.queue.push_back((section, name.clone(), target));
                    break;
                }
            }
        }
        Some(format!("#/components/{section}/{name}").into())
    }
}

/// Says what the service asks for where a `oneOf` is read as `anyOf`.
fn any_of(schema: &mut Map<String, Value>) {
    let Some(branches) = schema.shift_remove("oneOf") else {
        return;
    };
    if !schema.contains_key("anyOf") {
        schema.insert("anyOf".to_owned(), branches);
        return;
    }
    let all = schema.entry("allOf").or_insert_with(|| json!([]));
    if let Value::Array(all) = all {
        all.push(json!({ "anyOf": branches }));
    }
}

/// Whether a reference written here leads elsewhere once everything is in one file.
fn leaves(at: &At<'_>, text: &str) -> bool {
    at.file() != FileId(0) || !text.starts_with("#/")
}

/// A name for what is moved, of the letters that components may have.
fn wish(target: &At<'_>) -> String {
    let last = target.token().map(str::to_owned).unwrap_or_else(|| {
        let file = &target.document().files[target.file().0 as usize].name;
        let stem = file.file_stem().unwrap_or(file.as_os_str());
        stem.to_string_lossy().into_owned()
    });
    let plain: String = last
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || "._-".contains(*c))
        .collect();
    match plain.is_empty() {
        true => "part".to_owned(),
        false => plain,
    }
}

fn section_of(role: Role) -> Option<&'static str> {
    match role {
        Role::Schema => Some("schemas"),
        Role::Component(section) => Some(section),
        _ => None,
    }
}

/// What the items of a list are, or the values under chosen names.
fn each(role: Role) -> Role {
    match role {
        Role::Each("schemas") => Role::Schema,
        Role::Each(section) => Role::Component(section),
        _ => Role::Plain,
    }
}

/// What stands under a key.
fn role_of(role: Role, key: &str) -> Role {
    match role {
        Role::Each(_) => return each(role),
        Role::Names => return Role::Plain,
        Role::Mapping => return Role::Mapping,
        _ => {}
    }
    if key.starts_with("x-") {
        return Role::Data;
    }
    if role == Role::Schema {
        return match key {
            "items"
            | "additionalProperties"
            | "not"
            | "contains"
            | "if"
            | "then"
            | "else"
            | "propertyNames"
            | "unevaluatedProperties"
            | "unevaluatedItems" => Role::Schema,
            "allOf" | "oneOf" | "anyOf" | "prefixItems" | "properties" | "patternProperties"
            | "$defs" | "definitions" | "dependentSchemas" => Role::Each("schemas"),
            "discriminator" => Role::Plain,
            _ => Role::Data,
        };
    }
    match key {
        "schema" => Role::Schema,
        "schemas" => Role::Each("schemas"),
        "parameters" => Role::Each("parameters"),
        "responses" => Role::Each("responses"),
        "requestBody" => Role::Component("requestBodies"),
        "requestBodies" => Role::Each("requestBodies"),
        "headers" => Role::Each("headers"),
        "examples" => Role::Each("examples"),
        "links" => Role::Each("links"),
        "mapping" => Role::Mapping,
        "paths" | "webhooks" | "callbacks" | "content" | "encoding" | "securitySchemes"
        | "pathItems" | "variables" | "scopes" => Role::Names,
        "example" | "value" | "default" | "enum" => Role::Data,
        _ => Role::Plain,
    }
}
