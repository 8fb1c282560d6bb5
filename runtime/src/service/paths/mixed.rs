//! Segments with text around their parameters.

use std::cmp::Reverse;

use super::captures::{Captures, Span};
use super::escape;

/// Text, a parameter, text, a parameter, and so on, and text at the end; any text may be empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mixed {
    texts: Box<[Box<[u8]>]>,
}

impl Mixed {
    /// `texts` are those around and between the parameters, without escapes.
    pub(super) fn new(texts: Vec<Box<[u8]>>) -> Mixed {
        Mixed {
            texts: texts.into(),
        }
    }

    /// Smaller for those that fewer texts match: more text first, then fewer parameters, and the
    /// rest is there to make it an order.
    pub(super) fn rank(&self) -> impl Ord + use<> {
        let length: usize = self.texts.iter().map(|text| text.len()).sum();
        (Reverse(length), self.texts.len(), self.texts.clone())
    }

    /// Finds the values in a segment that begins at `start` of the path.
    pub(super) fn matches(&self, segment: &[u8], start: usize, captures: &mut Captures) -> bool {
        // As it is written first: an escaped separator belongs to a value.
        if let Some(spans) = self.cut(segment) {
            for (from, to) in spans {
                captures.push((start + from, start + to));
            }
            return true;
        }
        if !segment.contains(&b'%') {
            return false;
        }
        let (bytes, places) = escape::undo_with_places(segment);
        let Some(spans) = self.cut(&bytes) else {
            return false;
        };
        for (from, to) in spans {
            captures.push((start + places[from], start + places[to]));
        }
        true
    }

    /// From the end, so that the first values are as long as can be.
    fn cut(&self, segment: &[u8]) -> Option<impl Iterator<Item = Span>> {
        let [prefix, between @ .., suffix] = &*self.texts else {
            return None;
        };
        let inner = segment.strip_prefix(&**prefix)?;
        let inner = inner.strip_suffix(&**suffix)?;
        let mut ends = vec![inner.len()];
        let mut starts = Vec::with_capacity(self.texts.len());
        for separator in between.iter().rev() {
            let end = *ends.last()?;
            let at = last_before_a_value(&inner[..end], separator)?;
            starts.push(at + separator.len());
            ends.push(at);
        }
        // The first value is what is left.
        if *ends.last()? == 0 {
            return None;
        }
        starts.push(0);
        let offset = prefix.len();
        let spans = starts.into_iter().zip(ends).rev();
        Some(spans.map(move |(start, end)| (offset + start, offset + end)))
    }
}

/// Where a separator stands for the last time with a character or more behind it.
fn last_before_a_value(text: &[u8], separator: &[u8]) -> Option<usize> {
    // Where nothing separates two values the later one brings its own separator as a rule, as in
    // `{name}{extension}`. Without one it is a single character.
    if separator.is_empty() {
        let dot = text.iter().rposition(|byte| *byte == b'.');
        let last = text.len().checked_sub(escape::last_character(text));
        return dot.filter(|at| (1..text.len() - 1).contains(at)).or(last);
    }
    let (_, before) = text.split_last()?;
    before
        .windows(separator.len())
        .rposition(|window| window == separator)
}
