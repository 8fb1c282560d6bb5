//! YAML that is indented with tabs. YAML forbids them, because nobody knows how wide they are; where
//! all lines are indented with nothing else that does not matter.

use super::{node::Span, parse::ParseError};

/// The same text with a space for each tab in the indentation, so that everything stays where it is.
/// `None`: there is no tab, or how deep lines are depends on how wide tabs are.
pub(super) fn as_spaces(text: &str) -> Option<(String, Span)> {
    let first = first(text)?;
    let is_clear = text.split('\n').all(|line| {
        let (indentation, rest) = split(line);
        // Behind the tabs spaces put things under each other.
        let spaces = indentation.trim_start_matches('\t');
        let is_mixed = spaces.contains('\t') || !spaces.is_empty() && spaces == indentation;
        rest.trim().is_empty() || !is_mixed
    });
    let lines = text.split_inclusive('\n').map(|line| {
        let (indentation, rest) = split(line);
        indentation.replace('\t', " ") + rest
    });
    is_clear.then(|| (lines.collect(), first))
}

/// Where the first tab stands, if that is what is wrong with the text.
pub(super) fn blamed(error: ParseError, text: &str) -> ParseError {
    match first(text).filter(|_| error.is_of_tabs()) {
        Some(first) => ParseError::syntax("a tab in the indentation", first).help(
            "indent with spaces: lines with tabs stand beside lines with spaces, \
             so how deep they are meant to be cannot be told",
        ),
        None => error,
    }
}

fn first(text: &str) -> Option<Span> {
    let mut start = 0;
    text.split_inclusive('\n').find_map(|line| {
        let (indentation, rest) = split(line);
        let tab = indentation.find('\t').filter(|_| !rest.trim().is_empty());
        let found = tab.map(|tab| Span::new(start + tab, start + tab + 1));
        start += line.len();
        found
    })
}

fn split(line: &str) -> (&str, &str) {
    let rest = line.trim_start_matches(['\t', ' ']);
    line.split_at(line.len() - rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_nothing_but_tabs_is_clear() {
        for (text, expected) in [
            ("a:\n\tb:\n\t\tc: 1\n", Some("a:\n b:\n  c: 1\n")),
            ("a:\n\t- b: 1\n\t  c: \t2", Some("a:\n - b: 1\n   c: \t2")),
            ("a:\n\tb: 1\n  \n", Some("a:\n b: 1\n  \n")),
            ("a:\n\tb: 1\n  c: 2\n", None),
            ("a:\n \tb: 1\n", None),
            ("a:\n  b: 1\n\t\n", None),
        ] {
            let found = as_spaces(text).map(|(text, _)| text);
            assert_eq!(found.as_deref(), expected, "{text:?}");
        }
    }
}
