//! One run at a time in a tree.

use std::path::Path;

use super::WriteError;

/// Held until it is dropped; whoever is killed has dropped it. The folder itself is what is
/// locked: there is no file to leave behind, and a folder that is renamed stays locked.
#[derive(Debug)]
pub(super) struct Lock {
    #[cfg(unix)]
    _folder: std::fs::File,
}

/// Locks a folder that is there. None: it has been renamed or removed meanwhile.
#[cfg(unix)]
pub(super) fn lock(folder: &Path) -> Result<Option<Lock>, WriteError> {
    use std::{
        fs::{self, TryLockError},
        io,
        os::unix::fs::MetadataExt,
    };

    let file = match fs::File::open(folder) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(WriteError::disk("open", folder)(error)),
    };
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => return Err(WriteError::Busy(folder.to_owned())),
        // Some network drives cannot lock. Then nobody is kept apart there, and all else works.
        Err(TryLockError::Error(_)) | Ok(()) => {}
    }
    let found = file
        .metadata()
        .map_err(WriteError::disk("look at", folder))?;
    let is_same = fs::metadata(folder)
        .is_ok_and(|there| (there.dev(), there.ino()) == (found.dev(), found.ino()));
    Ok(is_same.then_some(Lock { _folder: file }))
}

/// Elsewhere a folder that is open cannot be renamed, so nobody is kept apart.
#[cfg(not(unix))]
pub(super) fn lock(_folder: &Path) -> Result<Option<Lock>, WriteError> {
    Ok(Some(Lock {}))
}
