//! The changes for people: a section each for clients, handlers and policies.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};

use crate::{
    cli::excerpt::{Sources, printable},
    diff::{Change, Flow, Rank, Section},
};

const TITLE: Style = Style::new().bold();
const BREAKING: Style = AnsiColor::BrightRed.on_default().bold();
const RISKY: Style = AnsiColor::BrightYellow.on_default().bold();
const REWORK: Style = AnsiColor::BrightMagenta.on_default().bold();
const STRICTER: Style = AnsiColor::BrightCyan.on_default().bold();
const COMPATIBLE: Style = AnsiColor::BrightGreen.on_default();
const PLACE: Style = Style::new().dimmed();

/// How many operations of one change are named.
const SHOWN: usize = 3;

/// How a rank is called.
pub(super) fn word(rank: Rank) -> &'static str {
    match rank {
        Rank::Breaking => "breaking",
        Rank::Risky => "may break",
        Rank::Rework => "rework",
        Rank::Stricter => "stricter",
        Rank::Compatible => "",
    }
}

fn style(rank: Rank) -> Style {
    match rank {
        Rank::Breaking => BREAKING,
        Rank::Risky => RISKY,
        Rank::Rework => REWORK,
        Rank::Stricter => STRICTER,
        Rank::Compatible => COMPATIBLE,
    }
}

pub(super) fn words(sources: &Sources<'_>, changes: &[Change]) -> String {
    let mut out = String::new();
    for (section, title) in [
        (Section::Clients, "Clients"),
        (Section::Handlers, "Handlers"),
        (Section::Policies, "Policies"),
    ] {
        let of_section: Vec<&Change> = changes.iter().filter(|it| it.section == section).collect();
        if of_section.is_empty() {
            continue;
        }
        let _ = writeln!(out, "{TITLE}{title}{TITLE:#}");
        for found in of_section {
            change(&mut out, sources, found);
        }
        out.push('\n');
    }
    let _ = writeln!(out, "{}", summary(changes));
    out
}

fn change(out: &mut String, sources: &Sources<'_>, change: &Change) {
    let style = style(change.rank);
    let way = way(change).map_or(String::new(), |way| format!("{way}: "));
    let _ = writeln!(
        out,
        "{style}{:>11}{style:#}  {}{way}{}",
        word(change.rank),
        operations(change),
        printable(&change.message)
    );
    let place = &change.location;
    let _ = writeln!(
        out,
        "{:13}{PLACE}{}:{} #{}{PLACE:#}",
        "",
        printable(&sources.name(place).display().to_string()),
        sources.start(place).line,
        printable(&place.pointer)
    );
}

/// `GET /pets, POST /pets and 3 more: `
fn operations(change: &Change) -> String {
    let all = &change.operations;
    let shown: Vec<String> = all.iter().take(SHOWN).map(|name| printable(name)).collect();
    match all.len() {
        0 => String::new(),
        count if count > SHOWN => format!("{} and {} more: ", shown.join(", "), count - SHOWN),
        _ => format!("{}: ", shown.join(", ")),
    }
}

/// Whether it is about requests or responses. What a webhook sends is its request.
pub(super) fn way(change: &Change) -> Option<&'static str> {
    let is_outgoing = change
        .operations
        .first()
        .is_some_and(|name| name.starts_with("webhook ") || name.contains(" callback "));
    match (change.flows.as_slice(), is_outgoing) {
        ([], _) => None,
        ([Flow::Received], false) | ([Flow::Sent], true) => Some("request"),
        ([Flow::Sent], false) | ([Flow::Received], true) => Some("response"),
        _ => Some("request and response"),
    }
}

fn summary(changes: &[Change]) -> String {
    let count = |rank: Rank| changes.iter().filter(|it| it.rank == rank).count();
    if changes.is_empty() {
        return "no changes".to_owned();
    }
    let counts = [
        (Rank::Breaking, "breaking"),
        (Rank::Risky, "that may break clients"),
        (Rank::Rework, "that your code has to follow"),
        (Rank::Stricter, "stricter"),
        (Rank::Compatible, "compatible"),
    ];
    let told: Vec<String> = counts
        .into_iter()
        .map(|(rank, word)| (count(rank), word))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    let noun = if changes.len() == 1 {
        "change"
    } else {
        "changes"
    };
    format!("{} {noun}: {}", changes.len(), told.join(", "))
}
