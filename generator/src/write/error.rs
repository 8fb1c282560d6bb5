//! Why a tree could not be written.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::Change;

/// What stood in the way.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error("output path is a file, not a directory: {}", .0.display())]
    OutIsAFile(PathBuf),
    #[error("a directory is in the way of a file: {}", .0.display())]
    DirectoryInTheWay(PathBuf),
    #[error("a file is in the way of a directory: {}", .0.display())]
    FileInTheWay(PathBuf),
    #[error("a symbolic link may lead out of the tree, replace it by a file or a directory: {}", .0.display())]
    Symlink(PathBuf),
    #[error("another run{holder} is writing this tree, wait for it to end: {}", tree.display())]
    Busy {
        /// ` (process 4711)` where that is known.
        holder: String,
        tree: PathBuf,
    },
    #[error("the journal of an interrupted run is of another version of failsafe; finish it with that one, or delete it: {}", .0.display())]
    UnknownJournal(PathBuf),
    /// Files of the generator that say something else than what it wrote.
    #[error("files of the generator were edited")]
    Edited(Vec<Change>),
    #[error("cannot {verb} {}: {cause}", path.display())]
    Disk {
        verb: &'static str,
        path: PathBuf,
        cause: io::Error,
    },
}

impl WriteError {
    /// For `map_err`: names what was tried.
    pub(super) fn disk(verb: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |cause| Self::Disk { verb, path, cause }
    }
}
