//! Inheritance: a discriminator on a schema that other schemas extend by `allOf`.
//!
//! Such a schema lists no variants. A value of it may be one of any schema that extends it, or
//! one of its own; so it becomes a union, and its own members a struct beside that.

use std::collections::HashMap;

use indexmap::{IndexMap, IndexSet};

use super::{
    Lowering, names,
    schemas::{Draft, Seen, speaks},
    wish::Wish,
};
use crate::{
    ir::{self, ModelId, Schema, Shape, Type, Union, UnionVariant},
    spec::At,
};

/// Generations; more is no document that anybody wrote.
const MAX_GENERATIONS: u32 = 16;

/// Who extends whom, by components.
#[derive(Debug, Default)]
pub(super) struct Families<'d> {
    /// The schemas that extend one directly, in the document's order.
    heirs: HashMap<ModelId, Vec<ModelId>>,
    /// The discriminator that a schema has, or inherits.
    discriminators: HashMap<ModelId, At<'d>>,
}

impl<'d> Families<'d> {
    /// Whether a schema is a union of those that extend it.
    fn is_base(&self, id: ModelId) -> bool {
        self.heirs.contains_key(&id) && self.discriminators.contains_key(&id)
    }

    /// The discriminator that a schema has, or inherits.
    pub(super) fn discriminator(&self, id: ModelId) -> Option<&At<'d>> {
        self.discriminators.get(&id)
    }

    /// Whether a schema is one of those that extend another one with a discriminator.
    pub(super) fn is_heir(&self, id: ModelId) -> bool {
        (self.heirs.iter())
            .any(|(base, heirs)| heirs.contains(&id) && self.discriminators.contains_key(base))
    }
}

impl<'d> Lowering<'d> {
    /// Finds out who extends whom. The components are registered, and nothing else is.
    pub(super) fn find_families(&mut self) {
        let components: Vec<(ModelId, At<'d>)> = self.arena.components().collect();
        let mut families = Families::default();
        let mut parents: HashMap<ModelId, Vec<ModelId>> = HashMap::new();
        for (id, at) in &components {
            if let Some(own) = at.get("discriminator").filter(|own| {
                own.get("propertyName")
                    .and_then(|name| name.as_str())
                    .is_some()
                    && at.get("oneOf").is_none()
                    && at.get("anyOf").is_none()
            }) {
                families.discriminators.insert(*id, own);
            }
        }
        if families.discriminators.is_empty() {
            return;
        }
        for (id, at) in &components {
            for part in at.get("allOf").iter().flat_map(At::items) {
                let Some(Some(target)) = self.reference(&part) else {
                    continue;
                };
                if let Some(parent) = self.arena.slot(&target).filter(|parent| parent != id) {
                    parents.entry(*id).or_default().push(parent);
                }
            }
        }
        // A discriminator is inherited like every other member.
        for _ in 0..MAX_GENERATIONS {
            let mut found = Vec::new();
            for (id, at) in &components {
                if families.discriminators.contains_key(id)
                    || at.get("oneOf").is_some()
                    || at.get("anyOf").is_some()
                {
                    continue;
                }
                let mut inherited = (parents.get(id).into_iter().flatten())
                    .filter_map(|parent| families.discriminators.get(parent));
                if let Some(inherited) = inherited.next() {
                    found.push((*id, inherited.clone()));
                }
            }
            if found.is_empty() {
                break;
            }
            families.discriminators.extend(found);
        }
        for (id, at) in &components {
            for parent in parents.get(id).into_iter().flatten() {
                let Some(discriminator) = families.discriminators.get(parent).cloned() else {
                    continue;
                };
                if self.is_wrapper(at, &discriminator) {
                    continue;
                }
                families.heirs.entry(*parent).or_default().push(*id);
            }
        }
        self.families = families;
    }

    /// Whether a schema adds nothing to the one that it extends, and is not mapped either: another
    /// name, and no variant.
    fn is_wrapper(&mut self, at: &At<'d>, discriminator: &At<'d>) -> bool {
        let own = ["properties", "additionalProperties", "required", "type"];
        let parts = at
            .get("allOf")
            .map_or(0, |all| all.items().filter(speaks).count());
        let adds = parts > 1 || own.iter().any(|keyword| at.get(keyword).is_some());
        if adds || discriminator.get("mapping").is_none() {
            return false;
        }
        let mapping = self.mapping(discriminator);
        !mapping
            .iter()
            .any(|(_, target)| self.arena.slot(target) == self.arena.slot(at))
    }

    /// The union of a schema and those that extend it; none where nothing does.
    pub(super) fn family(&mut self, id: ModelId) -> Option<Shape> {
        if !self.families.is_base(id) {
            return None;
        }
        let property = self.discriminating(id)?;
        let at = self.arena.drafts[id.0].at.clone();
        let may_lack_tag = !self.requires(&at, property, &mut Seen::default());
        let mut tags = self.tags_in_family(id);
        let mut variants = Vec::new();
        for heir in self.families.heirs[&id].clone() {
            let line = self.line(heir);
            let own = tags.extract_if(.., |(_, target)| line.contains(target));
            variants.push(variant(heir, own.map(|(tag, _)| tag).collect()));
        }
        // Its own members, for values that are nothing more.
        let wish = Wish::of(id).then("base").inside();
        let shape = self.shape(&at, &wish);
        let base = self.arena.push_unplaced(Draft {
            at,
            wish,
            is_component: false,
            shape,
            schema: ir::Schema::default(),
        });
        variants.push(variant(
            base,
            tags.into_iter().map(|(tag, _)| tag).collect(),
        ));
        Some(Shape::Union(Union {
            variants,
            discriminator: Some(property.to_owned()),
            writes_tag: false,
            may_lack_tag,
            is_uneven: false,
        }))
    }

    /// All values of the discriminator that a family knows; none where a schema has no heirs.
    pub(super) fn tags_of_heirs(&mut self, id: ModelId) -> Vec<String> {
        match self.families.is_base(id) {
            true => {
                let tags = self.tags_in_family(id);
                tags.into_iter().map(|(tag, _)| tag).collect()
            }
            false => Vec::new(),
        }
    }

    /// The same as the table says it: which schema each value means.
    pub(super) fn family_mapping(
        &mut self,
        id: ModelId,
    ) -> Option<(String, Vec<(String, Schema)>)> {
        if !self.families.is_base(id) {
            return None;
        }
        let property = self.discriminating(id)?;
        let tags = self.tags_in_family(id);
        let mapping = tags.into_iter().map(|(tag, id)| (tag, Schema::of(id)));
        Some((property.to_owned(), mapping.collect()))
    }

    /// A schema and all that extend it, each before those that extend it in turn, as they are
    /// written.
    fn line(&self, base: ModelId) -> IndexSet<ModelId> {
        let mut line = IndexSet::new();
        let mut open = vec![base];
        while let Some(id) = open.pop() {
            if line.insert(id) {
                let heirs = self.families.heirs.get(&id);
                open.extend(heirs.into_iter().flatten().rev());
            }
        }
        line
    }

    /// The values that mean a schema or one that extends it, and which.
    fn tags_in_family(&mut self, base: ModelId) -> Vec<(String, ModelId)> {
        let mut found: IndexMap<String, ModelId> = IndexMap::new();
        let line = self.line(base);
        for &id in &line {
            for tag in self.own_tags(id) {
                found.entry(tag).or_insert(id);
            }
        }
        // By the standard a name is a value even where an extension gives another one.
        for &id in &line {
            let tag = extension(&self.arena.drafts[id.0].at);
            if let Some(name) = tag.and_then(|_| self.component_name(id)) {
                found.entry(name).or_insert(id);
            }
        }
        // What the base allows and nobody has for himself means an heir that is called alike (`cat`,
        // `Cat`), or else the base. Heirs of heirs are not asked: those between know no such value.
        if let Some(property) = self.discriminating(base) {
            let at = self.arena.drafts[base.0].at.clone();
            for tag in self.own_constants(&at, property) {
                if found.contains_key(&tag) {
                    continue;
                }
                let alike = names::pascal(&tag);
                let mut heirs = self.families.heirs.get(&base).into_iter().flatten();
                let heir = heirs.find(|id| {
                    let name = self.component_name(**id);
                    name.is_some_and(|name| names::pascal(&name) == alike)
                });
                found.insert(tag, heir.copied().unwrap_or(base));
            }
        }
        found.into_iter().collect()
    }

    /// The values that mean the schema alone: those mapped to it, what an extension says, its
    /// constants, or its name.
    fn own_tags(&mut self, id: ModelId) -> Vec<String> {
        let at = self.arena.drafts[id.0].at.clone();
        let Some(discriminator) = self.families.discriminators.get(&id).cloned() else {
            return Vec::new();
        };
        let mapping = self.mapping(&discriminator);
        let mapped: Vec<String> = (mapping.iter())
            .filter(|(_, target)| self.arena.slot(target) == Some(id))
            .map(|(value, _)| value.clone())
            .collect();
        if !mapped.is_empty() {
            return mapped;
        }
        if let Some(value) = extension(&at) {
            return vec![value];
        }
        let constants = match self.discriminating(id) {
            // What a base says of the member holds for all; only its heirs' own values tell.
            Some(property) if self.families.is_heir(id) => self.own_constants(&at, property),
            _ => Vec::new(),
        };
        match constants.is_empty() {
            true => self.component_name(id).into_iter().collect(),
            false => constants,
        }
    }

    /// The member that tells a family's schemas apart.
    fn discriminating(&self, id: ModelId) -> Option<&'d str> {
        let discriminator = self.families.discriminators.get(&id)?;
        discriminator.get("propertyName")?.as_str()
    }

    fn component_name(&self, id: ModelId) -> Option<String> {
        self.arena.drafts[id.0].component().map(str::to_owned)
    }

    /// The texts of a member that a schema itself says, not the ones that it extends.
    fn own_constants(&mut self, at: &At<'d>, property: &str) -> Vec<String> {
        let inline = at.get("allOf").map_or_else(Vec::new, |all| {
            all.items()
                .filter(|part| part.get("$ref").is_none())
                .collect()
        });
        std::iter::once(at.clone())
            .chain(inline)
            .map(|part| match part.get("properties") {
                Some(_) => self.member_constants(&part, property),
                None => Vec::new(),
            })
            .find(|found| !found.is_empty())
            .unwrap_or_default()
    }
}

/// The value that means a schema, where its document says so in the words of Swagger 2's users, who
/// had no `mapping`.
pub(super) fn extension(at: &At<'_>) -> Option<String> {
    let value = at.get("x-ms-discriminator-value")?;
    value.as_str().map(str::to_owned)
}

fn variant(id: ModelId, tags: Vec<String>) -> UnionVariant {
    UnionVariant {
        rust_name: String::new(),
        ty: Type::Model(id),
        tags,
        schema: Schema::default(),
    }
}
