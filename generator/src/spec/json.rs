//! JSON to positioned nodes.
//!
//! A parser of its own, because serde's keeps neither places nor duplicate keys nor digits. It
//! reads bytes and borrows nothing; the largest public documents have thirteen megabytes.

use super::{
    bounds::{Tally, check_key, check_number, check_text},
    node::{Entry, Kind, Node, Number, Span},
    object::Object,
    parse::{MAX_DEPTH, ParseError},
};

/// Reads a whole text as one JSON value. Of a key that is there twice the first value stays.
pub(super) fn parse(text: &str, tally: &mut Tally) -> Result<Node, ParseError> {
    let mut parser = Parser {
        text,
        bytes: text.as_bytes(),
        pos: 0,
        depth: 0,
        tally,
    };
    parser.skip_whitespace();
    let node = parser.value()?;
    parser.skip_whitespace();
    match parser.peek() {
        None => Ok(node),
        Some(_) => Err(parser.unexpected("the end of the document")),
    }
}

struct Parser<'t, 'f> {
    text: &'t str,
    bytes: &'t [u8],
    pos: usize,
    depth: usize,
    tally: &'f mut Tally,
}

impl Parser<'_, '_> {
    fn value(&mut self) -> Result<Node, ParseError> {
        let start = self.pos;
        let kind = match self.peek() {
            Some(b'{') => self.nested(Self::object)?,
            Some(b'[') => self.nested(Self::array)?,
            Some(b'"') => Kind::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => Kind::Number(self.number()?),
            Some(b't') => self.word("true", Kind::Bool(true))?,
            Some(b'f') => self.word("false", Kind::Bool(false))?,
            Some(b'n') => self.word("null", Kind::Null)?,
            _ => return Err(self.unexpected("a value")),
        };
        let span = Span::new(start, self.pos);
        match &kind {
            Kind::String(text) => check_text(text, span)?,
            Kind::Number(number) => check_number(&number.text, span)?,
            _ => {}
        }
        self.tally.value(span)?;
        Ok(Node { kind, span })
    }

    /// A value, with its key or index for whatever is wrong inside it.
    fn value_in(&mut self, token: impl Fn() -> String) -> Result<Node, ParseError> {
        let before = self.tally.duplicates.len();
        let value = self.value();
        for duplicate in &mut self.tally.duplicates[before..] {
            duplicate.put_inside(token());
        }
        value.map_err(|error| error.inside(token()))
    }

    fn nested(
        &mut self,
        read: fn(&mut Self) -> Result<Kind, ParseError>,
    ) -> Result<Kind, ParseError> {
        if self.depth == MAX_DEPTH {
            return Err(ParseError::too_deep(Span::new(self.pos, self.pos + 1)));
        }
        self.depth += 1;
        let kind = read(self)?;
        self.depth -= 1;
        Ok(kind)
    }

    fn object(&mut self) -> Result<Kind, ParseError> {
        let mut object = Object::default();
        self.pos += 1;
        self.skip_whitespace();
        if self.take(b'}') {
            return Ok(Kind::Object(object));
        }
        loop {
            let start = self.pos;
            match self.peek() {
                Some(b'"') => {}
                Some(b'}') => return Err(self.trailing_comma()),
                _ => return Err(self.unexpected("a key in double quotes")),
            }
            let key = self.string()?;
            let key_span = Span::new(start, self.pos);
            check_key(&key, key_span)?;
            self.skip_whitespace();
            if !self.take(b':') {
                return Err(self.unexpected("`:` after the key"));
            }
            self.skip_whitespace();
            let value = self.value_in(|| key.clone())?;
            if let Some(taken) = object.insert(key, Entry { key_span, value }) {
                let error = ParseError::duplicate(taken.key, key_span, taken.entry.key_span);
                self.tally.duplicate(error.inside(taken.key));
            }
            self.skip_whitespace();
            if self.take(b'}') {
                object.shrink();
                return Ok(Kind::Object(object));
            }
            if !self.take(b',') {
                return Err(self.unexpected("`,` or `}`"));
            }
            self.skip_whitespace();
        }
    }

    fn array(&mut self) -> Result<Kind, ParseError> {
        let mut items = Vec::new();
        self.pos += 1;
        self.skip_whitespace();
        if self.take(b']') {
            return Ok(Kind::Array(items));
        }
        loop {
            if self.peek() == Some(b']') {
                return Err(self.trailing_comma());
            }
            items.push(self.value_in(|| items.len().to_string())?);
            self.skip_whitespace();
            if self.take(b']') {
                items.shrink_to_fit();
                return Ok(Kind::Array(items));
            }
            if !self.take(b',') {
                return Err(self.unexpected("`,` or `]`"));
            }
            self.skip_whitespace();
        }
    }

    fn string(&mut self) -> Result<String, ParseError> {
        let opening = self.pos;
        self.pos += 1;
        let mut out = String::new();
        loop {
            let from = self.pos;
            while self
                .peek()
                .is_some_and(|byte| byte >= b' ' && byte != b'"' && byte != b'\\')
            {
                self.pos += 1;
            }
            // Both ends stand beside an ASCII byte, so they are boundaries of characters.
            let plain = &self.text[from..self.pos];
            match self.peek() {
                Some(b'"') => {
                    self.pos += 1;
                    if out.is_empty() {
                        return Ok(plain.to_owned());
                    }
                    out.push_str(plain);
                    return Ok(out);
                }
                Some(b'\\') => {
                    out.push_str(plain);
                    out.push(self.escape()?);
                }
                Some(b'\n' | b'\r') => {
                    return Err(ParseError::syntax(
                        "this string does not end on its line",
                        Span::new(opening, self.pos),
                    )
                    .help("add the closing quote, or write a line break as `\\n`"));
                }
                Some(_) => {
                    return Err(ParseError::syntax(
                        "a control character inside a string",
                        Span::new(self.pos, self.pos + 1),
                    )
                    .help("write it as an escape: `\\t`"));
                }
                None => {
                    return Err(ParseError::syntax(
                        "this string has no end",
                        Span::new(opening, opening + 1),
                    ));
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, ParseError> {
        let start = self.pos;
        let letter = self.bytes.get(start + 1).copied();
        self.pos += 2;
        let read = match letter {
            Some(b'"') => Some('"'),
            Some(b'\\') => Some('\\'),
            Some(b'/') => Some('/'),
            Some(b'b') => Some('\u{8}'),
            Some(b'f') => Some('\u{c}'),
            Some(b'n') => Some('\n'),
            Some(b'r') => Some('\r'),
            Some(b't') => Some('\t'),
            Some(b'u') => self.unicode(),
            _ => None,
        };
        read.ok_or_else(|| {
            // What follows the backslash may be longer than a byte.
            let end = self.text.ceil_char_boundary(self.pos);
            ParseError::syntax("not an escape of JSON", Span::new(start, end))
                .help("a backslash itself is written `\\\\`")
        })
    }

    /// The rest of `\uXXXX`, with its second half where it is a pair.
    fn unicode(&mut self) -> Option<char> {
        let first = self.hex()?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first);
        }
        if self.bytes.get(self.pos..self.pos + 2) != Some(b"\\u") {
            return None;
        }
        self.pos += 2;
        let second = self.hex()?;
        if !(0xdc00..0xe000).contains(&second) {
            return None;
        }
        char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00))
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.bytes.get(self.pos..self.pos + 4)?;
        let value = digits.iter().try_fold(0, |value, &digit| {
            Some(value << 4 | char::from(digit).to_digit(16)?)
        })?;
        self.pos += 4;
        Some(value)
    }

    fn number(&mut self) -> Result<Number, ParseError> {
        let start = self.pos;
        self.take(b'-');
        let leading_zero = self.peek() == Some(b'0');
        let whole = self.digits();
        let mut well_formed = whole > 0 && !(leading_zero && whole > 1);
        if self.take(b'.') {
            well_formed &= self.digits() > 0;
        }
        if self.take(b'e') || self.take(b'E') {
            let _ = self.take(b'+') || self.take(b'-');
            well_formed &= self.digits() > 0;
        }
        let span = Span::new(start, self.pos);
        match well_formed {
            true => Ok(Number {
                text: self.text[start..self.pos].to_owned(),
            }),
            false => Err(ParseError::syntax("not a number of JSON", span)),
        }
    }

    fn digits(&mut self) -> usize {
        let start = self.pos;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.pos += 1;
        }
        self.pos - start
    }

    fn word(&mut self, word: &str, kind: Kind) -> Result<Kind, ParseError> {
        if !self.bytes[self.pos..].starts_with(word.as_bytes()) {
            return Err(self.unexpected("a value"));
        }
        self.pos += word.len();
        Ok(kind)
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.pos).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.pos += usize::from(there);
        there
    }

    fn skip_whitespace(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.pos += 1;
        }
    }

    fn trailing_comma(&self) -> ParseError {
        ParseError::syntax(
            "nothing follows the last comma",
            Span::new(self.pos, self.pos + 1),
        )
        .help("JSON has no comma after the last member: remove it")
    }

    fn unexpected(&self, wanted: &str) -> ParseError {
        let found = self.text[self.pos..].chars().next();
        let span = Span::new(self.pos, self.pos + found.map_or(0, char::len_utf8));
        match found {
            None => ParseError::syntax(format!("expected {wanted}, the document ends here"), span),
            Some(found) => ParseError::syntax(format!("expected {wanted}, found {found:?}"), span),
        }
    }
}
