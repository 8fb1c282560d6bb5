//! How much a document may hold, so that memory and time stay within what its size lets expect.
//! Each bound is many times what the largest documents known have.

use super::{
    node::{Kind, Node, Span},
    parse::ParseError,
};
use crate::diagnostic::Diagnostic;

/// Values of all files together. GitHub's document has 260,000.
pub(super) const MAX_VALUES: usize = 4_000_000;

/// Bytes of a key. Keys are parts of pointers and names, which are repeated.
const MAX_KEY: usize = 16 << 10;

/// Bytes of a text: a title stands in several files of a service.
const MAX_TEXT: usize = 16 << 20;

/// Signs of a number. A double has some 300 digits before the point and a thousand behind it.
const MAX_NUMBER: usize = 2_000;

/// Keys that are there twice: whoever has more corrects the program that wrote the document.
const MAX_DUPLICATES: usize = 1_000;

/// Operations of all files together. GitHub's document has 1,100.
const MAX_OPERATIONS: usize = 50_000;

/// Members or items under a keyword: what becomes code is many times what was written.
fn most(keyword: &str) -> Option<usize> {
    Some(match keyword {
        "allOf" | "anyOf" | "oneOf" | "prefixItems" => 2_000,
        "content" | "headers" | "links" | "mapping" | "parameters" | "responses" => 10_000,
        "patternProperties" | "properties" | "required" | "security" | "servers" | "tags" => 20_000,
        "$defs" | "definitions" | "enum" | "paths" | "schemas" | "webhooks" => 50_000,
        _ => return None,
    })
}

/// Says that there is too much under a keyword.
pub(super) fn check_entries(keyword: &str, value: &Node) -> Option<Diagnostic> {
    let found = match &value.kind {
        Kind::Array(items) => items.len(),
        Kind::Object(object) => object.len(),
        _ => return None,
    };
    let most = most(keyword).filter(|&most| found > most)?;
    let message = format!("`{keyword}` may have at most {most} entries, this has {found}");
    Some(Diagnostic::error("too-many-entries", message).help("divide it"))
}

/// Says that there are too many operations.
pub(super) fn check_operations(found: usize) -> Option<Diagnostic> {
    let message =
        format!("a document may have at most {MAX_OPERATIONS} operations, this has {found}");
    (found > MAX_OPERATIONS).then(|| {
        Diagnostic::error("too-many-operations", message)
            .help("divide it into several documents, with a service for each")
    })
}

/// What has been found in a file so far that is not its value.
#[derive(Debug)]
pub(super) struct Tally {
    pub(super) duplicates: Vec<ParseError>,
    /// The first of the tabs that the file is indented with.
    pub(super) tab: Option<Span>,
    /// How many values the files before have.
    before: usize,
    values: usize,
}

impl Tally {
    pub(super) fn after(values: usize) -> Self {
        Self {
            duplicates: Vec::new(),
            tab: None,
            before: values,
            values,
        }
    }

    /// Forgets the file: it is read in another way.
    pub(super) fn restart(&mut self) {
        *self = Self::after(self.before);
    }

    /// The values of all files so far.
    pub(super) fn values(&self) -> usize {
        self.values
    }

    /// Counts a value.
    pub(super) fn value(&mut self, span: Span) -> Result<(), ParseError> {
        self.values += 1;
        if self.values <= MAX_VALUES {
            return Ok(());
        }
        let message = format!("a document may have at most {MAX_VALUES} values");
        Err(ParseError::new("too-many-values", message, span)
            .help("divide it into several documents, with a service for each"))
    }

    pub(super) fn duplicate(&mut self, error: ParseError) {
        if self.duplicates.len() < MAX_DUPLICATES {
            self.duplicates.push(error);
        }
    }
}

pub(super) fn check_key(key: &str, span: Span) -> Result<(), ParseError> {
    within(MAX_KEY, "a key", key, span)
}

pub(super) fn check_text(text: &str, span: Span) -> Result<(), ParseError> {
    within(MAX_TEXT, "a text", text, span)
}

pub(super) fn check_number(text: &str, span: Span) -> Result<(), ParseError> {
    within(MAX_NUMBER, "a number", text, span)
}

fn within(bound: usize, what: &str, text: &str, span: Span) -> Result<(), ParseError> {
    if text.len() <= bound {
        return Ok(());
    }
    let message = format!(
        "{what} may have at most {bound} bytes, this has {}",
        text.len()
    );
    // Its beginning is enough to find it.
    let begin = Span::new(span.start as usize, span.start as usize + 1);
    Err(ParseError::new("too-long", message, begin).help("shorten it"))
}
