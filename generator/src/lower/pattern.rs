//! Regular expressions as ECMA 262 writes them.

/// Whether the service will be able to read a pattern.
///
/// # Errors
///
/// Says what is wrong with it.
pub(super) fn check(pattern: &str) -> Result<(), String> {
    fancy_regex::Regex::new(pattern)
        .map(|_| ())
        .map_err(|error| error.to_string())
}
