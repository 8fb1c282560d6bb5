//! Regular expressions as ECMA 262 writes them.

/// Whether the service will be able to read a pattern: asked of the code that will read it.
///
/// # Errors
///
/// Says what is wrong with it.
pub(super) fn check(pattern: &str) -> Result<(), String> {
    failsafe_runtime::schema::pattern::check(pattern).map_err(|error| {
        let text = error.to_string();
        // The position is one of the pattern as it was rewritten.
        let reason = text
            .strip_prefix("Parsing error at position ")
            .and_then(|rest| rest.split_once(": "))
            .map_or(text.as_str(), |(_, reason)| reason);
        reason.to_lowercase()
    })
}
