//! A folder beside the tree in which files wait until all of them are written.

use std::{
    cell::RefCell,
    collections::HashSet,
    fs, io,
    path::{Path, PathBuf},
};

use super::WriteError;

/// Gone when it is dropped, with whatever is still in it.
#[derive(Debug)]
pub(super) struct Stage {
    dir: PathBuf,
    /// Folders that have been made inside: most files stand beside another one.
    made: RefCell<HashSet<PathBuf>>,
}

impl Stage {
    /// Makes the folder. Whatever an interrupted run has left there goes first.
    pub(super) fn new(dir: PathBuf) -> Result<Self, WriteError> {
        match fs::remove_dir_all(&dir) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(WriteError::disk("remove", &dir)(error));
            }
            _ => {}
        }
        fs::create_dir_all(&dir).map_err(WriteError::disk("create", &dir))?;
        Ok(Self {
            dir,
            made: RefCell::default(),
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.dir
    }

    /// Writes a file into the folder.
    pub(super) fn add(&self, path: &str, text: &str) -> Result<(), WriteError> {
        let at = self.dir.join(path);
        if let Some(parent) = at.parent()
            && !self.made.borrow().contains(parent)
        {
            create_parent(&at)?;
            self.made.borrow_mut().insert(parent.to_owned());
        }
        fs::write(&at, text).map_err(WriteError::disk("write", &at))
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // Renamed into place, or about to be reported with the error that led here.
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// Makes the folder that a file shall stand in.
pub(super) fn create_parent(path: &Path) -> Result<(), WriteError> {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => {
            fs::create_dir_all(parent).map_err(WriteError::disk("create", parent))
        }
        _ => Ok(()),
    }
}
