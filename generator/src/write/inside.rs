//! Reading below the tree's root, and never beside it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::WriteError;

/// Whether there is a tree. The root itself may be a link: the person chose it.
pub(super) fn exists(out: &Path) -> Result<bool, WriteError> {
    match fs::metadata(out) {
        Ok(found) if found.is_dir() => Ok(true),
        Ok(_) => Err(WriteError::OutIsAFile(out.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(WriteError::disk("look at", out)(error)),
    }
}

/// The content of a file below the root, none when it is not there. Links below the root are
/// refused: a tree from elsewhere must not decide where files are written.
pub(super) fn read(out: &Path, path: &str) -> Result<Option<Vec<u8>>, WriteError> {
    let parts: Vec<&str> = path.split('/').collect();
    let mut at = PathBuf::from(out);
    for (index, part) in parts.iter().enumerate() {
        at.push(part);
        let is_last = index + 1 == parts.len();
        let found = match fs::symlink_metadata(&at) {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            // The root's parent is a file, for instance.
            Err(error) => return Err(WriteError::disk("look at", &at)(error)),
        };
        if found.is_symlink() {
            return Err(WriteError::Symlink(at));
        }
        match (is_last, found.is_dir()) {
            (true, true) => return Err(WriteError::DirectoryInTheWay(at)),
            (false, false) => return Err(WriteError::FileInTheWay(at)),
            _ => {}
        }
    }
    fs::read(&at)
        .map(Some)
        .map_err(WriteError::disk("read", &at))
}

/// The same for a text of the generator's own; one that somebody has made unreadable is none.
pub(super) fn read_text(out: &Path, path: &str) -> Result<Option<String>, WriteError> {
    Ok(read(out, path)?.and_then(|content| String::from_utf8(content).ok()))
}
