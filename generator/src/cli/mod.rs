//! The command line: what was typed, what it means, and the words of the answer.

mod args;
mod check;
mod difference;
mod excerpt;
mod json;
mod report;
mod settings;

#[cfg(test)]
mod tests;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::Parser;

use self::args::{Args, Command, Format, GenerateArgs};
use crate::{
    Request, run,
    spec::{Input, read_stdin},
    write::Mode,
};

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
    let request = match request(args) {
        Ok(request) => request,
        Err(message) => {
            // As clap says it, for what clap cannot know.
            eprintln!("error: {message}\n\nFor more information, try '--help'.");
            return ExitCode::from(BAD_COMMAND_LINE);
        }
    };
    let outcome = run(request);
    // A reader that has gone away is no failure of the run.
    let _ = match args.format {
        Format::Human => {
            let mut stderr = anstream::stderr().lock();
            let timings = match args.timings {
                true => report::timings(&outcome),
                false => String::new(),
            };
            let words = report::human(&outcome, &args.out);
            write!(stderr, "{words}{timings}")
        }
        Format::Json => {
            let mut stdout = io::stdout().lock();
            let mut document = json::document(&outcome);
            if args.timings {
                document["timings"] = json::timings(&outcome);
            }
            writeln!(stdout, "{document}")
        }
    };
    match outcome.done.is_some() {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(AT_FAULT),
    }
}

fn request(args: &GenerateArgs) -> Result<Request, String> {
    let input = match args.spec.as_os_str() == "-" {
        true => read_stdin(io::stdin().lock())
            .map_err(|error| format!("cannot read standard input: {error}"))?,
        false => Input::Path(args.spec.clone()),
    };
    Ok(Request {
        input,
        choices: args.choices()?,
        out: args.out.clone(),
        force: args.force,
        mode: Mode::Write,
    })
}
