//! Objects on their way out.

use std::collections::BTreeMap;

use serde::ser::{Serialize, SerializeMap, Serializer};

/// An object that is written member by member.
///
/// What fails is kept until the end, and nothing is written after it: of a way out for each member
/// the compiler would have to see to what it leaves behind.
#[derive(Debug)]
pub struct Writer<M: SerializeMap> {
    members: M,
    failed: Option<M::Error>,
}

impl<M: SerializeMap> Writer<M> {
    /// Begins an object.
    ///
    /// # Errors
    ///
    /// When the serializer has no objects.
    pub fn of<S>(serializer: S) -> Result<Self, S::Error>
    where
        S: Serializer<SerializeMap = M, Error = M::Error>,
    {
        Ok(Self {
            members: serializer.serialize_map(None)?,
            failed: None,
        })
    }

    /// Writes a member.
    pub fn required<T: Serialize>(&mut self, name: &str, value: &T) {
        if self.failed.is_none() {
            self.failed = self.members.serialize_entry(name, value).err();
        }
    }

    /// The same, where something stands for what is absent.
    pub fn default<T: Serialize>(&mut self, name: &str, value: &T) {
        self.required(name, value);
    }

    /// Writes a member if it is there.
    pub fn optional<T: Serialize>(&mut self, name: &str, value: &Option<T>) {
        if let Some(value) = value {
            self.required(name, value);
        }
    }

    /// Writes a member of a type that takes null, if it is there.
    pub fn nullable<T: Serialize>(&mut self, name: &str, value: &Option<T>) {
        self.optional(name, value);
    }

    /// Stands in the way of a member that only clients write.
    pub fn write_only(&mut self) -> Unwritten {
        Unwritten
    }

    /// Writes the members that the document does not name.
    pub fn rest<T: Serialize>(&mut self, rest: &BTreeMap<String, T>) {
        for (name, value) in rest {
            self.required(name, value);
        }
    }

    /// Ends the object.
    ///
    /// # Errors
    ///
    /// When a member failed, or the serializer refuses.
    pub fn end(self) -> Result<M::Ok, M::Error> {
        match self.failed {
            None => self.members.end(),
            Some(failed) => Err(failed),
        }
    }
}

/// Writes nothing.
#[derive(Clone, Copy, Debug)]
pub struct Unwritten;

impl Unwritten {
    /// Does not write the member.
    pub fn required<T>(self, _: &str, _: &T) {}

    /// Does not write the member.
    pub fn default<T>(self, _: &str, _: &T) {}

    /// Does not write the member.
    pub fn optional<T>(self, _: &str, _: &T) {}

    /// Does not write the member.
    pub fn nullable<T>(self, _: &str, _: &T) {}
}
