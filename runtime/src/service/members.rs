//! Structs as objects of JSON.
//!
//! What serde's derives write for a struct costs the compiler more than everything else of a
//! service together: about forty lines a member, and a document has thousands of members.
//! [`members!`](crate::members) writes five.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// Implements [`Serialize`](serde::Serialize) and [`Deserialize`] for a struct by its members.
///
/// Each member has its name in JSON, its field, and how it may be missing:
///
/// | word | type of the field | absent | null |
/// |---|---|---|---|
/// | `required` | `T` | an error | whatever `T` makes of it |
/// | `optional` | `Option<T>` | `None` | `None` |
/// | `nullable` | `Option<Option<T>>` | `None` | `Some(None)` |
/// | `default` | `T` | `T::default()` | whatever `T` makes of it |
/// | `default(f)` | `T` | `f()` | whatever `T` makes of it |
///
/// What is `None` is not written, and nothing of a member with `write_only` behind its word. `..`
/// names the map of all other members; without it they are skipped. Of a name that is there twice
/// the last value counts.
///
/// ```
/// use failsafe_runtime::service;
///
/// #[derive(Debug, PartialEq)]
/// struct Item {
///     id: String,
///     r#type: Option<String>,
///     count: i64,
///     password: Option<String>,
/// }
///
/// fn one() -> i64 {
///     1
/// }
///
/// service::members!(Item {
///     "id" => id: required,
///     "type" => r#type: optional,
///     "count" => count: default(one),
///     "password" => password: optional write_only,
/// });
///
/// let item: Item = serde_json::from_str(r#"{ "id": "a", "password": "b", "other": [] }"#)?;
/// assert_eq!((item.count, item.password.as_deref()), (1, Some("b")));
/// assert_eq!(serde_json::to_string(&item)?, r#"{"id":"a","count":1}"#);
/// assert!(serde_json::from_str::<Item>("{}").is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[macro_export]
macro_rules! members {
    ($name:ident { $($member:tt)* }) => {
        impl<'de> $crate::service::de::Deserialize<'de> for $name {
            // Underscores: a schema may be called `D` or `Members`, and macros keep no types apart.
            fn deserialize<__D>(deserializer: __D) -> ::std::result::Result<Self, __D::Error>
            where
                __D: $crate::service::de::Deserializer<'de>,
            {
                struct __Members;

                impl<'de> $crate::service::de::Visitor<'de> for __Members {
                    type Value = $name;

                    fn expecting(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                        f.write_str("an object")
                    }

                    $crate::__visit_map!($name { $($member)* });
                }

                deserializer.deserialize_map(__Members)
            }
        }

        impl $crate::service::de::Serialize for $name {
            $crate::__serialize!($($member)*);
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __visit_map {
    ($name:ident {
        $($json:literal => $field:ident: $kind:ident $(($default:path))? $($only:ident)?,)*
        $(.. => $rest:ident $(,)?)?
    }) => {
        fn visit_map<__A>(self, mut members: __A) -> ::std::result::Result<$name, __A::Error>
        where
            __A: $crate::service::de::MapAccess<'de>,
        {
            $(let mut $field = None;)*
            $(let mut $rest = ::std::collections::BTreeMap::new();)?
            while let Some(name) = members.next_key::<$crate::service::de::Name<'de>>()? {
                match name.as_str() {
                    $($json => $field = Some(members.next_value()?),)*
                    _ => $crate::__other!(members, name, $($rest)?),
                }
            }
            Ok($name {
                $($field: $crate::__member!($kind $(($default))?, $field, $json),)*
                $($rest,)?
            })
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __serialize {
    (
        $($json:literal => $field:ident: $kind:ident $(($default:path))? $($only:ident)?,)*
        $(.. => $rest:ident $(,)?)?
    ) => {
        fn serialize<__S>(&self, serializer: __S) -> ::std::result::Result<__S::Ok, __S::Error>
        where
            __S: $crate::service::de::Serializer,
        {
            let mut members = $crate::service::de::Members::of(serializer)?;
            $($crate::__write!($kind $($only)?, members, $json, &self.$field);)*
            $(members.rest(&self.$rest)?;)?
            members.end()
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __write {
    ($kind:ident write_only, $members:ident, $json:literal, $value:expr) => {};
    (required, $members:ident, $json:literal, $value:expr) => {
        $members.write($json, $value)?;
    };
    (default, $members:ident, $json:literal, $value:expr) => {
        $members.write($json, $value)?;
    };
    ($kind:ident, $members:ident, $json:literal, $value:expr) => {
        $members.write_some($json, $value)?;
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __other {
    ($members:ident, $name:ident,) => {{
        $members.next_value::<$crate::service::de::IgnoredAny>()?;
    }};
    ($members:ident, $name:ident, $rest:ident) => {{
        $rest.insert($name.into_string(), $members.next_value()?);
    }};
}

#[doc(hidden)]
#[macro_export]
macro_rules! __member {
    (required, $slot:ident, $json:literal) => {
        $crate::service::de::required($slot, $json)?
    };
    (optional, $slot:ident, $json:literal) => {
        $crate::service::de::optional($slot)
    };
    (nullable, $slot:ident, $json:literal) => {
        $slot
    };
    (default, $slot:ident, $json:literal) => {
        $slot.unwrap_or_default()
    };
    (default($default:path), $slot:ident, $json:literal) => {
        $slot.unwrap_or_else($default)
    };
}

/// What the macros name.
#[doc(hidden)]
pub mod de {
    pub use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
    pub use serde::ser::{Serialize, Serializer};

    pub use super::super::texts::{known, read};
    pub use super::{Members, Name, optional, required};
}

/// An object on its way out.
#[derive(Debug)]
pub struct Members<M>(M);

impl<M: SerializeMap> Members<M> {
    /// Begins an object.
    ///
    /// # Errors
    ///
    /// When the serializer has no objects.
    pub fn of<S>(serializer: S) -> Result<Self, S::Error>
    where
        S: Serializer<SerializeMap = M>,
    {
        serializer.serialize_map(None).map(Members)
    }

    /// Writes a member.
    ///
    /// # Errors
    ///
    /// When the serializer refuses it.
    pub fn write<T: Serialize>(&mut self, name: &'static str, value: &T) -> Result<(), M::Error> {
        self.0.serialize_entry(name, value)
    }

    /// Writes a member if it is there.
    ///
    /// # Errors
    ///
    /// When the serializer refuses it.
    pub fn write_some<T: Serialize>(
        &mut self,
        name: &'static str,
        value: &Option<T>,
    ) -> Result<(), M::Error> {
        match value {
            Some(value) => self.write(name, value),
            None => Ok(()),
        }
    }

    /// Writes the members that the document does not name.
    ///
    /// # Errors
    ///
    /// When the serializer refuses one.
    pub fn rest<T: Serialize>(&mut self, rest: &BTreeMap<String, T>) -> Result<(), M::Error> {
        rest.iter()
            .try_for_each(|(name, value)| self.0.serialize_entry(name, value))
    }

    /// Ends the object.
    ///
    /// # Errors
    ///
    /// When the serializer refuses.
    pub fn end(self) -> Result<M::Ok, M::Error> {
        self.0.end()
    }
}

/// The name of a member, borrowed from the text where it stands there letter by letter.
#[derive(Debug)]
pub enum Name<'de> {
    /// A part of the text that is read.
    Borrowed(&'de str),
    /// Put together from escapes, or from a stream.
    Owned(String),
}

impl Name<'_> {
    /// The letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Name::Borrowed(text) => text,
            Name::Owned(text) => text,
        }
    }

    /// The letters, to keep.
    #[must_use]
    pub fn into_string(self) -> String {
        match self {
            Name::Borrowed(text) => text.to_owned(),
            Name::Owned(text) => text,
        }
    }
}

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl<'de> Visitor<'de> for Text {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a member")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Name<'de>, E> {
                Ok(Name::Borrowed(text))
            }

            fn visit_str<E>(self, text: &str) -> Result<Name<'de>, E> {
                Ok(Name::Owned(text.to_owned()))
            }

            fn visit_string<E>(self, text: String) -> Result<Name<'de>, E> {
                Ok(Name::Owned(text))
            }
        }

        deserializer.deserialize_str(Text)
    }
}

/// What was read of a member that has to be there.
///
/// # Errors
///
/// When nothing was.
pub fn required<T, E: Error>(slot: Option<T>, name: &'static str) -> Result<T, E> {
    slot.ok_or_else(|| E::missing_field(name))
}

/// What was read of a member that may be absent or null, which are the same.
#[must_use]
pub fn optional<T>(slot: Option<Option<T>>) -> Option<T> {
    slot.flatten()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    #[derive(Debug, PartialEq)]
    struct Known {
        id: i64,
        note: Option<String>,
        patch: Option<Option<String>>,
        list: Vec<i64>,
        count: i64,
    }

    fn seven() -> i64 {
        7
    }

    crate::members!(Known {
        "id" => id: required,
        "the \"note\"" => note: optional,
        "patch" => patch: nullable,
        "list" => list: default,
        "count" => count: default(seven),
    });

    #[derive(Debug, PartialEq)]
    struct Open {
        id: i64,
        secret: Option<i64>,
        others: BTreeMap<String, Value>,
    }

    crate::members!(Open {
        "id" => id: required,
        "secret" => secret: optional write_only,
        .. => others,
    });

    #[test]
    fn members_may_be_missing_as_they_say() {
        let read = serde_json::from_value::<Known>;
        let known = read(json!({ "id": 1, "other": {} })).unwrap();
        let expected = Known {
            id: 1,
            note: None,
            patch: None,
            list: Vec::new(),
            count: 7,
        };
        assert_eq!(known, expected);
        let known = read(json!({ "id": 1, "the \"note\"": null, "patch": null })).unwrap();
        assert_eq!((&known.note, &known.patch), (&None, &Some(None)));
        let error = read(json!({})).unwrap_err();
        assert_eq!(error.to_string(), "missing field `id`");
        assert!(read(json!({ "id": null })).is_err());
        assert_eq!(
            serde_json::to_value(&known).unwrap(),
            json!({ "id": 1, "patch": null, "list": [], "count": 7 })
        );
        assert!(read(json!({ "id": 1, "list": null })).is_err());
        assert!(read(json!([1])).is_err());
    }

    #[test]
    fn names_are_what_they_mean_not_how_they_are_written() {
        let text = r#"{ "\u0069d": 1, "the \"note\"": "a", "id": 2 }"#;
        let known: Known = serde_json::from_str(text).unwrap();
        assert_eq!((known.id, known.note.as_deref()), (2, Some("a")));
        let known: Known = serde_json::from_reader(text.as_bytes()).unwrap();
        assert_eq!(known.id, 2);
    }

    #[test]
    fn the_rest_keeps_what_the_document_does_not_name() {
        let open: Open =
            serde_json::from_str(r#"{ "id": 1, "secret": 2, "a": [2], "b": null }"#).unwrap();
        let others = [("a".to_owned(), json!([2])), ("b".to_owned(), Value::Null)];
        assert_eq!(open.others, BTreeMap::from(others));
        let written = serde_json::to_string(&open).unwrap();
        assert_eq!(written, r#"{"id":1,"a":[2],"b":null}"#);
    }
}
