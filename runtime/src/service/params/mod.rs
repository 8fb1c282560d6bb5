//! Parameters: from the text of a request to the types of a handler.
//!
//! [`raw`] takes text out of the request, undoing the escapes of its place; [`Param`] gives it a
//! type and checks it. Everything that need not know the type is one function for all parameters.

mod raw;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use serde_json::Value;

use super::call::Call;
use super::violation::{Place, Severity, Violation};
use crate::schema::{self, Schema, Types};

/// How the items of an array are written. An object's styles will stand beside these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// One by one: `tag=a&tag=b` (`form` with `explode`). The default in query and cookie.
    Repeated,
    /// `tag=a,b` (`form` without `explode`), and `simple` in path and header, where it is the
    /// default.
    Comma,
    /// `tag=a%20b` (`spaceDelimited`).
    Space,
    /// `tag=a|b` (`pipeDelimited`).
    Pipe,
}

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

/// A parameter about to be read. Every reader returns `None` when it has noted a violation.
#[derive(Debug)]
#[must_use = "a parameter is read by `required`, `optional`, `required_list` or `optional_list`"]
pub struct Param<'c> {
    call: &'c mut Call,
    place: Place,
    name: &'static str,
    style: Style,
}

impl<'c> Param<'c> {
    pub(crate) fn new(call: &'c mut Call, place: Place, name: &'static str) -> Param<'c> {
        let style = match place {
            Place::Query | Place::Cookie => Style::Repeated,
            Place::Path | Place::Header | Place::Body => Style::Comma,
        };
        Param {
            call,
            place,
            name,
            style,
        }
    }

    /// Sets how the items of an array are written.
    pub fn style(mut self, style: Style) -> Param<'c> {
        self.style = style;
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

    /// A value that may be left out.
    #[must_use]
    pub fn optional<T: FromStr>(mut self, schema: &'static Schema) -> Option<Option<T>> {
        match self.scalar(schema)? {
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

    /// The text of a value that is no array, checked against its schema. `Some(None)`: not there.
    fn scalar(&mut self, schema: &'static Schema) -> Option<Option<String>> {
        let mut texts = match raw::texts(self.call, self.place, self.name) {
            Ok(texts) => texts.into_iter(),
            Err(raw::NotUtf8) => return self.unreadable("encoding", "must be UTF-8"),
        };
        let Some(text) = texts.next() else {
            return Some(None);
        };
        if texts.next().is_some() {
            return self.unreadable("duplicate", "must not be given more than once");
        }
        let Ok(text) = raw::decode(self.place, text) else {
            return self.unreadable("encoding", "must be UTF-8");
        };
        let text = text.into_owned();
        self.fits(schema, &text, None).then_some(Some(text))
    }

    /// The texts of an array's items, checked against its schema. `Some(None)`: not there.
    fn items(&mut self, schema: &'static Schema) -> Option<Option<Vec<String>>> {
        let item = schema::items_of(schema).unwrap_or(&Schema::STRING);
        // A comma within an item is escaped. Many clients escape those between items as well,
        // which is no matter where an item cannot have one.
        let literal_comma = schema::types_of(item).contains(Types::STRING);
        let split = match raw::texts(self.call, self.place, self.name) {
            Ok(texts) if texts.is_empty() => return Some(None),
            Ok(texts) => raw::items(self.place, self.style, literal_comma, &texts),
            Err(error) => Err(error),
        };
        let Ok(texts) = split else {
            return self.unreadable("encoding", "must be UTF-8");
        };
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
        let typed = text.parse().ok();
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
            match text.parse() {
                Ok(value) => typed.push(value),
                Err(_) => self.note_untyped(item, text, Some(index)),
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

    fn unreadable<T>(&mut self, rule: &'static str, message: &'static str) -> Option<T> {
        self.note(Severity::Unreadable, None, rule, message.to_owned());
        None
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
