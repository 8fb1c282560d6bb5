//! `failsafe diff`: what changes from one document to another.

mod human;
mod machine;

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::ValueEnum;

use super::{
    AT_FAULT, BAD_COMMAND_LINE,
    document::DocumentArgs,
    excerpt::Sources,
    prepare,
    progress::Progress,
    report,
    validate::{github, sarif},
};
use crate::{
    Source,
    diff::{Comparison, diff_telling},
};

/// Show what changes from one document to another: for clients, for handlers, and in the policies
///
/// A change is `breaking` where a client that keeps to the old document fails, `may break` where
/// one fails that relies on more than the old document promises, `rework` where your code has to
/// follow, and `stricter` where calls that fit may be refused more often.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit codes:
  0  done
  1  a document is at fault (`--breaking`: or a client may break)
  2  the command line is at fault

Example:
  git show main:api.yaml | failsafe diff - api.yaml --breaking")]
pub(in crate::cli) struct DiffArgs {
    /// The document as it was; `-` reads standard input
    #[arg(value_name = "OLD")]
    old: PathBuf,

    /// The document as it is
    #[arg(value_name = "NEW")]
    new: PathBuf,

    /// Exit with 1 where a change breaks clients, or may break some
    #[arg(long)]
    breaking: bool,

    /// For people, for a program, for code scanning, or as the annotations of a GitHub workflow
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
    Sarif,
    Github,
}

pub(in crate::cli) fn run(args: &DiffArgs) -> ExitCode {
    let refuse = |message: String| {
        eprintln!("error: {message}\n\nFor more information, try '--help'.");
        ExitCode::from(BAD_COMMAND_LINE)
    };
    if [&args.old, &args.new]
        .iter()
        .all(|path| path.as_os_str() == "-")
    {
        return refuse("only one of the documents can be standard input".to_owned());
    }
    let (old, new) = match sources(args) {
        Ok(sources) => sources,
        Err(message) => return refuse(message),
    };
    let progress = Progress::begin(false);
    let comparison = diff_telling(&old, &new, progress.phase());
    drop(progress);
    // A reader that has gone away is no failure of the run.
    let _ = told(args.format, &comparison);
    let is_good = comparison.changes.is_some() && !(args.breaking && comparison.is_breaking());
    match is_good {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(AT_FAULT),
    }
}

/// Both documents with the same overlays and the same choice of operations, so that what changes is
/// the documents.
fn sources(args: &DiffArgs) -> Result<(Source, Source), String> {
    let new = prepare::source(&args.new, args.document.choices())?;
    let old = Source {
        input: prepare::input(&args.old)?,
        ..new.clone()
    };
    Ok((old, new))
}

fn told(format: Format, comparison: &Comparison) -> io::Result<()> {
    let sources = Sources::new(&comparison.files);
    faults(&sources, comparison)?;
    let Some(changes) = &comparison.changes else {
        return Ok(());
    };
    let mut stdout = anstream::stdout().lock();
    match format {
        Format::Human => write!(stdout, "{}", human::words(&sources, changes)),
        Format::Json => writeln!(stdout, "{}", machine::json(&sources, comparison)),
        Format::Sarif => {
            let found = machine::findings(changes);
            writeln!(stdout, "{}", sarif::log(&sources, &found))
        }
        Format::Github => {
            let found = machine::findings(changes);
            write!(stdout, "{}", github::commands(&sources, &found))
        }
    }
}

/// What kept the documents, or a part of them, from being compared. What else is wrong with them
/// is no matter of their difference.
fn faults(sources: &Sources<'_>, comparison: &Comparison) -> io::Result<()> {
    if comparison.is_whole {
        return Ok(());
    }
    let words = report::list(sources, &comparison.faults);
    let end = match comparison.changes {
        Some(_) => "warning: what is above keeps handlers and policies from being compared whole\n",
        None => "error: nothing could be compared\n",
    };
    write!(anstream::stderr().lock(), "{words}{end}")
}
