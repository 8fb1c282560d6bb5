//! Closed objects that ask for what they shut out.
//!
//! `additionalProperties: false` sees no further than the `properties` beside it. Where the same
//! schema requires a member that is not among them, or one of its variants does, no value fits to
//! the letter. What is asked for is let in then, and nothing else.

use super::{
    Lowering,
    overlap::{members, parts, required},
};
use crate::{diagnostic::Diagnostic, spec::At};

/// The members that a closed schema requires and does not know.
pub(super) fn forgotten<'d>(at: &At<'d>) -> Vec<&'d str> {
    if !is_closed(at) {
        return Vec::new();
    }
    let mut names = required(std::slice::from_ref(at));
    names.retain(|name| !knows(at, name));
    names
}

/// A variant that requires members of its own which the closed schema around it does not know.
pub(super) fn shut_out<'d>(at: &At<'d>) -> Option<At<'d>> {
    if !is_closed(at) {
        return None;
    }
    let lists = ["oneOf", "anyOf"].into_iter().filter_map(|key| at.get(key));
    let mut branches = lists.flat_map(|list| list.items().collect::<Vec<_>>());
    branches.find(|branch| {
        let parts = parts(branch);
        let names = required(&parts);
        (names.iter()).any(|name| members(&parts, name).next().is_some() && !knows(at, name))
    })
}

fn is_closed(at: &At<'_>) -> bool {
    at.get("additionalProperties").and_then(|at| at.as_bool()) == Some(false)
        && at.get("patternProperties").is_none()
}

fn knows(at: &At<'_>, name: &str) -> bool {
    members(std::slice::from_ref(at), name).next().is_some()
}

impl<'d> Lowering<'d> {
    pub(super) fn report_forgotten(&mut self, at: &At<'d>, names: &[&str]) {
        let message = format!(
            "`{}` is required, and `additionalProperties: false` shuts it out: it is let in",
            names.join("`, `")
        );
        self.report(
            Diagnostic::warning("forgotten-property", message)
                .at(at.location())
                .help("declare it in `properties`, or take it out of `required`"),
        );
    }

    pub(super) fn report_shut_out(&mut self, at: &At<'d>, variant: &At<'d>) {
        self.report(
            Diagnostic::warning(
                "shut-out-variant",
                "`additionalProperties: false` shuts out what a variant requires: it is read as \
                 `unevaluatedProperties: false`",
            )
            .at(at.location())
            .related(variant.location(), "the variant")
            .help("close each variant, and not the schema around them"),
        );
    }
}
