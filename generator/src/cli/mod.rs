//! The command line: what was typed, what it means, and the words of the answer.

mod args;
mod check;
mod difference;
mod excerpt;
mod json;
mod prepare;
mod project;
mod report;
mod settings;

#[cfg(test)]
mod tests;

use std::{
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

use clap::Parser;

use self::{
    args::{Args, Command, Format, GenerateArgs},
    report::Detail,
};
use crate::{Outcome, run};

pub use self::{report::human, settings::Choices};

/// The document or the tree is at fault.
const AT_FAULT: u8 = 1;
/// The command line is at fault: the code of clap's own errors, too.
const BAD_COMMAND_LINE: u8 = 2;

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    match Args::parse().command {
        Command::Generate(args) => generate(&args),
    }
}

fn generate(args: &GenerateArgs) -> ExitCode {
    let request = match prepare::request(args) {
        Ok(request) => request,
        Err(refusal) => return refusal.told(),
    };
    let out = request.out.clone();
    let outcome = run(request);
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
