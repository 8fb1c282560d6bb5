//! Which values fit: enumerations, bounds, patterns and formats.

use std::collections::HashSet;

use serde_json::Value;

use super::{
    rules::Rules,
    view::{Bound, View},
};
use crate::diff::Rank;

/// Keyword, its exclusive form, whether it is an upper bound, and what it counts.
const BOUNDS: &[(&str, &str, bool)] = &[
    ("minimum", "exclusiveMinimum", false),
    ("maximum", "exclusiveMaximum", true),
    ("minLength", "", false),
    ("maxLength", "", true),
    ("minItems", "", false),
    ("maxItems", "", true),
    ("minProperties", "", false),
    ("maxProperties", "", true),
];

/// Formats of which the later one has every value of the earlier one.
const WIDER: &[(&str, &str)] = &[("int32", "int64"), ("float", "double")];

/// How many values of a list are named.
const SHOWN: usize = 5;

impl<'d> Rules<'_, 'd> {
    pub(super) fn values(&mut self, old: &View<'d>, new: &View<'d>) {
        let label = self.label;
        match (&old.values, &new.values) {
            (None, None) => {}
            (None, Some((values, at))) => {
                let message = format!("`{label}` has to be one of {} now", list(values.iter()));
                self.narrowed("enum-added", at, message);
            }
            (Some(_), None) => {
                let message = format!("`{label}` may have any value now");
                self.widened("enum-removed", &new.at, message);
            }
            (Some((was, _)), Some((is, at))) => {
                let known: HashSet<String> = was.iter().map(Value::to_string).collect();
                let left: HashSet<String> = is.iter().map(Value::to_string).collect();
                let gone: Vec<&Value> = was
                    .iter()
                    .filter(|value| !left.contains(&value.to_string()))
                    .collect();
                let come: Vec<&Value> = is
                    .iter()
                    .filter(|value| !known.contains(&value.to_string()))
                    .collect();
                if !gone.is_empty() {
                    let gone = list(gone.into_iter());
                    let message = format!("`{label}` is never {gone} any longer");
                    self.narrowed("enum-value-removed", at, message);
                }
                if !come.is_empty() {
                    let message = format!("`{label}` may be {} now", list(come.into_iter()));
                    self.widened("enum-value-added", at, message);
                }
            }
        }
    }

    pub(super) fn bounds(&mut self, old: &View<'d>, new: &View<'d>) {
        let label = self.label;
        for &(keyword, exclusive, is_upper) in BOUNDS {
            let was = old.bound(keyword, exclusive, is_upper);
            let is = new.bound(keyword, exclusive, is_upper);
            let shown = |bound: &Bound<'_>| match bound.excludes_itself {
                true => format!("{} (exclusive)", bound.value),
                false => bound.value.to_string(),
            };
            match (&was, &is) {
                (None, None) => {}
                (None, Some(is)) => {
                    let message = format!("`{label}` has a `{keyword}` of {} now", shown(is));
                    self.narrowed("bound-tightened", &is.at, message);
                }
                (Some(was), None) => {
                    let message = format!(
                        "`{label}` has no `{keyword}` any longer, it was {}",
                        shown(was)
                    );
                    self.widened("bound-loosened", &new.at, message);
                }
                (Some(was), Some(is)) => {
                    let message = format!("`{label}`: `{keyword}` {} -> {}", shown(was), shown(is));
                    if is.is_tighter(was, is_upper) {
                        self.narrowed("bound-tightened", &is.at, message);
                    } else if was.is_tighter(is, is_upper) {
                        self.widened("bound-loosened", &is.at, message);
                    }
                }
            }
        }
        let (was, is) = (old.is("uniqueItems"), new.is("uniqueItems"));
        match (was, is) {
            (None, Some(at)) => {
                let message = format!("`{label}` has to have different items now");
                self.narrowed("bound-tightened", &at, message);
            }
            (Some(_), None) => {
                let message = format!("`{label}` may have equal items now");
                self.widened("bound-loosened", &new.at, message);
            }
            _ => {}
        }
        self.multiple(old, new);
    }

    fn multiple(&mut self, old: &View<'d>, new: &View<'d>) {
        let label = self.label;
        let read = |view: &View<'d>| {
            let all = view.all("multipleOf").into_iter();
            all.filter_map(|at| Some((at.as_f64()?, at))).next()
        };
        match (read(old), read(new)) {
            (None, Some((is, at))) => {
                let message = format!("`{label}` has to be a multiple of {is} now");
                self.narrowed("bound-tightened", &at, message);
            }
            (Some((was, _)), None) => {
                let message = format!("`{label}` need not be a multiple of {was} any longer");
                self.widened("bound-loosened", &new.at, message);
            }
            (Some((was, _)), Some((is, at))) if was != is => {
                let message = format!("`{label}`: `multipleOf` {was} -> {is}");
                if is % was == 0.0 {
                    self.narrowed("bound-tightened", &at, message);
                } else if was % is == 0.0 {
                    self.widened("bound-loosened", &at, message);
                } else {
                    self.tell((Rank::Breaking, "bound-changed"), &at, message);
                }
            }
            _ => {}
        }
    }

    /// `pattern` and `format`.
    pub(super) fn texts(&mut self, old: &View<'d>, new: &View<'d>) {
        let label = self.label;
        for (keyword, code) in [("pattern", "pattern-changed"), ("format", "format-changed")] {
            match (old.text(keyword), new.text(keyword)) {
                (None, Some((is, at))) => {
                    let message = format!("`{label}` has the {keyword} `{is}` now");
                    self.narrowed(code, &at, message);
                }
                (Some((was, _)), None) => {
                    let message = format!("`{label}` has no {keyword} any longer, it was `{was}`");
                    self.widened(code, &new.at, message);
                }
                (Some((was, _)), Some((is, at))) if was != is => {
                    let message = format!("`{label}`: {keyword} `{was}` -> `{is}`");
                    if keyword == "format" && WIDER.contains(&(was, is)) {
                        self.widened(code, &at, message);
                    } else if keyword == "format" && WIDER.contains(&(is, was)) {
                        self.narrowed(code, &at, message);
                    } else {
                        // Nobody can tell which of two patterns takes more.
                        let rank = match keyword {
                            "format" => Rank::Breaking,
                            _ => Rank::Risky,
                        };
                        self.tell((rank, code), &at, message);
                    }
                }
                _ => {}
            }
        }
    }
}

fn list<'v>(values: impl ExactSizeIterator<Item = &'v Value>) -> String {
    let all = values.len();
    let shown: Vec<String> = values
        .take(SHOWN)
        .map(|value| format!("`{value}`"))
        .collect();
    match all > SHOWN {
        true => format!("{} and {} more", shown.join(", "), all - SHOWN),
        false => shown.join(", "),
    }
}
