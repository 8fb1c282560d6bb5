//! Bodies that are handed on while they come: there is one, and it comes once.

use super::merge::Merged;
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    ir::{Content, ContentKind, Operation},
    spec::At,
};

/// Whether the handler reads the body while it comes.
pub(super) fn is_streamed(operation: &Operation) -> bool {
    let is_streamed = |content: &Content| content.kind() == ContentKind::Lines;
    (operation.body.iter()).any(|body| body.contents.iter().any(is_streamed))
}

/// Whether a pattern does with one reading of the body. What does not is left out, and told.
pub(super) fn may_stand(merged: &Merged, at: &At<'_>, found: &mut Diagnostics) -> bool {
    let name = merged.pattern.name;
    let why = match name {
        "retry" | "hedge" => "no attempt can be repeated",
        "cache" => "no two requests are known to be the same",
        _ => return true,
    };
    let message = format!("the {name} is left out: a streamed body comes once, so {why}");
    let help = "take the values as an array in `application/json`";
    found.push(match merged.is_own() {
        true => Diagnostic::warning("streamed-body", message)
            .at(merged.location.clone())
            .help(format!("remove the {name}, or {help}")),
        false => Diagnostic::note("streamed-body", message)
            .at(at.key_location())
            .related(merged.location.clone(), "inherited from here")
            .help(format!("write `{name}: false` here, or {help}")),
    });
    false
}
