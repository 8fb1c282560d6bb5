//! Patterns of strings, as ECMA 262 writes them.

/// Whether the pattern is found in the text.
#[must_use]
pub fn is_match(_pattern: &'static str, _text: &str) -> bool {
    true
}
