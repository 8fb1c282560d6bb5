//! Regular expressions as ECMA 262 writes them.

use failsafe_runtime::schema::pattern;

use super::Lowering;
use crate::{diagnostic::Diagnostic, spec::At};

impl Lowering<'_> {
    /// Whether the service will be able to check a pattern: asked of the code that will do it. Why
    /// not, it says here.
    pub(super) fn is_checkable(&mut self, text: &str, at: &At<'_>) -> bool {
        let Err(error) = pattern::check(text) else {
            return true;
        };
        // Somebody counts characters with it, and the service must not need megabytes for that.
        let found = match error.is_too_large() {
            true => Diagnostic::warning(
                "unchecked-pattern",
                format!("`{text}` takes too much memory, and is not checked"),
            )
            .help("repeat less often; `maxLength` bounds a text of any length"),
            false => Diagnostic::error(
                "invalid-pattern",
                format!("`{text}` is no regular expression"),
            )
            .help(reason(&error.to_string())),
        };
        self.report(found.at(at.location()));
        false
    }
}

/// Without the position, which is one of the pattern as it was rewritten.
fn reason(text: &str) -> String {
    let reason = text
        .strip_prefix("Parsing error at position ")
        .and_then(|rest| rest.split_once(": "))
        .map_or(text, |(_, reason)| reason);
    reason.to_lowercase()
}
