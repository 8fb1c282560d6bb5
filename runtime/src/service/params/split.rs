//! The pieces of a text that holds several values: items of an array, members of an object.

use super::Style;
use super::raw::{NotUtf8, decode};
use super::written::Written;
use crate::schema::{self, Schema, Types};
use crate::service::violation::Place;

/// Why a text has no pieces.
#[derive(Debug)]
pub(super) enum Unsplit {
    NotUtf8,
    /// It is not in its style: what it has to be instead.
    Style(String),
}

impl From<NotUtf8> for Unsplit {
    fn from(_: NotUtf8) -> Unsplit {
        Unsplit::NotUtf8
    }
}

/// Where a text stands and how it is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form<'n> {
    pub(super) place: Place,
    pub(super) name: &'n str,
    pub(super) style: Style,
    pub(super) explode: bool,
}

impl Form<'_> {
    /// Whether each value is a pair of its own in the query, the cookies or a form.
    pub(super) fn is_spread(self) -> bool {
        let pairs = matches!(self.place, Place::Query | Place::Cookie | Place::Body);
        match self.style {
            Style::Form | Style::SpaceDelimited | Style::PipeDelimited => self.explode && pairs,
            Style::DeepObject => pairs,
            Style::Matrix | Style::Label | Style::Simple | Style::Json => false,
        }
    }

    /// The text without what its style puts in front of it. A matrix that is exploded keeps its
    /// names, which tell items from members.
    pub(super) fn stripped(self, text: &str) -> Result<&str, Unsplit> {
        match self.style {
            Style::Label => text
                .strip_prefix('.')
                .ok_or_else(|| Unsplit::Style("must begin with a dot".to_owned())),
            Style::Matrix => {
                let rest = text.strip_prefix(';');
                if self.explode {
                    return rest.ok_or_else(|| self.no_matrix());
                }
                let named = rest.and_then(|rest| rest.strip_prefix(self.name));
                match named {
                    Some("") => Ok(""),
                    Some(value) => value.strip_prefix('=').ok_or_else(|| self.no_matrix()),
                    None => Err(self.no_matrix()),
                }
            }
            _ => Ok(text),
        }
    }

    fn no_matrix(self) -> Unsplit {
        Unsplit::Style(format!("must be written as ;{}=...", self.name))
    }

    /// The one value of a text.
    pub(super) fn single(self, text: &str) -> Result<String, Unsplit> {
        let mut text = self.stripped(text)?;
        if self.style == Style::Matrix && self.explode {
            text = match text.strip_prefix(self.name) {
                Some("") => "",
                Some(value) => value.strip_prefix('=').ok_or_else(|| self.no_matrix())?,
                None => return Err(self.no_matrix()),
            };
        }
        Ok(decode(self.place, text)?.into_owned())
    }

    /// The items of an array of which each is of schema `item`.
    pub(super) fn items(self, item: &Schema, text: &str) -> Result<Vec<String>, Unsplit> {
        let text = self.stripped(text)?;
        // An array without items is written as nothing at all.
        if text.is_empty() {
            return Ok(Vec::new());
        }
        if self.style == Style::Matrix && self.explode {
            return text.split(';').map(|piece| self.named(piece)).collect();
        }
        self.pieces(text, may_hold_separator(item))
    }

    fn named(self, piece: &str) -> Result<String, Unsplit> {
        let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
        match name == self.name {
            true => Ok(decode(self.place, value)?.into_owned()),
            false => Err(self.no_matrix()),
        }
    }

    /// The members of an object. `None`: the text is not written as one.
    pub(super) fn members(self, text: &str) -> Result<Option<Written>, Unsplit> {
        let text = self.stripped(text)?;
        let mut written = Written::default();
        if text.is_empty() {
            return Ok(Some(written));
        }
        let mut put = |name: &str, value: String| {
            let member = written.members.entry(name.to_owned()).or_default();
            member.insert(&[], super::written::Leaf::Text(value));
        };
        // Pairs stand in one piece where the style explodes.
        if self.explode && matches!(self.style, Style::Simple | Style::Label | Style::Matrix) {
            for piece in text.split(self.separator(text)) {
                let Some((name, value)) = self.trimmed(piece).split_once('=') else {
                    return Ok(None);
                };
                let name = decode(self.place, name)?;
                put(&name, decode(self.place, value)?.into_owned());
            }
            return Ok(Some(written));
        }
        let pieces = self.pieces(text, true)?;
        if !pieces.len().is_multiple_of(2) {
            return Ok(None);
        }
        for pair in pieces.chunks_exact(2) {
            if let [name, value] = pair {
                put(name, value.clone());
            }
        }
        Ok(Some(written))
    }

    /// Whether a text has several pieces as it stands.
    pub(super) fn has_several(self, text: &str) -> bool {
        let Ok(text) = self.stripped(text) else {
            return false;
        };
        match self.style {
            // These are escaped as often as not.
            Style::SpaceDelimited | Style::PipeDelimited => {
                decode(self.place, text).is_ok_and(|text| text.contains(self.separator(&text)))
            }
            _ => text.contains(self.separator(text)),
        }
    }

    /// `literal`: a separator that is escaped belongs to a piece. Many clients escape those
    /// between pieces as well, which is no matter where a piece cannot have one.
    fn pieces(self, text: &str, literal: bool) -> Result<Vec<String>, Unsplit> {
        // Neither space nor bar may stand in a URI as it is, so their escapes are undone first.
        let literal =
            literal && !matches!(self.style, Style::SpaceDelimited | Style::PipeDelimited);
        if literal {
            let pieces = text.split(self.separator(text));
            return pieces
                .map(|piece| Ok(decode(self.place, self.trimmed(piece))?.into_owned()))
                .collect();
        }
        let text = decode(self.place, text)?;
        let pieces = text.split(self.separator(&text));
        Ok(pieces.map(|piece| self.trimmed(piece).to_owned()).collect())
    }

    fn separator(self, text: &str) -> char {
        match self.style {
            Style::SpaceDelimited => ' ',
            Style::PipeDelimited => '|',
            Style::Matrix if self.explode => ';',
            Style::Label if self.explode || !text.contains(',') => '.',
            _ => ',',
        }
    }

    /// Lists in headers are written with white space after the comma.
    fn trimmed(self, piece: &str) -> &str {
        match self.place {
            Place::Header => piece.trim(),
            _ => piece,
        }
    }
}

/// Whether a value of a schema may have a comma within itself.
fn may_hold_separator(item: &Schema) -> bool {
    let closed = !item.enumeration.is_empty() || item.format.is_some();
    schema::types_of(item).contains(Types::STRING) && !closed
}
