//! `.failsafe/`: what the generator remembers of a tree. Meant to be committed, the same for
//! everybody who works on it, and without a time, a path of a machine or a name in it.
//!
//! | | |
//! |---|---|
//! | `manifest` | the generator's files, and a hash of what each of them says |
//! | `operations` | which handler each operation had when the code was last in step |
//! | `options.toml` | what the command line said |
//! | `base/` | the texts that were last written of the person's files: the base of merges |

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    path::Path,
};

use sha2::{Digest, Sha256};

use super::{WriteError, inside};
use crate::{
    merge::essence,
    parallel,
    render::{self, File, Files, Owner},
};

pub(super) const OPTIONS: &str = ".failsafe/options.toml";
pub(super) const OPERATIONS: &str = ".failsafe/operations";
pub(super) const MANIFEST: &str = ".failsafe/manifest";

/// Files of the memory that are always the same.
pub(super) const CONSTANT: &[(&str, &str)] = &[
    (
        ".failsafe/.gitattributes",
        "# Both sides' lines are right until the next run, which writes the file anew.\n\
         manifest merge=union\n\
         operations merge=union\n",
    ),
    (".failsafe/.gitignore", "/journal\n/staged/\n"),
];

/// Where the text stands that was last written of one of the person's files.
pub(super) fn base_path(path: &str) -> String {
    format!(".failsafe/base/{path}")
}

/// A hash of bytes, as text.
pub(super) fn hash(content: &[u8]) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(content) {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// A hash of what a file says, however it is laid out.
fn essence_hash(path: &str, content: &[u8]) -> String {
    hash(&essence(path, content))
}

/// What the last run wrote of the generator's files: a line each, sorted, so that it merges well.
#[derive(Debug, Default)]
pub(super) struct Manifest {
    /// A path may have several hashes: two branches were merged, or a run was interrupted.
    hashes: BTreeMap<String, BTreeSet<String>>,
}

impl Manifest {
    /// Reads one. Lines that are none and paths that leave the tree count as not there, so that
    /// their files are left alone.
    pub(super) fn parse(text: &str) -> Self {
        let mut manifest = Self::default();
        for (hash, path) in text.lines().filter_map(|line| line.split_once("  ")) {
            let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
            if is_hash && render::is_inside(path) {
                manifest.add(path, hash.to_owned());
            }
        }
        manifest
    }

    pub(super) fn read(out: &Path) -> Result<Self, WriteError> {
        let text = inside::read_text(out, MANIFEST)?.unwrap_or_default();
        Ok(Self::parse(&text))
    }

    /// That of files about to be written.
    pub(super) fn of(files: &Files) -> Self {
        let generators = files
            .iter()
            .filter(|(_, file)| file.owner == Owner::Generator);
        let generators: Vec<(&str, &File)> = generators.collect();
        let hashes = parallel::map(&generators, |(path, file)| {
            essence_hash(path, file.text.as_bytes())
        });
        let mut manifest = Self::default();
        for ((path, _), hash) in generators.iter().zip(hashes) {
            manifest.add(path, hash);
        }
        manifest
    }

    fn add(&mut self, path: &str, hash: String) {
        self.hashes.entry(path.to_owned()).or_default().insert(hash);
    }

    pub(super) fn extend(&mut self, other: Self) {
        for (path, hashes) in other.hashes {
            self.hashes.entry(path).or_default().extend(hashes);
        }
    }

    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.hashes.keys().map(String::as_str)
    }

    /// Whether a file says what it said when it was written.
    pub(super) fn knows(&self, path: &str, content: &[u8]) -> bool {
        let known = self.hashes.get(path);
        known.is_some_and(|known| known.contains(&essence_hash(path, content)))
    }

    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for (path, hashes) in &self.hashes {
            for hash in hashes {
                let _ = writeln!(text, "{hash}  {path}");
            }
        }
        text
    }
}
