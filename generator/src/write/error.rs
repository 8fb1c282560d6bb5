//! Why a tree could not be written.

use std::{
    io,
    path::{Path, PathBuf},
};

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
    #[error("cannot {verb} {}", path.display())]
    Disk {
        verb: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

impl WriteError {
    /// For `map_err`: names what was tried.
    pub(super) fn disk(verb: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Disk { verb, path, source }
    }
}
