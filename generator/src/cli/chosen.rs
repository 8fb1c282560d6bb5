//! Which findings are told in full: the first ones of a rule teach it, and nobody reads the
//! hundredth.

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, Severity};

/// Errors have to be corrected one by one, so more of them are shown.
const MAX_ERRORS: usize = 30;

/// Warnings and notes.
const MAX_OTHERS: usize = 4;

/// So many that say the same of different places: a file that is missing is missing for all of the
/// references to it.
const MAX_ALIKE: usize = 2;

/// One thing to be told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Told<'d> {
    Whole(&'d Diagnostic),
    /// How many more there are of a rule. They are counted, never lost; `--format json` has them all.
    Others(Severity, &'static str, usize),
}

/// What to tell of everything that was found, in its order.
pub(super) fn chosen<'d>(all: &[&'d Diagnostic]) -> Vec<Told<'d>> {
    let rule = |found: &Diagnostic| (found.severity, found.code);
    let mut totals: HashMap<_, usize> = HashMap::new();
    for found in all {
        *totals.entry(rule(found)).or_default() += 1;
    }
    let mut shown: HashMap<_, usize> = HashMap::new();
    let mut alike: HashMap<_, usize> = HashMap::new();
    let is_told: Vec<bool> = all
        .iter()
        .map(|found| {
            let bound = match found.severity {
                Severity::Error => MAX_ERRORS,
                Severity::Warning | Severity::Note => MAX_OTHERS,
            };
            let alike = alike.entry((rule(found), &found.message)).or_default();
            *alike += 1;
            let shown = shown.entry(rule(found)).or_default();
            let is_told = *shown < bound && *alike <= MAX_ALIKE;
            *shown += usize::from(is_told);
            is_told
        })
        .collect();
    let mut told = Vec::new();
    let mut count: HashMap<_, usize> = HashMap::new();
    for (found, _) in all.iter().zip(is_told).filter(|(_, is_told)| *is_told) {
        told.push(Told::Whole(found));
        let rule = rule(found);
        let count = count.entry(rule).or_default();
        *count += 1;
        let others = totals[&rule] - shown[&rule];
        if *count == shown[&rule] && others > 0 {
            told.push(Told::Others(rule.0, rule.1, others));
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How often things are told in full, and how many others are counted.
    fn counts(found: &[Diagnostic]) -> Vec<(usize, usize)> {
        let mut counts = vec![(0, 0)];
        for told in chosen(&found.iter().collect::<Vec<_>>()) {
            let last = counts.last_mut().expect("one");
            match told {
                Told::Whole(_) => last.0 += 1,
                Told::Others(_, _, others) => {
                    last.1 = others;
                    counts.push((0, 0));
                }
            }
        }
        counts
    }

    fn errors(count: usize, message: impl Fn(usize) -> String) -> Vec<Diagnostic> {
        let each = (0..count).map(|number| Diagnostic::error("code", message(number)));
        each.collect()
    }

    #[test]
    fn errors_that_say_the_same_are_counted() {
        let same = errors(100, |_| "there is no file".to_owned());
        assert_eq!(counts(&same), [(2, 98), (0, 0)]);
        let different = errors(100, |number| number.to_string());
        assert_eq!(counts(&different), [(30, 70), (0, 0)]);
        let two = errors(6, |number| (number % 2).to_string());
        assert_eq!(counts(&two), [(4, 2), (0, 0)]);
    }

    #[test]
    fn fewer_warnings_are_shown_than_errors() {
        let warning = |number: usize| Diagnostic::warning("code", number.to_string());
        let warnings = |count| (0..count).map(warning).collect::<Vec<_>>();
        assert_eq!(counts(&warnings(4)), [(4, 0)]);
        assert_eq!(counts(&warnings(5)), [(4, 1), (0, 0)]);
    }
}
