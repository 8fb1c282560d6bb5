//! Insertions into a text, which leave every other byte as it is.

use std::{collections::BTreeMap, ops::Range};

/// Insertions by their place; those at one place stand in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Edits {
    by_place: BTreeMap<(usize, usize), String>,
}

impl Edits {
    pub(super) fn insert(&mut self, at: usize, text: &str) {
        self.by_place.entry((at, at)).or_default().push_str(text);
    }

    /// For what the generator has laid out itself.
    pub(super) fn replace(&mut self, range: Range<usize>, text: String) {
        self.by_place.insert((range.start, range.end), text);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_place.is_empty()
    }

    pub(super) fn apply(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len() + 1024);
        let mut at = 0;
        for ((start, end), new) in &self.by_place {
            out.push_str(&text[at..*start]);
            out.push_str(new);
            at = *end;
        }
        out.push_str(&text[at..]);
        out
    }
}
