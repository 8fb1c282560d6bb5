//! Parameters that are more than one text, or one text of more than one type.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Param;
use super::assemble::{assemble, properties};
use super::raw;
use super::split::Unsplit;
use super::style::Style;
use super::written::{Leaf, Written, path};
use crate::schema::{self, Schema, Types};
use crate::service::violation::{Place, Severity};

impl Param<'_> {
    /// A value of any type that has to be there.
    #[must_use]
    pub fn required_value<T: DeserializeOwned>(mut self, schema: &'static Schema) -> Option<T> {
        let value = match self.value(schema)? {
            // What is null has its default as well.
            Some(value) if !(value.is_null() && self.default.is_some()) => value,
            _ => self.nothing(schema)?,
        };
        self.made(value)
    }

    /// A value of any type that may be left out, or be null where its schema says so.
    #[must_use]
    pub fn optional_value<T: DeserializeOwned>(
        mut self,
        schema: &'static Schema,
    ) -> Option<Option<T>> {
        match self.value(schema)? {
            None | Some(Value::Null) => Some(None),
            Some(value) => self.made(value).map(Some),
        }
    }

    fn made<T: DeserializeOwned>(&mut self, value: Value) -> Option<T> {
        match serde_json::from_value(value) {
            Ok(value) => Some(value),
            Err(error) => {
                self.note(Severity::Constraint, None, "type", error.to_string());
                None
            }
        }
    }

    /// The value that fits its schema. `None`: violations were noted. `Some(None)`: not there.
    fn value(&mut self, schema: &'static Schema) -> Option<Option<Value>> {
        let readings = match self.readings(schema) {
            Ok(readings) => readings,
            Err(Unread::Unsplit(unsplit)) => {
                self.note_unsplit(unsplit);
                return None;
            }
            Err(Unread::Doubled) => return self.doubled(),
            Err(Unread::NoJson(error)) => {
                let message = format!("is not JSON: {error}");
                self.note(Severity::Unreadable, None, "json", message);
                return None;
            }
        };
        let mut first = None;
        for written in &readings {
            let value = assemble(schema, written);
            let findings = schema::check(schema, &value);
            if findings.is_empty() {
                return Some(Some(value));
            }
            // A text that cannot be a value at all is none where that is allowed.
            if self.allows_empty && value == Value::String(String::new()) {
                return Some(Some(Value::Null));
            }
            first.get_or_insert(findings);
        }
        let Some(findings) = first else {
            return Some(None);
        };
        for finding in findings {
            // A text of another type cannot be read, here as where it is alone.
            let severity = match finding.rule {
                "type" if self.style != Style::Json => Severity::Unreadable,
                _ => Severity::Constraint,
            };
            self.call
                .violations
                .add_finding(severity, self.place, Some(self.name), finding);
        }
        None
    }

    /// What a required value is of which nothing is written: its default; and an object over
    /// several pairs may be without any.
    fn nothing(&mut self, schema: &'static Schema) -> Option<Value> {
        if let Some(json) = self.default {
            return serde_json::from_str(json).ok();
        }
        let empty = Value::Object(serde_json::Map::new());
        if self.form().is_spread() && schema::check(schema, &empty).is_empty() {
            return Some(empty);
        }
        self.missing()
    }

    /// Everything that the request may mean by the parameter, the likeliest first. None: nothing
    /// is written.
    fn readings(&self, schema: &'static Schema) -> Result<Vec<Written>, Unread> {
        let form = self.form();
        if form.is_spread() {
            let written = self.spread(schema)?;
            if written.is_repeated() && !schema::types_of(schema).contains(Types::ARRAY) {
                return Err(Unread::Doubled);
            }
            return Ok(match written.is_empty() {
                true => Vec::new(),
                false => vec![written],
            });
        }
        let texts = raw::texts(self.call, self.place, self.name)?;
        let text = match texts.as_slice() {
            [] => return Ok(Vec::new()),
            [text] => *text,
            // Lines of one header are one text.
            several if self.place == Place::Header && self.style != Style::Json => {
                return self.delimited(schema, &several.join(","));
            }
            // Items may come in several lots: `ids=1,2&ids=3`.
            several if schema::types_of(schema).contains(Types::ARRAY) => {
                let item = schema::items_of(schema).unwrap_or(&Schema::STRING);
                return Ok(vec![Written::texts(self.split(item, several)?)]);
            }
            _ => return Err(Unread::Doubled),
        };
        if self.style == Style::Json {
            let text = form.single(text)?;
            return match schema::json_of(&text) {
                Ok(value) => Ok(vec![Written::json(value)]),
                Err(error) => Err(Unread::NoJson(error)),
            };
        }
        self.delimited(schema, text)
    }

    /// One text, which may be a value, an array or an object.
    fn delimited(&self, schema: &'static Schema, text: &str) -> Result<Vec<Written>, Unread> {
        let form = self.form();
        let types = schema::types_of(schema);
        let mut readings = Vec::new();
        // What is not written as one of them may be another.
        let mut unsplit = None;
        if types.contains(Types::OBJECT) {
            match form.members(text) {
                Ok(members) => readings.extend(
                    members.filter(|members| !members.is_empty() || types == Types::OBJECT),
                ),
                Err(reason) => unsplit = Some(reason),
            }
        }
        if types.contains(Types::ARRAY) {
            let item = schema::items_of(schema).unwrap_or(&Schema::STRING);
            match form.items(item, text) {
                Ok(items) => readings.push(Written::texts(items)),
                Err(reason) => unsplit = Some(reason),
            }
        }
        if SINGLE.iter().any(|single| types.contains(*single)) {
            match form.single(text) {
                // Without a separator it is most likely what it looks like.
                Ok(single) if !form.has_several(text) => {
                    readings.insert(0, Written::texts([single]));
                }
                Ok(single) => readings.push(Written::texts([single])),
                Err(reason) => unsplit = Some(reason),
            }
        }
        // What is nested has no other form in one text.
        if let Ok(single) = form.single(text)
            && single.starts_with(['{', '['])
            && let Ok(value) = schema::json_of(&single)
            && types.contains(Types::of(&value))
        {
            // What is an object is nothing else by chance, what is a list may be a text in brackets.
            let place = if value.is_object() { 0 } else { readings.len() };
            readings.insert(place, Written::json(value));
        }
        if readings.is_empty() {
            let message = "must be names and values in turn".to_owned();
            return Err(unsplit.unwrap_or(Unsplit::Style(message)).into());
        }
        Ok(readings)
    }

    /// Texts under the parameter's name, `name[key]`, and where the style asks for it the members
    /// of an object under their own names.
    fn spread(&self, schema: &'static Schema) -> Result<Written, Unread> {
        let mut written = Written::default();
        let is_object = schema::types_of(schema).contains(Types::OBJECT);
        let own = match is_object && self.style != Style::DeepObject {
            true => properties(schema),
            false => Vec::new(),
        };
        for (name, text) in raw::pairs(self.call, self.place)? {
            // A name may have brackets of its own: `ids[]`.
            let path = match name == self.name || own.contains(&name.as_ref()) {
                true => vec![name.as_ref()],
                false => path(&name),
            };
            let is_others = |first| self.beside.is_none_or(|others| others.contains(&first));
            let below = match path.as_slice() {
                [first, rest @ ..] if *first == self.name && !own.contains(first) => rest,
                [first, ..] if own.contains(first) || !is_others(*first) => path.as_slice(),
                _ => continue,
            };
            let text = raw::decode(self.place, text)?;
            written.insert(below, Leaf::Text(text.into_owned()));
        }
        Ok(written)
    }
}

/// The types of values that are one text.
const SINGLE: [Types; 4] = [Types::NULL, Types::BOOLEAN, Types::INTEGER, Types::STRING];

/// Why there is no value.
enum Unread {
    Unsplit(Unsplit),
    Doubled,
    NoJson(serde_json::Error),
}

impl From<Unsplit> for Unread {
    fn from(unsplit: Unsplit) -> Unread {
        Unread::Unsplit(unsplit)
    }
}

impl From<raw::NotUtf8> for Unread {
    fn from(_: raw::NotUtf8) -> Unread {
        Unread::Unsplit(Unsplit::NotUtf8)
    }
}
