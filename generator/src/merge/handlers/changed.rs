//! Types of generated code that have changed under the person's code.

use std::collections::{BTreeMap, BTreeSet};

use quote::ToTokens;

use super::{
    names::{Mention, mentions},
    notice::Notice,
    source::{Source, plain, without_paths},
};

/// What has become of types, by their path.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    by_path: BTreeMap<String, Change>,
}

/// What has become of a struct's fields or an enum's variants.
#[derive(Debug, Default, PartialEq, Eq)]
struct Change {
    is_enum: bool,
    gone: BTreeSet<String>,
    /// With what they are now.
    other: BTreeMap<String, String>,
    new: BTreeSet<String>,
}

/// A type by its members.
#[derive(PartialEq, Eq)]
struct Shape {
    is_enum: bool,
    members: BTreeMap<String, String>,
}

impl Changes {
    /// Compares a generated file with what it is going to be.
    pub(crate) fn add(&mut self, path: &str, old: &str, new: &str) {
        let module = match path.strip_prefix("src/generated/") {
            // Models are named where they are gathered.
            Some(path) if path.starts_with("models/") => "models".to_owned(),
            Some(path) if path.starts_with("apis/") => {
                path.trim_end_matches(".rs").replace('/', "::")
            }
            _ => return,
        };
        let (old, mut new) = (shapes(old), shapes(new));
        for (name, old) in old {
            if let Some(change) = new.remove(&name).and_then(|new| Change::of(&old, &new)) {
                let path = format!("crate::generated::{module}::{name}");
                self.by_path.insert(path, change);
            }
        }
    }

    /// Adds a notice for each place that names what has changed.
    pub(super) fn check(&self, source: &Source<'_>, notices: &mut Vec<Notice>) {
        if self.by_path.is_empty() {
            return;
        }
        for mention in mentions(source) {
            for (at, words) in self.concerns(&mention) {
                let line = source.line(at);
                notices.push(Notice::changed(source.path, line, &mention.path, &words));
            }
        }
    }

    /// What a mention has to do with the changes: places, and what has happened.
    fn concerns(&self, mention: &Mention) -> Vec<(usize, String)> {
        let whole = mention.path.join("::");
        if let Some(change) = self.by_path.get(&whole).filter(|it| !it.is_enum) {
            return change.of_struct(mention);
        }
        let Some((variant, of)) = mention.path.split_last() else {
            return Vec::new();
        };
        let change = self.by_path.get(&of.join("::")).filter(|it| it.is_enum);
        let words = change.and_then(|change| change.of_variant(variant, of));
        words.map(|words| (mention.at, words)).into_iter().collect()
    }
}

impl Change {
    fn of(old: &Shape, new: &Shape) -> Option<Self> {
        if old.is_enum != new.is_enum || old == new {
            return None;
        }
        let other = new.members.iter().filter(|(name, ty)| {
            let before = old.members.get(*name);
            before.is_some_and(|before| before != *ty)
        });
        let missing = |one: &Shape, other: &Shape| -> BTreeSet<String> {
            let names = one.members.keys();
            names
                .filter(|name| !other.members.contains_key(*name))
                .cloned()
                .collect()
        };
        Some(Self {
            is_enum: new.is_enum,
            gone: missing(old, new),
            other: other.map(|(name, ty)| (name.clone(), ty.clone())).collect(),
            new: missing(new, old),
        })
    }

    /// One member in words.
    fn words(&self, name: &str) -> Option<String> {
        if self.gone.contains(name) {
            return Some(format!("`{name}` is gone"));
        }
        self.other.get(name).map(|ty| match ty.is_empty() {
            true => format!("`{name}` has no value now"),
            false => format!("`{name}` is `{ty}` now"),
        })
    }

    /// Where a value is made, each field has a place of its own; elsewhere all of them matter.
    fn of_struct(&self, mention: &Mention) -> Vec<(usize, String)> {
        let new = self.new.iter().map(|name| format!("`{name}` is new"));
        let Some(fields) = &mention.fields else {
            let names = self.gone.iter().chain(self.other.keys());
            let all: Vec<String> = names
                .filter_map(|name| self.words(name))
                .chain(new)
                .collect();
            return vec![(mention.at, all.join(", "))];
        };
        let mut found: Vec<(usize, String)> = fields
            .iter()
            .filter_map(|(name, at)| Some((*at, self.words(name)?)))
            .collect();
        found.extend(new.map(|words| (mention.at, words)));
        found
    }

    fn of_variant(&self, variant: &str, of: &[String]) -> Option<String> {
        let is_model = of.get(2).is_some_and(|module| module == "models");
        let new = || {
            let new: Vec<String> = self
                .new
                .iter()
                .map(|name| format!("`{name}` is new"))
                .collect();
            // Answers are given, models are looked at: only there a new variant is missing.
            (is_model && !new.is_empty()).then(|| new.join(", "))
        };
        self.words(variant).or_else(new)
    }
}

/// The public types of a file. One that cannot be read has none.
fn shapes(text: &str) -> BTreeMap<String, Shape> {
    let file = syn::parse_file(text).map(|file| file.items);
    let mut shapes = BTreeMap::new();
    for item in file.unwrap_or_default() {
        let (ident, is_enum, members) = match item {
            syn::Item::Struct(item) => {
                let fields = item.fields.iter().enumerate().map(|(index, field)| {
                    let name = field.ident.as_ref().map_or(index.to_string(), plain);
                    (name, type_text(&field.ty))
                });
                (item.ident, false, fields.collect())
            }
            syn::Item::Enum(item) => {
                let variants = item.variants.iter().map(|variant| {
                    let types = variant.fields.iter().map(|field| type_text(&field.ty));
                    (plain(&variant.ident), types.collect::<Vec<_>>().join(", "))
                });
                (item.ident, true, variants.collect())
            }
            _ => continue,
        };
        shapes.insert(plain(&ident), Shape { is_enum, members });
    }
    shapes
}

fn type_text(ty: &syn::Type) -> String {
    without_paths(&ty.to_token_stream().to_string())
}
