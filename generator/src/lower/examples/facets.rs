//! What several schemas say together about one value.

use indexmap::{IndexMap, IndexSet};
use serde_json::{Number, Value};

use super::Tables;
use crate::ir::{Additional, Discriminator, JsonType, ModelId, Property, Schema};

/// References and `allOf` within each other; deeper is no document that anybody wrote.
const MAX_DEPTH: usize = 64;

/// The keywords of a schema, of what it refers to and of everything in `allOf`, side by side.
#[derive(Clone, Debug, Default)]
pub(super) struct Facets<'s> {
    /// None: any.
    pub(super) types: Option<Vec<JsonType>>,
    /// The values of an `enum`, where there is one.
    pub(super) values: Option<&'s [Value]>,
    pub(super) properties: IndexMap<&'s str, Vec<&'s Property>>,
    pub(super) required: IndexSet<&'s str>,
    /// Members with a value of their own: discriminators.
    pub(super) fixed: IndexMap<&'s str, &'s str>,
    pub(super) additional: Vec<&'s Schema>,
    /// Whether members that nobody declares are refused.
    pub(super) is_closed: bool,
    pub(super) min_properties: u64,
    pub(super) items: Vec<&'s Schema>,
    pub(super) prefix_items: Option<&'s [Schema]>,
    pub(super) min_items: u64,
    pub(super) max_items: Option<u64>,
    pub(super) unique_items: bool,
    pub(super) min_length: u64,
    pub(super) max_length: Option<u64>,
    pub(super) patterns: Vec<&'s str>,
    pub(super) formats: Vec<&'s str>,
    /// Bounds of numbers, the exclusive ones too.
    pub(super) bounds: Vec<&'s Number>,
    pub(super) steps: Vec<&'s Number>,
    /// Of each, one branch is to be chosen.
    pub(super) choices: Vec<Choice<'s>>,
    /// The models that were looked into.
    pub(super) models: Vec<ModelId>,
}

/// A `oneOf` or an `anyOf`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Choice<'s> {
    pub(super) branches: &'s [Schema],
    pub(super) discriminator: Option<&'s Discriminator>,
}

impl<'s> Facets<'s> {
    /// Adds what a schema says.
    pub(super) fn absorb(&mut self, tables: Tables<'s>, schema: &'s Schema) {
        self.absorb_within(tables, schema, MAX_DEPTH);
    }

    fn absorb_within(&mut self, tables: Tables<'s>, schema: &'s Schema, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else {
            return;
        };
        if let Some(id) = schema.reference {
            // A variant contains its base, whose discriminator leads to the variant.
            if !self.models.contains(&id) {
                self.models.push(id);
                self.absorb_within(tables, tables.schema(id), depth);
            }
            return;
        }
        self.absorb_types(&schema.types);
        if !schema.values.is_empty() {
            self.values = Some(&schema.values);
        }
        for property in &schema.properties {
            let known = self.properties.entry(&property.name).or_default();
            known.push(property);
        }
        self.required
            .extend(schema.required.iter().map(String::as_str));
        match &schema.additional {
            Additional::Any => {}
            Additional::None => self.is_closed = true,
            Additional::Schema(schema) => self.additional.push(schema),
        }
        raise(&mut self.min_properties, schema.min_properties);
        self.items.extend(schema.items.as_deref());
        if !schema.prefix_items.is_empty() {
            self.prefix_items = Some(&schema.prefix_items);
        }
        raise(&mut self.min_items, schema.min_items);
        lower(&mut self.max_items, schema.max_items);
        self.unique_items |= schema.unique_items;
        raise(&mut self.min_length, schema.min_length);
        lower(&mut self.max_length, schema.max_length);
        self.patterns.extend(schema.pattern.as_deref());
        self.formats.extend(schema.format.as_deref());
        let bounds = [
            &schema.minimum,
            &schema.maximum,
            &schema.exclusive_minimum,
            &schema.exclusive_maximum,
        ];
        self.bounds.extend(bounds.into_iter().flatten());
        self.steps.extend(&schema.multiple_of);
        for branches in [&schema.one_of, &schema.any_of] {
            if !branches.is_empty() {
                self.choices.push(Choice {
                    branches,
                    discriminator: schema.discriminator.as_ref(),
                });
            }
        }
        for part in &schema.all_of {
            self.absorb_within(tables, part, depth);
        }
    }

    fn absorb_types(&mut self, types: &[JsonType]) {
        if types.is_empty() {
            return;
        }
        let both = |ty: &JsonType, others: &[JsonType]| {
            // Every whole number is a number.
            others.contains(ty) || (*ty == JsonType::Integer && others.contains(&JsonType::Number))
        };
        self.types = Some(match &self.types {
            None => types.to_vec(),
            Some(known) => {
                let mut shared: Vec<JsonType> = known.clone();
                shared.retain(|ty| both(ty, types));
                let narrower = types
                    .iter()
                    .filter(|ty| !known.contains(ty) && both(ty, known));
                shared.extend(narrower);
                shared
            }
        });
    }

    /// The types to try, null last; what is said tells where no type is named.
    pub(super) fn candidate_types(&self) -> Vec<JsonType> {
        if let Some(types) = &self.types {
            let mut types = types.clone();
            types.sort_by_key(|ty| *ty == JsonType::Null);
            return types;
        }
        let guess = if !self.properties.is_empty()
            || !self.required.is_empty()
            || !self.additional.is_empty()
            || !self.fixed.is_empty()
            || self.min_properties > 0
        {
            JsonType::Object
        } else if !self.items.is_empty() || self.prefix_items.is_some() || self.min_items > 0 {
            JsonType::Array
        } else if !self.bounds.is_empty() || !self.steps.is_empty() {
            JsonType::Number
        } else {
            JsonType::String
        };
        vec![guess]
    }
}

fn raise(least: &mut u64, other: Option<u64>) {
    *least = (*least).max(other.unwrap_or(0));
}

fn lower(most: &mut Option<u64>, other: Option<u64>) {
    *most = match (*most, other) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
}
