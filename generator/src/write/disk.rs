//! The steps that change the disk, one by one, so that a test can let each of them fail.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::sync;

/// The disk.
#[derive(Debug, Default)]
pub(super) struct Disk {
    /// How many steps are left until nothing works any longer, as when the process is killed.
    #[cfg(test)]
    pub(super) left: std::sync::Mutex<Option<usize>>,
}

impl Disk {
    #[cfg(test)]
    fn step(&self) -> io::Result<()> {
        match self.left.lock().expect("no test panics here").as_mut() {
            Some(0) => Err(io::Error::other("no step is left")),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    #[cfg(not(test))]
    fn step(&self) -> io::Result<()> {
        Ok(())
    }

    pub(super) fn make_dir(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        fs::create_dir_all(path)
    }

    /// Writes a file that nobody knows of yet.
    pub(super) fn write(&self, path: &Path, content: &[u8]) -> io::Result<()> {
        if let Err(error) = self.step() {
            // Whoever is killed in the middle of this has written a part.
            let _ = fs::write(path, &content[..content.len() / 2]);
            return Err(error);
        }
        fs::write(path, content)
    }

    /// Makes sure that files and folders are on the disk whatever happens to the machine.
    pub(super) fn sync(&self, paths: &[PathBuf]) -> io::Result<()> {
        self.step()?;
        // Tests write to disks that nobody takes the power from.
        match cfg!(test) {
            true => Ok(()),
            false => sync::all(paths),
        }
    }

    pub(super) fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step()?;
        fs::rename(from, to)
    }

    pub(super) fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        gone(fs::remove_file(path))
    }

    /// Removes a folder, and does nothing where it is not empty.
    pub(super) fn remove_empty_dir(&self, path: &Path) -> io::Result<bool> {
        self.step()?;
        Ok(fs::remove_dir(path).is_ok())
    }

    pub(super) fn remove_dir(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        gone(fs::remove_dir_all(path))
    }
}

/// What was to go and is not there has gone.
fn gone(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
