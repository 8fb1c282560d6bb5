//! Schemas as Rust types.
//!
//! Every schema that needs a name becomes a draft in one arena; types refer to drafts by index,
//! so that schemas may contain each other in any way. References put their target into the arena
//! and leave it for later: only what is written inside a schema is walked by recursion.

use std::collections::{HashMap, HashSet};

use super::{
    Lowering, enums, numbers, tuples,
    wish::{Place, Wish},
};
use crate::{
    diagnostic::{self, Diagnostic, Location},
    ir::{self, JsonType, ModelId, Shape, Type},
    spec::{At, Node},
};

/// A node's place in memory: the same schema, however it was reached.
pub(super) type NodeKey = *const Node;

/// A model on its way.
#[derive(Debug)]
pub(super) struct Draft<'d> {
    pub(super) at: At<'d>,
    pub(super) wish: Wish,
    /// A component of the document: its name comes before those of what is written inside.
    pub(super) is_component: bool,
    pub(super) shape: Shape,
    pub(super) schema: ir::Schema,
}

/// The models found so far.
#[derive(Debug, Default)]
pub(super) struct Arena<'d> {
    pub(super) drafts: Vec<Draft<'d>>,
    slots: HashMap<NodeKey, ModelId>,
    /// Schemas without a name of their own that are being walked, outermost first.
    open: Vec<NodeKey>,
    /// Drafts before this index have their shape.
    done: usize,
}

impl Draft<'_> {
    /// What the document calls a component.
    pub(super) fn component(&self) -> Option<&str> {
        match self.wish.place() {
            Place::Named(name) if self.is_component => Some(name),
            _ => None,
        }
    }
}

impl<'d> Arena<'d> {
    pub(super) fn slot(&self, at: &At<'d>) -> Option<ModelId> {
        self.slots.get(&key(at)).copied()
    }

    /// The schemas that the document names.
    pub(super) fn components(&self) -> impl Iterator<Item = (ModelId, At<'d>)> + use<'_, 'd> {
        let named = self.drafts.iter().enumerate();
        named
            .filter(|(_, draft)| draft.is_component)
            .map(|(index, draft)| (ModelId(index), draft.at.clone()))
    }

    fn push(&mut self, draft: Draft<'d>) -> ModelId {
        let id = ModelId(self.drafts.len());
        self.slots.insert(key(&draft.at), id);
        self.push_unplaced(draft)
    }

    /// Adds a model that is not what its node stands for elsewhere: one made out of several
    /// schemas, or a part of one.
    pub(super) fn push_unplaced(&mut self, draft: Draft<'d>) -> ModelId {
        let id = ModelId(self.drafts.len());
        self.drafts.push(draft);
        id
    }
}

pub(super) fn key(at: &At<'_>) -> NodeKey {
    std::ptr::from_ref(at.node())
}

/// The schemas that one question has been put to. Schemas that are combined of each other have
/// more paths than anybody can walk, but each of them answers the same on every path.
#[derive(Debug, Default)]
pub(super) struct Seen(HashSet<NodeKey>);

impl Seen {
    /// Whether a schema was not asked before, nor too many others.
    pub(super) fn is_new(&mut self, at: &At<'_>) -> bool {
        self.0.len() < MAX_LOOKED_AT as usize && self.0.insert(key(at))
    }
}

/// Keywords that say of which type a value is. A schema without any of them is a remark.
const SHAPING: &[&str] = &[
    "$ref",
    "$dynamicRef",
    "type",
    "enum",
    "const",
    "properties",
    "patternProperties",
    "additionalProperties",
    "items",
    "prefixItems",
    "allOf",
    "oneOf",
    "anyOf",
];

/// Keywords that only objects have, and that say something of their members.
pub(super) const MEMBERS: &[&str] = &["properties", "patternProperties", "additionalProperties"];

/// Whether a schema says anything about the type.
pub(super) fn speaks(at: &At<'_>) -> bool {
    SHAPING.iter().any(|keyword| at.get(keyword).is_some())
}

/// How many schemas are looked at to find out whether one takes null.
const MAX_LOOKED_AT: u32 = 128;

impl<'d> Lowering<'d> {
    /// Registers the named schemas of the document, whether or not anything refers to them.
    pub(super) fn components(&mut self) {
        let components = self.map(&self.root.clone(), "components");
        let Some(schemas) = components.and_then(|at| self.map(&at, "schemas")) else {
            return;
        };
        for (name, at) in schemas.entries() {
            if self.left_out_schemas.contains(name) {
                continue;
            }
            self.register(&at, Wish::text(name), true);
        }
        self.adopt();
        self.find_families();
        self.settle();
    }

    /// A component that is nothing but a reference to what has no name of its own, in another file for
    /// instance, is that schema's name.
    fn adopt(&mut self) {
        for index in 0..self.arena.drafts.len() {
            let at = &self.arena.drafts[index].at;
            if at.reference().is_none() || at.entries().count() > 1 {
                continue;
            }
            // Where it leads nowhere somebody else will say so.
            let Ok(target) = at.resolve() else { continue };
            if self.arena.slot(&target).is_none() {
                self.arena.slots.insert(key(&target), ModelId(index));
                self.arena.drafts[index].at = target;
            }
        }
    }

    fn register(&mut self, at: &At<'d>, wish: Wish, is_component: bool) -> ModelId {
        self.arena.push(Draft {
            at: at.clone(),
            wish,
            is_component,
            shape: Shape::Alias(Type::Any),
            schema: ir::Schema::default(),
        })
    }

    /// Gives a shape to everything that was put off.
    pub(super) fn settle(&mut self) {
        while let Some(draft) = self.arena.drafts.get(self.arena.done) {
            let id = ModelId(self.arena.done);
            self.arena.done += 1;
            // What was found inside another schema came with its shape.
            if draft.wish.is_inside() {
                continue;
            }
            let at = draft.at.clone();
            let shape = match self.reference(&at) {
                Some(target) => Shape::Alias(
                    target.map_or(Type::Any, |target| Type::Model(self.model(&target))),
                ),
                None => match self.family(id) {
                    Some(family) => family,
                    None => self.shape(&at, &Wish::of(id)),
                },
            };
            self.arena.drafts[id.0].shape = shape;
        }
    }

    /// The model of a schema that something refers to.
    pub(super) fn model(&mut self, at: &At<'d>) -> ModelId {
        match self.arena.slot(at) {
            Some(id) => id,
            None => {
                let wish = Wish::of_place(at, self.document);
                self.register(at, wish, false)
            }
        }
    }

    /// The type of a schema where it is used. `wish` names what has to be named.
    pub(super) fn type_of(&mut self, at: &At<'d>, wish: &Wish) -> Type {
        let bare = self.bare_type(at, wish);
        match self.is_nullable(at) && !matches!(bare, Type::Any | Type::Null | Type::Nullable(_)) {
            true => Type::Nullable(Box::new(bare)),
            false => bare,
        }
    }

    /// The type without the null that it may also be.
    pub(super) fn bare_type(&mut self, at: &At<'d>, wish: &Wish) -> Type {
        if let Some(target) = self.reference(at) {
            return target.map_or(Type::Any, |target| Type::Model(self.model(&target)));
        }
        if let Some(id) = self.arena.slot(at) {
            return Type::Model(id);
        }
        // What stands inside of it joins the schema around it: it is written down once, beside.
        if self.arena.open.contains(&key(at)) {
            return Type::Model(self.model(at));
        }
        self.arena.open.push(key(at));
        let shape = self.nested(|this| this.shape(at, wish));
        self.arena.open.pop();
        if let Some(id) = self.arena.slot(at) {
            return Type::Model(id);
        }
        match shape {
            None => {
                self.report(
                    Diagnostic::error("schema-too-deep", "schemas are nested too deeply")
                        .at(at.location())
                        .help("move inner schemas to components/schemas and refer to them"),
                );
                Type::Any
            }
            Some(Shape::Alias(ty)) => ty,
            Some(shape) => Type::Model(self.arena.push(Draft {
                at: at.clone(),
                wish: wish.clone().inside(),
                is_component: false,
                shape,
                schema: ir::Schema::default(),
            })),
        }
    }

    /// What kind of Rust item a schema is; an alias where it needs none of its own.
    pub(super) fn shape(&mut self, at: &At<'d>, wish: &Wish) -> Shape {
        if let Some(shape) = self.enumeration(at) {
            return shape;
        }
        if let Some(target) = self.extended(at) {
            let combines = [
                "properties",
                "patternProperties",
                "additionalProperties",
                "required",
                "allOf",
                "oneOf",
                "anyOf",
            ];
            return match target {
                _ if combines.iter().any(|keyword| at.get(keyword).is_some())
                    && self.is_object(at) =>
                {
                    self.joined(at, wish)
                }
                Some(target) => Shape::Alias(Type::Model(self.model(&target))),
                None => Shape::Alias(Type::Any),
            };
        }
        if at
            .get("allOf")
            .is_some_and(|all| all.items().next().is_some())
        {
            return self.all_of(at, wish);
        }
        if let Some(shape) = self.union(at, wish) {
            return shape;
        }
        match self.types(at).as_slice() {
            [] if MEMBERS.iter().any(|keyword| at.get(keyword).is_some()) => self.object(at, wish),
            [] if at.get("items").is_some() || at.get("prefixItems").is_some() => {
                Shape::Alias(self.list(at, wish))
            }
            [] => Shape::Alias(Type::Any),
            [JsonType::Object] => self.object(at, wish),
            [single] => Shape::Alias(self.single(at, *single, wish)),
            several => self.several(at, several, wish),
        }
    }

    /// The type of a value that is no object.
    pub(super) fn single(&mut self, at: &At<'d>, ty: JsonType, wish: &Wish) -> Type {
        let format = at.get("format").and_then(|at| at.as_str());
        let encoding = at.get("contentEncoding").and_then(|at| at.as_str());
        match ty {
            JsonType::Null => Type::Null,
            JsonType::Boolean => Type::Bool,
            JsonType::Integer => Type::Integer(numbers::integer(at)),
            JsonType::Number if format == Some("float") => Type::Float,
            JsonType::Number if format == Some("decimal") => Type::Decimal,
            // A whole number by its format, whatever its type says.
            JsonType::Number if format.and_then(numbers::of_format).is_some() => {
                Type::Integer(numbers::integer(at))
            }
            JsonType::Number => Type::Double,
            JsonType::String => match format {
                Some("date-time") => Type::DateTime,
                Some("date") => Type::Date,
                Some("uuid") => Type::Uuid,
                Some("byte" | "base64") => Type::Base64,
                None if encoding == Some("base64") => Type::Base64,
                _ => Type::String,
            },
            JsonType::Array => self.list(at, wish),
            JsonType::Object => Type::Map(Box::new(Type::Any)),
        }
    }

    fn list(&mut self, at: &At<'d>, wish: &Wish) -> Type {
        if let Some(tuple) = self.tuple(at, wish) {
            return tuple;
        }
        let item = match at.get("items") {
            // The items differ by position, or in number; the schema checks each.
            _ if tuples::prefix(at).is_some() => Type::Any,
            Some(items) if items.is_object() => self.type_of(&items, &wish.then("item")),
            _ => Type::Any,
        };
        Type::List(Box::new(item))
    }

    /// Whether `null` is among the values of a schema.
    pub(super) fn is_nullable(&mut self, at: &At<'d>) -> bool {
        self.nullable_within(at, &mut { MAX_LOOKED_AT })
    }

    fn nullable_within(&mut self, at: &At<'d>, fuel: &mut u32) -> bool {
        // Something that is nothing but references to itself is reported elsewhere.
        let Some(rest) = fuel.checked_sub(1) else {
            return false;
        };
        *fuel = rest;
        if at.get("nullable").and_then(|at| at.as_bool()) == Some(true) {
            return true;
        }
        if let Some(target) = self.reference(at) {
            return target.is_some_and(|target| self.nullable_within(&target, fuel));
        }
        if let Some(Some(target)) = self.extended(at) {
            return self.nullable_within(&target, fuel);
        }
        if let Some(ty) = at.get("type") {
            let null =
                ty.as_str() == Some("null") || ty.items().any(|item| item.as_str() == Some("null"));
            // A `type` that leaves null out has the last word over any branch.
            return null;
        }
        if let Some(values) = at.get("enum") {
            return values.items().any(|value| value.is_null());
        }
        if let Some(value) = at.get("const") {
            return value.is_null();
        }
        let branches = |keyword| at.get(keyword).into_iter().flat_map(|list| list.items());
        if branches("oneOf")
            .chain(branches("anyOf"))
            .any(|branch| self.nullable_within(&branch, fuel))
        {
            return true;
        }
        let mut all = branches("allOf").filter(speaks).peekable();
        all.peek().is_some() && all.all(|branch| self.nullable_within(&branch, fuel))
    }

    /// The types that a schema names, `null` left out.
    pub(super) fn types(&mut self, at: &At<'d>) -> Vec<JsonType> {
        let Some(written) = at.get("type") else {
            return Vec::new();
        };
        let single = written.as_str().map(|_| written.clone());
        let mut types = Vec::new();
        for name in single.into_iter().chain(written.items()) {
            match name.as_str().and_then(json_type) {
                Some(JsonType::Null) => {}
                Some(ty) if types.contains(&ty) => {}
                Some(ty) => types.push(ty),
                None => self.unknown_type(&name),
            }
        }
        if written.as_str().is_none() && !written.is_array() {
            self.unknown_type(&written);
        }
        types
    }

    fn unknown_type(&mut self, at: &At<'d>) {
        let message = match at.as_str() {
            Some(name) => format!("unknown type `{name}`"),
            None => format!("a type must be a string, this is {}", at.kind_name()),
        };
        let help = match at
            .as_str()
            .and_then(|name| diagnostic::nearest(name, TYPE_NAMES.iter().copied()))
        {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the types are {}", TYPE_NAMES.join(", ")),
        };
        self.report(
            Diagnostic::error("unknown-type", message)
                .at(at.location())
                .help(help),
        );
    }

    fn enumeration(&mut self, at: &At<'d>) -> Option<Shape> {
        let values = enums::values(self, at)?;
        Some(enums::shape(at, &values))
    }

    /// Where a schema is written, for messages about its model.
    pub(super) fn place(&self, id: ModelId) -> Location {
        self.arena.drafts[id.0].at.key_location()
    }
}

/// Whether a schema says that it is null, and of which forms it is otherwise.
pub(super) fn is_null_beside_forms(at: &At<'_>) -> bool {
    let is_null = at.get("type").and_then(|at| at.as_str()) == Some("null");
    let forms = ["oneOf", "anyOf", "allOf"];
    is_null && forms.iter().any(|keyword| at.get(keyword).is_some())
}

pub(super) const TYPE_NAMES: &[&str] = &[
    "string", "integer", "number", "boolean", "array", "object", "null",
];

pub(super) fn json_type(name: &str) -> Option<JsonType> {
    Some(match name {
        "null" => JsonType::Null,
        "boolean" => JsonType::Boolean,
        "integer" => JsonType::Integer,
        "number" => JsonType::Number,
        "string" => JsonType::String,
        "array" => JsonType::Array,
        "object" => JsonType::Object,
        _ => return None,
    })
}
