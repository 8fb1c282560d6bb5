//! The `failsafe` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    failsafe_generator::cli::main()
}
