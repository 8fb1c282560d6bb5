//! Path templates, taken apart.

use std::sync::Arc;

use super::escape;
use super::mixed::Mixed;
use super::tail::Tail;

/// A path template as the tree takes it. Every text is one: what cannot be a parameter is text.
#[derive(Debug, Clone)]
pub(in crate::service) struct Template {
    pub(super) segments: Vec<Segment>,
    names: Arc<[Box<str>]>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Segment {
    /// Without escapes.
    Text(Box<[u8]>),
    Mixed(Mixed),
    Value,
    /// A value that may be empty at the end of a path.
    Blank,
    /// Several segments.
    Rest,
    /// The same at the end of a path, and text behind it.
    Tail(Tail),
}

impl Template {
    /// `base` is plain text, with or without slashes around it, before all that `template` says.
    pub(in crate::service) fn new(base: &str, template: &str) -> Template {
        let base = base.trim_matches('/');
        let template = template.strip_prefix('/').unwrap_or(template);
        let mut names = Vec::new();
        let based = base.split('/').filter(|_| !base.is_empty()).map(text);
        let segments = based
            .chain(split(template).map(|written| segment(written, &mut names)))
            .collect();
        Template {
            segments,
            names: names.into(),
        }
    }

    /// The names of its parameters, in its order.
    pub(in crate::service) fn names(&self) -> &Arc<[Box<str>]> {
        &self.names
    }
}

/// Cuts a template at its slashes, but not at those within braces.
fn split(template: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(template);
    std::iter::from_fn(move || {
        let text = rest?;
        let mut at = 0;
        while let Some(found) = text[at..].find(['/', '{']) {
            at += found;
            if text[at..].starts_with('/') {
                rest = Some(&text[at + 1..]);
                return Some(&text[..at]);
            }
            at += text[at..].find('}').unwrap_or(1);
        }
        rest = None;
        Some(text)
    })
}

fn text(written: &str) -> Segment {
    Segment::Text(escape::undo(written.as_bytes()).into())
}

fn segment(written: &str, names: &mut Vec<Box<str>>) -> Segment {
    let mut texts: Vec<Box<[u8]>> = Vec::new();
    let mut found: Vec<&str> = Vec::new();
    let mut rest = written;
    while let Some((before, name, after)) = parameter(rest) {
        texts.push(escape::undo(before.as_bytes()).into());
        found.push(name);
        rest = after;
    }
    texts.push(escape::undo(rest.as_bytes()).into());
    let is_whole = found.len() == 1 && texts.iter().all(|text| text.is_empty());
    let whole = found.first().copied().filter(|_| is_whole);
    let (segment, mark) = match whole.and_then(|name| name.bytes().next()) {
        Some(b'*') => (Segment::Rest, "*"),
        Some(b'?') => (Segment::Blank, "?"),
        _ if is_whole => (Segment::Value, ""),
        _ if is_tail(&found, &texts) => (Segment::Tail(Tail::new(texts.swap_remove(1))), "*"),
        _ if found.is_empty() => return text(written),
        _ => (Segment::Mixed(Mixed::new(texts)), ""),
    };
    names.extend(found.iter().map(|name| {
        let name = name.strip_prefix(mark).unwrap_or(name);
        Box::from(name)
    }));
    segment
}

/// Whether a segment is a value with slashes and text behind it.
fn is_tail(found: &[&str], texts: &[Box<[u8]>]) -> bool {
    let [name] = found else {
        return false;
    };
    name.starts_with('*') && texts[0].is_empty()
}

/// The first parameter of a segment, between what stands before and behind it.
fn parameter(text: &str) -> Option<(&str, &str, &str)> {
    let (before, after) = text.split_once('{')?;
    let (name, after) = after.split_once('}')?;
    Some((before, name, after))
}
