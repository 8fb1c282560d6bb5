//! Where in a path the values of its parameters stand.

use std::sync::Arc;

/// More parameters than almost any path has; beyond them a list is allocated.
const USUAL: usize = 6;

/// Where a value begins and ends, in bytes of the path.
pub(super) type Span = (usize, usize);

/// The values of a path, in the order of its template.
#[derive(Debug, Clone, Default)]
pub(in crate::service) struct Captures {
    first: [Span; USUAL],
    more: Vec<Span>,
    len: usize,
}

impl Captures {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn push(&mut self, span: Span) {
        match self.first.get_mut(self.len) {
            Some(slot) => *slot = span,
            None => self.more.push(span),
        }
        self.len += 1;
    }

    /// Forgets what came after the first `len`.
    pub(super) fn truncate(&mut self, len: usize) {
        self.more.truncate(len.saturating_sub(USUAL));
        self.len = self.len.min(len);
    }

    pub(super) fn get(&self, index: usize) -> Option<Span> {
        let slot = match index.checked_sub(USUAL) {
            None => self.first.get(index),
            Some(later) => self.more.get(later),
        };
        slot.copied().filter(|_| index < self.len)
    }
}

/// The values of a request's path under the names of its operation.
#[derive(Debug, Clone)]
pub(crate) struct PathValues {
    names: Arc<[Box<str>]>,
    captures: Captures,
}

impl PathValues {
    pub(in crate::service) fn new(names: Arc<[Box<str>]>, captures: Captures) -> PathValues {
        PathValues { names, captures }
    }

    /// The text that stands for a parameter, its escapes not undone. `path` is the path that has
    /// been matched.
    pub(crate) fn get<'p>(&self, path: &'p str, name: &str) -> Option<&'p str> {
        let index = self.names.iter().position(|known| **known == *name)?;
        let (start, end) = self.captures.get(index)?;
        path.get(start..end)
    }
}
