//! `failsafe validate`: what is wrong with a document, and nothing else.

pub(in crate::cli) mod github;
pub(in crate::cli) mod sarif;

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::ValueEnum;

use super::{
    AT_FAULT, BAD_COMMAND_LINE, document::DocumentArgs, excerpt::Sources, json, prepare,
    progress::Progress, report,
};
use crate::{Outcome, diagnostic::Severity};

/// Say what is wrong with a document, and write nothing
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit codes:
  0  a service can be generated
  1  the document is at fault (`--strict`: or there are warnings)
  2  the command line is at fault")]
pub(in crate::cli) struct ValidateArgs {
    /// OpenAPI 3.0 or 3.1 document, YAML or JSON; `-` reads standard input
    #[arg(value_name = "SPEC")]
    spec: PathBuf,

    /// For people on stderr, or on stdout for a program, for code scanning, or as the
    /// annotations of a GitHub workflow
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "human",
        ignore_case = true
    )]
    format: Format,

    /// Count warnings as faults
    #[arg(long)]
    strict: bool,

    #[command(flatten)]
    document: DocumentArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Human,
    Json,
    Sarif,
    Github,
}

pub(in crate::cli) fn run(args: &ValidateArgs) -> ExitCode {
    let source = match prepare::source(&args.spec, args.document.choices()) {
        Ok(source) => source,
        Err(message) => {
            eprintln!("error: {message}");
            return ExitCode::from(BAD_COMMAND_LINE);
        }
    };
    let progress = Progress::begin(false);
    let outcome = crate::validate_timed(&source, progress.timings());
    drop(progress);
    let worst = outcome.diagnostics.iter().map(|found| found.severity).min();
    let is_good = match worst {
        Some(Severity::Error) => false,
        Some(Severity::Warning) => !args.strict,
        _ => true,
    };
    // A reader that has gone away is no failure of the run.
    let _ = told(args.format, &outcome, is_good);
    match is_good {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(AT_FAULT),
    }
}

fn told(format: Format, outcome: &Outcome, is_good: bool) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    let sources = Sources::new(&outcome.files);
    match format {
        Format::Human => {
            write!(
                anstream::stderr().lock(),
                "{}",
                report::found(outcome, is_good)
            )
        }
        Format::Json => {
            let found = outcome.diagnostics.iter();
            let found: Vec<_> = found.map(|it| json::diagnostic(&sources, it)).collect();
            let document = serde_json::json!({ "good": is_good, "diagnostics": found });
            writeln!(stdout, "{document}")
        }
        Format::Sarif => writeln!(stdout, "{}", sarif::log(&sources, &outcome.diagnostics)),
        Format::Github => write!(
            stdout,
            "{}",
            github::commands(&sources, &outcome.diagnostics)
        ),
    }
}
