//! Objects as structs: properties from one schema, or gathered from all that `allOf` joins.

use std::collections::HashSet;

use indexmap::{IndexMap, IndexSet};

use super::{
    Lowering, json, names, overlap,
    schemas::{Draft, MEMBERS, NodeKey, key, speaks},
    wish::Wish,
};
use crate::{
    diagnostic::Diagnostic,
    ir::{Field, JsonType, Presence, Schema, Shape, Struct, Type, Written},
    spec::{At, Kind},
};

/// Schemas that are joined one through the other; deeper is no document that anybody wrote.
const MAX_JOINED: usize = 64;

/// Schemas that one object is made of; more are no document that anybody wrote.
const MAX_PARTS: usize = 1024;

/// What several schemas say together of one object.
#[derive(Debug, Default)]
struct Parts<'d> {
    properties: IndexMap<&'d str, Vec<Said<'d>>>,
    required: IndexSet<&'d str>,
    /// What only branches of `oneOf` or `anyOf` require.
    required_by_some: IndexSet<&'d str>,
    additional: Option<(At<'d>, Wish)>,
    /// Whether some have `patternProperties`.
    has_patterns: bool,
    /// The schemas that are being gathered, outermost first.
    path: Vec<NodeKey>,
    /// How many have been gathered so far, the same one each time anew.
    joined: usize,
    /// They cannot be joined, which has been said: whatever else there is makes no object.
    is_broken: bool,
}

/// What one of the schemas says of a member.
#[derive(Clone, Debug)]
struct Said<'d> {
    at: At<'d>,
    /// Names what is written inside.
    wish: Wish,
    /// Of every value, and not of some branch of `oneOf` or `anyOf`.
    always: bool,
}

/// A member of an object with everything that it joins.
pub(super) struct Property<'d> {
    pub(super) name: &'d str,
    /// The schema that says most of it.
    pub(super) at: At<'d>,
    pub(super) required: bool,
    said: Vec<Said<'d>>,
}

impl<'d> Lowering<'d> {
    /// A schema with `properties` or `additionalProperties`, or of type object alone.
    pub(super) fn object(&mut self, at: &At<'d>, wish: &Wish) -> Shape {
        let mut parts = Parts::default();
        self.own_parts(at, wish, true, &mut parts);
        self.struct_of(&parts)
    }

    /// A schema with `allOf`.
    pub(super) fn all_of(&mut self, at: &At<'d>, wish: &Wish) -> Shape {
        let branches: Vec<At<'d>> = at
            .get("allOf")
            .map_or_else(Vec::new, |all| all.items().filter(speaks).collect());
        let own = [
            "properties",
            "patternProperties",
            "additionalProperties",
            "required",
            "oneOf",
            "anyOf",
            "items",
        ];
        let all = at.get("allOf");
        let speaks_itself = own.iter().any(|keyword| at.get(keyword).is_some())
            // What another part requires makes another type.
            || (all.iter().flat_map(At::items)).any(|part| !speaks(&part) && part.get("required").is_some());
        let is_heir = self
            .arena
            .slot(at)
            .is_some_and(|id| self.families.is_heir(id));
        if let ([only], false, false) = (branches.as_slice(), speaks_itself, is_heir) {
            // A wrapper around one schema, for the sake of a description.
            return Shape::Alias(self.bare_type(only, wish));
        }
        if self.is_object(at) {
            return self.joined(at, wish);
        }
        // Constraints on one value: the most telling type holds it.
        let mut types: Vec<Type> = branches
            .iter()
            .map(|branch| self.bare_type(branch, wish))
            .collect();
        if types.is_empty() {
            return self.union(at, wish).unwrap_or_else(|| self.plain(at, wish));
        }
        let telling = types
            .iter()
            .position(|ty| matches!(ty, Type::Model(_)))
            .or_else(|| types.iter().position(|ty| *ty != Type::Any));
        Shape::Alias(types.swap_remove(telling.unwrap_or(0)))
    }

    /// A schema with members of its own next to `oneOf` or `anyOf`.
    pub(super) fn joined(&mut self, at: &At<'d>, wish: &Wish) -> Shape {
        let mut parts = Parts::default();
        self.gather(at, wish, true, &mut parts);
        self.struct_of(&parts)
    }

    /// The properties of an object with everything that it joins.
    pub(super) fn properties(&mut self, at: &At<'d>) -> Vec<Property<'d>> {
        let mut parts = Parts::default();
        self.gather(at, &Wish::text("form"), true, &mut parts);
        let required = parts.required;
        let members = parts.properties.into_iter();
        members
            .filter_map(|(name, said)| {
                let at = telling(&said)?.at.clone();
                let required = required.contains(name);
                Some(Property {
                    name,
                    at,
                    required,
                    said,
                })
            })
            .collect()
    }

    /// The type of a property: with room for all that several variants may say of it.
    pub(super) fn type_of_property(&mut self, property: &Property<'d>, wish: &Wish) -> Type {
        let is_of_variants = property.said.iter().all(|said| !said.always);
        match property.said.len() > 1 && is_of_variants {
            true => self.type_said(property.name, &property.said),
            false => self.type_of(&property.at, &wish.then(property.name)),
        }
    }

    /// A schema whose only combinator says nothing about the type.
    fn plain(&mut self, at: &At<'d>, wish: &Wish) -> Shape {
        match self.types(at).as_slice() {
            [JsonType::Object] => self.object(at, wish),
            [single] => Shape::Alias(self.single(at, *single, wish)),
            _ => Shape::Alias(Type::Any),
        }
    }

    /// Whether a schema describes an object, itself or through what it joins.
    pub(super) fn is_object(&mut self, at: &At<'d>) -> bool {
        // Of members that no value can have nothing follows.
        let said = overlap::types(&overlap::parts(at));
        if !said.is_empty() && !said.contains(&"object") {
            return false;
        }
        let mut seen = HashSet::new();
        let mut open = vec![at.clone()];
        // Each schema once: branches that lead to the same ones double with every step otherwise.
        while let Some(at) = open.pop() {
            if !seen.insert(key(&at)) || seen.len() > MAX_PARTS {
                continue;
            }
            if let Some(target) = self.reference(&at) {
                open.extend(target);
                continue;
            }
            if MEMBERS.iter().any(|keyword| at.get(keyword).is_some()) {
                return true;
            }
            open.extend(self.extended(&at).flatten());
            match at.get("type").and_then(|ty| ty.as_str()) {
                Some("object") => return true,
                Some(_) => {}
                None => {
                    for keyword in ["allOf", "oneOf", "anyOf"] {
                        open.extend(at.get(keyword).into_iter().flat_map(|list| list.items()));
                    }
                }
            }
        }
        false
    }

    /// Adds everything that a schema and those it joins say of the object. What a branch of
    /// `oneOf` or `anyOf` requires is not required of every value.
    fn gather(&mut self, at: &At<'d>, wish: &Wish, always: bool, parts: &mut Parts<'d>) {
        if parts.is_broken {
            return;
        }
        let mut target = None;
        if let Some(reference) = self.reference(at) {
            let Some(reference) = reference else { return };
            target = Some(reference);
        }
        let (at, wish) = match target {
            Some(target) => {
                let id = self.model(&target);
                (target, Wish::of(id))
            }
            None => (at.clone(), wish.clone()),
        };
        if parts.path.contains(&key(&at)) {
            self.report(
                Diagnostic::error(
                    "recursive-all-of",
                    "a schema cannot contain itself through `allOf`",
                )
                .at(at.key_location())
                .help("refer to it from a property instead"),
            );
            parts.is_broken = true;
            return;
        }
        parts.joined += 1;
        if parts.path.len() >= MAX_JOINED || parts.joined > MAX_PARTS {
            self.report(
                Diagnostic::error("schema-too-deep", "`allOf` joins schemas too deeply")
                    .at(at.key_location()),
            );
            parts.is_broken = true;
            return;
        }
        parts.path.push(key(&at));
        if let Some(Some(target)) = self.extended(&at) {
            let id = self.model(&target);
            self.gather(&target, &Wish::of(id), always, parts);
        }
        for branch in at.get("allOf").into_iter().flat_map(|list| list.items()) {
            self.gather(&branch, &wish, always, parts);
        }
        self.own_parts(&at, &wish, always, parts);
        for keyword in ["oneOf", "anyOf"] {
            let branches = at.get(keyword);
            let branches: Vec<At<'d>> = branches.iter().flat_map(At::items).collect();
            // A base may list those that extend it: one of them is not also all the others.
            let leads_back =
                (branches.iter()).any(|branch| parts.path.contains(&key(&self.target(branch))));
            if leads_back {
                continue;
            }
            for branch in branches {
                self.gather(&branch, &wish, false, parts);
            }
        }
        parts.path.pop();
    }

    fn own_parts(&mut self, at: &At<'d>, wish: &Wish, always: bool, parts: &mut Parts<'d>) {
        if let Some(properties) = self.map(at, "properties") {
            if !properties.is_object() {
                self.wrong_kind(&properties, "properties", "an object");
            }
            let stands_elsewhere =
                (at.get("properties")).is_some_and(|map| map.reference().is_some());
            for (name, property) in properties.entries() {
                // A map may stand inside itself: a model each keeps it from unfolding.
                if stands_elsewhere {
                    self.model(&property);
                }
                parts.properties.entry(name).or_default().push(Said {
                    at: property,
                    wish: wish.clone(),
                    always,
                });
            }
        }
        if let Some(required) = at.get("required") {
            let names = match always {
                true => &mut parts.required,
                false => &mut parts.required_by_some,
            };
            names.extend(required.items().filter_map(|name| name.as_str()));
        }
        // Their types differ by name, so what matches is kept as any JSON.
        if parts.additional.is_none()
            && let Some(Kind::Object(_)) = at.get("patternProperties").map(|it| &it.node().kind)
        {
            parts.has_patterns = true;
        }
        if let Some(additional) = at.get("additionalProperties")
            && (additional.as_bool().is_none() || parts.additional.is_none())
        {
            parts.additional = Some((additional, wish.clone()));
        }
    }

    fn struct_of(&mut self, parts: &Parts<'d>) -> Shape {
        let additional = match &parts.additional {
            _ if parts.has_patterns => Some(Type::Any),
            None => None,
            Some((at, wish)) => match at.as_bool() {
                Some(false) => None,
                Some(true) => Some(Type::Any),
                None => Some(self.type_of(at, &wish.then("value"))),
            },
        };
        if parts.properties.is_empty() && parts.required.is_empty() {
            // An object of which nothing is known keeps whatever it has.
            return Shape::Alias(Type::Map(Box::new(additional.unwrap_or(Type::Any))));
        }
        let mut taken = names::Taken::default();
        let mut fields = Vec::new();
        for (name, said) in &parts.properties {
            let required = parts.required.contains(name);
            fields.push(self.field(name, said, required, &mut taken));
        }
        for name in parts.required.union(&parts.required_by_some) {
            if !parts.properties.contains_key(name) {
                let ty = additional.clone().unwrap_or(Type::Any);
                let presence = match parts.required.contains(name) {
                    true => Presence::Required,
                    false => Presence::Optional,
                };
                let rust_name = taken.claim(names::field_name(name));
                fields.push(undeclared(name, ty, rust_name, presence));
            }
        }
        let additional = additional.map(|ty| (taken.claim("additional_properties".to_owned()), ty));
        Shape::Struct(Struct { fields, additional })
    }

    fn field(
        &mut self,
        name: &str,
        said: &[Said<'d>],
        required: bool,
        taken: &mut names::Taken,
    ) -> Field {
        let ty = self.type_said(name, said);
        let at = telling(said).map(|said| &said.at);
        let flag = |this: &mut Self, keyword| said.iter().any(|said| this.flag(&said.at, keyword));
        let (ty, nullable) = match ty {
            Type::Nullable(inner) => (*inner, true),
            ty => (ty, false),
        };
        Field {
            rust_name: taken.claim(names::field_name(name)),
            json_name: name.to_owned(),
            ty,
            doc: at.and_then(|at| self.doc_of(at)),
            presence: match (required, nullable) {
                (true, false) => Presence::Required,
                (true, true) => Presence::RequiredNullable,
                (false, false) => Presence::Optional,
                (false, true) => Presence::OptionalNullable,
            },
            default: at
                .and_then(|at| self.annotation(at, "default"))
                .map(|value| json::value(value.node())),
            deprecated: flag(self, "deprecated"),
            read_only: flag(self, "readOnly"),
            write_only: flag(self, "writeOnly"),
            written: Written(at.map(At::location)),
        }
    }

    /// The type of a member of which several schemas may speak.
    fn type_said(&mut self, name: &str, said: &[Said<'d>]) -> Type {
        let speaking: Vec<&Said<'d>> = said.iter().filter(|said| speaks(&said.at)).collect();
        let type_of =
            |this: &mut Self, said: &Said<'d>| this.type_of(&said.at, &said.wish.then(name));
        let (always, sometimes): (Vec<&Said<'d>>, Vec<_>) =
            speaking.into_iter().partition(|said| said.always);
        match (always.as_slice(), sometimes.as_slice()) {
            ([], []) => match said.last() {
                Some(only) => type_of(self, only),
                None => Type::Any,
            },
            ([], [only]) => type_of(self, only),
            ([], branches) => {
                let types: Vec<Type> = branches.iter().map(|said| type_of(self, said)).collect();
                self.either(types)
            }
            ([only], []) => type_of(self, only),
            ([.., last], _) => {
                let all: Vec<&Said<'d>> = always.iter().chain(&sometimes).copied().collect();
                let types: Vec<Type> = all.iter().map(|said| type_of(self, said)).collect();
                let are_structs = types.iter().all(|ty| self.is_struct(ty));
                if are_structs && types.iter().any(|ty| *ty != types[0]) {
                    return self.both(name, &all);
                }
                // A branch narrows what holds always.
                type_of(self, last)
            }
        }
    }

    fn is_struct(&self, ty: &Type) -> bool {
        match self.plain_type(ty) {
            Type::Model(id) => matches!(self.arena.drafts[id.0].shape, Shape::Struct(_)),
            _ => false,
        }
    }

    /// One struct with the members of several.
    fn both(&mut self, name: &str, said: &[&Said<'d>]) -> Type {
        let Some(last) = said.last() else {
            return Type::Any;
        };
        let wish = last.wish.then(name).inside();
        let mut parts = Parts::default();
        for said in said {
            self.gather(&said.at, &wish, said.always, &mut parts);
        }
        let shape = self.struct_of(&parts);
        Type::Model(self.arena.push_unplaced(Draft {
            at: last.at.clone(),
            wish,
            is_component: false,
            shape,
            schema: Schema::default(),
        }))
    }

    /// A type that has room for the values of all of them.
    fn either(&self, types: Vec<Type>) -> Type {
        let is_nullable = types.iter().any(|ty| matches!(ty, Type::Nullable(_)));
        let is_text = |ty: &Type| match self.plain_type(ty) {
            Type::String => true,
            Type::Model(id) => match &self.arena.drafts[id.0].shape {
                Shape::Enum(variants) => variants.iter().all(|variant| variant.value.is_string()),
                _ => false,
            },
            _ => false,
        };
        if types.iter().all(|ty| *ty == types[0]) {
            return types.into_iter().next().unwrap_or(Type::Any);
        }
        match types.iter().all(is_text) {
            true if is_nullable => Type::Nullable(Box::new(Type::String)),
            true => Type::String,
            false => Type::Any,
        }
    }

    /// A remark of a schema, or of the one that it refers to.
    pub(super) fn annotation(&mut self, at: &At<'d>, keyword: &str) -> Option<At<'d>> {
        if let Some(own) = at.get(keyword) {
            return Some(own);
        }
        let target = self.reference(at).or_else(|| self.extended(at));
        target.flatten()?.get(keyword)
    }

    pub(super) fn flag(&mut self, at: &At<'d>, keyword: &str) -> bool {
        self.annotation(at, keyword)
            .and_then(|value| value.as_bool())
            .unwrap_or(false)
    }

    /// The description of the schema itself: that of a referenced one stands at its own type.
    pub(super) fn doc_of(&self, at: &At<'d>) -> Option<String> {
        ["description", "title"]
            .iter()
            .find_map(|keyword| at.get(keyword)?.as_str())
            .map(str::to_owned)
    }
}

/// The schema of a member that is joined last knows most, unless it only adds a remark.
fn telling<'s, 'd>(said: &'s [Said<'d>]) -> Option<&'s Said<'d>> {
    let speaking = said.iter().rev().find(|said| speaks(&said.at));
    speaking.or(said.last())
}

/// A member that is required and nowhere described.
fn undeclared(name: &str, ty: Type, rust_name: String, presence: Presence) -> Field {
    Field {
        rust_name,
        json_name: name.to_owned(),
        ty,
        doc: None,
        presence,
        default: None,
        deprecated: false,
        read_only: false,
        write_only: false,
        written: Written::default(),
    }
}
