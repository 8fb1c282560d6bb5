//! The command line: what was typed, what it means, and the words of the answer.

mod args;
mod check;
mod chosen;
mod diff;
mod difference;
mod document;
mod excerpt;
mod explain;
mod init;
mod json;
mod prepare;
mod progress;
mod project;
mod report;
mod settings;
mod templates;
mod validate;
mod watch;

#[cfg(test)]
mod tests;

use std::{
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

use clap::{CommandFactory, Parser};

use self::{
    args::{Args, Command, Format, GenerateArgs},
    progress::Progress,
    report::Detail,
};
use crate::{Outcome, lower, run_timed};

pub use self::{report::human, settings::Choices};

/// The document or the tree is at fault.
const AT_FAULT: u8 = 1;
/// The command line is at fault: the code of clap's own errors, too.
const BAD_COMMAND_LINE: u8 = 2;

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    match Args::parse().command {
        Command::Generate(args) => generate(&args),
        Command::Watch(args) => watch::run_until_stopped(&args),
        Command::Validate(args) => validate::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Init(args) => init::run(&args),
        Command::Diff(args) => diff::run(&args),
        Command::Templates(args) => templates::run(&args),
        Command::Schema => {
            let schema = serde_json::to_string_pretty(&lower::json_schema());
            write_out(format!("{}\n", schema.expect("a JSON value is JSON")).as_bytes())
        }
        Command::Completions { shell } => {
            let mut script = Vec::new();
            let mut command = Args::command();
            clap_complete::generate(shell, &mut command, "failsafe", &mut script);
            write_out(&script)
        }
        Command::Man { command } => manual(command.as_deref()),
    }
}

/// What was asked for. A reader that has gone away is no failure.
fn write_out(data: &[u8]) -> ExitCode {
    let _ = io::stdout().lock().write_all(data);
    ExitCode::SUCCESS
}

fn manual(name: Option<&str>) -> ExitCode {
    let mut command = Args::command();
    command.build();
    let page = match name {
        None => Some(&command),
        Some(name) => command.find_subcommand(name),
    };
    let Some(page) = page else {
        eprintln!("error: there is no command of this name\n\nFor more information, try '--help'.");
        return ExitCode::from(BAD_COMMAND_LINE);
    };
    let mut text = Vec::new();
    // Writing to memory cannot fail.
    let _ = clap_mangen::Man::new(page.clone()).render(&mut text);
    write_out(&text)
}

fn generate(args: &GenerateArgs) -> ExitCode {
    let request = match prepare::request(args) {
        Ok(request) => request,
        Err(refusal) => return refusal.told(),
    };
    let out = request.out.clone();
    let progress = Progress::begin(args.quiet);
    let outcome = run_timed(request, progress.timings());
    drop(progress);
    // A reader that has gone away is no failure of the run.
    let _ = match args.format {
        Format::Human => told(args, &outcome, &out),
        Format::Json => {
            let mut stdout = io::stdout().lock();
            let mut document = json::document(&outcome);
            if args.timings {
                document["timings"] = json::timings(&outcome);
            }
            writeln!(stdout, "{document}")
        }
    };
    match is_good(args, &outcome) {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(AT_FAULT),
    }
}

/// Words on standard error, what was asked for on standard output.
fn told(args: &GenerateArgs, outcome: &Outcome, out: &Path) -> io::Result<()> {
    let timings = match args.timings {
        true => report::timings(outcome),
        false => String::new(),
    };
    let words = report::words(outcome, out, Detail::of(args));
    write!(anstream::stderr().lock(), "{words}{timings}")?;
    let changes = (outcome.done.iter()).flat_map(|done| &done.written.changes);
    let mut data = String::new();
    for change in changes {
        if args.diff {
            difference::unified(&mut data, change, None);
        } else if args.check || args.dry_run {
            data.push_str(&difference::line(change));
        }
    }
    write!(anstream::stdout().lock(), "{data}")
}

fn is_good(args: &GenerateArgs, outcome: &Outcome) -> bool {
    outcome.done.as_ref().is_some_and(|done| {
        let written = &done.written;
        let is_open = !(written.conflicts.is_empty() && written.notices.is_empty());
        !(args.check && !written.changes.is_empty() || args.strict && is_open)
    })
}
