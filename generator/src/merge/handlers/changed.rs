//! Types of generated code that have changed under the person's code.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use quote::ToTokens;

use super::{
    names::names,
    source::{plain, without_paths},
};

/// What has become of types, by their path.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    by_path: BTreeMap<String, Change>,
    /// The fields of all structs as they are now, by the struct's own name; none where two of
    /// them have the name.
    fields: BTreeMap<String, Option<Members>>,
    /// The models that are gone, by their names.
    gone: HashSet<String>,
}

/// Names and what stands behind them: the type of a field, what a variant holds.
pub(super) type Members = BTreeMap<String, String>;

/// What has become of a struct's fields, an enum's variants, or of what an alias stands for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) was: Kind,
    /// Another one than it was counts as [`Kind::Other`].
    pub(super) kind: Kind,
    pub(super) gone: BTreeSet<String>,
    /// With what they were and what they are now.
    pub(super) other: BTreeMap<String, (String, String)>,
    pub(super) new: BTreeSet<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Struct,
    Enum,
    /// Another name, or a struct whose fields have none.
    Other,
}

/// A type by its members.
#[derive(PartialEq, Eq)]
struct Shape {
    kind: Kind,
    members: Members,
}

impl Changes {
    /// Compares a generated file with what it is going to be.
    pub(crate) fn add(&mut self, path: &str, old: &str, new: &str) {
        if path == "src/generated/models/mod.rs" {
            let (old, new) = (names(old), names(new));
            self.gone.extend(old.difference(&new).cloned());
        }
        let Some(module) = module(path) else { return };
        let (old, mut new) = (shapes(old), shapes(new));
        for (name, old) in old {
            if let Some(change) = new.remove(&name).and_then(|new| Change::of(&old, &new)) {
                let path = format!("crate::generated::{module}::{name}");
                self.by_path.insert(path, change);
            }
        }
    }

    /// Learns what a generated file is going to be.
    pub(crate) fn know(&mut self, path: &str, new: &str) {
        if module(path).is_none() {
            return;
        }
        for (name, shape) in shapes(new) {
            let fields = (shape.kind == Kind::Struct).then_some(shape.members);
            self.fields
                .entry(name)
                .and_modify(|it| *it = None)
                .or_insert(fields);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.by_path.is_empty()
    }

    /// Whether code that names none of the types may still use a field that is not what it was.
    pub(crate) fn may_be_used_in(&self, text: &str) -> bool {
        let structs = self
            .by_path
            .values()
            .filter(|change| change.was == Kind::Struct);
        let mut fields = structs.flat_map(|change| change.gone.iter().chain(change.other.keys()));
        fields.any(|name| text.contains(&format!(".{name}")))
    }

    pub(super) fn of_path(&self, path: &[String]) -> Option<&Change> {
        self.by_path.get(&path.join("::"))
    }

    /// The enum that a path to a variant leads into, or led.
    pub(super) fn of_variant<'p>(&self, path: &'p [String]) -> Option<(&Change, &'p str)> {
        let (variant, of) = path.split_last()?;
        let change = self.of_path(of).filter(|it| it.was == Kind::Enum)?;
        Some((change, variant))
    }

    /// What has become of the struct of this name.
    pub(super) fn of_struct(&self, name: &str) -> Option<(&str, &Change)> {
        let mut structs = self.structs();
        structs.find(|(path, _)| path.rsplit("::").next() == Some(name))
    }

    pub(super) fn structs(&self) -> impl Iterator<Item = (&str, &Change)> {
        let all = self
            .by_path
            .iter()
            .map(|(path, change)| (path.as_str(), change));
        all.filter(|(_, change)| change.was == Kind::Struct)
    }

    /// Whether two types may differ by the names of models alone: code that names such a model
    /// hears of that where it does.
    pub(super) fn is_renaming(&self, old: &str, new: &str) -> bool {
        let (old, new) = (words(old), words(new));
        old.len() == new.len()
            && old.iter().zip(&new).all(|(old, new)| {
                old == new || self.gone.contains(*old) && self.fields.contains_key(*new)
            })
    }

    pub(super) fn is_known(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    pub(super) fn field(&self, of: &str, name: &str) -> Option<&str> {
        let fields = self.fields.get(of)?.as_ref()?;
        fields.get(name).map(String::as_str)
    }
}

impl Change {
    fn of(old: &Shape, new: &Shape) -> Option<Self> {
        if old == new {
            return None;
        }
        if old.kind != new.kind {
            return Some(Self {
                was: old.kind,
                kind: Kind::Other,
                gone: old.members.keys().cloned().collect(),
                other: BTreeMap::new(),
                new: BTreeSet::new(),
            });
        }
        let other = new.members.iter().filter_map(|(name, ty)| {
            let before = old.members.get(name).filter(|before| *before != ty)?;
            Some((name.clone(), (before.clone(), ty.clone())))
        });
        let missing = |one: &Shape, other: &Shape| -> BTreeSet<String> {
            let names = one.members.keys();
            names
                .filter(|name| !other.members.contains_key(*name))
                .cloned()
                .collect()
        };
        Some(Self {
            was: old.kind,
            kind: new.kind,
            gone: missing(old, new),
            other: other.collect(),
            new: missing(new, old),
        })
    }

    /// One member in words.
    pub(super) fn words(&self, name: &str) -> Option<String> {
        if self.gone.contains(name) {
            return Some(format!("`{name}` is gone"));
        }
        self.other.get(name).map(|(_, ty)| match ty.is_empty() {
            true => format!("`{name}` has no value now"),
            false => format!("`{name}` is `{ty}` now"),
        })
    }

    /// What is new and not named yet, in words; nothing where nothing is.
    pub(super) fn new_words(&self, named: &[String]) -> Option<String> {
        let new = self.new.iter().filter(|name| !named.contains(name));
        let new: Vec<String> = new.map(|name| format!("`{name}`")).collect();
        match new.as_slice() {
            [] => None,
            [one] => Some(format!("{one} is new")),
            several => Some(format!("{} are new", several.join(", "))),
        }
    }
}

/// The names of a type, and what stands between them.
fn words(ty: &str) -> Vec<&str> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    ty.split_inclusive(|c| !is_name(c))
        .flat_map(|part| {
            let end = part.trim_end_matches(|c| !is_name(c)).len();
            let (name, mark) = part.split_at(end);
            [name, mark]
        })
        .collect()
}

/// Models are named where they are gathered.
fn module(path: &str) -> Option<String> {
    let path = path.strip_prefix("src/generated/")?;
    if path.starts_with("models/") {
        return Some("models".to_owned());
    }
    let api = path.strip_suffix(".rs")?;
    api.starts_with("apis/").then(|| api.replace('/', "::"))
}

/// The public types of a file. One that cannot be read has none.
fn shapes(text: &str) -> BTreeMap<String, Shape> {
    let file = syn::parse_file(text).map(|file| file.items);
    let mut shapes = BTreeMap::new();
    for item in file.unwrap_or_default() {
        let (ident, kind, members) = match item {
            syn::Item::Struct(item) => {
                let fields = item.fields.iter().enumerate().map(|(index, field)| {
                    let name = field.ident.as_ref().map_or(index.to_string(), plain);
                    (name, type_text(&field.ty))
                });
                let members = fields.collect();
                let kind = match item.fields {
                    syn::Fields::Named(_) => Kind::Struct,
                    syn::Fields::Unnamed(_) | syn::Fields::Unit => Kind::Other,
                };
                (item.ident, kind, members)
            }
            syn::Item::Enum(item) => {
                let variants = item.variants.iter().map(|variant| {
                    let types = variant.fields.iter().map(|field| type_text(&field.ty));
                    (plain(&variant.ident), types.collect::<Vec<_>>().join(", "))
                });
                (item.ident, Kind::Enum, variants.collect())
            }
            syn::Item::Type(item) => {
                let target = ("type".to_owned(), type_text(&item.ty));
                (item.ident, Kind::Other, BTreeMap::from([target]))
            }
            _ => continue,
        };
        shapes.insert(plain(&ident), Shape { kind, members });
    }
    shapes
}

pub(super) fn type_text(ty: &syn::Type) -> String {
    without_paths(&ty.to_token_stream().to_string())
}
