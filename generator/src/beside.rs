//! What is put beside a file that somebody has edited.

/// Where the new text of a file stands that could not be merged.
pub(crate) fn beside(path: &str) -> String {
    format!("{path}.failsafe-new")
}
