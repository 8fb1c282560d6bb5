//! What a change does to a file, as a unified diff.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use similar::{ChangeTag, TextDiff};

use super::excerpt::printable;
use crate::write::Change;

const BOLD: Style = Style::new().bold();
const PLACE: Style = AnsiColor::Cyan.on_default();
const GONE: Style = AnsiColor::Red.on_default();
const NEW: Style = AnsiColor::Green.on_default();

/// What becomes of a file, in one line.
pub(super) fn line(change: &Change) -> String {
    let (word, style) = match (&change.before, &change.after) {
        (None, _) => ("new", NEW),
        (_, None) => ("removed", GONE),
        _ => ("changed", PLACE),
    };
    format!("{style}{word:>8}{style:#} {}\n", printable(&change.path))
}

/// The lines that change, with three around them; none beyond a bound.
pub(super) fn unified(out: &mut String, change: &Change, bound: Option<usize>) {
    let before = String::from_utf8_lossy(change.before.as_deref().unwrap_or_default());
    let after = change.after.as_deref().map_or("", String::as_str);
    let name = |side: &str, is_there: bool| match is_there {
        true => format!("{side}/{}", change.path),
        false => "/dev/null".to_owned(),
    };
    let _ = writeln!(
        out,
        "{BOLD}--- {}{BOLD:#}\n{BOLD}+++ {}{BOLD:#}",
        name("a", change.before.is_some()),
        name("b", change.after.is_some())
    );
    let diff = TextDiff::from_lines(&*before, after);
    let mut left = bound.unwrap_or(usize::MAX);
    for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
        if left == 0 {
            break;
        }
        let _ = writeln!(out, "{PLACE}{}{PLACE:#}", hunk.header());
        for line in hunk.iter_changes() {
            if left == 0 {
                let _ = writeln!(out, "{PLACE}...{PLACE:#}");
                break;
            }
            left -= 1;
            let (sign, style) = match line.tag() {
                ChangeTag::Delete => ('-', GONE),
                ChangeTag::Insert => ('+', NEW),
                ChangeTag::Equal => (' ', Style::new()),
            };
            let text = line.value().trim_end_matches(['\n', '\r']);
            let text = text.replace('\t', "    ");
            let _ = writeln!(out, "{style}{sign}{}{style:#}", printable(&text));
        }
    }
}
