//! Text to positioned nodes, in whichever of the two notations it is written.

use std::{path::Path, sync::Arc};

use super::{
    at::push_token,
    bounds::Tally,
    json,
    node::{FileId, Kind, Node, Span},
    yaml,
};
use crate::diagnostic::{Diagnostic, Location};

/// How deep a value may be nested: serde_json's bound, so that whatever is read here can be
/// read again, and shallow enough for every walk of the tree to be recursive.
pub(super) const MAX_DEPTH: usize = 128;

/// Why a text has no value.
#[derive(Debug)]
pub(super) struct ParseError {
    code: &'static str,
    message: String,
    span: Span,
    help: Option<String>,
    first: Option<Span>,
    is_of_tabs: bool,
    /// The keys and indexes that lead to the place, innermost first.
    path: Vec<String>,
}

impl ParseError {
    pub(super) fn new(code: &'static str, message: impl Into<String>, span: Span) -> Self {
        Self {
            code,
            message: message.into(),
            span,
            help: None,
            first: None,
            is_of_tabs: false,
            path: Vec::new(),
        }
    }

    pub(super) fn syntax(message: impl Into<String>, span: Span) -> Self {
        Self::new("syntax", message, span)
    }

    pub(super) fn too_deep(span: Span) -> Self {
        Self::new(
            "nested-too-deep",
            format!("values may be nested at most {MAX_DEPTH} levels deep"),
            span,
        )
        .help("give the inner schemas names under `components` and refer to them")
    }

    pub(super) fn duplicate(key: &str, span: Span, first: Span) -> Self {
        Self {
            first: Some(first),
            ..Self::new(
                "duplicate-key",
                format!("the key `{key}` is there twice"),
                span,
            )
        }
        .help("remove one of the two, or join their contents")
    }

    /// Whether tabs are to blame.
    pub(super) fn is_of_tabs(&self) -> bool {
        self.is_of_tabs
    }

    pub(super) fn of_tabs(self) -> Self {
        Self {
            is_of_tabs: true,
            ..self
        }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says in what the place stands: one step nearer to the root.
    pub(super) fn inside(mut self, token: impl Into<String>) -> Self {
        self.put_inside(token);
        self
    }

    pub(super) fn put_inside(&mut self, token: impl Into<String>) {
        self.path.push(token.into());
    }

    pub(super) fn into_diagnostic(self, file: FileId) -> Diagnostic {
        let mut pointer = String::new();
        for token in self.path.iter().rev() {
            push_token(&mut pointer, token);
        }
        let pointer: Arc<str> = pointer.into();
        let place = |span| Location {
            file,
            span,
            pointer: pointer.clone(),
        };
        let mut diagnostic = Diagnostic::error(self.code, self.message).at(place(self.span));
        diagnostic.help = self.help.map(Into::into);
        match self.first {
            Some(first) => diagnostic.related(place(first), "first written here"),
            None => diagnostic,
        }
    }
}

/// Reads a text by what it looks like: a file's name says less than its first character.
///
/// Flow YAML also begins with a brace, so what calls itself YAML, or has a key without quotes, gets
/// a second reading.
pub(super) fn parse(text: &str, name: &Path, tally: &mut Tally) -> Result<Node, ParseError> {
    let is = |extensions: &[&str]| {
        let extension = name.extension().and_then(|extension| extension.to_str());
        extension.is_some_and(|own| extensions.iter().any(|one| one.eq_ignore_ascii_case(own)))
    };
    // Some keep their descriptions in files of their own.
    if is(&["md", "markdown", "txt"]) {
        return Ok(Node {
            kind: Kind::String(text.to_owned()),
            span: Span::new(0, text.len()),
        });
    }
    let begin = text.trim_start();
    if begin.is_empty() {
        return Err(
            ParseError::new("empty-document", "the document is empty", Span::default())
                .help("a document begins with `openapi: 3.1.0`, `info:` and `paths:`"),
        );
    }
    if !begin.starts_with(['{', '[']) {
        return yaml::parse(text, tally);
    }
    let has_quotes = begin[1..].trim_start().starts_with(['"', '}', ']']);
    let may_be_yaml = is(&["yaml", "yml"]) || !(has_quotes || is(&["json"]));
    match json::parse(text, tally) {
        Err(error) if error.code == "syntax" && may_be_yaml => {
            tally.restart();
            yaml::parse(text, tally)
        }
        other => other,
    }
}
