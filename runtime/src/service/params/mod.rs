//! Parameters: from the text of a request to the types of a handler.
//!
//! Values of one text, and arrays of such values, are read straight into their type
//! ([`Param::required`], [`Param::required_list`]). Everything else is gathered as it is
//! [`written`], made into a JSON value by its schema ([`assemble`]), checked as a body is, and
//! given to serde ([`Param::required_value`]). What need not know the type is one function for
//! all parameters.

mod assemble;
mod fields;
mod raw;
mod split;
mod style;
#[cfg(test)]
mod tests;
mod value;
mod written;

#[cfg(feature = "security")]
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde_json::Value;

pub use self::fields::Encoding;
pub(crate) use self::fields::Fields;
pub(crate) use self::raw::{NotUtf8, decode as decoded, split as split_pairs};
use self::split::{Form, Unsplit};
pub use self::style::Style;
use super::call::Call;
use super::violation::{Place, Severity, Violation};
use crate::schema::{self, Schema, Types};

/// The text is none of the values that a type has: the error of generated `FromStr`s. Which
/// values there are is said by the schema, in the violation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownValue;

impl fmt::Display for UnknownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unknown value")
    }
}

impl std::error::Error for UnknownValue {}

/// Every value that the request gives for a name, its escapes undone.
#[cfg(feature = "security")]
pub(super) fn texts_of(call: &Call, place: Place, name: &str) -> Result<Vec<String>, UnknownValue> {
    let texts = raw::texts(call, place, name).map_err(|_| UnknownValue)?;
    texts
        .into_iter()
        .map(|text| raw::decode(place, text).map(Cow::into_owned))
        .collect::<Result<_, _>>()
        .map_err(|_| UnknownValue)
}

/// A parameter about to be read. Every reader returns `None` when it has noted a violation.
#[derive(Debug)]
#[must_use = "a parameter is read by `required`, `optional` or one of their kin"]
pub struct Param<'c> {
    call: &'c mut Call,
    place: Place,
    name: &'static str,
    style: Style,
    explode: bool,
    allows_empty: bool,
    beside: Option<&'static [&'static str]>,
    default: Option<&'static str>,
}

impl<'c> Param<'c> {
    pub(crate) fn new(call: &'c mut Call, place: Place, name: &'static str) -> Param<'c> {
        let style = match place {
            Place::Query | Place::Cookie => Style::Form,
            Place::Path | Place::Header | Place::Body => Style::Simple,
        };
        Param {
            call,
            place,
            name,
            style,
            explode: style.explodes(),
            allows_empty: false,
            beside: None,
            default: None,
        }
    }

    /// Sets how the value is written. By default paths and headers are [`Style::Simple`], queries
    /// and cookies [`Style::Form`].
    pub fn style(mut self, style: Style) -> Param<'c> {
        self.style = style;
        self.explode = style.explodes();
        self
    }

    /// Sets whether items and members stand apart. By default they do in [`Style::Form`].
    pub fn explode(mut self, explode: bool) -> Param<'c> {
        self.explode = explode;
        self
    }

    /// An empty text stands for no value where it is none itself: `?verbose` and `?verbose=`.
    pub fn allow_empty(mut self) -> Param<'c> {
        self.allows_empty = true;
        self
    }

    /// The value is an object over several pairs, and takes those as well that its schema does
    /// not name, except for `others`: the names that belong to the operation's other parameters.
    pub fn beside(mut self, others: &'static [&'static str]) -> Param<'c> {
        self.beside = Some(others);
        self
    }

    /// The value, as JSON, that [`required_value`](Param::required_value) gives where the request
    /// has none. It is not checked.
    pub fn default_json(mut self, json: &'static str) -> Param<'c> {
        self.default = Some(json);
        self
    }

    /// A value that has to be there.
    #[must_use]
    pub fn required<T: FromStr>(mut self, schema: &'static Schema) -> Option<T> {
        match self.scalar(schema)? {
            Some(text) => self.typed(schema, &text),
            None => self.missing(),
        }
    }

    /// A value that may be left out, or be null where its schema says so.
    #[must_use]
    pub fn optional<T: FromStr>(mut self, schema: &'static Schema) -> Option<Option<T>> {
        match self.scalar(schema)? {
            Some(text) if stands_for_null(schema, &text) => Some(None),
            Some(text) => self.typed(schema, &text).map(Some),
            None => Some(None),
        }
    }

    /// An array that has to be there.
    #[must_use]
    pub fn required_list<T: FromStr>(mut self, schema: &'static Schema) -> Option<Vec<T>> {
        match self.items(schema)? {
            Some(texts) => self.typed_items(schema, &texts),
            None => self.missing(),
        }
    }

    /// An array that may be left out.
    #[must_use]
    pub fn optional_list<T: FromStr>(mut self, schema: &'static Schema) -> Option<Option<Vec<T>>> {
        match self.items(schema)? {
            Some(texts) => self.typed_items(schema, &texts).map(Some),
            None => Some(None),
        }
    }

    fn form(&self) -> Form<'static> {
        Form {
            place: self.place,
            name: self.name,
            style: self.style,
            explode: self.explode,
        }
    }

    /// The text of a value that is no array, checked against its schema. `Some(None)`: not there.
    fn scalar(&mut self, schema: &'static Schema) -> Option<Option<String>> {
        let single = match raw::texts(self.call, self.place, self.name).as_deref() {
            Ok([]) => return Some(None),
            Ok([text]) => self.form().single(text),
            Ok(_) => return self.doubled(),
            Err(raw::NotUtf8) => Err(Unsplit::NotUtf8),
        };
        let text = single.map_err(|unsplit| self.note_unsplit(unsplit)).ok()?;
        if self.allows_empty && text.is_empty() && !is_value(schema, &text) {
            return Some(None);
        }
        self.fits(schema, &text, None).then_some(Some(text))
    }

    /// The texts of an array's items, checked against its schema. `Some(None)`: not there.
    fn items(&mut self, schema: &'static Schema) -> Option<Option<Vec<String>>> {
        let item = schema::items_of(schema).unwrap_or(&Schema::STRING);
        let texts = match self.place {
            Place::Cookie if self.form().is_spread() => raw::cookies_of(self.call, self.name),
            _ => raw::texts(self.call, self.place, self.name),
        };
        let split = match texts {
            Ok(texts) if texts.is_empty() => return Some(None),
            Ok(texts) => self.split(item, &texts),
            Err(raw::NotUtf8) => Err(Unsplit::NotUtf8),
        };
        let texts = split.map_err(|unsplit| self.note_unsplit(unsplit)).ok()?;
        let mut fit = true;
        for (index, text) in texts.iter().enumerate() {
            // Not `all`: each bad item is worth a violation.
            fit &= self.fits(item, text, Some(index));
        }
        if fit && !schema.typed {
            let values = texts
                .iter()
                .filter_map(|text| schema::value_of(item, text))
                .collect();
            fit = self.note_findings(schema::check(schema, &Value::Array(values)));
        }
        fit.then_some(Some(texts))
    }

    /// The items of all texts of an array.
    fn split(&self, item: &Schema, texts: &[&str]) -> Result<Vec<String>, Unsplit> {
        let form = self.form();
        let mut items = Vec::new();
        for text in texts {
            match form.is_spread() {
                false => items.extend(form.items(item, text)?),
                // `?ids=` is an array without items where an item cannot be empty.
                true if text.is_empty() && !schema::types_of(item).contains(Types::STRING) => {}
                true => items.push(form.single(text)?),
            }
        }
        Ok(items)
    }

    /// Checks one value and notes what is wrong with it.
    fn fits(&mut self, schema: &Schema, text: &str, index: Option<usize>) -> bool {
        if schema.typed && schema::types_of(schema).contains(Types::STRING) {
            return true;
        }
        let Some(value) = schema::value_of(schema, text) else {
            let message = format!("must be {}", schema::types_of(schema));
            self.note(Severity::Unreadable, index, "type", message);
            return false;
        };
        if schema.typed {
            return true;
        }
        let mut findings = schema::check(schema, &value);
        if let Some(index) = index {
            for finding in &mut findings {
                finding.pointer.insert_str(0, &format!("/{index}"));
            }
        }
        self.note_findings(findings)
    }

    fn typed<T: FromStr>(&mut self, schema: &Schema, text: &str) -> Option<T> {
        let typed = parsed(text);
        if typed.is_none() {
            self.note_untyped(schema, text, None);
        }
        typed
    }

    fn typed_items<T: FromStr>(
        &mut self,
        schema: &'static Schema,
        texts: &[String],
    ) -> Option<Vec<T>> {
        let item = schema::items_of(schema).unwrap_or(&Schema::STRING);
        let mut typed = Vec::with_capacity(texts.len());
        for (index, text) in texts.iter().enumerate() {
            match parsed(text) {
                Some(value) => typed.push(value),
                None => self.note_untyped(item, text, Some(index)),
            }
        }
        (typed.len() == texts.len()).then_some(typed)
    }

    /// The type refused what the schema (so far) did not: let the schema say why if it can.
    fn note_untyped(&mut self, schema: &Schema, text: &str, index: Option<usize>) {
        let findings = schema::value_of(schema, text).map(|value| schema::check(schema, &value));
        match findings.as_deref() {
            Some([first, ..]) => {
                self.note(
                    Severity::Constraint,
                    index,
                    first.rule,
                    first.message.clone(),
                );
            }
            _ => {
                let expected = schema.format.map_or_else(
                    || {
                        format!(
                            "must be {} that the operation takes",
                            schema::types_of(schema)
                        )
                    },
                    |format| format!("must be {}", format.description()),
                );
                self.note(Severity::Unreadable, index, "format", expected);
            }
        }
    }

    fn missing<T>(&mut self) -> Option<T> {
        self.unreadable("required", "is required")
    }

    fn doubled<T>(&mut self) -> Option<T> {
        self.unreadable("duplicate", "must not be given more than once")
    }

    fn unreadable<T>(&mut self, rule: &'static str, message: &'static str) -> Option<T> {
        self.note(Severity::Unreadable, None, rule, message.to_owned());
        None
    }

    fn note_unsplit(&mut self, unsplit: Unsplit) {
        let (rule, message) = match unsplit {
            Unsplit::NotUtf8 => ("encoding", "must be UTF-8".to_owned()),
            Unsplit::Style(message) => ("style", message),
        };
        self.note(Severity::Unreadable, None, rule, message);
    }

    fn note(
        &mut self,
        severity: Severity,
        index: Option<usize>,
        rule: &'static str,
        message: String,
    ) {
        let violation = Violation {
            place: self.place,
            name: Some(self.name.to_owned()),
            pointer: index.map_or_else(String::new, |index| format!("/{index}")),
            rule,
            message,
        };
        self.call.violations.add(severity, violation);
    }

    /// Whether there were none.
    fn note_findings(&mut self, findings: Vec<schema::Finding>) -> bool {
        let none = findings.is_empty();
        self.call
            .violations
            .add_findings(self.place, Some(self.name), findings);
        none
    }
}

/// Whether a text is a value that a schema takes.
fn is_value(schema: &Schema, text: &str) -> bool {
    schema::value_of(schema, text).is_some_and(|value| schema::check(schema, &value).is_empty())
}

/// A text as a value of a type. An integer may be written as it may be in JSON: `1.0`, `1e2`.
fn parsed<T: FromStr>(text: &str) -> Option<T> {
    text.parse()
        .ok()
        .or_else(|| schema::whole(text)?.parse().ok())
}

/// Whether a text is how a schema's null is written, and none of its other values.
fn stands_for_null(schema: &Schema, text: &str) -> bool {
    (text.is_empty() || text == "null") && schema::value_of(schema, text) == Some(Value::Null)
}
