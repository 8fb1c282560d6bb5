//! YAML with places: as much of it as a file of values needs.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput};
use serde_json::Value;

/// The deepest value. A list of lists of values is three deep already.
const MAX_DEPTH: usize = 16;

/// Where something is written; line and column begin at one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) line: usize,
    pub(super) column: usize,
}

/// A fault and its place.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) at: Place,
    pub(super) message: String,
}

impl Fault {
    pub(super) fn new(at: Place, message: impl Into<String>) -> Fault {
        Fault {
            at,
            message: message.into(),
        }
    }
}

#[derive(Debug)]
pub(super) struct Node {
    pub(super) at: Place,
    pub(super) kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    Scalar(Value),
    List(Vec<Node>),
    /// In the order in which it is written; no key is there twice.
    Map(Vec<(String, Place, Node)>),
}

impl Node {
    /// The value without its place.
    pub(super) fn value(&self) -> Value {
        match &self.kind {
            Kind::Scalar(value) => value.clone(),
            Kind::List(items) => items.iter().map(Node::value).collect(),
            Kind::Map(entries) => entries
                .iter()
                .map(|(key, _, node)| (key.clone(), node.value()))
                .collect(),
        }
    }
}

/// Reads a text as one document; `None` where nothing is written.
///
/// # Errors
///
/// The first fault: what comes behind it may mean anything.
pub(super) fn parse(text: &str) -> Result<Option<Node>, Fault> {
    let options = granit_parser::options! {
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    let mut reader = Reader {
        parser: Parser::new_from_str_with_options(text, options),
        open: Vec::new(),
        root: None,
    };
    while let Some(next) = reader.parser.next() {
        let (event, span) = next.map_err(|error| unreadable(&error))?;
        reader.take(event, place(&span))?;
    }
    Ok(reader.root)
}

fn place(span: &Span) -> Place {
    Place {
        line: span.start.line(),
        column: span.start.col() + 1,
    }
}

fn unreadable(error: &ScanError) -> Fault {
    let at = Place {
        line: error.marker().line(),
        column: error.marker().col() + 1,
    };
    Fault::new(at, error.info())
}

/// A collection that has begun and not ended.
struct Open {
    node: Node,
    /// A key that waits for its value.
    key: Option<(String, Place)>,
    /// The lines of the keys that have been there.
    lines: HashMap<String, usize>,
}

struct Reader<'t> {
    parser: Parser<'t, StrInput<'t>>,
    open: Vec<Open>,
    root: Option<Node>,
}

impl Reader<'_> {
    fn take(&mut self, event: Event<'_>, at: Place) -> Result<(), Fault> {
        match event {
            Event::DocumentStart(..) if self.root.is_some() => {
                Err(Fault::new(at, "a second document begins here"))
            }
            Event::MappingStart(..) => self.begin(Kind::Map(Vec::new()), at),
            Event::SequenceStart(..) => self.begin(Kind::List(Vec::new()), at),
            Event::MappingEnd | Event::SequenceEnd => match self.open.pop() {
                Some(open) => self.put(open.node),
                None => Ok(()),
            },
            Event::Scalar(text, style, ..) => {
                if self.awaits_key() {
                    return self.key(text.into_owned(), at);
                }
                let value = match style {
                    ScalarStyle::Plain => plain(&text),
                    _ => Value::String(text.into_owned()),
                };
                let kind = Kind::Scalar(value);
                self.put(Node { at, kind })
            }
            Event::Alias(_) => Err(Fault::new(
                at,
                "aliases have no meaning here; what holds for all patterns of a type stands under \
                 `default`",
            )),
            // Where streams and documents begin and end.
            _ => Ok(()),
        }
    }

    fn begin(&mut self, kind: Kind, at: Place) -> Result<(), Fault> {
        if self.awaits_key() {
            return Err(Fault::new(at, "a key must be a text"));
        }
        if self.open.len() == MAX_DEPTH {
            return Err(Fault::new(at, "too deep"));
        }
        let node = Node { at, kind };
        self.open.push(Open {
            node,
            key: None,
            lines: HashMap::new(),
        });
        Ok(())
    }

    fn awaits_key(&self) -> bool {
        self.open
            .last()
            .is_some_and(|open| open.key.is_none() && matches!(open.node.kind, Kind::Map(_)))
    }

    fn key(&mut self, key: String, at: Place) -> Result<(), Fault> {
        if let Some(open) = self.open.last_mut() {
            if let Some(line) = open.lines.insert(key.clone(), at.line) {
                let message = format!("{key:?} is there already, on line {line}");
                return Err(Fault::new(at, message));
            }
            open.key = Some((key, at));
        }
        Ok(())
    }

    /// Puts a finished value where it belongs.
    fn put(&mut self, node: Node) -> Result<(), Fault> {
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(open) => match (&mut open.node.kind, open.key.take()) {
                (Kind::List(items), _) => items.push(node),
                (Kind::Map(entries), Some((key, at))) => entries.push((key, at, node)),
                _ => return Err(Fault::new(node.at, "a key must be a text")),
            },
        }
        Ok(())
    }
}

/// What YAML 1.2's core schema says of a text without quotes.
fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => number(text).unwrap_or_else(|| Value::String(text.to_owned())),
    }
}

fn number(text: &str) -> Option<Value> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    // Rust reads `inf` and `nan`, too.
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let unsigned = text.strip_prefix('+').unwrap_or(text);
    if let Ok(number) = unsigned.parse::<u64>() {
        return Some(number.into());
    }
    if let Ok(number) = unsigned.parse::<i64>() {
        return Some(number.into());
    }
    serde_json::Number::from_f64(unsigned.parse().ok()?).map(Value::Number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Value {
        let node = parse(text).unwrap_or_else(|fault| panic!("{text}: {fault:?}"));
        node.map_or(Value::Null, |node| node.value())
    }

    #[test]
    fn scalars_are_what_the_core_schema_says() {
        for (text, value) in [
            ("", json!(null)),
            ("# nothing", json!(null)),
            ("a: ~", json!({ "a": null })),
            ("a:", json!({ "a": null })),
            ("a: true", json!({ "a": true })),
            ("a: yes", json!({ "a": "yes" })),
            ("a: 12", json!({ "a": 12 })),
            ("a: -3", json!({ "a": -3 })),
            ("a: 1.5e3", json!({ "a": 1500.0 })),
            ("a: 250ms", json!({ "a": "250ms" })),
            ("a: '12'", json!({ "a": "12" })),
            ("a: nan", json!({ "a": "nan" })),
            ("a: 100/minute", json!({ "a": "100/minute" })),
            ("a: [5xx, 7]", json!({ "a": ["5xx", 7] })),
            (
                "a: { b: 1 }\n'c d':\n  - 2",
                json!({ "a": { "b": 1 }, "c d": [2] }),
            ),
        ] {
            assert_eq!(read(text), value, "{text}");
        }
    }

    #[test]
    fn faults_have_their_place() {
        for (text, line, column) in [
            ("a: 1\nb: 2\na: 3", 3, 1),
            ("a: &x 1\nb: *x", 2, 4),
            ("a: {b: 1", 1, 4),
            ("[a]: 1", 1, 1),
            ("a: 1\n---\nb: 2", 2, 1),
            ("a:\n\t- b", 2, 2),
        ] {
            let fault = parse(text).map(|_| ()).expect_err(text);
            assert_eq!(
                (fault.at.line, fault.at.column),
                (line, column),
                "{fault:?}"
            );
            assert!(!fault.message.is_empty());
        }
    }

    #[test]
    fn depth_is_bounded() {
        for text in [
            "[".repeat(100_000),
            "- ".repeat(100_000),
            "a: {".repeat(100),
        ] {
            assert!(parse(&text).is_err());
        }
    }
}
