//! Text at the end of a path, behind a value with slashes.

use std::cmp::Reverse;

use super::captures::Captures;
use super::escape;

/// `:cancel` in `/v1/{*name}:cancel`, without escapes. The longest one comes first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Tail(Reverse<usize>, Box<[u8]>);

impl Tail {
    pub(super) fn new(text: Box<[u8]>) -> Tail {
        Tail(Reverse(text.len()), text)
    }

    /// Finds the value in what is left of a path, which begins at `start` of it.
    pub(super) fn ends(&self, rest: &[u8], start: usize, captures: &mut Captures) -> bool {
        let before = |rest: &[u8]| Some(rest.strip_suffix(&*self.1)?.len()).filter(|end| *end > 0);
        let end = before(rest).or_else(|| {
            let (bytes, places) = escape::undo_with_places(rest);
            before(&bytes).map(|end| places[end])
        });
        if let Some(end) = end {
            captures.push((start, start + end));
        }
        end.is_some()
    }
}
