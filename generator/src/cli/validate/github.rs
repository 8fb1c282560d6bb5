//! Commands of a GitHub workflow, which become annotations of a change.

use crate::{
    cli::excerpt::Sources,
    diagnostic::{Diagnostic, Diagnostics, Severity},
};

pub(in crate::cli) fn commands(sources: &Sources<'_>, found: &Diagnostics) -> String {
    found.iter().map(|it| command(sources, it)).collect()
}

fn command(sources: &Sources<'_>, found: &Diagnostic) -> String {
    let name = match found.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut properties = Vec::new();
    if let Some(place) = &found.location {
        let (start, end) = (sources.start(place), sources.end(place));
        let file = sources.name(place).display().to_string();
        properties.push(format!("file={}", property(&file)));
        properties.push(format!("line={},endLine={}", start.line, end.line));
        // Columns are only known within one line.
        if start.line == end.line {
            properties.push(format!("col={},endColumn={}", start.column, end.column));
        }
    }
    properties.push(format!("title={}", property(found.code)));
    let message = match &found.help {
        Some(help) => format!("{}\n{help}", found.message),
        None => found.message.clone(),
    };
    format!("::{name} {}::{}\n", properties.join(","), data(&message))
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
