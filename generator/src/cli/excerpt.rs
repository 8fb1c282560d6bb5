//! Places in a document as a person finds them: lines, columns, and the line itself.

use std::{cell::OnceCell, fmt::Write, ops::Range, path::Path};

use anstyle::Style;
use unicode_width::UnicodeWidthChar;

use crate::{diagnostic::Location, spec::File};

/// The widest piece of a line that is shown; minified documents have but one line.
const MAX_WIDTH: usize = 120;
/// How much of a cut line is shown before the place in question.
const LEAD: usize = 40;
/// How many bytes of a line around a place are looked at.
const NEAR: usize = 2048;
const TAB: usize = 4;

/// A line and a column, both counted from 1; columns are characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) line: usize,
    pub(super) column: usize,
}

/// The files of a run, with the beginnings of their lines once they are asked for.
#[derive(Debug)]
pub(super) struct Sources<'f> {
    files: Vec<(&'f File, OnceCell<Vec<u32>>)>,
}

impl<'f> Sources<'f> {
    pub(super) fn new(files: &'f [File]) -> Self {
        Self {
            files: files.iter().map(|file| (file, OnceCell::new())).collect(),
        }
    }

    pub(super) fn name(&self, location: &Location) -> &'f Path {
        &self.file(location).name
    }

    pub(super) fn start(&self, location: &Location) -> Position {
        self.position(location, self.range(location).start)
    }

    pub(super) fn end(&self, location: &Location) -> Position {
        self.position(location, self.range(location).end)
    }

    fn file(&self, location: &Location) -> &'f File {
        self.files[self.index(location)].0
    }

    /// The file in which a place is written: that of its node, or an overlay's.
    fn index(&self, location: &Location) -> usize {
        let start = location.span.start;
        let overlay =
            (self.files.iter()).rposition(|(file, _)| file.base > 0 && file.base <= start);
        overlay.unwrap_or(location.file.0 as usize)
    }

    /// The bytes of that file which are meant.
    fn range(&self, location: &Location) -> Range<usize> {
        let base = self.file(location).base;
        let within = |offset: u32| offset.saturating_sub(base) as usize;
        within(location.span.start)..within(location.span.end)
    }

    fn lines(&self, location: &Location) -> &[u32] {
        let (file, lines) = &self.files[self.index(location)];
        lines.get_or_init(|| {
            // A file may be nothing but line breaks: room for as many as there are, and files are
            // bounded far below the range of the numbers.
            let breaks = || file.text.match_indices('\n');
            let mut lines: Vec<u32> = Vec::with_capacity(1 + breaks().count());
            lines.push(0);
            lines.extend(breaks().map(|(offset, _)| offset as u32 + 1));
            lines
        })
    }

    fn position(&self, location: &Location, offset: usize) -> Position {
        let lines = self.lines(location);
        let line = lines.partition_point(|&start| start as usize <= offset);
        let before = self
            .file(location)
            .text
            .get(lines[line - 1] as usize..offset);
        Position {
            line,
            column: 1 + before.map_or(0, |text| text.chars().count()),
        }
    }

    /// The first line of a place, and which part of it is meant.
    fn line(&self, location: &Location) -> (&'f str, Range<usize>) {
        let lines = self.lines(location);
        let text = &self.file(location).text;
        let Range {
            start: from,
            end: to,
        } = self.range(location);
        let line = lines.partition_point(|&start| start as usize <= from);
        let start = lines[line - 1] as usize;
        let end = lines
            .get(line)
            .map_or(text.len(), |&next| next as usize - 1);
        let line = text[start..end].trim_end();
        let from = (from - start).min(line.len());
        (line, from..to.saturating_sub(start).clamp(from, line.len()))
    }
}

/// One place to show: where, what to mark it with, and what to say beside it.
pub(super) struct Mark<'m> {
    pub(super) location: &'m Location,
    pub(super) caret: char,
    pub(super) style: Style,
    pub(super) label: &'m str,
}

/// Writes a line with its number, and below it the mark.
pub(super) fn show(out: &mut String, sources: &Sources<'_>, mark: &Mark<'_>, gutter: usize) {
    let number = sources.start(mark.location).line;
    let (line, range) = sources.line(mark.location);
    let (shown, before, width) = cut(line, range);
    let style = mark.style;
    let bar = super::report::FRAME;
    let carets = mark.caret.to_string().repeat(width);
    let label = match mark.label {
        "" => String::new(),
        label => format!(" {}", printable(label)),
    };
    let _ = writeln!(out, "{bar}{number:gutter$} |{bar:#} {shown}");
    let _ = writeln!(
        out,
        "{bar}{:gutter$} |{bar:#} {:before$}{style}{carets}{label}{style:#}",
        "", ""
    );
}

/// The part of a line to show, how far into it the mark begins, and how wide the mark is.
fn cut(line: &str, range: Range<usize>) -> (String, usize, usize) {
    // A line may have megabytes; what is far away is not even measured.
    let from = line.floor_char_boundary(range.start.saturating_sub(NEAR));
    let to = line.ceil_char_boundary((range.start + NEAR).min(line.len()));
    let (near, start) = (&line[from..to], range.start - from);
    let end = near.ceil_char_boundary((range.end - from).min(near.len()));
    let (lead, mark) = (width(&near[..start]), width(&near[start..end]));
    let total = lead + mark + width(&near[end..]);
    // Cut on the left only where the mark would not be seen, and no more than is needed to show
    // the end of the line.
    let is_far = from > 0 || lead + mark.min(MAX_WIDTH / 2) > MAX_WIDTH;
    let (skip, dots) = match is_far {
        true => (
            lead.saturating_sub(LEAD)
                .min(total.saturating_sub(MAX_WIDTH)),
            "... ",
        ),
        false => (0, ""),
    };
    let mut shown = dots.to_owned();
    let (mut at, mut before, mut marked) = (0, dots.len(), 0);
    for (offset, c) in near.char_indices() {
        let wide = char_width(c);
        at += wide;
        if at <= skip {
            continue;
        }
        if at > skip + MAX_WIDTH {
            break;
        }
        match c {
            '\t' => shown.extend(std::iter::repeat_n(' ', TAB)),
            c => shown.push(printable_char(c)),
        }
        if offset < start {
            before += wide;
        } else if offset < end {
            marked += wide;
        }
    }
    if at > skip + MAX_WIDTH || to < line.len() {
        shown.push_str(" ...");
    }
    (shown, before, marked.max(1))
}

fn width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

fn char_width(c: char) -> usize {
    match c {
        '\t' => TAB,
        c => printable_char(c).width().unwrap_or(0),
    }
}

/// Text of a document as it may go to a terminal: no control characters, nothing that turns the
/// direction of writing.
pub(super) fn printable(text: &str) -> String {
    text.chars().map(printable_char).collect()
}

fn printable_char(c: char) -> char {
    match c {
        '\n' => ' ',
        '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        c if c.is_control() => '\u{fffd}',
        c => c,
    }
}
