//! `oneOf`, `anyOf` and lists of types as enums with a variant for each form.

use super::{Lowering, schemas::speaks, wish::Wish};
use crate::{
    diagnostic::Diagnostic,
    ir::{JsonType, ModelId, Schema, Shape, Type, Union, UnionVariant},
    spec::At,
};

impl<'d> Lowering<'d> {
    /// The shape of a schema with `oneOf` or `anyOf`; none where neither says anything of types.
    pub(super) fn union(&mut self, at: &At<'d>, wish: &Wish) -> Option<Shape> {
        let keyword = ["oneOf", "anyOf"].into_iter().find(|keyword| {
            at.get(keyword)
                .is_some_and(|list| list.items().any(|branch| speaks(&branch)))
        })?;
        let own = ["properties", "additionalProperties"];
        if own.iter().any(|keyword| at.get(keyword).is_some()) {
            // Members of its own and of every branch: one struct has room for all.
            return Some(self.joined(at, wish));
        }
        let branches: Vec<At<'d>> = at
            .get(keyword)?
            .items()
            .filter(|branch| speaks(branch) && !is_null(branch))
            .collect();
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
            // Forms that differ in their constraints alone are one type.
            match variants.iter_mut().find(|known| known.ty == ty) {
                Some(known) => {
                    let first = std::mem::take(&mut known.schema);
                    known.schema.any_of = vec![first, schema];
                }
                None => variants.push(variant(ty, schema)),
            }
        }
        if let [_] = variants.as_slice() {
            return variants.pop().map(|only| Shape::Alias(only.ty));
        }
        if variants.is_empty() {
            return Some(Shape::Alias(Type::Null));
        }
        let discriminator = self.discriminate(at, &mut variants);
        Some(Shape::Union(Union {
            variants,
            discriminator,
            writes_tag: false,
            is_uneven: false,
        }))
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
                    // The struct would need a place of its own in the arena, which is this one's.
                    _ => Type::Map(Box::new(Type::Any)),
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
                is_uneven: false,
            }),
        }
    }

    /// Reads `discriminator` and puts its values to the variants.
    fn discriminate(&mut self, at: &At<'d>, variants: &mut [UnionVariant]) -> Option<String> {
        let discriminator = at.get("discriminator")?;
        let property = discriminator.get("propertyName")?.as_str()?;
        let mut mapped: Vec<(String, ModelId)> = Vec::new();
        if let Some(mapping) = discriminator.get("mapping") {
            for (value, target) in mapping.entries() {
                if let Some(id) = self.mapped(&target) {
                    mapped.push((value.to_owned(), id));
                }
            }
        }
        for variant in variants.iter_mut() {
            let named = match variant.ty {
                Type::Model(id) if self.arena.drafts[id.0].is_component => Some(id),
                _ => None,
            };
            let Some(id) = named else {
                // Values of a form without a name cannot be told by it.
                self.report(
                    Diagnostic::warning(
                        "inline-discriminated",
                        "a discriminator names schemas, and one of these has no name",
                    )
                    .at(discriminator.location())
                    .help("move the schema to components/schemas; until then each form is tried"),
                );
                return None;
            };
            variant.tags = (mapped.iter())
                .filter(|(_, mapped)| *mapped == id)
                .map(|(value, _)| value.clone())
                .collect();
            if variant.tags.is_empty() {
                // Without a mapping, the name of the schema is the value.
                variant.tags.push(self.component_name(id));
            }
        }
        for (value, id) in &mapped {
            if !variants
                .iter()
                .any(|variant| variant.ty == Type::Model(*id))
            {
                let location = discriminator
                    .get("mapping")
                    .and_then(|mapping| mapping.get(value))
                    .unwrap_or_else(|| discriminator.clone());
                self.report(
                    Diagnostic::warning(
                        "unknown-mapping",
                        format!("`{value}` is mapped to a schema that is none of the branches"),
                    )
                    .at(location.location()),
                );
            }
        }
        Some(property.to_owned())
    }

    /// The schema that a value of `mapping` names: by reference or by its bare name.
    pub(super) fn mapped(&mut self, target: &At<'d>) -> Option<ModelId> {
        let text = target.as_str()?;
        let schemas = (self.root.get("components")).and_then(|at| at.get("schemas"));
        let named = schemas.and_then(|schemas| schemas.get(text));
        let found = match named {
            Some(named) => Some(named),
            None => self.follow(target),
        };
        found.map(|at| self.model(&at))
    }

    fn component_name(&self, id: ModelId) -> String {
        let at = &self.arena.drafts[id.0].at;
        at.token().unwrap_or_default().to_owned()
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

fn is_null(at: &At<'_>) -> bool {
    at.get("type").and_then(|ty| ty.as_str()) == Some("null")
        || at.get("const").is_some_and(|value| value.is_null())
        || at
            .get("enum")
            .is_some_and(|values| values.items().all(|value| value.is_null()))
}
