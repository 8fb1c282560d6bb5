//! Keywords that few schemas have.

use super::Schema;

/// The keywords that few schemas have, kept apart so that all the others stay small: a document
/// may have ten thousand.
///
/// ```
/// use failsafe_runtime::schema::{Rare, Schema, check};
/// use serde_json::json;
///
/// static CARD: Schema = Schema {
///     rare: Some(&Rare {
///         dependent_required: &[("card", &["address"])],
///         ..Rare::NONE
///     }),
///     ..Schema::OBJECT
/// };
/// assert_eq!(check(&CARD, &json!({ "card": 1 }))[0].rule, "dependentRequired");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Rare {
    /// Schemas of properties by what their names match. Checked with feature `pattern`.
    pub pattern_properties: &'static [(&'static str, &'static Schema)],
    /// What the name of each property has to fit.
    pub property_names: Option<&'static Schema>,
    /// Names that have to be there when another is.
    pub dependent_required: &'static [(&'static str, &'static [&'static str])],
    /// What an object has to fit when it has a property.
    pub dependent_schemas: &'static [(&'static str, &'static Schema)],
    /// No property may be there that neither this schema names nor one that it is combined of.
    pub is_closed: bool,
    /// What some items have to fit.
    pub contains: Option<&'static Schema>,
    /// At least so many of them; one by default.
    pub min_contains: Option<u64>,
    /// At most so many of them.
    pub max_contains: Option<u64>,
    /// A schema that holds where another one does.
    pub condition: Option<Condition>,
}

impl Rare {
    /// None of them.
    pub const NONE: Rare = Rare {
        pattern_properties: &[],
        property_names: None,
        dependent_required: &[],
        dependent_schemas: &[],
        is_closed: false,
        contains: None,
        min_contains: None,
        max_contains: None,
        condition: None,
    };
}

/// `if`, `then` and `else`.
#[derive(Debug, Clone, Copy)]
pub struct Condition {
    /// What is asked.
    pub test: &'static Schema,
    /// What holds where the answer is yes.
    pub then: Option<&'static Schema>,
    /// What holds where it is no.
    pub otherwise: Option<&'static Schema>,
}
