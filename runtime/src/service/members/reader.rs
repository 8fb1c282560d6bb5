//! Objects on their way in.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::mem;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use crate::service::room::{self, Outermost};

/// A struct that is read member by member.
pub trait Object<'de>: Sized {
    /// Reads all members.
    ///
    /// # Errors
    ///
    /// When one is not what its field takes, or is not there and has to be.
    fn read<A: MapAccess<'de>>(object: Reader<'de, A>) -> Result<Self, A::Error>;
}

/// Reads a struct.
///
/// # Errors
///
/// When there is no object, or one that the struct does not take.
pub fn object<'de, T: Object<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    struct Members<T>(PhantomData<T>);

    impl<'de, T: Object<'de>> Visitor<'de> for Members<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<T, A::Error> {
            T::read(Reader::of(members, size_of::<T>()))
        }
    }

    deserializer.deserialize_map(Members(PhantomData))
}

/// The members of an object, one after the other.
///
/// What fails is kept until the next member is asked for: of a way out for each member the compiler
/// would have to see to what it leaves behind.
#[derive(Debug)]
pub struct Reader<'de, A: MapAccess<'de>> {
    members: A,
    name: Name<'de>,
    failed: Option<A::Error>,
    outermost: Option<Outermost>,
}

impl<'de, A: MapAccess<'de>> Reader<'de, A> {
    /// Of a struct of so many bytes.
    fn of(members: A, size: usize) -> Self {
        let (outermost, failed) = match room::enter(size) {
            Ok(outermost) => (outermost, None),
            Err(room::Full) => (None, Some(A::Error::custom("it is nested too deeply"))),
        };
        Self {
            members,
            name: Name::Borrowed(""),
            failed,
            outermost,
        }
    }

    /// Goes on to the next member, if there is one.
    ///
    /// # Errors
    ///
    /// When the last one failed, or the object does not go on as one.
    #[allow(clippy::should_implement_trait, reason = "it does not give the member")]
    pub fn next(&mut self) -> Result<bool, A::Error> {
        let next = match self.failed.take() {
            Some(failed) => Err(failed),
            None => self.members.next_key(),
        };
        if let Ok(Some(name)) = next {
            self.name = name;
            return Ok(true);
        }
        if let Some(outermost) = self.outermost.take() {
            room::leave(outermost);
        }
        next.map(|_| false)
    }

    /// Reads a value if the member has this name.
    #[inline]
    pub fn required<T: Deserialize<'de>>(&mut self, name: &str, slot: &mut Option<T>) -> bool {
        let is_it = self.name.as_str() == name;
        if is_it {
            self.value(|value| *slot = Some(value));
        }
        is_it
    }

    /// The same, where something stands for what is absent.
    #[inline]
    pub fn default<T: Deserialize<'de>>(&mut self, name: &str, slot: &mut Option<T>) -> bool {
        self.required(name, slot)
    }

    /// Reads a value or null if the member has this name; null is as good as nothing.
    #[inline]
    pub fn optional<T: Deserialize<'de>>(&mut self, name: &str, slot: &mut Option<T>) -> bool {
        let is_it = self.name.as_str() == name;
        if is_it {
            self.value(|value| *slot = value);
        }
        is_it
    }

    /// Reads a value of a type that takes null, if the member has this name.
    #[inline]
    pub fn nullable<T: Deserialize<'de>>(&mut self, name: &str, slot: &mut Option<T>) -> bool {
        self.required(name, slot)
    }

    /// Keeps a member that has no field of its own.
    pub fn keep<T: Deserialize<'de>>(&mut self, rest: &mut BTreeMap<String, T>) {
        let name = mem::replace(&mut self.name, Name::Borrowed(""));
        self.value(|value| drop(rest.insert(name.into_string(), value)));
    }

    /// Passes over a member that has no field.
    pub fn skip(&mut self) {
        self.value(|IgnoredAny| {});
    }

    /// That a member is not there which has to be.
    ///
    /// # Errors
    ///
    /// Always.
    pub fn lacks<T>(&self, name: &'static str) -> Result<T, A::Error> {
        Err(A::Error::missing_field(name))
    }

    #[inline(never)]
    fn value<T: Deserialize<'de>>(&mut self, keep: impl FnOnce(T)) {
        match self.members.next_value() {
            Ok(value) => keep(value),
            Err(error) => self.failed = Some(error),
        }
    }
}

/// The name of a member, borrowed from the text where it stands there letter by letter.
#[derive(Debug)]
pub(in crate::service) enum Name<'de> {
    /// A part of the text that is read.
    Borrowed(&'de str),
    /// Put together from escapes, or from a stream.
    Owned(String),
}

impl Name<'_> {
    /// The letters.
    #[must_use]
    pub(in crate::service) fn as_str(&self) -> &str {
        match self {
            Name::Borrowed(text) => text,
            Name::Owned(text) => text,
        }
    }

    /// The letters, to keep.
    #[must_use]
    pub(in crate::service) fn into_string(self) -> String {
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
