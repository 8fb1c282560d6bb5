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

/// The files below a folder, by their paths below it, in order. Links are left out.
pub(super) fn files_below(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![(folder.to_owned(), String::new())];
    while let Some((folder, prefix)) = open.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            let path = format!("{prefix}{name}");
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => open.push((entry.path(), format!("{path}/"))),
                Ok(kind) if kind.is_file() => found.push(path),
                _ => {}
            }
        }
    }
    found.sort_unstable();
    found
}
