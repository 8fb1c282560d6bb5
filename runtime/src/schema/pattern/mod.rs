//! Patterns of strings, as ECMA 262 writes them.
//!
//! A document's patterns are JavaScript's. They differ from Rust's in what `\d` and `.` mean, in
//! what a class may hold and in what need not be escaped, and they may look around. So they are
//! translated and run by `fancy-regex`, which looks around where it has
//! to and runs in linear time where it can.

mod translate;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use fancy_regex::{Regex, RegexBuilder};

/// Steps that a pattern may take on one text. What takes more is hostile, and does not match.
const MAX_STEPS: usize = 100_000;

/// A pattern that is no regular expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatternError(String);

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for PatternError {}

/// Whether a text is a pattern at all. The generator asks, so that a service never meets one that
/// is not.
///
/// ```
/// use failsafe_runtime::schema::pattern;
///
/// assert!(pattern::check(r"^(?!tmp)[a-z\d]{2,}$").is_ok());
/// assert!(pattern::check("(unclosed").is_err());
/// ```
///
/// # Errors
///
/// When it is not.
pub fn check(pattern: &str) -> Result<(), PatternError> {
    compile(pattern).map(|_| ())
}

/// Whether the pattern is found anywhere in the text; not where it is none.
///
/// ```
/// use failsafe_runtime::schema::pattern;
///
/// assert!(pattern::matches(r"^(?!tmp)[a-z\d]{2,}$", "text"));
/// assert!(!pattern::matches(r"^(?!tmp)[a-z\d]{2,}$", "tmp1"));
/// ```
#[cfg(feature = "sources")]
#[must_use]
pub fn matches(pattern: &str, text: &str) -> bool {
    compile(pattern).is_ok_and(|regex| regex.is_match(text).unwrap_or(false))
}

/// The pattern in the syntax of Rust's regular expressions, groups that look around included.
///
/// ```
/// use failsafe_runtime::schema::pattern;
///
/// assert_eq!(pattern::translated(r"^\d$"), "^[0-9]$");
/// ```
#[cfg(feature = "sources")]
#[must_use]
pub fn translated(pattern: &str) -> String {
    translate::translate(pattern)
}

fn compile(pattern: &str) -> Result<Regex, PatternError> {
    RegexBuilder::new(&translate::translate(pattern))
        .backtrack_limit(MAX_STEPS)
        .build()
        .map_err(|error| PatternError(error.to_string()))
}

/// Whether the pattern is found anywhere in the text. It is compiled when it is first asked for.
pub(super) fn is_match(pattern: &'static str, text: &str) -> bool {
    match compiled(pattern) {
        Some(regex) => regex.is_match(text).unwrap_or(false),
        // The generator let it through, so a service must not refuse everything for it.
        None => true,
    }
}

/// As many as the document has, and never more. `None` for one that is no pattern.
type Compiled = HashMap<&'static str, Option<Arc<Regex>>>;

fn compiled(pattern: &'static str) -> Option<Arc<Regex>> {
    static COMPILED: LazyLock<RwLock<Compiled>> = LazyLock::new(RwLock::default);
    {
        let cache = COMPILED.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = cache.get(pattern) {
            return known.clone();
        }
    }
    // Outside of the lock: compiling takes a while, and doing it twice does no harm.
    let regex = compile(pattern).ok().map(Arc::new);
    let mut cache = COMPILED.write().unwrap_or_else(PoisonError::into_inner);
    cache.insert(pattern, regex.clone());
    regex
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn matches(pattern: &'static str, yes: &[&str], no: &[&str]) {
        check(pattern).unwrap();
        for text in yes {
            assert!(is_match(pattern, text), "{pattern} should match {text:?}");
        }
        for text in no {
            assert!(
                !is_match(pattern, text),
                "{pattern} should not match {text:?}"
            );
        }
    }

    #[test]
    fn a_pattern_is_searched_for_unless_it_is_anchored() {
        matches("b", &["abc", "b"], &["ac"]);
        matches("^b$", &["b"], &["abc", "b\n", "a\nb"]);
    }

    #[test]
    fn classes_are_ascii_as_in_javascript() {
        matches(r"^\d+$", &["42"], &["٤٢", ""]);
        matches(r"^[\d.]+$", &["4.2"], &["٤.٢"]);
        matches(r"^\w+$", &["az_9"], &["ä"]);
        matches(r"^[^\d]$", &["a", "٤"], &["4"]);
        matches(r"^[\D]$", &["a"], &["4"]);
        matches(r"^.$", &["ä"], &["\n", "\r", ""]);
        matches("^[^]$", &["\n", "a"], &["", "ab"]);
        matches("^a[]?$", &["a"], &["b"]);
    }

    #[test]
    fn classes_may_hold_what_rust_gives_a_meaning() {
        matches(r"^[\w-.]+$", &["a-b.c"], &["a b"]);
        matches("^[a&&b]+$", &["a&b"], &["c"]);
        matches("^[[a]+$", &["[a["], &["b"]);
        matches("^[a~~b-]+$", &["~-"], &["c"]);
        matches(r"^[+--]+$", &["+,-"], &["."]);
        matches(r"^[\b]$", &["\u{8}"], &["b"]);
        matches(r"^[a\]b]+$", &["]a"], &["c"]);
    }

    #[test]
    fn escapes_are_javascripts() {
        matches(r"^\/a\-b\_\@$", &["/a-b_@"], &["a"]);
        matches(r"^\u00e9\x41\cJ\0$", &["éA\n\0"], &["e"]);
        matches(r"^\uD83D\uDE00$", &["😀"], &["x"]);
        matches(r"^\u{1F600}[\u{1F600}-\u{1F64F}]$", &["😀😃"], &["x"]);
        matches(r"^\p{Lu}\p{Script=Greek}$", &["Äα"], &["äα"]);
        matches(r"^(a|b)\1$", &["aa", "bb"], &["ab"]);
        matches(r"^(?<x>a)\k<x>$", &["aa"], &["a"]);
        // No meaning in JavaScript: the letter itself.
        matches(r"^\h\Z$", &["hZ"], &[" "]);
    }

    #[test]
    fn braces_that_count_nothing_are_braces() {
        matches("^{a}$", &["{a}"], &["a"]);
        matches("^a{2}b{1,}c{0,1}$", &["aabb", "aabbc"], &["ab"]);
        matches("^a{,2}$", &["a{,2}"], &["aa"]);
    }

    #[test]
    fn looking_around_works() {
        matches(
            r"^(?=.*\d)(?=.*[a-z]).{4,}$",
            &["a1b2"],
            &["aaaa", "1111", "a1"],
        );
        matches(r"(?<!-)b$", &["ab"], &["-b"]);
    }

    #[test]
    fn a_hostile_text_takes_bounded_time() {
        let text = "a".repeat(5000) + "!";
        assert!(!is_match(r"^(?=(a+)+$)a*$", &text));
    }

    #[test]
    fn what_is_no_pattern_is_reported() {
        for pattern in ["(", "[a", "*a", r"\p{Nonsense}"] {
            assert!(check(pattern).is_err(), "{pattern}");
        }
    }

    proptest! {
        /// Whatever a document says is a pattern or an error, and neither takes long.
        #[test]
        fn any_text_may_be_asked_for(text in r"[a\\\[\]{}()^$.*+?|,:=!<>0-9xucdwspPk&~ \-]{0,24}") {
            let _ = check(&text);
        }

        /// Text that is escaped sign by sign matches itself and nothing else.
        #[test]
        fn an_escaped_text_matches_itself(text in "[!-/:-@\\[-`{-~]{1,8}", other in "[!-~]{1,8}") {
            let escaped: String = text.chars().flat_map(|c| ['\\', c]).collect();
            let regex = compile(&format!("^{escaped}$")).unwrap();
            prop_assert!(regex.is_match(&text).unwrap());
            prop_assert_eq!(regex.is_match(&other).unwrap(), text == other);
        }
    }
}
