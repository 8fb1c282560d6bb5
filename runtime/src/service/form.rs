//! Reading values that have one of several forms.

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error};
use serde_json::Value;

use super::body::read;
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
/// static FORMS: &[(&str, &Schema)] = &[("Text", &Schema::STRING), ("Number", &Schema::INTEGER)];
///
/// impl<'de> Deserialize<'de> for Either {
///     fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
///         let form = Form::of(deserializer)?;
///         match form.fitting(FORMS)? {
///             0 => form.read().map(Self::Text),
///             _ => form.read().map(Self::Number),
///         }
///     }
/// }
///
/// assert_eq!(serde_json::from_str::<Either>("7").unwrap(), Either::Number(7));
/// assert!(serde_json::from_str::<Either>("true").is_err());
/// ```
#[derive(Debug)]
pub struct Form {
    value: Value,
}

impl Form {
    /// Takes the value in.
    ///
    /// # Errors
    ///
    /// When it is no JSON.
    pub fn of<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Form, D::Error> {
        Value::deserialize(deserializer).map(|value| Form { value })
    }

    /// Which of several forms the value has: the first that fits of those that keep most of it.
    ///
    /// # Errors
    ///
    /// When it has none of them, with the reason for each.
    pub fn fitting<E: Error>(&self, forms: &[(&'static str, &'static Schema)]) -> Result<usize, E> {
        self.best(forms).map_err(E::custom)
    }

    fn best(&self, forms: &[(&'static str, &'static Schema)]) -> Result<usize, String> {
        let mut best: Option<(usize, usize)> = None;
        let mut reasons = String::new();
        for (index, (name, schema)) in forms.iter().enumerate() {
            if let Some(found) = schema::check(schema, &self.value).first() {
                let separator = if reasons.is_empty() { "" } else { "; " };
                let place = if found.pointer.is_empty() { "" } else { " " };
                reasons += &format!(
                    "{separator}{name}: {}{place}{}",
                    found.pointer, found.message
                );
                continue;
            }
            let loss = schema::loss(schema, &self.value);
            if loss == 0 {
                return Ok(index);
            }
            if best.is_none_or(|(least, _)| loss < least) {
                best = Some((loss, index));
            }
        }
        best.map(|(_, index)| index)
            .ok_or_else(|| format!("fits none of its forms ({reasons})"))
    }

    /// Which form the value's tag names, given the tags and the forms that they mean.
    ///
    /// # Errors
    ///
    /// When the tag is not there or not one of them.
    pub fn tagged<E: Error>(
        &self,
        property: &str,
        tags: &[(&'static str, usize)],
    ) -> Result<usize, E> {
        let tag = self.value.get(property).and_then(Value::as_str);
        let named = tags.iter().find(|(known, _)| Some(*known) == tag);
        named.map(|(_, form)| *form).ok_or_else(|| {
            let known: Vec<&str> = tags.iter().map(|(known, _)| *known).collect();
            E::custom(format_args!(
                "`{property}` must be one of {}",
                known.join(", ")
            ))
        })
    }

    /// The same where a value may do without the tag, which is of the form `otherwise` then.
    ///
    /// # Errors
    ///
    /// When the tag is there and not one of them.
    pub fn tagged_or<E: Error>(
        &self,
        property: &str,
        tags: &[(&'static str, usize)],
        otherwise: usize,
    ) -> Result<usize, E> {
        match self.value.as_object() {
            Some(object) if !object.contains_key(property) => Ok(otherwise),
            _ => self.tagged(property, tags),
        }
    }

    /// The value in the form that was found.
    ///
    /// # Errors
    ///
    /// When it is not of that form.
    pub fn read<T: DeserializeOwned, E: Error>(self) -> Result<T, E> {
        serde_json::from_value(self.value).map_err(E::custom)
    }
}

/// A value that the document writes as JSON: the default of a member, say.
///
/// # Panics
///
/// When the text is not of the type. The generator writes none that is not.
#[must_use]
pub fn constant<T: DeserializeOwned>(json: &'static str) -> T {
    read(json.as_bytes())
        .unwrap_or_else(|error| panic!("{json} is no default of its type: {error}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    type Found = Result<usize, serde_json::Error>;

    fn form(value: Value) -> Form {
        Form::of(value).unwrap()
    }

    #[test]
    fn what_fits_no_form_is_told_why() {
        static SHORT: Schema = Schema {
            max_length: Some(2),
            ..Schema::STRING
        };
        let forms: &[_] = &[("Short", &SHORT), ("Number", &Schema::INTEGER)];
        let found: Found = form(json!("long")).fitting(forms);
        let text = found.unwrap_err().to_string();
        assert!(
            text.contains("Short: ") && text.contains("Number: "),
            "{text}"
        );
    }

    #[test]
    fn the_form_that_keeps_most_is_taken() {
        static A: Schema = Schema {
            properties: &[("a", &Schema::INTEGER)],
            ..Schema::OBJECT
        };
        static AB: Schema = Schema {
            properties: &[("a", &Schema::INTEGER), ("b", &Schema::INTEGER)],
            ..Schema::OBJECT
        };
        let forms: &[_] = &[("A", &A), ("Ab", &AB)];
        for (value, expected) in [
            (json!({ "a": 1 }), 0),
            (json!({ "a": 1, "b": 1 }), 1),
            (json!({ "b": 1, "c": 1 }), 1),
            (json!({ "c": 1 }), 0),
        ] {
            let found: Found = form(value).fitting(forms);
            assert_eq!(found.unwrap(), expected);
        }
    }

    #[test]
    fn a_tag_names_a_form() {
        let tags: &[_] = &[("cat", 0), ("tom", 0), ("dog", 1)];
        let found: Found = form(json!({ "kind": "dog" })).tagged("kind", tags);
        assert_eq!(found.unwrap(), 1);
        for other in [
            json!({ "kind": 1 }),
            json!({}),
            json!({ "kind": "cow" }),
            json!(7),
        ] {
            let found: Found = form(other).tagged("kind", tags);
            let text = found.unwrap_err().to_string();
            assert_eq!(text, "`kind` must be one of cat, tom, dog");
        }
    }

    #[test]
    fn a_tag_may_be_left_out_where_that_means_a_form() {
        let tags: &[_] = &[("cat", 0), ("pet", 1)];
        for (value, expected) in [
            (json!({ "kind": "cat" }), Some(0)),
            (json!({ "kind": "pet" }), Some(1)),
            (json!({ "name": "cat" }), Some(1)),
            (json!({ "kind": null }), None),
            (json!({ "kind": "cow" }), None),
            (json!("cat"), None),
        ] {
            let found: Found = form(value).tagged_or("kind", tags, 1);
            assert_eq!(found.ok(), expected);
        }
    }
}
