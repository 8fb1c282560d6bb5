//! From JavaScript's syntax of patterns to that of `fancy-regex`.
//!
//! What both read alike is passed through, mistakes included: the compiler reports them.

use std::fmt::Write as _;
use std::iter::Peekable;
use std::str::Chars;

const DIGITS: &str = "0-9";
const WORD: &str = "A-Za-z0-9_";

/// Java's properties that Unicode does not know by these names, as what stands in a class.
const PROPERTIES: &[(&str, &str)] = &[
    ("ASCII", r"\x00-\x7f"),
    ("Alnum", "0-9A-Za-z"),
    ("Blank", r"\x20\t"),
    ("Cntrl", r"\x00-\x1f\x7f"),
    ("Digit", DIGITS),
    ("Graph", r"\x21-\x7e"),
    ("LD", r"\p{L}\p{Nd}"),
    ("Print", r"\x20-\x7e"),
    ("Punct", r"\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e"),
    ("XDigit", "0-9A-Fa-f"),
    ("all", r"\s\S"),
];

/// A pattern in the other syntax.
pub(super) struct Translated {
    pub(super) text: String,
    /// What ECMA 262 gives no meaning to, and other languages do.
    pub(super) foreign: Vec<Foreign>,
}

/// A part of a pattern that is another language's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    /// As it stands in the pattern.
    pub written: String,
    /// What it is taken for.
    pub meaning: &'static str,
}

/// The same pattern in the other syntax.
pub(super) fn translate(pattern: &str) -> Translated {
    let mut translator = Translator {
        rest: pattern.chars().peekable(),
        out: String::with_capacity(pattern.len()),
        groups: Vec::new(),
        foreign: Vec::new(),
    };
    while let Some(c) = translator.rest.next() {
        match c {
            '\\' => translator.escape(),
            '[' => translator.class(),
            '{' => translator.brace(),
            '(' => translator.open(),
            ')' => translator.close(),
            '}' | ']' => translator.literal(c),
            // Neither of JavaScript's line ends.
            '.' => translator.out.push_str(r"[^\n\r\x{2028}\x{2029}]"),
            c => translator.out.push(c),
        }
    }
    Translated {
        text: translator.out,
        foreign: translator.foreign,
    }
}

struct Translator<'p> {
    rest: Peekable<Chars<'p>>,
    out: String,
    /// Where each open group begins in what was written, if it looks around.
    groups: Vec<Option<usize>>,
    foreign: Vec<Foreign>,
}

/// What stands at one place of a class.
enum Atom {
    Char(char),
    /// Several characters, as a class writes them.
    Set(String),
}

impl Translator<'_> {
    /// A character that means itself.
    fn literal(&mut self, c: char) {
        if c.is_ascii() && !c.is_ascii_alphanumeric() {
            let _ = write!(self.out, "\\x{{{:x}}}", u32::from(c));
        } else {
            self.out.push(c);
        }
    }

    /// What other languages have and ECMA 262 does not.
    fn foreign(&mut self, written: String, meaning: &'static str) {
        let foreign = Foreign { written, meaning };
        if !self.foreign.contains(&foreign) {
            self.foreign.push(foreign);
        }
    }

    fn open(&mut self) {
        let mut ahead = self.rest.clone();
        let looks = ahead.next() == Some('?')
            && match ahead.next() {
                Some('=' | '!') => true,
                Some('<') => matches!(ahead.next(), Some('=' | '!')),
                _ => false,
            };
        self.groups.push(looks.then_some(self.out.len()));
        self.out.push('(');
    }

    /// After `)`. JavaScript lets groups that look around be repeated, which says whether they
    /// count at all.
    fn close(&mut self) {
        self.out.push(')');
        let Some(start) = self.groups.pop().flatten() else {
            return;
        };
        let (is_optional, after) = match self.rest.peek() {
            Some(c @ ('*' | '?' | '+')) => (*c != '+', None),
            Some('{') => {
                let mut ahead = self.rest.clone();
                ahead.next();
                let Some((inner, after)) = count(ahead) else {
                    return;
                };
                let least = inner.split(',').next().unwrap_or_default();
                (least.bytes().all(|digit| digit == b'0'), Some(after))
            }
            _ => return,
        };
        match after {
            Some(after) => self.rest = after,
            None => _ = self.rest.next(),
        }
        // As few or as many as there may be: it makes no difference.
        self.rest.next_if_eq(&'?');
        if is_optional {
            self.out.insert_str(start, "(?:");
            self.out.push_str("|)");
        }
    }

    /// After a backslash, outside of a class.
    fn escape(&mut self) {
        match self.rest.peek().copied() {
            Some(c @ ('A' | 'Z' | 'z')) => {
                self.rest.next();
                let (anchor, meaning) = match c {
                    'A' => ('^', "`^`"),
                    _ => ('$', "`$`"),
                };
                self.foreign(format!("\\{c}"), meaning);
                self.out.push(anchor);
            }
            // Backreferences, boundaries, and names in braces or angle brackets.
            Some(c @ ('1'..='9' | 'b' | 'B' | 'k')) => {
                self.rest.next();
                self.out.push('\\');
                self.out.push(c);
            }
            _ => match self.atom_escape() {
                Some(Atom::Char(c)) => self.literal(c),
                Some(Atom::Set(set)) => {
                    let _ = write!(self.out, "[{set}]");
                }
                // A backslash at the end: let the compiler complain.
                None => self.out.push('\\'),
            },
        }
    }

    /// After a backslash, where a character or a set of characters is wanted.
    fn atom_escape(&mut self) -> Option<Atom> {
        let c = self.rest.next()?;
        Some(match c {
            'd' => Atom::Set(DIGITS.to_owned()),
            'w' => Atom::Set(WORD.to_owned()),
            'D' => Atom::Set(format!("[^{DIGITS}]")),
            'W' => Atom::Set(format!("[^{WORD}]")),
            's' | 'S' => Atom::Set(format!("\\{c}")),
            'p' | 'P' if self.rest.peek() == Some(&'{') => {
                let name: String = self.rest.by_ref().take_while(|c| *c != '}').collect();
                self.property(c, &name[1..])
            }
            'n' => Atom::Char('\n'),
            'r' => Atom::Char('\r'),
            't' => Atom::Char('\t'),
            'f' => Atom::Char('\u{c}'),
            'v' => Atom::Char('\u{b}'),
            '0'..='7' => Atom::Char(self.octal(c)),
            'c' => match self.rest.next_if(char::is_ascii_alphabetic) {
                Some(letter) => Atom::Char(char::from(letter as u8 & 0x1f)),
                None => Atom::Char('c'),
            },
            'x' => Atom::Char(self.hex(2).unwrap_or('x')),
            'u' => Atom::Char(self.unicode().unwrap_or('u')),
            other => Atom::Char(other),
        })
    }

    /// A property by its name: Unicode's, or one that Java has besides.
    fn property(&mut self, letter: char, name: &str) -> Atom {
        let known = PROPERTIES.iter().find(|(known, _)| *known == name);
        // Unicode has this one as well.
        if name != "ASCII" && known.is_some() {
            self.foreign(format!("\\{letter}{{{name}}}"), "Java's");
        }
        Atom::Set(match (known, letter) {
            (Some((_, set)), 'p') => (*set).to_owned(),
            (Some((_, set)), _) => format!("[^{set}]"),
            (None, _) => format!("\\{letter}{{{name}}}"),
        })
    }

    /// Up to three digits to the base of eight, the first of which has been read.
    fn octal(&mut self, first: char) -> char {
        let mut number = first.to_digit(8).unwrap_or(0);
        for _ in 0..2 {
            let digit = self.rest.peek().and_then(|c| c.to_digit(8));
            let Some(digit) = digit.filter(|digit| number * 8 + digit < 256) else {
                break;
            };
            self.rest.next();
            number = number * 8 + digit;
        }
        char::from_u32(number).unwrap_or('\0')
    }

    /// After `\u`: four digits, two halves of four, or any number in braces.
    fn unicode(&mut self) -> Option<char> {
        if self.rest.peek() == Some(&'{') {
            let mut ahead = self.rest.clone();
            ahead.next();
            let digits: String = ahead.by_ref().take_while(|c| *c != '}').collect();
            let c = char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?;
            self.rest = ahead;
            return Some(c);
        }
        let mut ahead = self.rest.clone();
        let first = digits(&mut ahead, 4)?;
        if let 0xd800..=0xdbff = first
            && ahead.next() == Some('\\')
            && ahead.next() == Some('u')
            && let Some(second @ 0xdc00..=0xdfff) = digits(&mut ahead, 4)
        {
            self.rest = ahead;
            return char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00));
        }
        self.hex(4)
    }

    fn hex(&mut self, length: usize) -> Option<char> {
        let mut ahead = self.rest.clone();
        let c = char::from_u32(digits(&mut ahead, length)?)?;
        self.rest = ahead;
        Some(c)
    }

    /// After `[`. Every character is written so that it can only mean itself.
    fn class(&mut self) {
        let negated = self.rest.next_if_eq(&'^').is_some();
        if self.rest.next_if_eq(&']').is_some() {
            // Everything, or nothing.
            self.out
                .push_str(if negated { r"[\s\S]" } else { r"[^\s\S]" });
            return;
        }
        self.out.push_str(if negated { "[^" } else { "[" });
        loop {
            let Some(from) = self.class_atom() else {
                return;
            };
            let Some(from) = from else { break };
            let dash = self.rest.peek() == Some(&'-') && {
                let mut ahead = self.rest.clone();
                ahead.next();
                ahead.peek().is_some_and(|c| *c != ']')
            };
            match from {
                Atom::Char(from) if dash => {
                    self.rest.next();
                    let Some(Some(to)) = self.class_atom() else {
                        return;
                    };
                    self.literal(from);
                    match to {
                        Atom::Char(to) if to < from => {
                            self.foreign(format!("{from}-{to}"), "three characters");
                            self.literal('-');
                            self.literal(to);
                        }
                        Atom::Char(to) => {
                            self.out.push('-');
                            self.literal(to);
                        }
                        // A range needs two ends, so the dash is a dash.
                        Atom::Set(set) => {
                            self.literal('-');
                            self.out.push_str(&set);
                        }
                    }
                }
                Atom::Char(c) => self.literal(c),
                Atom::Set(set) => self.out.push_str(&set),
            }
        }
        self.out.push(']');
    }

    /// The next atom of a class; `Some(None)` at its end, `None` when it has none.
    fn class_atom(&mut self) -> Option<Option<Atom>> {
        match self.rest.next()? {
            ']' => Some(None),
            '\\' if self.rest.next_if_eq(&'b').is_some() => Some(Some(Atom::Char('\u{8}'))),
            '\\' => self.atom_escape().map(Some),
            c => Some(Some(Atom::Char(c))),
        }
    }

    /// After `{`: a count (`{2}`, `{2,}`, `{2,3}`), or a brace.
    fn brace(&mut self) {
        match count(self.rest.clone()) {
            Some((inner, after)) => {
                let _ = write!(self.out, "{{{inner}}}");
                self.rest = after;
            }
            None => self.literal('{'),
        }
    }
}

/// What stands in the braces that count, and what comes after them.
fn count(mut rest: Peekable<Chars<'_>>) -> Option<(String, Peekable<Chars<'_>>)> {
    let inner: String = rest.by_ref().take_while(|c| *c != '}').collect();
    let (least, most) = inner.split_once(',').unwrap_or((&inner, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (!least.is_empty() && is_number(least) && is_number(most)).then_some((inner, rest))
}

fn digits(rest: &mut Peekable<Chars<'_>>, length: usize) -> Option<u32> {
    (0..length).try_fold(0, |number, _| {
        Some(number * 16 + rest.next()?.to_digit(16)?)
    })
}
