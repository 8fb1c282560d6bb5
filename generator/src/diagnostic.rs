//! What is wrong with a document: the rule that was broken, the place, and what to do.

use std::{collections::HashSet, sync::Arc};

use crate::spec::{FileId, Span};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing is generated.
    Error,
    /// The service is generated; the person should know.
    Warning,
    /// A decision that was made for the person.
    Note,
}

/// A place in a document.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Location {
    pub file: FileId,
    pub span: Span,
    /// JSON pointer of the node, as a URI fragment without the `#`.
    pub pointer: Arc<str>,
}

/// One finding.
///
/// `code` is a stable kebab-case name of the rule (`unknown-key`, `value-out-of-range`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub severity: Severity,
    pub code: &'static str,
    /// The rule that was broken, then the value: a lower-case fragment without a final period.
    pub message: String,
    pub location: Option<Location>,
    /// What to write instead.
    pub help: Option<Box<str>>,
    /// A second place that matters (the first definition of a duplicate, for instance).
    pub related: Vec<(Location, String)>,
}

impl Diagnostic {
    /// A finding that stops the run.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message)
    }

    /// A finding that does not.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message)
    }

    /// A decision worth telling.
    pub fn note(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Note, code, message)
    }

    fn new(severity: Severity, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            severity,
            code,
            message: message.into(),
            location: None,
            help: None,
            related: Vec::new(),
        }
    }

    /// Says where.
    #[must_use]
    pub fn at(mut self, location: Location) -> Self {
        self.location = Some(location);
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<Box<str>>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Points to a second place.
    #[must_use]
    pub fn related(mut self, location: Location, label: impl Into<String>) -> Self {
        self.related.push((location, label.into()));
        self
    }
}

/// Collects findings in the order in which they are made.
#[derive(Debug, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Records one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.list.push(diagnostic);
    }

    /// Records several.
    pub fn extend(&mut self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        self.list.extend(diagnostics);
    }

    /// Says once what two phases have found, and what an overlay has put into several places.
    pub fn dedup(&mut self) {
        let mut seen = HashSet::new();
        self.list.retain(|found| {
            let mut location = found.location.clone();
            if let Some(place) = location.as_mut().filter(|it| it.span.is_of_overlay()) {
                place.pointer = "".into();
            }
            seen.insert((found.code, location, found.message.clone()))
        });
    }

    /// Keeps those that still matter.
    pub fn retain(&mut self, matters: impl FnMut(&Diagnostic) -> bool) {
        self.list.retain(matters);
    }

    /// Whether anything found stops the run.
    pub fn has_errors(&self) -> bool {
        self.list
            .iter()
            .any(|found| found.severity == Severity::Error)
    }

    /// All of them, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.list.iter()
    }

    /// Gives the list away.
    pub fn into_vec(self) -> Vec<Diagnostic> {
        self.list
    }
}

/// The known word that a person most likely meant, if any is near.
///
/// Near means that about a third of the letters may be wrong; exchanged neighbours count as one
/// mistake, and neither case nor the choice between `-`, `_` and nothing counts at all.
pub fn nearest<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let plain = |word: &str| -> String {
        let letters = word.chars().filter(|c| !matches!(c, '_' | '-'));
        letters.flat_map(char::to_lowercase).take(64).collect()
    };
    let word = plain(word);
    let bound = (word.chars().count() / 3).max(1);
    known
        .into_iter()
        // Punctuation aside, each letter more or less is a mistake: no need to look closer.
        .filter(|candidate| candidate.len().abs_diff(word.len()) <= bound + 8)
        .map(|candidate| (strsim::osa_distance(&word, &plain(candidate)), candidate))
        .filter(|(distance, _)| *distance <= bound)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}
