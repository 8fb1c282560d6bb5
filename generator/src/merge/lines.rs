//! Merging three ways, line by line.

use std::ops::Range;

use similar::{Algorithm, DiffTag, capture_diff_slices};

/// Lines of the base that became others.
#[derive(Debug, PartialEq)]
struct Change<'t> {
    base: Range<usize>,
    lines: Vec<&'t str>,
}

impl Change<'_> {
    /// Changes that only touch say nothing about each other: a line added above one that changed
    /// is the usual case in a list of dependencies or settings.
    fn overlaps(&self, other: &Self) -> bool {
        match (self.base.is_empty(), other.base.is_empty()) {
            (true, true) => false,
            _ => self.base.start < other.base.end && other.base.start < self.base.end,
        }
    }

    fn comes_before(&self, other: &Self, where_equal: bool) -> bool {
        let places = [self, other].map(|change| (change.base.start, change.base.end));
        places[0] < places[1] || where_equal && places[0] == places[1]
    }

    /// Whether all lines of the other one are among these, in one piece.
    fn contains(&self, other: &Self) -> bool {
        self.lines
            .windows(other.lines.len().max(1))
            .any(|lines| lines == other.lines)
    }
}

/// Whose lines come first where both added some at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum First {
    Mine,
    Others,
}

/// `there` with what changed from `base` to `new`; none where both changed the same lines.
pub(super) fn merge(base: &str, new: &str, there: &str, first: First) -> Option<String> {
    let lines: Vec<&str> = base.split_inclusive('\n').collect();
    let mine = changes(&lines, there);
    let others = changes(&lines, new);
    let (mut mine, mut others) = (mine.iter().peekable(), others.iter().peekable());
    let mut merged = Merged::default();
    let mut at = 0;
    loop {
        let change = match (mine.peek(), others.peek()) {
            (None, None) => break,
            (Some(a), Some(b))
                if a.base == b.base && (a == b || a.base.is_empty() && a.contains(b)) =>
            {
                others.next();
                mine.next()
            }
            (Some(a), Some(b)) if a.overlaps(b) => return None,
            (Some(a), Some(b)) if b.comes_before(a, first == First::Others) => others.next(),
            (Some(_), _) => mine.next(),
            (None, Some(_)) => others.next(),
        };
        let Some(change) = change else { break };
        merged.add(&lines[at..change.base.start]);
        merged.add(&change.lines);
        at = change.base.end;
    }
    merged.add(&lines[at..]);
    Some(merged.text)
}

#[derive(Default)]
struct Merged {
    text: String,
}

impl Merged {
    /// A last line may have no end; what comes behind it needs one.
    fn add(&mut self, lines: &[&str]) {
        for line in lines {
            if !self.text.is_empty() && !self.text.ends_with('\n') {
                self.text.push('\n');
            }
            self.text.push_str(line);
        }
    }
}

fn changes<'t>(base: &[&str], text: &'t str) -> Vec<Change<'t>> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    capture_diff_slices(Algorithm::Myers, base, &lines)
        .iter()
        .filter(|op| op.tag() != DiffTag::Equal)
        .map(|op| Change {
            base: op.old_range(),
            lines: lines[op.new_range()].to_vec(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(base: &str, new: &str, there: &str, expected: Option<&str>) {
        let lines = |text: &str| -> String { text.chars().map(|c| format!("{c}\n")).collect() };
        let merged = merge(&lines(base), &lines(new), &lines(there), First::Mine);
        assert_eq!(merged, expected.map(lines));
    }

    #[test]
    fn what_only_one_changed_is_taken() {
        check("abc", "abc", "axc", Some("axc"));
        check("abc", "axc", "abc", Some("axc"));
        check("abcde", "Abcde", "abcdE", Some("AbcdE"));
        check("abc", "ac", "abcd", Some("acd"));
    }

    #[test]
    fn what_both_changed_alike_is_taken_once() {
        check("abc", "axc", "axc", Some("axc"));
        check("abc", "abcd", "abcd", Some("abcd"));
        check("abc", "abcd", "abcxdy", Some("abcxdy"));
    }

    #[test]
    fn what_both_changed_otherwise_is_refused() {
        check("abc", "axc", "ayc", None);
        check("abc", "ac", "ayc", None);
        check("abcd", "axyd", "aczd", None);
    }

    #[test]
    fn what_both_added_is_kept() {
        check("ab", "axb", "ayb", Some("ayxb"));
        check("a", "ax", "ay", Some("ayx"));
        check("", "x", "y", Some("yx"));
        let merged = merge("a\n", "a\nx\n", "a\ny\n", First::Others);
        assert_eq!(merged.as_deref(), Some("a\nx\ny\n"));
    }

    #[test]
    fn what_touches_does_not_collide() {
        check("abc", "aXc", "abyc", Some("aXyc"));
        check("abc", "aXc", "aybc", Some("ayXc"));
        check("abcd", "aXcd", "abYd", Some("aXYd"));
    }

    #[test]
    fn a_last_line_without_an_end_gets_one() {
        assert_eq!(
            merge("a\n", "a\nb\n", "a", First::Mine).as_deref(),
            Some("a\nb\n")
        );
    }

    proptest! {
        /// Of three texts of a few lines each: what the person added is still there, and nothing
        /// comes from nowhere.
        #[test]
        fn nothing_of_the_persons_is_lost(
            base in "([a-e]\n){0,8}", new in "([a-g]\n){0,8}", mine in "([a-e]\n|M[0-9]\n){0,8}",
        ) {
            for first in [First::Mine, First::Others] {
            if let Some(merged) = merge(&base, &new, &mine, first) {
                let added = |text: &str| -> Vec<String> {
                    text.lines().filter(|line| line.starts_with('M')).map(str::to_owned).collect()
                };
                prop_assert_eq!(added(&merged), added(&mine));
                for line in merged.lines() {
                    prop_assert!([&base, &new, &mine].iter().any(|text| text.lines().any(|it| it == line)));
                }
            }
            prop_assert_eq!(merge(&base, &base, &mine, first), Some(mine.clone()));
            prop_assert_eq!(merge(&base, &new, &base, first), Some(new.clone()));
            prop_assert_eq!(merge(&base, &new, &new, first), Some(new.clone()));
            }
        }
    }
}
