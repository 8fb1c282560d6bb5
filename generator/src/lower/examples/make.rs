//! Values that fit a schema: the document's own examples first, made ones after them.

use serde_json::{Map, Value};

use super::{
    Tables,
    facets::{Choice, Facets},
    fits::fits_within,
    scalars, shown_value,
};
use crate::{
    diagnostic::Diagnostic,
    ir::{Discriminator, JsonType, ModelId, Property, Schema},
};

/// Values within each other.
const MAX_DEPTH: usize = 48;
/// So many values in one example, and what may be left out is left out.
const ENOUGH: usize = 400;
/// So many attempts for one example. A schema that has found none by then is a riddle.
const MAX_ATTEMPTS: usize = 20_000;
/// So many schemas that the attempts for one example are held against.
const MAX_CHECKS: usize = 200_000;
/// Items of a list, and members of a map, that nobody asked for.
const SOME: usize = 1;

/// Makes one example.
pub(super) struct Maker<'s> {
    tables: Tables<'s>,
    /// The models that the value in the making is inside of: recursion ends at the second of one.
    inside: Vec<ModelId>,
    depth: usize,
    attempts: usize,
    checks: usize,
    made: usize,
    /// Examples that do not fit.
    pub(super) misfits: Vec<Diagnostic>,
}

impl<'s> Maker<'s> {
    pub(super) fn new(tables: Tables<'s>) -> Self {
        Self {
            tables,
            inside: Vec::new(),
            depth: 0,
            attempts: 0,
            checks: 0,
            made: 0,
            misfits: Vec::new(),
        }
    }

    /// A value that fits the schema; none where none was found.
    pub(super) fn value(&mut self, schema: &'s Schema) -> Option<Value> {
        self.several(&[schema], 1).pop()
    }

    /// At most `count` different values, each of which fits all of the schemas.
    fn several(&mut self, schemas: &[&'s Schema], count: usize) -> Vec<Value> {
        let mut found = Found {
            schemas: schemas.to_vec(),
            values: Vec::new(),
            count,
        };
        if self.depth >= MAX_DEPTH {
            return Vec::new();
        }
        for schema in schemas {
            let shown = &self.tables.own(schema).shown.0;
            let fitting = shown_value(self.tables, schema, shown, &mut self.misfits);
            if let Some(value) = fitting {
                found.offer(self.tables, value, &mut self.checks);
            }
        }
        let mut facets = Facets::default();
        for schema in schemas {
            facets.absorb(self.tables, schema);
        }
        if !found.is_full() && !facets.models.iter().any(|id| self.inside.contains(id)) {
            self.depth += 1;
            self.choose(facets, &mut found);
            self.depth -= 1;
        }
        self.made += 1;
        found.values
    }

    /// Decides one choice after the other, and makes values when none is left.
    fn choose(&mut self, mut facets: Facets<'s>, found: &mut Found<'s>) {
        self.attempts += 1;
        let is_enough = self.attempts > MAX_ATTEMPTS || self.checks > MAX_CHECKS;
        if is_enough || found.is_full() {
            return;
        }
        let Some(Choice {
            branches,
            discriminator,
        }) = facets.choices.pop()
        else {
            let before = self.inside.len();
            self.inside.extend(&facets.models);
            self.offer(&facets, found);
            self.inside.truncate(before);
            return;
        };
        let is_null = |branch: &&Schema| branch.types == [JsonType::Null];
        let others = branches.iter().filter(|branch| !is_null(branch));
        for branch in others.chain(branches.iter().filter(is_null)) {
            let mut with = facets.clone();
            with.absorb(self.tables, branch);
            if with.models.iter().any(|id| self.inside.contains(id)) {
                continue;
            }
            if let Some((property, tag)) = discriminator.and_then(|it| tag(it, branch)) {
                with.fixed.insert(property, tag);
            }
            self.choose(with, found);
        }
    }

    fn offer(&mut self, facets: &Facets<'s>, found: &mut Found<'s>) {
        if let Some(values) = facets.values {
            // A null says least.
            let some = values.iter().filter(|value| !value.is_null());
            for value in some.chain(values.iter().filter(|value| value.is_null())) {
                found.offer(self.tables, value.clone(), &mut self.checks);
            }
            return;
        }
        for ty in facets.candidate_types() {
            if found.is_full() {
                return;
            }
            match ty {
                JsonType::Object => {
                    for everything in [true, false] {
                        if !found.is_full()
                            && let Some(members) = self.object(facets, everything)
                        {
                            found.offer(
                                self.tables,
                                Value::Object(members.clone()),
                                &mut self.checks,
                            );
                            self.offer_others(facets, &members, found);
                        }
                    }
                }
                JsonType::Array => {
                    for wanted in [SOME, 0, 2] {
                        if !found.is_full()
                            && let Some(items) = self.array(facets, wanted)
                        {
                            found.offer(self.tables, Value::Array(items), &mut self.checks);
                        }
                    }
                }
                scalar => {
                    for value in scalars::candidates(scalar, facets) {
                        found.offer(self.tables, value, &mut self.checks);
                    }
                }
            }
        }
    }

    /// Objects that differ from another one in the value of a member.
    fn offer_others(
        &mut self,
        facets: &Facets<'s>,
        members: &Map<String, Value>,
        found: &mut Found<'s>,
    ) {
        for name in members.keys() {
            if found.is_full() {
                return;
            }
            let Some(declared) = facets.properties.get(name.as_str()) else {
                continue;
            };
            let schemas: Vec<&Schema> = declared.iter().map(|it| &*it.schema).collect();
            for value in self.several(&schemas, found.count) {
                let mut other = members.clone();
                other.insert(name.clone(), value);
                found.offer(self.tables, Value::Object(other), &mut self.checks);
            }
        }
    }

    /// An object with its required members, and with `everything` the others as well.
    fn object(&mut self, facets: &Facets<'s>, everything: bool) -> Option<Map<String, Value>> {
        let mut members = Map::new();
        for (name, declared) in &facets.properties {
            let required = facets.required.contains(name);
            let wanted = everything && self.made < ENOUGH && !is_write_only(declared);
            if !required && !wanted {
                continue;
            }
            let schemas: Vec<&Schema> = declared.iter().map(|it| &*it.schema).collect();
            let value = match facets.fixed.get(name) {
                Some(tag) => Some(Value::from(*tag)),
                None => self.several(&schemas, 1).pop(),
            };
            match value {
                Some(value) => {
                    members.insert((*name).to_owned(), value);
                }
                None if required => return None,
                // Recursion ends here.
                None => {}
            }
        }
        let names = facets.required.iter().chain(facets.fixed.keys());
        let undeclared = names.filter(|name| !facets.properties.contains_key(**name));
        for name in undeclared {
            let value = match facets.fixed.get(name) {
                Some(tag) => Value::from(*tag),
                None => self.additional(facets)?,
            };
            members.insert((*name).to_owned(), value);
        }
        let is_map = facets.properties.is_empty() && !facets.additional.is_empty();
        let mut least = usize::try_from(facets.min_properties).ok()?;
        if is_map && everything && self.made < ENOUGH {
            least = least.max(SOME);
        }
        let mut number = 0;
        while members.len() < least.min(ENOUGH) {
            number += 1;
            let Some(value) = self.additional(facets) else {
                break;
            };
            let name = if number == 1 {
                "key".to_owned()
            } else {
                format!("key{number}")
            };
            members.entry(name).or_insert(value);
        }
        Some(members)
    }

    /// A member that is not declared.
    fn additional(&mut self, facets: &Facets<'s>) -> Option<Value> {
        match facets.additional.as_slice() {
            [] => Some(Value::from("text")),
            schemas => self.several(schemas, 1).pop(),
        }
    }

    /// A list of so many items, as far as the schema leaves a choice.
    fn array(&mut self, facets: &Facets<'s>, wanted: usize) -> Option<Vec<Value>> {
        let least = usize::try_from(facets.min_items).ok()?;
        let most = facets.max_items.map_or(usize::MAX, |most| most as usize);
        // Items of which nothing is known show nothing, and may yet be wrong.
        let is_known = facets
            .items
            .iter()
            .any(|schema| **schema != Schema::default());
        let wanted = if self.made < ENOUGH && is_known {
            wanted
        } else {
            0
        };
        let count = wanted.max(least).min(most).min(ENOUGH.max(SOME));
        let mut items = Vec::new();
        for schema in facets.prefix_items.into_iter().flatten() {
            items.extend(self.several(&[schema], 1));
        }
        if items.len() >= count || facets.items.is_empty() {
            items.resize(count.max(items.len()), Value::from("text"));
            return Some(items);
        }
        let missing = count - items.len();
        let different = if facets.unique_items { missing } else { 1 };
        let made = self.several(&facets.items, different);
        if made.is_empty() && missing > least {
            return Some(items);
        }
        items.extend(made.iter().cycle().take(missing).cloned());
        Some(items)
    }
}

/// Values on their way, and what they have to fit.
struct Found<'s> {
    schemas: Vec<&'s Schema>,
    values: Vec<Value>,
    count: usize,
}

impl Found<'_> {
    fn is_full(&self) -> bool {
        self.values.len() >= self.count
    }

    fn offer(&mut self, tables: Tables<'_>, value: Value, checks: &mut usize) {
        let is_wanted = !self.is_full() && !self.values.contains(&value);
        if is_wanted
            && self
                .schemas
                .iter()
                .all(|it| fits_within(tables, it, &value, checks).is_ok())
        {
            self.values.push(value);
        }
    }
}

/// The member that names a branch, and its name.
fn tag<'s>(discriminator: &'s Discriminator, branch: &Schema) -> Option<(&'s str, &'s str)> {
    let named = discriminator
        .mapping
        .iter()
        .find(|(_, known)| known == branch)?;
    Some((&discriminator.property, &named.0))
}

fn is_write_only(declared: &[&Property]) -> bool {
    declared.iter().any(|property| property.write_only)
}
