//! Where references lead that are no paths within their own file: found while the files are read,
//! looked up ever after.

use std::collections::HashMap;

use super::node::FileId;
use crate::diagnostic::Diagnostic;

/// A node of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) file: FileId,
    pub(super) pointer: String,
}

impl From<FileId> for Place {
    fn from(file: FileId) -> Self {
        Self {
            file,
            pointer: String::new(),
        }
    }
}

/// What the two parts of references mean, by the file in which they stand.
#[derive(Debug, Default)]
pub(super) struct Links {
    parts: HashMap<FileId, HashMap<String, Result<Place, Diagnostic>>>,
    names: HashMap<FileId, HashMap<String, String>>,
}

impl Links {
    /// Where the part of a reference before the `#` leads, or why nowhere; none where no
    /// reference was seen.
    pub(super) fn part(&self, from: FileId, part: &str) -> Option<&Result<Place, Diagnostic>> {
        self.parts.get(&from)?.get(part)
    }

    pub(super) fn set_part(&mut self, from: FileId, part: &str, to: Result<Place, Diagnostic>) {
        let parts = self.parts.entry(from).or_default();
        parts.insert(part.to_owned(), to);
    }

    /// The pointer that a name within a file stands for.
    pub(super) fn name(&self, file: FileId, name: &str) -> Option<&str> {
        self.names.get(&file)?.get(name).map(String::as_str)
    }

    /// Gives a name to a pointer, unless it has one already.
    pub(super) fn set_name(&mut self, file: FileId, name: String, pointer: String) {
        let names = self.names.entry(file).or_default();
        names.entry(name).or_insert(pointer);
    }
}
