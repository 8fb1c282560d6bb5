//! Reading values that have one of several forms.

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error};
use serde_json::Value;

use crate::schema::{self, Schema};

/// A value whose form is still to be found.
///
/// ```
/// use failsafe_runtime::schema::Schema;
/// use failsafe_runtime::service::Form;
/// use serde::{Deserialize, Deserializer};
///
/// #[derive(Debug, PartialEq)]
/// enum Either {
///     Text(String),
///     Number(i64),
/// }
///
/// impl<'de> Deserialize<'de> for Either {
///     fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
///         let mut form = Form::of(deserializer)?;
///         if let Some(value) = form.read_as("Text", &Schema::STRING) {
///             return Ok(Self::Text(value));
///         }
///         if let Some(value) = form.read_as("Number", &Schema::INTEGER) {
///             return Ok(Self::Number(value));
///         }
///         Err(form.fits_none())
///     }
/// }
///
/// assert_eq!(serde_json::from_str::<Either>("7").unwrap(), Either::Number(7));
/// assert!(serde_json::from_str::<Either>("true").is_err());
/// ```
#[derive(Debug)]
pub struct Form {
    value: Value,
    /// Why it is none of the forms that were tried.
    reasons: Vec<String>,
}

impl Form {
    /// Takes the value in.
    ///
    /// # Errors
    ///
    /// When it is no JSON.
    pub fn of<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Form, D::Error> {
        Ok(Form {
            value: Value::deserialize(deserializer)?,
            reasons: Vec::new(),
        })
    }

    /// The text of the member that names the form.
    #[must_use]
    pub fn tag(&self, property: &str) -> Option<&str> {
        self.value.get(property)?.as_str()
    }

    /// The value in the form that its tag named.
    ///
    /// # Errors
    ///
    /// When it is not of that form.
    pub fn read<T: DeserializeOwned, E: Error>(self) -> Result<T, E> {
        serde_json::from_value(self.value).map_err(E::custom)
    }

    /// The value in this form, if it fits the form's schema.
    pub fn read_as<T: DeserializeOwned>(
        &mut self,
        form: &'static str,
        schema: &'static Schema,
    ) -> Option<T> {
        if let Some(found) = schema::check(schema, &self.value).first() {
            self.reject(form, &format!("{} {}", found.pointer, found.message));
            return None;
        }
        // Borrowed, because another form may have to be tried.
        match T::deserialize(&self.value) {
            Ok(value) => Some(value),
            Err(error) => {
                self.reject(form, &error.to_string());
                None
            }
        }
    }

    fn reject(&mut self, form: &str, reason: &str) {
        self.reasons
            .push(format!("{form}: {}", reason.trim_start()));
    }

    /// The error of a value that none of the tried forms fits.
    #[must_use]
    pub fn fits_none<E: Error>(&self) -> E {
        E::custom(format_args!(
            "fits none of its forms ({})",
            self.reasons.join("; ")
        ))
    }

    /// The error of a value whose tag names no form.
    #[must_use]
    pub fn unknown_tag<E: Error>(&self, property: &str, known: &[&str]) -> E {
        E::custom(format_args!(
            "`{property}` must be one of {}",
            known.join(", ")
        ))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_fits_no_form_is_told_why() {
        static SHORT: Schema = Schema {
            max_length: Some(2),
            ..Schema::STRING
        };
        let mut form = Form::of(json!("long")).unwrap();
        assert_eq!(form.read_as::<String>("Short", &SHORT), None);
        assert_eq!(form.read_as::<i64>("Number", &Schema::ANY), None);
        let error: serde_json::Error = form.fits_none();
        let text = error.to_string();
        assert!(
            text.contains("Short: ") && text.contains("Number: "),
            "{text}"
        );
    }

    #[test]
    fn a_tag_is_a_text() {
        let form = Form::of(json!({ "kind": "cat", "number": 1 })).unwrap();
        assert_eq!(form.tag("kind"), Some("cat"));
        assert_eq!(form.tag("number"), None);
        assert_eq!(form.tag("other"), None);
        let error: serde_json::Error = form.unknown_tag("kind", &["dog", "fish"]);
        assert_eq!(error.to_string(), "`kind` must be one of dog, fish");
    }
}
