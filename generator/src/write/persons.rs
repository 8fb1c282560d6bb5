//! What becomes of one of the person's files.

use crate::merge;

/// What is known of it.
pub(super) struct Known<'a> {
    pub(super) path: &'a str,
    /// The text that was last written.
    pub(super) base: Option<&'a str>,
    /// The text that would be written now.
    pub(super) new: &'a str,
    pub(super) there: Option<&'a [u8]>,
    /// A new text that waits beside it.
    pub(super) beside: Option<&'a [u8]>,
}

/// What becomes of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Create,
    /// Says what it should.
    Same,
    /// Nothing has changed since it was written last, but what the person has changed.
    Keep,
    /// The person has deleted it.
    Absent,
    Merge(String),
    /// Both have changed the same place; the new text goes beside it.
    Conflict,
    /// The same, and somebody is at work on the text beside it: both stay.
    Waiting,
}

pub(super) fn fate(known: &Known<'_>) -> Fate {
    let Some(there) = known.there else {
        return match known.base {
            Some(_) => Fate::Absent,
            None => Fate::Create,
        };
    };
    if there == known.new.as_bytes() {
        return Fate::Same;
    }
    if known.base == Some(known.new) {
        return Fate::Keep;
    }
    let merged = known.base.zip(std::str::from_utf8(there).ok());
    let merged = merged.and_then(|(base, there)| merge::text(known.path, base, known.new, there));
    match merged {
        Some(text) if text.as_bytes() == there => Fate::Keep,
        Some(text) => Fate::Merge(text),
        None if known.is_being_resolved() => Fate::Waiting,
        None => Fate::Conflict,
    }
}

impl Known<'_> {
    /// What waits beside a file is the text that was last written, until somebody edits it.
    pub(super) fn is_being_resolved(&self) -> bool {
        let written = [self.base, Some(self.new)].map(|text| text.map(str::as_bytes));
        self.beside.is_some() && !written.contains(&self.beside)
    }
}
