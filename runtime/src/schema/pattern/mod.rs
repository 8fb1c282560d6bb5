//! Patterns of strings, as ECMA 262 writes them.
//!
//! A document's patterns are JavaScript's. They differ from Rust's in what `\d` and `.` mean, in
//! what a class may hold and in what need not be escaped, and they may look around. So they are
//! translated and run by `fancy-regex`, which looks around where it has
//! to and runs in linear time where it can.
//!
//! Where it looks around or back, it has to try, and a text can be made to let it try for hours.
//! So its steps are counted. A few are free for every text, which keeps the time in proportion to
//! what the client sent; many more are there for short texts, but only for some of each value.
//! A text that needs more is neither found to match nor not to, and is refused as one that does
//! not.

mod translate;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, LazyLock, OnceLock, PoisonError, RwLock};

use fancy_regex::{Regex, RegexBuilder};

pub use translate::Foreign;

/// Steps back that a pattern may take on any text.
const FREE_STEPS: usize = 256;

/// Steps back that a pattern may take on a text of at most [`MAX_TRIED`] bytes. Honest patterns
/// take some hundred on such a text.
const MAX_STEPS: usize = 50_000;

/// A step may walk the whole text, so that the two bounds together bound the time.
const MAX_TRIED: usize = 4 << 10;

/// A pattern that no text can be checked against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatternError {
    reason: String,
    is_too_large: bool,
}

impl PatternError {
    /// Whether it is a regular expression all the same, and takes more memory than it may:
    /// `^.{0,262144}$`.
    #[must_use]
    pub fn is_too_large(&self) -> bool {
        self.is_too_large
    }

    fn of(error: &fancy_regex::Error) -> Self {
        let is_too_large = match error {
            fancy_regex::Error::CompileError(error) => match &**error {
                fancy_regex::CompileError::InnerError(error) => error.size_limit().is_some(),
                _ => false,
            },
            _ => false,
        };
        Self {
            reason: error.to_string(),
            is_too_large,
        }
    }
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
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
    compile(pattern, MAX_STEPS).map(|_| ())
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
    compile(pattern, MAX_STEPS).is_ok_and(|regex| regex.is_match(text).unwrap_or(false))
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
    translate::translate(pattern).text
}

/// The parts of a pattern that ECMA 262 gives no meaning to and other languages do, and what they
/// are taken for.
///
/// ```
/// use failsafe_runtime::schema::pattern;
///
/// let found = pattern::foreign(r"\Aa+$");
/// assert_eq!((found[0].written.as_str(), found[0].meaning), (r"\A", "`^`"));
/// ```
#[must_use]
pub fn foreign(pattern: &str) -> Vec<Foreign> {
    translate::translate(pattern).foreign
}

fn compile(pattern: &str, steps: usize) -> Result<Regex, PatternError> {
    RegexBuilder::new(&translate::translate(pattern).text)
        .backtrack_limit(steps)
        .build()
        .map_err(|error| PatternError::of(&error))
}

/// Whether the pattern is found anywhere in the text; `None` when that takes too long to find
/// out. The pattern is compiled when it is first asked for.
pub(super) fn is_match(pattern: &'static str, text: &str, patience: &mut u32) -> Option<bool> {
    let Some(compiled) = compiled(pattern) else {
        // The generator let it through, so a service must not refuse everything for it.
        return Some(true);
    };
    if let Ok(found) = compiled.quick.is_match(text) {
        return Some(found);
    }
    if text.len() > MAX_TRIED {
        return None;
    }
    *patience = patience.checked_sub(1)?;
    let patient = compiled
        .patient
        .get_or_init(|| compile(pattern, MAX_STEPS).ok());
    patient.as_ref()?.is_match(text).ok()
}

/// A pattern with few steps, and with many once they were needed.
struct Compiled {
    quick: Regex,
    patient: OnceLock<Option<Regex>>,
}

/// As many as the document has, and never more. `None` for one that is no pattern.
type Cache = HashMap<&'static str, Option<Arc<Compiled>>>;

fn compiled(pattern: &'static str) -> Option<Arc<Compiled>> {
    static COMPILED: LazyLock<RwLock<Cache>> = LazyLock::new(RwLock::default);
    {
        let cache = COMPILED.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = cache.get(pattern) {
            return known.clone();
        }
    }
    // Outside of the lock: compiling takes a while, and doing it twice does no harm.
    let compiled = compile(pattern, FREE_STEPS).ok().map(|quick| {
        Arc::new(Compiled {
            quick,
            patient: OnceLock::new(),
        })
    });
    let mut cache = COMPILED.write().unwrap_or_else(PoisonError::into_inner);
    cache.insert(pattern, compiled.clone());
    compiled
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::schema::check::PATIENCE;

    fn asked(pattern: &'static str, text: &str) -> Option<bool> {
        is_match(pattern, text, &mut { PATIENCE })
    }

    #[track_caller]
    fn matches(pattern: &'static str, yes: &[&str], no: &[&str]) {
        check(pattern).unwrap();
        for text in yes {
            assert_eq!(asked(pattern, text), Some(true), "{pattern} on {text:?}");
        }
        for text in no {
            assert_eq!(asked(pattern, text), Some(false), "{pattern} on {text:?}");
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
        matches(r"^[\000-\037\7]\0$", &["\u{1f}\0", "\u{7}\0"], &[" \0"]);
        // No meaning in JavaScript: the letter itself.
        matches(r"^\h\y$", &["hy"], &[" "]);
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
    fn what_looks_around_may_be_repeated() {
        matches(r"^(/(?!\.)+[a-z.]+){1,2}$", &["/a.b/c"], &["/.a"]);
        matches(r"^(?=a){2}?.$", &["a"], &["b"]);
        matches(r"^(?=a)*b(?<=c){0,3}$", &["b"], &["a"]);
        matches(r"^(?!a){b$", &["{b"], &["b"]);
    }

    #[test]
    fn what_other_languages_mean_is_understood() {
        matches(r"\A[a-z]+\z", &["ab"], &["1ab", "ab\n"]);
        matches(r"\A\S[\p{Print}]*\Z", &["a b"], &["a\nb", " "]);
        matches(r"^(\p{LD}|\p{Punct})+$", &["ä1$"], &[" "]);
        matches(r"^\P{Punct}[^\P{Digit}]$", &["a1"], &["$1", "aa"]);
        matches(r"^[\p{all}]*$", &["a\n"], &[]);
        matches(r"^[0-9A-Za-z_-.]+$", &["a_-."], &[",", "/"]);
    }

    #[test]
    fn what_is_not_javascripts_is_named() {
        let told = |pattern| -> Vec<String> {
            let found = foreign(pattern).into_iter();
            found
                .map(|it| format!("{} {}", it.written, it.meaning))
                .collect()
        };
        assert_eq!(
            told(r"\A[_-.]\z|\A"),
            [r"\A `^`", "_-. three characters", r"\z `$`"]
        );
        assert_eq!(told(r"\p{Print}"), [r"\p{Print} Java's"]);
        assert_eq!(told(r"^\p{Lu}\p{ASCII}[a-z\037](?!a)+$"), [""; 0]);
    }

    #[test]
    fn a_hostile_text_is_given_up() {
        let pattern = r"^(?:(a+)\1?)+$";
        for (length, expected) in [(4, Some(false)), (40, None), (5_000, None), (2 << 20, None)] {
            let text = "a".repeat(length) + "!";
            assert_eq!(asked(pattern, &text), expected, "{length}");
        }
        // Without looking around or back, every text is decided in linear time.
        let text = "a".repeat(2 << 20) + "!";
        assert_eq!(asked("^(?:(a+)+)+$", &text), Some(false));
    }

    #[test]
    fn honest_texts_may_be_long() {
        for (pattern, text) in [
            (r"^(?!\s*$)[\s\S]+$", "word \n".repeat(200_000)),
            (r"^(?=.*\d)(?=.*[a-z]).{4,}$", "a1".repeat(500_000)),
            (r"^(?!.*\.\.)[\w.]+$", "a.b".repeat(300_000)),
        ] {
            assert_eq!(asked(pattern, &text), Some(true), "{pattern}");
        }
        // A search that looks around at every place of a text.
        let text = "-b ".repeat(1_000) + "b";
        assert_eq!(asked(r"(?<!-)b", &text), Some(true));
    }

    #[test]
    fn patience_has_an_end() {
        let (pattern, text) = (r"^(?:(a+)\1?)+$", "a".repeat(40) + "!");
        let mut patience = 2;
        for left in [1, 0, 0] {
            assert_eq!(is_match(pattern, &text, &mut patience), None);
            assert_eq!(patience, left);
        }
        assert_eq!(is_match(pattern, "aa", &mut patience), Some(true));
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
            let regex = compile(&format!("^{escaped}$"), MAX_STEPS).unwrap();
            prop_assert!(regex.is_match(&text).unwrap());
            prop_assert_eq!(regex.is_match(&other).unwrap(), text == other);
        }
    }
}
