//! Structs as objects of JSON.
//!
//! What serde's derives write for a struct costs the compiler more than everything else of a
//! service together: about forty lines a member, and a document has thousands of members.
//! [`members!`](crate::members) writes a call for reading and one for writing, and a way out only
//! where a member has to be there and is not.

mod reader;
mod writer;

pub(super) use reader::Name;

/// Implements [`Serialize`](serde::Serialize) and [`Deserialize`](serde::Deserialize) for a struct
/// by its members.
///
/// Each member has its name in JSON, its field, and how it may be missing:
///
/// | word | type of the field | absent | null |
/// |---|---|---|---|
/// | `required` | `T` | an error | whatever `T` makes of it |
/// | `optional` | `Option<T>` | `None` | `None` |
/// | `nullable` | `Option<T>` | `None` | `Some` of what `T`, often an `Option`, makes of it |
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
    (
        $name:ident {
            $($json:literal => $field:ident: $kind:ident $(($default:path))? $($only:ident)?,)*
            $(.. => $rest:ident $(,)?)?
        }
    ) => {
        impl<'de> $crate::service::de::Deserialize<'de> for $name {
            // Underscores: a schema may be called `D`, and macros keep no types apart.
            fn deserialize<__D>(deserializer: __D) -> ::std::result::Result<Self, __D::Error>
            where
                __D: $crate::service::de::Deserializer<'de>,
            {
                $crate::service::de::object(deserializer)
            }
        }

        impl<'de> $crate::service::de::Object<'de> for $name {
            fn read<__A>(
                mut object: $crate::service::de::Reader<'de, __A>,
            ) -> ::std::result::Result<Self, __A::Error>
            where
                __A: $crate::service::de::MapAccess<'de>,
            {
                $(let mut $field = None;)*
                $(let mut $rest = ::std::collections::BTreeMap::new();)?
                while object.next()? {
                    $(if object.$kind($json, &mut $field) {
                        continue;
                    })*
                    $crate::__other!(object $(, $rest)?);
                }
                $($crate::__member!($kind $(($default))?, object, $field, $json);)*
                Ok(Self { $($field,)* $($rest,)? })
            }
        }

        impl $crate::service::de::Serialize for $name {
            fn serialize<__S>(&self, serializer: __S) -> ::std::result::Result<__S::Ok, __S::Error>
            where
                __S: $crate::service::de::Serializer,
            {
                let mut object = $crate::service::de::Writer::of(serializer)?;
                $(object$(.$only())?.$kind($json, &self.$field);)*
                $(object.rest(&self.$rest);)?
                object.end()
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __member {
    (required, $object:ident, $slot:ident, $json:literal) => {
        let Some($slot) = $slot else {
            return $object.lacks($json);
        };
    };
    (default, $object:ident, $slot:ident, $json:literal) => {
        let $slot = $slot.unwrap_or_default();
    };
    (default($default:path), $object:ident, $slot:ident, $json:literal) => {
        let $slot = $slot.unwrap_or_else($default);
    };
    ($kind:ident, $object:ident, $slot:ident, $json:literal) => {};
}

#[doc(hidden)]
#[macro_export]
macro_rules! __other {
    ($object:ident) => {
        $object.skip()
    };
    ($object:ident, $rest:ident) => {
        $object.keep(&mut $rest)
    };
}

/// What the macros name.
#[doc(hidden)]
pub mod de {
    pub use serde::de::{Deserialize, Deserializer, MapAccess};
    pub use serde::ser::{Serialize, Serializer};

    pub use super::super::texts::{known, read};
    pub use super::reader::{Object, Reader, object};
    pub use super::writer::Writer;
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
        any: Option<Value>,
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
        "any" => any: nullable,
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
            any: None,
            list: Vec::new(),
            count: 7,
        };
        assert_eq!(known, expected);
        let known =
            read(json!({ "id": 1, "the \"note\"": null, "patch": null, "any": null })).unwrap();
        assert_eq!((&known.note, &known.patch), (&None, &Some(None)));
        assert_eq!(known.any, Some(Value::Null));
        let error = read(json!({})).unwrap_err();
        assert_eq!(error.to_string(), "missing field `id`");
        assert!(read(json!({ "id": null })).is_err());
        assert_eq!(
            serde_json::to_value(&known).unwrap(),
            json!({ "id": 1, "patch": null, "any": null, "list": [], "count": 7 })
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

    #[test]
    fn the_first_member_that_fails_ends_it() {
        let read = |text| serde_json::from_str::<Known>(text).unwrap_err().to_string();
        let error = read(r#"{ "id": "a", "count": "b" }"#);
        assert!(error.starts_with("invalid type: string \"a\""), "{error}");
        let error = read(r#"{ "other": 1e }"#);
        assert!(error.starts_with("invalid number"), "{error}");
        let error = read(r#"{ "id": 1, "note" }"#);
        assert!(error.starts_with("expected `:`"), "{error}");

        struct Fails(&'static str);

        impl serde::Serialize for Fails {
            fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
                Err(serde::ser::Error::custom(self.0))
            }
        }

        impl<'de> serde::Deserialize<'de> for Fails {
            fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
                Ok(Fails("read"))
            }
        }

        struct Two {
            a: Fails,
            b: Fails,
        }

        crate::members!(Two { "a" => a: required, "b" => b: required, });

        let two = Two {
            a: Fails("a"),
            b: Fails("b"),
        };
        assert_eq!(serde_json::to_string(&two).unwrap_err().to_string(), "a");
    }
}
