//! Where things are.

use std::{env, path::PathBuf};

/// The root of the repository.
pub fn repository() -> PathBuf {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    root.canonicalize().expect("the repository is there")
}

/// The folder of this build, `target` as a rule.
pub fn target() -> PathBuf {
    let program = env::current_exe().expect("a running program has a path");
    // target/debug/deps/it-0123 for a test, target/debug/corpus for a program
    let is_test = program
        .parent()
        .is_some_and(|folder| folder.ends_with("deps"));
    let depth = if is_test { 3 } else { 2 };
    let target = program.ancestors().nth(depth).expect("cargo's layout");
    target.to_owned()
}

/// What the tests make: kept between runs, so that only what changed is compiled again.
pub fn made() -> PathBuf {
    target().join("services")
}

/// A document of the corpus beside the repository, none (and a line that says so) where there is
/// no corpus.
pub fn corpus(name: &str) -> Option<PathBuf> {
    let folder = env::var_os("FAILSAFE_CORPUS")
        .map_or_else(|| repository().join("../shared/specs"), PathBuf::from);
    let path = folder.join(name);
    if path.exists() {
        Some(path)
    } else {
        eprintln!("skipped: {} is not there", path.display());
        None
    }
}
