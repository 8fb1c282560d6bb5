//! What the last run wrote: `.failsafe/generated.sha256`.
//!
//! The form is the one of `sha256sum`, sorted, one line a file: it merges well, and anybody can
//! ask whether generated files have been edited: `sha256sum --check .failsafe/generated.sha256`.

use std::{collections::BTreeMap, fmt::Write as _};

use sha2::{Digest, Sha256};

use crate::render::{Files, Owner};

/// The manifest's own path below the tree's root.
pub(super) const PATH: &str = ".failsafe/generated.sha256";

/// The hash of a file, as `sha256sum` prints it.
pub(super) fn hash(content: &[u8]) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(content) {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The manifest of files about to be written: those of the generator.
pub(super) fn of(files: &Files) -> String {
    let mut text = String::new();
    for (path, file) in files.iter() {
        if file.owner == Owner::Generator {
            let _ = writeln!(text, "{}  {path}", hash(file.text.as_bytes()));
        }
    }
    text
}

/// Reads a manifest: path to hash. Lines that are none (a merge's conflict marks, say) and paths
/// that leave the tree count as not there, so that their files are left alone.
pub(super) fn read(text: &str) -> BTreeMap<&str, &str> {
    text.lines()
        .filter_map(|line| line.split_once("  "))
        .filter(|(hash, _)| hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .filter(|(_, path)| crate::render::is_inside(path))
        .map(|(hash, path)| (path, hash))
        .collect()
}
