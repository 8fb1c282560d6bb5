//! What a JSON value has to look like, as a table that costs nothing to build.
//!
//! A generated service carries its document's schemas as `static` [`Schema`] values and one
//! checker, [`check`], interprets them all. So a constraint costs a line of data and no
//! instantiated code, and every violation of a body is found, not the first one.
//!
//! Tables refer to each other by `&'static`, which makes recursive schemas plain:
//!
//! ```
//! use failsafe_runtime::schema::{Number, Schema, check};
//! use serde_json::json;
//!
//! static ITEM: Schema = Schema {
//!     properties: &[
//!         ("name", &Schema { min_length: Some(1), ..Schema::STRING }),
//!         ("count", &Schema { minimum: Some(Number::Int(0)), ..Schema::INTEGER }),
//!         ("parts", &Schema { items: Some(&ITEM), ..Schema::ARRAY }),
//!     ],
//!     required: &["name"],
//!     ..Schema::OBJECT
//! };
//!
//! assert!(check(&ITEM, &json!({ "name": "bolt", "parts": [{ "name": "thread" }] })).is_empty());
//!
//! let found = check(&ITEM, &json!({ "name": "", "parts": [{ "count": -1 }] }));
//! let places: Vec<_> = found.iter().map(|f| (f.pointer.as_str(), f.rule)).collect();
//! assert_eq!(
//!     places,
//!     [("/name", "minLength"), ("/parts/0/name", "required"), ("/parts/0/count", "minimum")],
//! );
//! ```

mod base64;
mod check;
mod equality;
mod format;
mod keyword;
#[cfg(feature = "service")]
mod loss;
mod parts;
#[cfg(feature = "pattern")]
pub mod pattern;
mod rare;
#[cfg(test)]
mod tests;
mod text;
mod whole;

pub use self::base64::{Base64, NotBase64};
pub use self::check::{Finding, MAX_FINDINGS, check};
pub use self::equality::equal;
pub use self::format::Format;
pub use self::keyword::{Additional, Discriminator, Literal, Number, Types};
#[cfg(feature = "service")]
pub(crate) use self::loss::loss;
pub use self::rare::{Condition, Rare};
#[cfg(feature = "multipart")]
pub(crate) use self::text::length_of;
pub use self::text::value_of;
#[cfg(feature = "service")]
pub(crate) use self::text::{items_of, json_of, number_of, own_types, types_of};
#[cfg(feature = "service")]
pub(crate) use self::whole::plain;
pub use self::whole::whole;

/// A schema as static data. Start from a constant and say what differs:
/// `Schema { max_length: Some(40), ..Schema::STRING }`.
///
/// A keyword speaks only about values of its own type, as in JSON Schema: `min_length` says
/// nothing about a number. Empty slices and `None` mean that the keyword is not there.
#[derive(Debug, Clone, Copy)]
pub struct Schema {
    /// The types that the value may have.
    pub types: Types,
    /// The Rust type that this schema was turned into rejects everything that the schema rejects,
    /// so that reading it is check enough and no [`check`] is needed. Covers everything beneath,
    /// too.
    pub typed: bool,
    /// The format of a string or a number.
    pub format: Option<Format>,
    /// The only values allowed, when there are any.
    pub enumeration: &'static [Literal],
    /// The only value allowed.
    pub constant: Option<Literal>,

    /// Fewest characters (Unicode scalar values) of a string.
    pub min_length: Option<u64>,
    /// Most characters of a string.
    pub max_length: Option<u64>,
    /// An ECMA 262 pattern that has to be found in a string. Checked with feature `pattern`.
    pub pattern: Option<&'static str>,

    /// Least value.
    pub minimum: Option<Number>,
    /// Greatest value.
    pub maximum: Option<Number>,
    /// The value has to be greater.
    pub exclusive_minimum: Option<Number>,
    /// The value has to be less.
    pub exclusive_maximum: Option<Number>,
    /// The value has to be a whole multiple of this.
    pub multiple_of: Option<Number>,

    /// Schemas of the first items of an array, by position.
    pub prefix_items: &'static [&'static Schema],
    /// Schema of the (other) items of an array.
    pub items: Option<&'static Schema>,
    /// Fewest items.
    pub min_items: Option<u64>,
    /// Most items.
    pub max_items: Option<u64>,
    /// No two items are equal.
    pub unique_items: bool,

    /// Schemas of an object's properties by name.
    pub properties: &'static [(&'static str, &'static Schema)],
    /// Names that have to be there.
    pub required: &'static [&'static str],
    /// What holds for properties that `properties` does not name.
    pub additional: Additional,
    /// Fewest properties.
    pub min_properties: Option<u64>,
    /// Most properties.
    pub max_properties: Option<u64>,

    /// All of these hold.
    pub all_of: &'static [&'static Schema],
    /// At least one of these holds.
    pub any_of: &'static [&'static Schema],
    /// Exactly one of these holds.
    pub one_of: &'static [&'static Schema],
    /// This does not hold.
    pub not: Option<&'static Schema>,
    /// Which schema of `one_of` or `any_of` is meant, said by a property of the value.
    pub discriminator: Option<Discriminator>,

    /// The property belongs to answers: in a request it is neither required nor looked at.
    pub read_only: bool,

    /// Keywords that few schemas have.
    pub rare: Option<&'static Rare>,
}

impl Schema {
    /// Everything is fine.
    pub const ANY: Schema = Schema {
        types: Types::ANY,
        typed: false,
        format: None,
        enumeration: &[],
        constant: None,
        min_length: None,
        max_length: None,
        pattern: None,
        minimum: None,
        maximum: None,
        exclusive_minimum: None,
        exclusive_maximum: None,
        multiple_of: None,
        prefix_items: &[],
        items: None,
        min_items: None,
        max_items: None,
        unique_items: false,
        properties: &[],
        required: &[],
        additional: Additional::Any,
        min_properties: None,
        max_properties: None,
        all_of: &[],
        any_of: &[],
        one_of: &[],
        not: None,
        discriminator: None,
        read_only: false,
        rare: None,
    };
    /// `null`.
    pub const NULL: Schema = Schema {
        types: Types::NULL,
        ..Schema::ANY
    };
    /// `true` or `false`.
    pub const BOOLEAN: Schema = Schema {
        types: Types::BOOLEAN,
        ..Schema::ANY
    };
    /// A number without a fraction.
    pub const INTEGER: Schema = Schema {
        types: Types::INTEGER,
        ..Schema::ANY
    };
    /// Any number.
    pub const NUMBER: Schema = Schema {
        types: Types::NUMBER,
        ..Schema::ANY
    };
    /// A string.
    pub const STRING: Schema = Schema {
        types: Types::STRING,
        ..Schema::ANY
    };
    /// An array.
    pub const ARRAY: Schema = Schema {
        types: Types::ARRAY,
        ..Schema::ANY
    };
    /// An object.
    pub const OBJECT: Schema = Schema {
        types: Types::OBJECT,
        ..Schema::ANY
    };
}
