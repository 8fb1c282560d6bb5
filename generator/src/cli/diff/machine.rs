//! The changes for machines: JSON of its own, and findings for the forms that `validate` has.

use serde_json::{Value, json};

use super::human;
use crate::{
    cli::{excerpt::Sources, json},
    diagnostic::{Diagnostic, Diagnostics},
    diff::{Change, Comparison, Rank, Section},
};

/// One JSON document, whose members are only ever added to.
pub(super) fn json(sources: &Sources<'_>, comparison: &Comparison) -> Value {
    let changes = comparison.changes.iter().flatten();
    let changes: Vec<Value> = changes.map(|it| change(sources, it)).collect();
    json!({
        "breaking": comparison.is_breaking(),
        "complete": comparison.is_whole,
        "changes": changes,
    })
}

fn section(section: Section) -> &'static str {
    match section {
        Section::Clients => "clients",
        Section::Handlers => "handlers",
        Section::Policies => "policies",
    }
}

fn rank(rank: Rank) -> &'static str {
    match rank {
        Rank::Breaking => "breaking",
        Rank::Risky => "may-break",
        Rank::Rework => "rework",
        Rank::Stricter => "stricter",
        Rank::Compatible => "compatible",
    }
}

fn change(sources: &Sources<'_>, change: &Change) -> Value {
    let mut value = json::place(sources, Some(&change.location));
    value["section"] = section(change.section).into();
    value["rank"] = rank(change.rank).into();
    value["code"] = change.code.into();
    value["operations"] = change.operations.as_slice().into();
    value["of"] = human::way(change).into();
    value["message"] = change.message.as_str().into();
    value
}

/// What breaks is an error, what may break or has to be followed a warning.
pub(super) fn findings(changes: &[Change]) -> Diagnostics {
    let mut found = Diagnostics::default();
    for change in changes {
        let way = human::way(change).map_or(String::new(), |way| format!("{way}: "));
        let word = match human::word(change.rank) {
            "" => String::new(),
            word => format!("{word}: "),
        };
        let names = match change.operations.is_empty() {
            true => String::new(),
            false => format!("{}: ", change.operations.join(", ")),
        };
        let message = format!("{word}{names}{way}{}", change.message);
        let finding = match change.rank {
            Rank::Breaking => Diagnostic::error(change.code, message),
            Rank::Risky | Rank::Rework => Diagnostic::warning(change.code, message),
            Rank::Stricter | Rank::Compatible => Diagnostic::note(change.code, message),
        };
        found.push(finding.at(change.location.clone()));
    }
    found
}
