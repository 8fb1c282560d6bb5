//! What JSON must satisfy: mirrors the runtime's static schema tables.

use std::hash::{Hash, Hasher};

use super::ModelId;
use crate::diagnostic::Location;

/// A schema as the service checks it. `Schema::default()` accepts everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Schema {
    /// Stands for a model's schema; nothing else is set then.
    pub reference: Option<ModelId>,
    /// Allowed JSON types; empty: any.
    pub types: Vec<JsonType>,
    pub properties: Vec<Property>,
    pub required: Vec<String>,
    pub additional: Additional,
    pub min_properties: Option<u64>,
    pub max_properties: Option<u64>,
    pub items: Option<Box<Schema>>,
    pub prefix_items: Vec<Schema>,
    pub min_items: Option<u64>,
    pub max_items: Option<u64>,
    pub unique_items: bool,
    pub min_length: Option<u64>,
    pub max_length: Option<u64>,
    pub pattern: Option<String>,
    pub format: Option<String>,
    pub minimum: Option<serde_json::Number>,
    pub maximum: Option<serde_json::Number>,
    pub exclusive_minimum: Option<serde_json::Number>,
    pub exclusive_maximum: Option<serde_json::Number>,
    pub multiple_of: Option<serde_json::Number>,
    /// `enum` and `const`; empty: any value.
    pub values: Vec<serde_json::Value>,
    pub all_of: Vec<Schema>,
    pub any_of: Vec<Schema>,
    pub one_of: Vec<Schema>,
    pub not: Option<Box<Schema>>,
    pub discriminator: Option<Discriminator>,
    /// Keywords that few schemas have.
    pub rare: Option<Box<Rare>>,
    /// Kept where examples are asked for.
    pub shown: Shown,
}

/// Keywords that few schemas have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Rare {
    pub pattern_properties: Vec<(String, Schema)>,
    pub property_names: Option<Schema>,
    pub dependent_required: Vec<(String, Vec<String>)>,
    pub dependent_schemas: Vec<(String, Schema)>,
    /// `unevaluatedProperties: false`
    pub is_closed: bool,
    pub contains: Option<Schema>,
    pub min_contains: Option<u64>,
    pub max_contains: Option<u64>,
    pub condition: Option<Condition>,
}

/// `if`, `then` and `else`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Condition {
    pub test: Schema,
    pub then: Option<Schema>,
    pub otherwise: Option<Schema>,
}

impl Rare {
    /// The schemas inside.
    pub fn schemas(&self) -> impl Iterator<Item = &Schema> {
        let named = self
            .pattern_properties
            .iter()
            .chain(&self.dependent_schemas);
        let condition = self.condition.iter().flat_map(|condition| {
            [
                Some(&condition.test),
                condition.then.as_ref(),
                condition.otherwise.as_ref(),
            ]
        });
        named
            .map(|(_, schema)| schema)
            .chain(&self.property_names)
            .chain(&self.contains)
            .chain(condition.flatten())
    }

    /// The same, to change them.
    fn schemas_mut(&mut self) -> impl Iterator<Item = &mut Schema> {
        let named = (self.pattern_properties.iter_mut()).chain(&mut self.dependent_schemas);
        let condition = self.condition.iter_mut().flat_map(|condition| {
            [
                Some(&mut condition.test),
                condition.then.as_mut(),
                condition.otherwise.as_mut(),
            ]
        });
        named
            .map(|(_, schema)| schema)
            .chain(&mut self.property_names)
            .chain(&mut self.contains)
            .chain(condition.flatten())
    }
}

/// Values that the document shows. They constrain nothing: schemas that differ in them alone are
/// equal.
#[derive(Clone, Debug, Default)]
pub struct Shown(pub Vec<ShownValue>);

impl PartialEq for Shown {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Shown {}

impl Hash for Shown {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

/// One of them.
#[derive(Clone, Debug)]
pub struct ShownValue {
    pub value: serde_json::Value,
    /// Where it is written as an example; none: it is a default.
    pub example: Option<Location>,
}

impl Schema {
    /// The schema of a model.
    pub fn of(model: ModelId) -> Self {
        Self {
            reference: Some(model),
            ..Self::default()
        }
    }

    /// `null` and nothing else.
    pub fn null() -> Self {
        Self {
            types: vec![JsonType::Null],
            ..Self::default()
        }
    }

    /// Changes every reference to a model's schema, here and further inside.
    pub fn redirect(&mut self, to: &dyn Fn(ModelId) -> ModelId) {
        self.reference = self.reference.map(to);
        let additional = match &mut self.additional {
            Additional::Schema(schema) => Some(schema.as_mut()),
            Additional::Any | Additional::None => None,
        };
        let mapping = self.discriminator.iter_mut().flat_map(|it| &mut it.mapping);
        (self
            .properties
            .iter_mut()
            .map(|property| property.schema.as_mut()))
        .chain(additional)
        .chain(mapping.map(|(_, named)| named))
        .chain(self.items.as_deref_mut())
        .chain(self.not.as_deref_mut())
        .chain(&mut self.prefix_items)
        .chain(&mut self.all_of)
        .chain(&mut self.any_of)
        .chain(&mut self.one_of)
        .chain(self.rare.iter_mut().flat_map(|rare| rare.schemas_mut()))
        .for_each(|inner| inner.redirect(to));
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Property {
    pub name: String,
    /// In a box: lists grow by half of what they have, and a schema is large.
    pub schema: Box<Schema>,
    pub read_only: bool,
    pub write_only: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Additional {
    #[default]
    Any,
    None,
    Schema(Box<Schema>),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Discriminator {
    pub property: String,
    /// Value of the property, and the schema that it names.
    pub mapping: Vec<(String, Schema)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JsonType {
    Null,
    Boolean,
    Integer,
    Number,
    String,
    Array,
    Object,
}

/// The formats that the runtime checks, and what it calls them. Others say something to people alone.
pub const FORMATS: &[(&str, &str)] = &[
    ("int8", "Int8"),
    ("int16", "Int16"),
    ("int32", "Int32"),
    ("int64", "Int64"),
    ("uint8", "UInt8"),
    ("uint16", "UInt16"),
    ("uint32", "UInt32"),
    ("uint64", "UInt64"),
    ("date-time", "DateTime"),
    ("date", "Date"),
    ("time", "Time"),
    ("duration", "Duration"),
    ("uuid", "Uuid"),
    ("uri", "Uri"),
    ("email", "Email"),
    ("hostname", "Hostname"),
    ("ipv4", "Ipv4"),
    ("ipv6", "Ipv6"),
    ("byte", "Byte"),
    ("base64", "Byte"),
    ("float", "Float"),
];
