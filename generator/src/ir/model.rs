//! Named types.

use std::hash::{Hash, Hasher};

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
    /// The same in capitals: the static that holds the schema.
    pub static_name: String,
    /// `snake_case`: the file, shared with the models that are written inside this one.
    pub module: String,
    pub doc: Option<String>,
    pub shape: Shape,
    /// Whether an operation reaches it; otherwise it keeps its name and is not written.
    pub is_needed: bool,
    /// What its JSON must satisfy; none where nothing asks at run time.
    pub schema: Option<Schema>,
    /// Whether parameters are of this type, so that it is read from text.
    pub is_parameter: bool,
    pub location: Location,
}

/// What kind of Rust item a model is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    Struct(Struct),
    /// A closed set of texts or numbers.
    Enum(Vec<Variant>),
    /// Exactly one of several types.
    Union(Union),
    /// Another name for a type.
    Alias(Type),
    /// A name for a type that contains itself.
    Newtype(Type),
}

impl Shape {
    /// Changes every model that its types name.
    pub fn redirect(&mut self, to: &mut dyn FnMut(ModelId) -> ModelId) {
        match self {
            Self::Struct(shape) => {
                let additional = shape.additional.iter_mut().map(|(_, ty)| ty);
                (shape.fields.iter_mut().map(|field| &mut field.ty))
                    .chain(additional)
                    .for_each(|ty| ty.redirect(to));
            }
            Self::Union(union) => {
                (union.variants.iter_mut()).for_each(|variant| variant.ty.redirect(to));
            }
            Self::Alias(ty) | Self::Newtype(ty) => ty.redirect(to),
            Self::Enum(_) => {}
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Struct {
    pub fields: Vec<Field>,
    /// Name and type of the members that are not declared; none: they are ignored.
    pub additional: Option<(String, Type)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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
    pub written: Written,
}

/// Where something is written, which says nothing of what it is: things that differ in it alone
/// are equal.
#[derive(Clone, Debug, Default)]
pub struct Written(pub Option<Location>);

impl PartialEq for Written {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Written {}

impl Hash for Written {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

/// Whether a member must be there, and whether it may be null.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Presence {
    /// `T`
    Required,
    /// `Option<T>`: must be there, may be null.
    RequiredNullable,
    /// `Option<T>`: may be absent.
    Optional,
    /// `Option<Option<T>>`: absent, null and present are three things.
    OptionalNullable,
    /// `T`: may be absent, and has its default then.
    Defaulted,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Variant {
    pub rust_name: String,
    pub value: serde_json::Value,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Union {
    pub variants: Vec<UnionVariant>,
    /// The member that tells which variant it is, and the value that names each.
    pub discriminator: Option<String>,
    /// Whether the discriminator is written by the union: none of the variants has it.
    pub writes_tag: bool,
    /// Whether a value without the discriminator is of the last variant.
    pub may_lack_tag: bool,
    /// Whether one variant is much larger than the others.
    pub is_uneven: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UnionVariant {
    pub rust_name: String,
    pub ty: Type,
    /// The values of the discriminator that name this variant.
    pub tags: Vec<String>,
    /// What tells this variant from the others where there is no discriminator.
    pub schema: Schema,
}

/// A Rust type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    Model(ModelId),
    String,
    Bool,
    Integer(Integer),
    Float,
    Double,
    /// A number with all of its digits.
    Decimal,
    Date,
    /// With the offset from UTC that it was written with.
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
    /// The bytes of a body.
    Bytes,
    /// Bytes as base64 text.
    Base64,
    /// As many values as there are types.
    Tuple(Vec<Type>),
}

impl Type {
    fn redirect(&mut self, to: &mut dyn FnMut(ModelId) -> ModelId) {
        match self {
            Self::Model(id) => *id = to(*id),
            Self::List(inner) | Self::Map(inner) | Self::Nullable(inner) | Self::Boxed(inner) => {
                inner.redirect(to);
            }
            Self::Tuple(types) => types.iter_mut().for_each(|ty| ty.redirect(to)),
            _ => {}
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Integer {
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    /// Where the document's bounds are wider than 64 bits.
    I128,
}
