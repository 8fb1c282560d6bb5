//! Regular expressions as ECMA 262 writes them.

use std::collections::HashMap;

use failsafe_runtime::schema::pattern::{self, PatternError};

use super::Lowering;
use crate::{diagnostic::Diagnostic, spec::At};

/// Patterns that have been compiled before: most documents repeat theirs.
pub(super) type Known = HashMap<String, Result<(), PatternError>>;

impl Lowering<'_> {
    /// Whether the service will be able to check a pattern: asked of the code that will do it. Why
    /// not, it says here.
    pub(super) fn is_checkable(&mut self, text: &str, at: &At<'_>) -> bool {
        let known = self.patterns.get(text);
        let checked = known.cloned().unwrap_or_else(|| {
            let checked = pattern::check(text);
            self.patterns.insert(text.to_owned(), checked.clone());
            checked
        });
        let Err(error) = checked else {
            self.report_foreign(text, at);
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

    /// What a pattern has of other languages than the one that is asked for.
    fn report_foreign(&mut self, text: &str, at: &At<'_>) {
        let found = pattern::foreign(text);
        let Some(first) = found.first() else {
            return;
        };
        let read: Vec<String> = found
            .iter()
            .map(|part| format!("`{}` as {}", part.written, part.meaning))
            .collect();
        self.report(
            Diagnostic::warning(
                "foreign-pattern",
                format!("`{}` has no meaning in ECMA 262", first.written),
            )
            .at(at.location())
            .help(format!(
                "read here: {}; write it so that every tool reads it alike",
                read.join(", ")
            )),
        );
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
