//! Named types.

use super::Schema;
use crate::diagnostic::Location;

/// An index into [`super::Service::models`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModelId(pub usize);

/// A type that has a name of its own.
#[derive(Clone, Debug)]
pub struct Model {
    /// `PascalCase`, unique.
    pub rust_name: String,
    /// `snake_case`, unique: the file.
    pub module: String,
    pub doc: Option<String>,
    pub shape: Shape,
    /// What the JSON must satisfy beyond what the type says.
    pub schema: Schema,
    pub location: Option<Location>,
}

/// What kind of Rust item a model is.
#[derive(Clone, Debug)]
pub enum Shape {
    Struct(Struct),
    /// A closed set of texts or numbers.
    Enum(Vec<Variant>),
    /// Exactly one of several types.
    Union(Union),
    /// Another name for a type.
    Alias(Type),
}

#[derive(Clone, Debug)]
pub struct Struct {
    pub fields: Vec<Field>,
    /// The type of the members that are not declared; none: they are ignored.
    pub additional: Option<Type>,
}

#[derive(Clone, Debug)]
pub struct Field {
    pub rust_name: String,
    pub json_name: String,
    pub ty: Type,
    pub doc: Option<String>,
    pub presence: Presence,
    /// The default as a JSON value.
    pub default: Option<serde_json::Value>,
    pub deprecated: bool,
    pub read_only: bool,
    pub write_only: bool,
}

/// Whether a member must be there, and whether it may be null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// `T`
    Required,
    /// `Option<T>`: must be there, may be null.
    RequiredNullable,
    /// `Option<T>`: may be absent.
    Optional,
    /// `Option<Option<T>>`: absent, null and present are three things.
    OptionalNullable,
}

#[derive(Clone, Debug)]
pub struct Variant {
    pub rust_name: String,
    pub value: serde_json::Value,
}

#[derive(Clone, Debug)]
pub struct Union {
    pub variants: Vec<UnionVariant>,
    /// The member that tells which variant it is, and the value that names each.
    pub discriminator: Option<String>,
}

#[derive(Clone, Debug)]
pub struct UnionVariant {
    pub rust_name: String,
    pub ty: Type,
    /// The values of the discriminator that name this variant.
    pub tags: Vec<String>,
}

/// A Rust type.
#[derive(Clone, Debug, PartialEq)]
pub enum Type {
    Model(ModelId),
    String,
    Bool,
    Integer(Integer),
    Float,
    Double,
    Date,
    DateTime,
    Uuid,
    /// Any JSON.
    Any,
    Null,
    List(Box<Type>),
    Map(Box<Type>),
    Nullable(Box<Type>),
    /// A value that would otherwise contain itself.
    Boxed(Box<Type>),
    Bytes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Integer {
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
}
