//! The values that keywords of a [`Schema`] take.

use std::fmt;

use serde_json::Value;

use super::{Schema, equal, whole};

/// A set of JSON types.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Types(u8);

impl Types {
    /// `null`.
    pub const NULL: Types = Types(1);
    /// `true` and `false`.
    pub const BOOLEAN: Types = Types(1 << 1);
    /// Numbers without a fraction.
    pub const INTEGER: Types = Types(1 << 2);
    /// All numbers.
    pub const NUMBER: Types = Types(1 << 3 | Types::INTEGER.0);
    /// Strings.
    pub const STRING: Types = Types(1 << 4);
    /// Arrays.
    pub const ARRAY: Types = Types(1 << 5);
    /// Objects.
    pub const OBJECT: Types = Types(1 << 6);
    /// Every type.
    pub const ANY: Types = Types(0x7f);

    /// Both sets together: `Types::STRING.or(Types::NULL)`.
    #[must_use]
    pub const fn or(self, other: Types) -> Types {
        Types(self.0 | other.0)
    }

    /// What both sets have.
    #[must_use]
    pub const fn and(self, other: Types) -> Types {
        Types(self.0 & other.0)
    }

    /// Whether all of `other` is in this set.
    #[must_use]
    pub const fn contains(self, other: Types) -> bool {
        self.0 & other.0 == other.0
    }

    /// The type of a value.
    #[must_use]
    pub fn of(value: &Value) -> Types {
        match value {
            Value::Null => Types::NULL,
            Value::Bool(_) => Types::BOOLEAN,
            Value::Number(_) if Number::of(value).is_some_and(Number::is_whole) => Types::INTEGER,
            Value::Number(_) => Types(1 << 3),
            Value::String(_) => Types::STRING,
            Value::Array(_) => Types::ARRAY,
            Value::Object(_) => Types::OBJECT,
        }
    }
}

/// In words, as messages need it: `a string or null`.
impl fmt::Display for Types {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const WORDS: [(Types, &str); 7] = [
            (Types::BOOLEAN, "a boolean"),
            (Types::NUMBER, "a number"),
            (Types::INTEGER, "an integer"),
            (Types::STRING, "a string"),
            (Types::ARRAY, "an array"),
            (Types::OBJECT, "an object"),
            (Types::NULL, "null"),
        ];
        let mut rest = *self;
        let mut first = true;
        for (types, word) in WORDS {
            if rest.contains(types) {
                // A number may be an integer: one word says both.
                rest = Types(rest.0 & !types.0);
                f.write_str(if first { "" } else { " or " })?;
                f.write_str(word)?;
                first = false;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Types {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Types({self})")
    }
}

/// A number in a schema. Whole numbers stay exact: `f64` cannot tell 2^53 from 2^53 + 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// A whole number.
    Int(i128),
    /// Any other number.
    Float(f64),
}

impl Number {
    /// The number in a JSON value. `None` for what is no number.
    #[must_use]
    pub fn of(value: &Value) -> Option<Number> {
        let Value::Number(number) = value else {
            return None;
        };
        if let Some(int) = number.as_i64() {
            return Some(Number::Int(int.into()));
        }
        if let Some(float) = number.as_f64().filter(|float| float.fract() != 0.0) {
            return Some(Number::Float(float));
        }
        // A program may have told serde_json to keep numbers as they are written: then they have
        // more digits than an `f64`.
        let text = number.to_string();
        let int = whole(&text).and_then(|digits| digits.parse().ok());
        let float = || text.parse().ok().map(Number::Float);
        int.map(Number::Int).or_else(float)
    }

    /// Whether it has no fraction, as `1.0` has none. What no integer is large enough for has none
    /// either.
    pub(super) fn is_whole(self) -> bool {
        match self {
            Number::Int(_) => true,
            Number::Float(float) => float.abs() >= 1e38,
        }
    }

    /// The nearest `f64`.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        match self {
            Number::Int(int) => int as f64,
            Number::Float(float) => float,
        }
    }

    /// Whether this is a whole multiple of `step`. Decimal fractions are not exact in binary
    /// (19.99 / 0.01 is 1998.9999999999998), so a quotient that is nearly whole counts as whole.
    #[must_use]
    pub fn is_multiple_of(self, step: Number) -> bool {
        if let (Number::Int(value), Number::Int(step)) = (self, step) {
            return step != 0 && value % step == 0;
        }
        let quotient = self.as_f64() / step.as_f64();
        (quotient - quotient.round()).abs() <= 1e-9 * quotient.abs().max(1.0)
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Number) -> Option<std::cmp::Ordering> {
        match (self, other) {
            (Number::Int(a), Number::Int(b)) => Some(a.cmp(b)),
            (a, b) => a.as_f64().partial_cmp(&b.as_f64()),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Number::Int(int) => int.fmt(f),
            Number::Float(float) => float.fmt(f),
        }
    }
}

/// A value that a schema compares with (`enum`, `const`).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Literal {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    Str(&'static str),
    /// An array or an object, as JSON text. Compared as values, so neither order of keys nor
    /// white space matters.
    Json(&'static str),
}

impl Literal {
    /// Whether the value is this one.
    #[must_use]
    pub fn equals(&self, value: &Value) -> bool {
        match self {
            Literal::Null => value.is_null(),
            Literal::Bool(expected) => value.as_bool() == Some(*expected),
            Literal::Number(expected) => Number::of(value)
                .is_some_and(|found| found.partial_cmp(expected).is_some_and(|o| o.is_eq())),
            Literal::Str(expected) => value.as_str() == Some(expected),
            // Read anew each time: a rare keyword is not worth a cache.
            Literal::Json(text) => {
                serde_json::from_str::<Value>(text).is_ok_and(|expected| equal(&expected, value))
            }
        }
    }
}

/// As JSON.
impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Literal::Null => f.write_str("null"),
            Literal::Bool(value) => value.fmt(f),
            Literal::Number(value) => value.fmt(f),
            Literal::Str(value) => write!(f, "{value:?}"),
            Literal::Json(text) => f.write_str(text),
        }
    }
}

/// What holds for the properties of an object that have no schema of their own.
#[derive(Debug, Clone, Copy)]
pub enum Additional {
    /// They may be anything.
    Any,
    /// There may be none.
    None,
    /// Each has to fit a schema.
    Schema(&'static Schema),
}

/// How a value says which of several schemas it follows.
#[derive(Debug, Clone, Copy)]
pub struct Discriminator {
    /// The property that names the schema.
    pub property: &'static str,
    /// Its values and what each one means.
    pub mapping: &'static [(&'static str, &'static Schema)],
}

impl Discriminator {
    /// The schema that a value names.
    pub(super) fn named(&self, value: &Value) -> Option<&'static Schema> {
        let name = value.get(self.property)?.as_str()?;
        self.mapping
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, schema)| *schema)
    }
}
