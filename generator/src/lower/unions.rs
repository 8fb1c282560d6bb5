//! `oneOf`, `anyOf` and lists of types as enums with a variant for each form.

use super::{
    Lowering,
    schemas::{Draft, key, speaks},
    wish::Wish,
};
use crate::{
    ir::{JsonType, Schema, Shape, Type, Union, UnionVariant},
    spec::{At, Kind},
};

/// Keywords that say nothing of values.
pub(super) const REMARKS: &[&str] = &[
    "$comment",
    "default",
    "deprecated",
    "description",
    "example",
    "examples",
    "externalDocs",
    "nullable",
    "title",
];

impl<'d> Lowering<'d> {
    /// The shape of a schema with `oneOf` or `anyOf`; none where neither says anything of types.
    pub(super) fn union(&mut self, at: &At<'d>, wish: &Wish) -> Option<Shape> {
        let speaking: Vec<&str> = ["oneOf", "anyOf"]
            .into_iter()
            .filter(|keyword| {
                at.get(keyword)
                    .is_some_and(|list| list.items().any(|branch| speaks(&branch)))
            })
            .collect();
        let keyword = *speaking.first()?;
        if at.get("type").is_none() && self.has_open_branch(at, keyword) {
            return Some(Shape::Alias(Type::Any));
        }
        let branches = self.forms(at, keyword);
        // To be closed is no member.
        let others = at.get("additionalProperties");
        let has_members = at.get("properties").is_some()
            || others.is_some_and(|others| others.as_bool() != Some(false));
        let has_both = speaking.len() > 1 && self.is_object(at);
        if has_both || (has_members && !self.all_extend(&branches, at)) {
            // Members of its own and of every branch: one struct has room for all.
            return Some(self.joined(at, wish));
        }
        let tags = self.tags(at);
        let mut variants: Vec<UnionVariant> = Vec::new();
        for (index, branch) in branches.iter().enumerate() {
            let label = match branch.get("title").and_then(|title| title.as_str()) {
                Some(title) => title.to_owned(),
                None => format!("variant {}", index + 1),
            };
            let ty = match self.type_of(branch, &wish.then(&label)) {
                Type::Nullable(inner) => *inner,
                ty => ty,
            };
            let schema = self.check(branch);
            let tags = tags.as_ref().and_then(|tags| tags.branches.get(index));
            let tags = tags.map_or_else(Vec::new, |(_, tags)| tags.clone());
            // Forms that differ in their constraints alone are one type.
            match variants.iter_mut().find(|known| known.ty == ty) {
                Some(known) => {
                    let first = std::mem::take(&mut known.schema);
                    known.schema.any_of = vec![first, schema];
                    known.tags.extend(tags);
                }
                None => variants.push(UnionVariant {
                    tags,
                    ..variant(ty, schema)
                }),
            }
        }
        if let [_] = variants.as_slice() {
            return variants.pop().map(|only| Shape::Alias(only.ty));
        }
        if variants.is_empty() {
            return Some(Shape::Alias(Type::Null));
        }
        Some(Shape::Union(Union {
            variants,
            discriminator: tags.map(|tags| tags.property.to_owned()),
            writes_tag: false,
            may_lack_tag: false,
            is_uneven: false,
        }))
    }

    /// Whether a branch says nothing at all of a value, which then may be anything.
    fn has_open_branch(&self, at: &At<'d>, keyword: &str) -> bool {
        let list = at.get(keyword);
        (list.iter().flat_map(At::items)).any(|branch| match branch.node().kind {
            Kind::Bool(takes) => takes,
            Kind::Object(_) => branch.entries().all(|(key, _)| REMARKS.contains(&key)),
            _ => false,
        })
    }

    /// Whether each branch extends the schema that lists it, and so has all of its members.
    fn all_extend(&mut self, branches: &[At<'d>], at: &At<'d>) -> bool {
        branches.iter().all(|branch| {
            let branch = self.target(branch);
            let parts: Vec<At<'d>> = branch.get("allOf").iter().flat_map(At::items).collect();
            parts.iter().any(|part| key(&self.target(part)) == key(at))
        })
    }

    /// A value of one of several types.
    pub(super) fn several(&mut self, at: &At<'d>, types: &[JsonType], wish: &Wish) -> Shape {
        let mut variants: Vec<UnionVariant> = Vec::new();
        for ty in types {
            // Every whole number is a number.
            if *ty == JsonType::Integer && types.contains(&JsonType::Number) {
                continue;
            }
            let schema = Schema {
                types: vec![*ty],
                ..Schema::default()
            };
            let ty = match ty {
                JsonType::Object => match self.object(at, &wish.then("object")) {
                    Shape::Alias(ty) => ty,
                    // The place of the schema itself is the union's.
                    shape => Type::Model(self.arena.push_unplaced(Draft {
                        at: at.clone(),
                        wish: wish.then("object").inside(),
                        is_component: false,
                        shape,
                        schema: Schema::default(),
                    })),
                },
                ty => self.single(at, *ty, wish),
            };
            variants.push(variant(ty, schema));
        }
        match variants.as_slice() {
            [_] => Shape::Alias(variants.remove(0).ty),
            _ => Shape::Union(Union {
                variants,
                discriminator: None,
                writes_tag: false,
                may_lack_tag: false,
                is_uneven: false,
            }),
        }
    }
}

fn variant(ty: Type, schema: Schema) -> UnionVariant {
    UnionVariant {
        rust_name: String::new(),
        ty,
        tags: Vec::new(),
        schema,
    }
}
