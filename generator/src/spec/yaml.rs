//! YAML to positioned nodes: what YAML 1.2's core schema says of scalars, and the anchors, aliases
//! and merge keys that people use to say a thing once.

use std::{borrow::Cow, collections::HashMap};

use super::{
    bounds::{Tally, check_key, check_number, check_text},
    node::{Entry, Kind, Node, Span},
    object::Object,
    parse::{MAX_DEPTH, ParseError},
    scalars::plain,
    tabs,
};
use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, StrInput, Tag};

/// How much text and how many nodes anchors may copy in all. A document that doubles itself with
/// each line ("a billion laughs") meets this bound; one that a person wrote does not come near.
const MAX_COPIED: usize = 8 << 20;

/// Reads a whole text as one YAML document. Of a key that is there twice the first value stays.
pub(super) fn parse(text: &str, tally: &mut Tally) -> Result<Node, ParseError> {
    let error = match Builder::new(text, tally).run() {
        Err(error) if error.is_of_tabs() => error,
        done => return done,
    };
    if let Some((spaced, tab)) = tabs::as_spaces(text) {
        tally.restart();
        if let Ok(node) = Builder::new(&spaced, tally).run() {
            tally.tab = Some(tab);
            return Ok(node);
        }
    }
    Err(tabs::blamed(error, text))
}

/// A collection that has begun and not ended.
struct Open {
    container: Container,
    start: usize,
    anchor: usize,
}

enum Container {
    Array(Vec<Node>),
    Object {
        object: Object,
        /// A key that waits for its value.
        key: Option<Key>,
        /// What stands under `<<`, to be added when all else is known.
        merges: Vec<Node>,
    },
}

struct Key {
    text: String,
    span: Span,
    is_merge: bool,
    /// The value that comes is read and dropped.
    is_duplicate: bool,
}

struct Builder<'t, 'f> {
    text: &'t str,
    parser: Parser<'t, StrInput<'t>>,
    open: Vec<Open>,
    root: Option<Node>,
    anchors: HashMap<usize, Node>,
    copied: usize,
    tally: &'f mut Tally,
    /// Where the last written thing ended: the end of a block is known by that alone.
    end: usize,
}

impl<'t, 'f> Builder<'t, 'f> {
    fn new(text: &'t str, tally: &'f mut Tally) -> Self {
        // Depth is bounded here, with a message of ours.
        let options = granit_parser::options! {
            flow_nesting_limit: 2 * MAX_DEPTH,
            block_nesting_limit: 2 * MAX_DEPTH,
        };
        Self {
            text,
            parser: Parser::new_from_str_with_options(text, options),
            open: Vec::new(),
            root: None,
            anchors: HashMap::new(),
            copied: 0,
            tally,
            end: 0,
        }
    }

    fn run(mut self) -> Result<Node, ParseError> {
        match self.read() {
            Ok(()) => self.root.ok_or_else(|| {
                ParseError::new("empty-document", "the document is empty", Span::default())
                    .help("a document begins with `openapi: 3.1.0`, `info:` and `paths:`")
            }),
            Err(error) => Err(Self::locate(&self.open, error)),
        }
    }

    /// Says in what an error stands.
    fn locate(open: &[Open], error: ParseError) -> ParseError {
        open.iter()
            .rev()
            .fold(error, |error, open| match &open.container {
                Container::Array(items) => error.inside(items.len().to_string()),
                Container::Object { key: Some(key), .. } => error.inside(key.text.clone()),
                Container::Object { key: None, .. } => error,
            })
    }

    fn read(&mut self) -> Result<(), ParseError> {
        while let Some(next) = self.parser.next() {
            let (event, place) = next.map_err(|error| self.refused(&error))?;
            // A parser over a text knows the bytes of every event.
            let bytes = place.byte_range().unwrap_or_default();
            self.event(event, Span::new(bytes.start, bytes.end))?;
        }
        Ok(())
    }

    fn event(&mut self, event: Event<'t>, span: Span) -> Result<(), ParseError> {
        match event {
            Event::DocumentStart(..) if self.root.is_some() => Err(ParseError::syntax(
                "a second YAML document begins here",
                span,
            )
            .help("keep one document in the file")),
            Event::MappingStart(_, anchor, tag) => {
                self.check_tag(tag.as_deref(), span)?;
                let container = Container::Object {
                    object: Object::default(),
                    key: None,
                    merges: Vec::new(),
                };
                self.begin(container, anchor, span)
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.check_tag(tag.as_deref(), span)?;
                self.begin(Container::Array(Vec::new()), anchor, span)
            }
            Event::MappingEnd | Event::SequenceEnd => self.finish(span),
            Event::Scalar(value, style, anchor, tag) => {
                self.scalar(value, style, anchor, tag.as_deref(), span)
            }
            Event::Alias(anchor) => self.alias(anchor, span),
            // Where streams and documents begin and end, and what only options ask for.
            _ => Ok(()),
        }
    }

    fn begin(&mut self, container: Container, anchor: usize, span: Span) -> Result<(), ParseError> {
        if self.open.len() == MAX_DEPTH {
            return Err(ParseError::too_deep(self.char_at(span.start as usize)));
        }
        if self.awaits_key() {
            return Err(
                ParseError::syntax("a key must be a text, not a collection", span)
                    .help("write the key as plain or quoted text"),
            );
        }
        self.open.push(Open {
            container,
            start: span.start as usize,
            anchor,
        });
        Ok(())
    }

    fn finish(&mut self, span: Span) -> Result<(), ParseError> {
        let Some(Open {
            container,
            start,
            anchor,
        }) = self.open.pop()
        else {
            return Ok(());
        };
        // A bracket ends a flow collection; a block ends where the last thing in it did.
        if span.start < span.end {
            self.end = span.end as usize;
        }
        let kind = match container {
            Container::Array(items) => Kind::Array(items),
            Container::Object {
                mut object, merges, ..
            } => {
                for merged in merges {
                    merge(&mut object, merged)?;
                }
                Kind::Object(object)
            }
        };
        let node = Node {
            kind,
            span: Span::new(start, self.end.max(start)),
        };
        self.define(anchor, &node)?;
        self.place(node)
    }

    fn scalar(
        &mut self,
        value: Cow<'t, str>,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        span: Span,
    ) -> Result<(), ParseError> {
        self.check_tag(tag, span)?;
        let span = self.trim(span);
        self.end = self.end.max(span.end as usize);
        if self.awaits_key() {
            let is_merge = value == "<<" && style == ScalarStyle::Plain;
            return self.key(value.into_owned(), is_merge, span);
        }
        let kind = match tag.map(|tag| tag.suffix()) {
            Some("str") => Kind::String(value.into_owned()),
            Some("null" | "bool" | "int" | "float") => plain(value),
            _ if style == ScalarStyle::Plain => plain(value),
            _ => Kind::String(value.into_owned()),
        };
        match &kind {
            Kind::String(text) => check_text(text, span)?,
            Kind::Number(number) => check_number(&number.text, span)?,
            _ => {}
        }
        let node = Node { kind, span };
        self.define(anchor, &node)?;
        self.place(node)
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), ParseError> {
        let Some(node) = self.anchors.get(&anchor) else {
            return Err(ParseError::new(
                "alias-cycle",
                "this alias stands inside the value that it repeats",
                span,
            )
            .help("name the value under `components` and refer to it with `$ref`"));
        };
        if self.open.len() + node.depth() > MAX_DEPTH {
            return Err(ParseError::too_deep(span));
        }
        self.copied += node.weight();
        if self.copied > MAX_COPIED {
            return Err(too_many_copies(span));
        }
        let node = node.clone();
        self.end = self.end.max(span.end as usize);
        if self.awaits_key() {
            return match node.kind {
                Kind::String(text) => self.key(text, false, span),
                _ => Err(ParseError::syntax("a key must be a text", span)),
            };
        }
        self.place(node)
    }

    /// Remembers a value that has an anchor.
    fn define(&mut self, anchor: usize, node: &Node) -> Result<(), ParseError> {
        if anchor == 0 {
            return Ok(());
        }
        self.copied += node.weight();
        if self.copied > MAX_COPIED {
            return Err(too_many_copies(node.span));
        }
        self.anchors.insert(anchor, node.clone());
        Ok(())
    }

    fn awaits_key(&self) -> bool {
        matches!(
            self.open.last(),
            Some(Open {
                container: Container::Object { key: None, .. },
                ..
            })
        )
    }

    fn key(&mut self, text: String, is_merge: bool, span: Span) -> Result<(), ParseError> {
        check_key(&text, span)?;
        let Some(Open {
            container: Container::Object { object, key, .. },
            ..
        }) = self.open.last_mut()
        else {
            return Ok(());
        };
        let first = object.get(&text).map(|first| first.key_span);
        let duplicate = first.map(|first| ParseError::duplicate(&text, span, first));
        *key = Some(Key {
            text,
            span,
            is_merge,
            is_duplicate: duplicate.is_some(),
        });
        if let Some(duplicate) = duplicate {
            let duplicate = Self::locate(&self.open, duplicate);
            self.tally.duplicate(duplicate);
        }
        Ok(())
    }

    /// Puts a finished value where it belongs.
    fn place(&mut self, node: Node) -> Result<(), ParseError> {
        self.tally.value(node.span)?;
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open {
                container: Container::Array(items),
                ..
            }) => items.push(node),
            Some(Open {
                container:
                    Container::Object {
                        object,
                        key,
                        merges,
                    },
                ..
            }) => {
                match key.take() {
                    Some(key) if key.is_duplicate => {}
                    Some(key) if key.is_merge => merges.push(node),
                    Some(key) => {
                        let entry = Entry {
                            key_span: key.span,
                            value: node,
                        };
                        // A key that is there twice has been marked as such.
                        object.insert(key.text, entry);
                    }
                    // Collections as keys are refused where they begin.
                    None => return Err(ParseError::syntax("a value without a key", node.span)),
                }
            }
        }
        Ok(())
    }

    fn check_tag(&self, tag: Option<&Tag>, span: Span) -> Result<(), ParseError> {
        match tag {
            // `!` alone asks for no interpretation.
            Some(tag) if !is_known(tag) => Err(ParseError::new(
                "unknown-tag",
                format!(
                    "the tag `{}` has no meaning here",
                    tag.original().escape_debug()
                ),
                self.trim(span),
            )
            .help("remove the tag; another file is referred to with `$ref`")),
            _ => Ok(()),
        }
    }

    /// What the scanner did not like, in words that say what to do.
    fn refused(&self, error: &ScanError) -> ParseError {
        let end = self.text.len();
        let span = self.char_at(error.marker().byte_offset().unwrap_or(end).min(end));
        let (message, help) = match error.kind() {
            ErrorKind::RecursionLimitExceeded => return ParseError::too_deep(span),
            ErrorKind::TabInIndentation
            | ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation => {
                let found = ParseError::syntax("a tab in the indentation", span);
                return found.help("indent with spaces").of_tabs();
            }
            ErrorKind::TabInPlainScalar => {
                let message = "a tab in this text, or in the indentation below it";
                let help = "indent with spaces; put quotes around a text that contains tabs";
                return ParseError::syntax(message, span).help(help).of_tabs();
            }
            ErrorKind::MappingValueNotAllowed => (
                "a `:` that does not belong here",
                "put quotes around a text that contains `: `, or check the indentation of the line",
            ),
            ErrorKind::ExpectedBlockMappingKey | ErrorKind::InvalidIndentation => (
                "this line fits to nothing above it",
                "indent it like the keys that it belongs to, with `:` after the key",
            ),
            ErrorKind::SimpleKeyExpected => (
                "a key without `:`",
                "write `key: value`, or check the indentation",
            ),
            ErrorKind::UnknownAnchor => (
                "no anchor of this name stands before",
                "write `&name` before the value to repeat",
            ),
            ErrorKind::UnclosedQuotedScalar | ErrorKind::UnexpectedEndOfPlainScalar => {
                ("this text has no closing quote", "add the quote")
            }
            ErrorKind::UnexpectedEofFlowMapping
            | ErrorKind::UnexpectedEofFlowSequence
            | ErrorKind::UnexpectedEofImplicitFlowMapping
            | ErrorKind::UnclosedFlowCollection { .. } => {
                ("a bracket is not closed", "add the `}` or `]`")
            }
            ErrorKind::ExpectedFlowMappingSeparator => {
                ("expected `,` or `}`", "separate the members")
            }
            ErrorKind::ExpectedFlowSequenceSeparator => {
                ("expected `,` or `]`", "separate the items")
            }
            ErrorKind::UnexpectedCharacter { .. } => (
                "a character that may not begin a text",
                "put quotes around the text",
            ),
            _ => {
                let info = error.info();
                // Without the rule of the grammar that the scanner was in.
                let words = info
                    .strip_prefix("while ")
                    .and_then(|rest| rest.split_once(", "));
                return ParseError::syntax(words.map_or(info.as_str(), |(_, what)| what), span);
            }
        };
        ParseError::syntax(message, span).help(help)
    }

    /// The line breaks that end a scalar are no part of what a message shows.
    fn trim(&self, span: Span) -> Span {
        let (start, end) = (span.start as usize, span.end as usize);
        let text = self.text.get(start..end).unwrap_or_default();
        Span::new(start, start + text.trim_end().len())
    }

    fn char_at(&self, at: usize) -> Span {
        let width = self.text[at..].chars().next().map_or(0, char::len_utf8);
        Span::new(at, at + width)
    }
}

/// Adds what is not there yet.
/// The tags of YAML 1.2, and what 1.1 calls its merge keys and dates, which are texts here.
fn is_known(tag: &Tag) -> bool {
    let of_older = || tag.suffix_in_namespace("tag:yaml.org,2002:");
    tag.original() == "!"
        || tag.core_suffix().is_some()
        || of_older().is_some_and(|name| matches!(&*name, "merge" | "timestamp"))
}

fn merge(object: &mut Object, merged: Node) -> Result<(), ParseError> {
    match merged.kind {
        Kind::Object(members) => {
            for (key, entry) in members.into_members() {
                // What is there already stays.
                object.insert(key, entry);
            }
            Ok(())
        }
        Kind::Array(items) => items.into_iter().try_for_each(|item| match item.kind {
            Kind::Object(_) => merge(object, item),
            _ => Err(not_mergeable(item.span)),
        }),
        _ => Err(not_mergeable(merged.span)),
    }
}

fn not_mergeable(span: Span) -> ParseError {
    ParseError::syntax(
        "the merge key `<<` takes an object or a list of objects",
        span,
    )
    .help("write `<<: *name` with the name of an anchor")
}

fn too_many_copies(span: Span) -> ParseError {
    ParseError::new(
        "too-many-aliases",
        "the document's aliases repeat more than can be held in memory",
        span,
    )
    .help("name the value under `components` and refer to it with `$ref`")
}
