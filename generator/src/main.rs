//! The `failsafe` command.

use std::process::ExitCode;

// A document becomes millions of small pieces (nodes, names, tokens), and the allocator of the
// system takes a third of a run for them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    failsafe_generator::cli::main()
}
