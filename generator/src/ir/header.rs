//! Headers of answers.

use super::Type;

/// The declared headers of an answer: a struct.
#[derive(Clone, Debug)]
pub struct Headers {
    pub name: String,
    /// At least one.
    pub members: Vec<Header>,
}

impl Headers {
    /// Whether there is a value of it that needs no thought.
    pub fn has_default(&self) -> bool {
        let plain = |ty: &Type| {
            matches!(
                ty,
                Type::String
                    | Type::Bool
                    | Type::Integer(_)
                    | Type::Float
                    | Type::Double
                    | Type::List(_)
                    | Type::Map(_)
            )
        };
        self.members.iter().all(|it| !it.required || plain(&it.ty))
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    /// In lower case.
    pub name: String,
    pub rust_name: String,
    pub doc: Option<String>,
    pub ty: Type,
    pub style: HeaderStyle,
    pub required: bool,
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderStyle {
    Simple,
    Exploded,
    Json,
    /// A header for each item.
    Each,
}
