//! The words for people.

use std::{borrow::Cow, fmt::Write, path::Path};

use anstyle::{AnsiColor, Style};

use super::{
    args::GenerateArgs,
    chosen::{Told, chosen},
    difference,
    excerpt::{Mark, Sources, printable, show},
};
use crate::{
    Done, Outcome,
    beside::beside,
    diagnostic::{Diagnostic, Severity},
    lower::LeftOut,
    peak_memory,
    write::{Added, Notice, Report},
};

/// How many edited files are shown, and how much of each.
const SHOWN_EDITED: usize = 5;
const SHOWN_LINES: usize = 40;

/// How many faults are shown beside what was asked for.
const SHOWN_FAULTS: usize = 30;

/// How long a pointer may be to be shown whole.
const MAX_POINTER: usize = 160;

pub(super) const FRAME: Style = AnsiColor::BrightBlue.on_default().bold();
const BOLD: Style = Style::new().bold();
const ERROR: Style = AnsiColor::BrightRed.on_default().bold();
const WARNING: Style = AnsiColor::BrightYellow.on_default().bold();
const NOTE: Style = AnsiColor::BrightCyan.on_default().bold();
const DONE: Style = AnsiColor::BrightGreen.on_default().bold();

/// How much is said.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Detail {
    /// Only what is wrong.
    quiet: bool,
    /// Every file.
    verbose: bool,
    /// Nothing was to be written.
    looks: bool,
}

impl Detail {
    pub(super) fn of(args: &GenerateArgs) -> Self {
        Self {
            quiet: args.quiet,
            verbose: args.verbose,
            looks: args.check || args.dry_run || args.diff,
        }
    }
}

/// Everything that a run has to say.
pub fn human(outcome: &Outcome, out_dir: &Path) -> String {
    words(outcome, out_dir, Detail::default())
}

pub(super) fn words(outcome: &Outcome, out_dir: &Path, detail: Detail) -> String {
    let mut out = findings(outcome, detail);
    match &outcome.done {
        Some(done) => {
            notices(&mut out, &done.written.notices, out_dir);
            if !detail.quiet {
                summary(&mut out, done, out_dir, detail);
            }
        }
        None => {
            edited(&mut out, outcome);
            failure(&mut out, outcome);
        }
    }
    out
}

/// Notes first and errors last, where they are nearest to the prompt; each in the order of the
/// document.
fn findings(outcome: &Outcome, detail: Detail) -> String {
    let sources = Sources::new(&outcome.files);
    let mut all: Vec<&Diagnostic> = outcome.diagnostics.iter().collect();
    all.retain(|found| !detail.quiet || found.severity != Severity::Note);
    all.sort_by_key(|found| {
        let place = found
            .location
            .as_ref()
            .map(|place| (place.file, place.span.start));
        (std::cmp::Reverse(found.severity), place)
    });
    let mut out = String::new();
    for told in chosen(&all) {
        match told {
            Told::Whole(found) => diagnostic(&mut out, &sources, found),
            Told::Others(severity, code, count) => {
                let style = style(severity);
                let _ = writeln!(
                    out,
                    "{style}{}[{code}]{style:#}: {BOLD}and {count} more like this{BOLD:#}\n",
                    word(severity),
                );
            }
        }
    }
    out
}

fn diagnostic(out: &mut String, sources: &Sources<'_>, found: &Diagnostic) {
    let severity = style(found.severity);
    let _ = writeln!(
        out,
        "{severity}{}[{}]{severity:#}{BOLD}: {}{BOLD:#}",
        word(found.severity),
        found.code,
        printable(&found.message)
    );
    let places = found
        .location
        .iter()
        .chain(found.related.iter().map(|(place, _)| place));
    let gutter = places
        .map(|place| sources.start(place).line.to_string().len())
        .max()
        .unwrap_or(0);
    let empty = |out: &mut String| {
        let _ = writeln!(out, "{FRAME}{:gutter$} |{FRAME:#}", "");
    };
    let place = |out: &mut String, arrow: &str, mark: &Mark<'_>| {
        let position = sources.start(mark.location);
        let name = printable(&sources.name(mark.location).display().to_string());
        let _ = writeln!(
            out,
            "{:gutter$}{FRAME}{arrow}{FRAME:#} {name}:{}:{}",
            "", position.line, position.column
        );
        empty(out);
        show(out, sources, mark, gutter);
    };
    if let Some(location) = &found.location {
        place(
            out,
            "-->",
            &Mark {
                location,
                caret: '^',
                style: severity,
                label: "",
            },
        );
    }
    for (location, label) in &found.related {
        empty(out);
        place(
            out,
            ":::",
            &Mark {
                location,
                caret: '-',
                style: FRAME,
                label,
            },
        );
    }
    let pointer = found.location.as_ref().map(|location| &location.pointer);
    let pointer = pointer.filter(|pointer| !pointer.is_empty());
    if found.location.is_some() && (pointer.is_some() || found.help.is_some()) {
        empty(out);
    }
    let mut remark = |title: &str, text: &str| {
        let _ = writeln!(
            out,
            "{:gutter$} {FRAME}={FRAME:#} {BOLD}{title}{BOLD:#}: {}",
            "",
            printable(text)
        );
    };
    if let Some(pointer) = pointer {
        remark("at", &format!("#{}", middle_out(pointer)));
    }
    if let Some(help) = &found.help {
        remark("help", help);
    }
    out.push('\n');
}

/// A pointer into the depths without its middle.
fn middle_out(pointer: &str) -> Cow<'_, str> {
    let length = pointer.chars().count();
    if length <= MAX_POINTER {
        return pointer.into();
    }
    let side = MAX_POINTER / 2;
    let end = |at: usize| {
        pointer
            .char_indices()
            .nth(at)
            .map_or(pointer.len(), |(byte, _)| byte)
    };
    format!(
        "{} ... {}",
        &pointer[..end(side)],
        &pointer[end(length - side)..]
    )
    .into()
}

/// The places of the person's code that the document has overtaken.
fn notices(out: &mut String, notices: &[Notice], out_dir: &Path) {
    for notice in notices {
        let place = out_dir.join(&notice.path);
        let _ = writeln!(
            out,
            "{WARNING}warning[handlers]{WARNING:#}{BOLD}: {}{BOLD:#}\n {FRAME}-->{FRAME:#} {}:{}",
            printable(&notice.message),
            printable(&place.display().to_string()),
            notice.line,
        );
        let compiler = notice.compiler.as_deref().map(|words| ("compiler", words));
        for (title, words) in compiler.into_iter().chain([("help", &*notice.help)]) {
            let words = printable(words);
            let _ = writeln!(out, "  {FRAME}={FRAME:#} {BOLD}{title}{BOLD:#}: {words}");
        }
        out.push('\n');
    }
}

/// What would be lost of files of the generator that somebody has edited.
fn edited(out: &mut String, outcome: &Outcome) {
    for change in outcome.edited.iter().take(SHOWN_EDITED) {
        difference::unified(out, change, Some(SHOWN_LINES));
        out.push('\n');
    }
}

/// Findings, and nothing said of them.
pub(super) fn list(sources: &Sources<'_>, found: &[Diagnostic]) -> String {
    let mut out = String::new();
    for found in found.iter().take(SHOWN_FAULTS) {
        diagnostic(&mut out, sources, found);
    }
    out
}

/// What is wrong with a document that nothing was to be made of.
pub(super) fn found(outcome: &Outcome, is_good: bool) -> String {
    let mut out = findings(outcome, Detail::default());
    let (word, style) = match is_good {
        true => ("good", DONE),
        false => ("error", ERROR),
    };
    let counts = [
        count(outcome, Severity::Error, "error"),
        count(outcome, Severity::Warning, "warning"),
        count(outcome, Severity::Note, "note"),
    ];
    let counts: Vec<String> = counts.into_iter().flatten().collect();
    let counts = match counts.is_empty() {
        true => "nothing to say".to_owned(),
        false => counts.join(", "),
    };
    let _ = writeln!(out, "{style}{word}{style:#}{BOLD}: {counts}{BOLD:#}");
    out
}

fn failure(out: &mut String, outcome: &Outcome) {
    let errors = count(outcome, Severity::Error, "error");
    let warnings = match count(outcome, Severity::Warning, "warning") {
        None => String::new(),
        Some(warnings) => format!(" and {warnings}"),
    };
    let _ = writeln!(
        out,
        "{ERROR}error{ERROR:#}{BOLD}: {}{warnings}; nothing was written{BOLD:#}",
        errors.unwrap_or_default()
    );
}

fn count(outcome: &Outcome, severity: Severity, word: &str) -> Option<String> {
    let found = outcome
        .diagnostics
        .iter()
        .filter(|found| found.severity == severity);
    Some(found.count())
        .filter(|&count| count > 0)
        .map(|count| many(count, word))
}

fn summary(out: &mut String, done: &Done, out_dir: &Path, detail: Detail) {
    let mut line = |title: &str, text: &str| {
        let _ = writeln!(out, "{}", line(title, text));
    };
    line(
        "Read",
        &format!(
            "{} (OpenAPI {}): {}, {}, {}",
            printable(&done.title),
            done.version,
            many(done.operations, "operation"),
            many(done.models, "model"),
            match done.policies {
                1 => "1 policy".to_owned(),
                count => format!("{count} policies"),
            },
        ),
    );
    for operation in &done.left_out {
        let LeftOut {
            method,
            path,
            reason,
            ..
        } = operation;
        let words = format!("{method} {path}: {}", reason.message);
        line("Left out", &printable(&words));
    }
    let dir = printable(&out_dir.display().to_string());
    let counts = changes(&done.written);
    match detail.looks {
        true => line("Would", &format!("write {dir}: {counts}")),
        false => line("Wrote", &format!("{dir}: {counts}")),
    }
    if detail.verbose {
        for (path, word) in done.written.files() {
            line(word, &printable(path));
        }
    }
    let written = &done.written;
    if written.finished {
        line("Finished", "a run that was interrupted, before this one");
    }
    for Added { path, name } in &written.added {
        line("Added", &format!("`{name}` to {path}"));
    }
    for path in &written.merged {
        line(
            "Merged",
            &format!("what is new into {path}, which is yours"),
        );
    }
    for path in &written.conflicts {
        let beside = beside(path);
        line(
            "Conflict",
            &format!(
                "{path} has changed in the places that are new: take what you want from {beside}, then delete that"
            ),
        );
    }
    for path in &written.overwritten {
        line("Forced", &format!("{path}: what was edited is gone"));
    }
    for path in &written.left {
        line(
            "Left",
            &format!("{path}: not needed any longer, delete it if you do not need it"),
        );
    }
    let is_new = written.created.iter().any(|path| path == "Cargo.toml");
    if !is_new || detail.looks {
        return;
    }
    let handlers = out_dir.join("src/handlers");
    line(
        "Next",
        &format!(
            "fill in the handlers in {}, then start the service:",
            quoted(&handlers)
        ),
    );
    let manifest = out_dir.join("Cargo.toml");
    line(
        "",
        &format!("cargo run --manifest-path {}", quoted(&manifest)),
    );
}

/// Where the time went, a line a phase.
pub(super) fn timings(outcome: &Outcome) -> String {
    let mut out = String::new();
    let total = [("total", outcome.timings.total())];
    for (phase, took) in outcome.timings.phases().iter().chain(&total) {
        let milliseconds = took.as_secs_f64() * 1000.0;
        let _ = writeln!(out, "{DONE}{phase:>8}{DONE:#} {milliseconds:8.1} ms");
    }
    if let Some(bytes) = peak_memory() {
        let megabytes = bytes as f64 / (1 << 20) as f64;
        let _ = writeln!(out, "{DONE}{:>8}{DONE:#} {megabytes:8.1} MiB", "peak");
    }
    out
}

fn changes(written: &Report) -> String {
    let counts = [
        (written.created.len(), "new"),
        (written.changed.len(), "changed"),
        (written.unchanged.len(), "unchanged"),
        (written.overwritten.len(), "overwritten"),
        (written.kept.len(), "of yours kept"),
        (written.merged.len(), "of yours merged"),
        (written.added.len(), "added to your code"),
        (written.conflicts.len(), "in conflict"),
        (written.absent.len(), "that you deleted"),
        (written.removed.len(), "removed"),
    ];
    let told: Vec<_> = counts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    match told.is_empty() {
        true => "nothing".to_owned(),
        false => told.join(", "),
    }
}

fn many(count: usize, word: &str) -> String {
    match count {
        1 => format!("1 {word}"),
        count => format!("{count} {word}s"),
    }
}

/// A line of what was done.
pub(super) fn line(title: &str, text: &str) -> String {
    format!("{DONE}{title:>8}{DONE:#} {text}")
}

/// A path that a shell takes as one word.
pub(super) fn quoted(path: &Path) -> String {
    let text = printable(&path.display().to_string());
    let plain = |c: char| c.is_alphanumeric() || "/\\._-:~+@".contains(c);
    match text.chars().all(plain) {
        true => text,
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

fn style(severity: Severity) -> Style {
    match severity {
        Severity::Error => ERROR,
        Severity::Warning => WARNING,
        Severity::Note => NOTE,
    }
}

pub(super) fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}
