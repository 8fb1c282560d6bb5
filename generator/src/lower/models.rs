//! What can only be decided once all schemas are known: names, cycles, defaults, and which models
//! a request reaches.

use std::collections::{HashMap, HashSet};

use super::{
    Lowering, cycles,
    defaults::{self, Verdict},
    names, reach,
    schemas::Draft,
    share, sizes,
    wish::Place,
};
use crate::{
    diagnostic::Diagnostic,
    ir::{Api, Field, Model, ModelId, Outgoing, Presence, Reading, Shape, Type, UnionVariant},
};

impl<'d> Lowering<'d> {
    /// Finishes the arena: one pass a concern, and the models as they are rendered.
    pub(super) fn models(&mut self, apis: &mut [Api], calls: &mut [Outgoing]) -> Vec<Model> {
        self.break_names_in_circles();
        let names = self.names();
        let read = reach::read_by_requests(apis, &self.arena.drafts);
        let needed = reach::needed(apis, calls, &self.arena.drafts);
        let answered = reach::answered(apis, &self.arena.drafts);
        self.open_one_way(&read, |field| field.read_only);
        let both_ways: HashSet<ModelId> = read.intersection(&answered).copied().collect();
        self.open_one_way(&both_ways, |field| field.write_only);
        self.find_tags();
        self.weigh_defaults(apis);
        cycles::box_fields(&mut self.arena.drafts);
        sizes::box_large(&mut self.arena.drafts);
        self.name_variants(&names);
        sizes::mark(apis, calls, &mut self.arena.drafts);
        self.tell_unneeded(&needed);
        let types = share::equal(&mut self.arena.drafts, &needed.types);
        let tables: HashSet<ModelId> = needed.tables.iter().map(|id| types[id.0]).collect();
        let parameters = reach::parameters(apis, &self.arena.drafts);
        let drafts = std::mem::take(&mut self.arena.drafts);
        let modules = modules(&drafts, &names);
        let documented = drafts.iter().map(|draft| self.doc_of(&draft.at));
        let docs: Vec<Option<String>> = documented.collect();
        drafts
            .into_iter()
            .zip(docs)
            .enumerate()
            .map(|(index, (draft, doc))| Model {
                rust_name: names[index].clone(),
                static_name: names::static_name(&names[types[index].0]),
                module: modules[index].clone(),
                doc,
                shape: draft.shape,
                is_needed: needed.types.contains(&ModelId(index)),
                schema: (tables.contains(&ModelId(index))).then_some(draft.schema),
                is_parameter: parameters.contains(&ModelId(index)),
                location: draft.at.location(),
            })
            .collect()
    }

    /// Compiling a type takes time, so those that no operation has are left out.
    fn tell_unneeded(&mut self, needed: &reach::Needed) {
        // An operation that is wrong may need them.
        if self.diagnostics.has_errors() {
            return;
        }
        let drafts = self.arena.drafts.iter().enumerate();
        let mut unneeded = drafts.filter(|(index, draft)| {
            draft.is_component && !needed.types.contains(&ModelId(*index))
        });
        let Some((_, first)) = unneeded.next() else {
            return;
        };
        let message = match unneeded.count() {
            0 => "no operation carries this schema by itself: it has no type of its own".to_owned(),
            others => {
                format!(
                    "no operation carries this schema or {others} others by themselves: \
                     they have no types of their own"
                )
            }
        };
        let location = first.at.key_location();
        self.report(Diagnostic::note("unneeded-schemas", message).at(location));
    }

    /// A name that stands for nothing but itself is an error; one that contains itself through
    /// lists or maps becomes a type of its own, because Rust expands plain names for ever.
    fn break_names_in_circles(&mut self) {
        for id in cycles::nothing_but_themselves(&self.arena.drafts) {
            self.report(
                Diagnostic::error("recursive-schema", "a schema that is nothing but itself")
                    .at(self.place(id))
                    .help("give it a type or properties"),
            );
            self.arena.drafts[id.0].shape = Shape::Alias(Type::Any);
        }
        let mut each = cycles::Each::First;
        loop {
            let found = cycles::aliases(&self.arena.drafts, each);
            if found.is_empty() {
                return;
            }
            for id in found {
                if let Shape::Alias(ty) = &self.arena.drafts[id.0].shape {
                    self.arena.drafts[id.0].shape = Shape::Newtype(ty.clone());
                }
            }
            // Circles that share more than one name are no document that anybody wrote.
            each = cycles::Each::Member;
        }
    }

    /// Components get their names first, and of those the ones that are Rust names already, so
    /// that a name stays when another schema is added.
    fn names(&self) -> Vec<String> {
        let drafts = &self.arena.drafts;
        let mut names = vec![String::new(); drafts.len()];
        let mut taken = TypeNames::default();
        for exact in [true, false] {
            for (index, draft) in drafts.iter().enumerate() {
                if !draft.is_component {
                    continue;
                }
                let wish = draft.wish.spell(|_| String::new());
                if (draft.component() == Some(wish.as_str())) == exact {
                    names[index] = taken.claim(&wish);
                }
            }
        }
        for (index, draft) in drafts.iter().enumerate() {
            if !draft.is_component {
                let wish = draft.wish.spell(|owner| names[owner.0].clone());
                names[index] = taken.claim(&wish);
            }
        }
        names
    }

    /// A member that only answers have cannot be required of a type that requests use, too, and
    /// the other way round. What requests must have is still checked against their tables.
    fn open_one_way(&mut self, models: &HashSet<ModelId>, is_one_way: fn(&Field) -> bool) {
        for id in models {
            let Shape::Struct(shape) = &mut self.arena.drafts[id.0].shape else {
                continue;
            };
            for field in shape.fields.iter_mut().filter(|field| is_one_way(field)) {
                field.presence = match field.presence {
                    Presence::Required => Presence::Optional,
                    Presence::RequiredNullable => Presence::OptionalNullable,
                    presence => presence,
                };
            }
        }
    }

    /// Decides which members and parameters have a value even where a request leaves them out.
    fn weigh_defaults(&mut self, apis: &mut [Api]) {
        let mut wrong = Vec::new();
        let drafts = &self.arena.drafts;
        let mut weigh = |presence: &mut Presence, default, ty: &Type, location, breaks: bool| {
            let verdict = match defaults::weigh(drafts, ty, default) {
                Verdict::Usable if breaks => Verdict::Wrong,
                verdict => verdict,
            };
            let may_be_absent = matches!(presence, Presence::Optional | Presence::OptionalNullable);
            match verdict {
                Verdict::Wrong => wrong.push((location, default.clone())),
                Verdict::Usable if may_be_absent => *presence = Presence::Defaulted,
                Verdict::Usable | Verdict::Unused => {}
            }
        };
        let mut decided = Vec::new();
        for (index, draft) in drafts.iter().enumerate() {
            let Shape::Struct(shape) = &draft.shape else {
                continue;
            };
            for (number, field) in shape.fields.iter().enumerate() {
                if let Some(default) = &field.default {
                    let own = draft.schema.properties.iter();
                    let said = own
                        .clone()
                        .find(|property| property.name == field.json_name);
                    let breaks =
                        said.is_some_and(|said| defaults::breaks(drafts, &said.schema, default));
                    let mut presence = field.presence;
                    let location = field.written.0.clone();
                    weigh(&mut presence, default, &field.ty, location, breaks);
                    decided.push((index, number, presence));
                }
            }
        }
        for api in apis {
            for operation in &mut api.operations {
                for parameter in &mut operation.parameters {
                    if let Some(default) = &parameter.default {
                        let location = Some(parameter.location.clone());
                        let breaks = defaults::breaks(drafts, &parameter.schema, default);
                        weigh(
                            &mut parameter.presence,
                            default,
                            &parameter.ty,
                            location,
                            breaks,
                        );
                        // A parameter may be made of any JSON, so that its default may be, too.
                        if parameter.presence == Presence::Defaulted
                            && !defaults::is_literal(drafts, &parameter.ty, default)
                        {
                            parameter.reading = Reading::Value;
                            parameter.json_default = Some(default.to_string());
                        }
                    }
                }
            }
        }
        for (index, number, presence) in decided {
            if let Shape::Struct(shape) = &mut self.arena.drafts[index].shape {
                let field = &mut shape.fields[number];
                if field.presence == Presence::OptionalNullable && presence == Presence::Defaulted {
                    // Absent is the default, null is null.
                    let ty = std::mem::replace(&mut field.ty, Type::Null);
                    field.ty = Type::Nullable(Box::new(ty));
                }
                field.presence = presence;
            }
        }
        for (location, default) in wrong {
            let mut found = Diagnostic::warning(
                "wrong-default",
                format!("the default {default} does not fit its own schema, and is not used"),
            );
            found.location = location;
            self.report(found);
        }
    }

    /// Finds the unions that have to write their discriminator themselves: none of the forms has
    /// the member. Where only some have it, what the others write lacks it, which is said.
    fn find_tags(&mut self) {
        let mut writers = Vec::new();
        let mut lacking = Vec::new();
        for (index, draft) in self.arena.drafts.iter().enumerate() {
            let Shape::Union(union) = &draft.shape else {
                continue;
            };
            let Some(tag) = &union.discriminator else {
                continue;
            };
            let has_tag = |variant: &UnionVariant| match self.plain_type(&variant.ty) {
                Type::Model(id) => match &self.arena.drafts[id.0].shape {
                    Shape::Struct(shape) => {
                        Some(shape.fields.iter().any(|field| field.json_name == *tag))
                    }
                    _ => None,
                },
                Type::Map(_) => Some(false),
                _ => None,
            };
            let found: Vec<Option<bool>> = union.variants.iter().map(has_tag).collect();
            let one_each = union.variants.iter().all(|variant| variant.tags.len() == 1);
            if one_each && found.iter().all(|found| *found == Some(false)) {
                writers.push(index);
            } else if found.contains(&Some(false)) {
                lacking.push((draft.at.key_location(), tag.clone()));
            }
        }
        for index in writers {
            if let Shape::Union(union) = &mut self.arena.drafts[index].shape {
                union.writes_tag = true;
            }
        }
        for (location, tag) in lacking {
            self.report(
                Diagnostic::warning(
                    "undeclared-discriminator",
                    format!("not every branch declares `{tag}`, so that answers may lack it"),
                )
                .at(location)
                .help(format!("declare `{tag}` in `properties` of each branch")),
            );
        }
    }

    fn name_variants(&mut self, models: &[String]) {
        for (index, draft) in self.arena.drafts.iter_mut().enumerate() {
            let Shape::Union(union) = &mut draft.shape else {
                continue;
            };
            let mut taken = names::Taken::default();
            for variant in &mut union.variants {
                variant.rust_name = taken.claim(variant_name(variant, &models[index], models));
            }
        }
    }
}

/// The module of each model: what is written inside a schema stands in its file, what is written
/// inside an operation in the operation's.
fn modules(drafts: &[Draft<'_>], names: &[String]) -> Vec<String> {
    let mut modules: Vec<String> = Vec::with_capacity(drafts.len());
    for (draft, name) in drafts.iter().zip(names) {
        modules.push(match draft.wish.place() {
            // An owner is found before what it owns.
            Place::Inside(owner) => modules[owner.0].clone(),
            Place::Named(text) if draft.wish.is_inside() => {
                names::module_name(&names::type_name(text))
            }
            Place::Named(_) => names::module_name(name),
        });
    }
    modules
}

/// A variant is called as what it holds, without the name of the union in front.
fn variant_name(variant: &UnionVariant, union: &str, models: &[String]) -> String {
    fn word(ty: &Type, models: &[String]) -> String {
        match ty {
            Type::Model(id) => models[id.0].clone(),
            Type::String => "String".to_owned(),
            Type::Bool => "Bool".to_owned(),
            Type::Integer(_) => "Integer".to_owned(),
            Type::Float | Type::Double | Type::Decimal => "Number".to_owned(),
            Type::Date => "Date".to_owned(),
            Type::DateTime => "DateTime".to_owned(),
            Type::Uuid => "Uuid".to_owned(),
            Type::Any => "Any".to_owned(),
            Type::Null => "Null".to_owned(),
            Type::Bytes | Type::Base64 => "Bytes".to_owned(),
            Type::Tuple(_) => "Tuple".to_owned(),
            Type::List(item) => word(item, models) + "List",
            Type::Map(_) => "Map".to_owned(),
            Type::Nullable(inner) | Type::Boxed(inner) => word(inner, models),
        }
    }
    let name = word(&variant.ty, models);
    let rest = name.strip_prefix(union).unwrap_or_default();
    match rest.starts_with(|first: char| first.is_ascii_uppercase()) {
        true => rest.to_owned(),
        false => name,
    }
}

/// Names of types, whose files and statics differ, too.
#[derive(Debug, Default)]
struct TypeNames {
    names: HashSet<String>,
    /// The last number that was tried behind a wish: none is tried twice.
    numbers: HashMap<String, u64>,
}

impl TypeNames {
    fn claim(&mut self, wish: &str) -> String {
        let mut name = wish.to_owned();
        while !self.names.insert(names::static_name(&name)) {
            let separator = match wish.ends_with(|last: char| last.is_ascii_digit()) {
                true => "x",
                false => "",
            };
            let number = self.numbers.entry(wish.to_owned()).or_insert(1);
            *number += 1;
            name = format!("{wish}{separator}{number}");
        }
        name
    }
}
