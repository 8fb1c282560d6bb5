//! Where things are.

use std::{env, path::PathBuf};

/// The root of the repository.
pub fn repository() -> PathBuf {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    root.canonicalize().expect("the repository is there")
}

/// The folder of this build, `target` as a rule.
pub fn target() -> PathBuf {
    let test = env::current_exe().expect("a running test has a path");
    // target/debug/deps/it-0123
    let target = test.ancestors().nth(3).expect("cargo's layout");
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
