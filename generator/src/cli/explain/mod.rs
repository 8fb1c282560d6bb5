//! `failsafe explain`: what a document asks for, operation by operation.

mod values;
mod worst;

use std::{fmt::Write as _, io::Write, path::PathBuf, process::ExitCode};

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;
use serde_json::{Value, json};

use super::{
    AT_FAULT, BAD_COMMAND_LINE,
    document::DocumentArgs,
    excerpt::{Sources, printable},
    prepare,
    progress::Progress,
    report,
};
use crate::{
    diagnostic::{Location, Severity, nearest},
    ir::{Operation, Service},
    render::words,
};
use worst::Worst;

/// Show which patterns each operation has, in their order, with their values and where each of them
/// comes from
///
/// A value is written at a line of the document (of the operation, of its path, or at the root),
/// derived from others that are, or the default. Beside them stand the most calls that one request
/// may make of the handler, and the longest that it may take.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit codes:
  0  done
  1  the document is at fault
  2  the command line is at fault

Example:
  failsafe explain api.yaml 'GET /orders/{id}'")]
pub(in crate::cli) struct ExplainArgs {
    /// OpenAPI 3.0 or 3.1 document, YAML or JSON; `-` reads standard input
    #[arg(value_name = "SPEC")]
    spec: PathBuf,

    /// An `operationId`, a path, or a method and a path [default: all operations]
    #[arg(value_name = "OPERATION")]
    operation: Option<String>,

    /// A table for people, or JSON
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "human",
        ignore_case = true
    )]
    format: Format,

    #[command(flatten)]
    document: DocumentArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Human,
    Json,
}

const NAME: Style = Style::new().bold();
const PATTERN: Style = AnsiColor::Cyan.on_default();
const PLACE: Style = Style::new().dimmed();

pub(in crate::cli) fn run(args: &ExplainArgs) -> ExitCode {
    let refuse = |message: String| {
        eprintln!("error: {message}\n\nFor more information, try '--help'.");
        ExitCode::from(BAD_COMMAND_LINE)
    };
    let source = match prepare::source(&args.spec, args.document.choices()) {
        Ok(source) => source,
        Err(message) => return refuse(message),
    };
    let progress = Progress::begin(false);
    let (service, outcome) = crate::explain(&source, progress.timings());
    drop(progress);
    let is_wrong = |it: &crate::diagnostic::Diagnostic| it.severity == Severity::Error;
    let service = service.filter(|_| !outcome.diagnostics.iter().any(is_wrong));
    let Some(service) = service else {
        let _ = write!(
            anstream::stderr().lock(),
            "{}",
            report::found(&outcome, false)
        );
        return ExitCode::from(AT_FAULT);
    };
    let operations = match chosen(&service, args.operation.as_deref()) {
        Ok(operations) => operations,
        Err(message) => return refuse(message),
    };
    let sources = Sources::new(&outcome.files);
    let text = match args.format {
        Format::Human => operations.iter().map(|it| human(&sources, it)).collect(),
        Format::Json => {
            let list: Vec<Value> = operations.iter().map(|it| machine(&sources, it)).collect();
            format!("{}\n", Value::Array(list))
        }
    };
    // A reader that has gone away is no failure of the run.
    let _ = anstream::stdout().lock().write_all(text.as_bytes());
    ExitCode::SUCCESS
}

fn chosen<'s>(service: &'s Service, wish: Option<&str>) -> Result<Vec<&'s Operation>, String> {
    let all = service.apis.iter().flat_map(|api| &api.operations);
    let all: Vec<&Operation> = all.collect();
    let Some(wish) = wish else {
        return Ok(all);
    };
    let is_meant = |it: &&Operation| {
        let route = format!("{} {}", it.method, it.path);
        it.id == wish || it.path == wish || route.eq_ignore_ascii_case(wish)
    };
    let found: Vec<&Operation> = all.iter().copied().filter(is_meant).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let help = nearest(wish, all.iter().map(|it| it.id.as_str()));
    let help = help.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
    Err(format!("the document has no operation `{wish}`{help}"))
}

/// Which level of the document says something.
fn level(operation: &Operation, place: &Location) -> &'static str {
    match &*place.pointer {
        pointer if pointer.starts_with(&*operation.location.pointer) => "operation",
        pointer if pointer.starts_with("/paths/") => "path",
        _ => "root",
    }
}

fn human(sources: &Sources<'_>, operation: &Operation) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{NAME}{} {}{NAME:#} {}",
        operation.method,
        printable(&operation.path),
        printable(&operation.id)
    );
    for policy in &operation.policies {
        let _ = writeln!(
            out,
            "  {PATTERN}{:<14}{PATTERN:#} {}",
            words::pattern(&policy.pattern),
            printable(&words::policy(policy)),
        );
        values::human(&mut out, sources, operation, policy);
    }
    let worst = Worst::of(&operation.policies);
    let calls = match worst.calls {
        1 => "1 call of the handler".to_owned(),
        calls => format!("up to {calls} calls of the handler"),
    };
    let latency = match worst.latency {
        Some(seconds) => format!("at most {} s to the answer's head", rounded(seconds)),
        None => "no bound to its time".to_owned(),
    };
    let _ = writeln!(out, "  {calls}, {latency}\n");
    out
}

fn rounded(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0
}

fn machine(sources: &Sources<'_>, operation: &Operation) -> Value {
    let worst = Worst::of(&operation.policies);
    let policies = operation.policies.iter().map(|policy| {
        let place = &policy.location;
        json!({
            "pattern": words::pattern(&policy.pattern),
            "name": policy.name,
            "rule": words::policy(policy),
            "level": level(operation, place),
            "file": sources.name(place).display().to_string(),
            "line": sources.start(place).line,
            "pointer": &*place.pointer,
            "values": values::machine(sources, operation, policy),
        })
    });
    json!({
        "method": operation.method,
        "path": operation.path,
        "operation": operation.id,
        "policies": policies.collect::<Vec<_>>(),
        "calls": worst.calls,
        "latency_seconds": worst.latency.map(rounded),
    })
}
