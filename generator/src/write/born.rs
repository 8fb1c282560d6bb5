//! A new tree appears whole, by one rename.

use std::{
    collections::BTreeSet,
    ffi::OsString,
    path::{Path, PathBuf},
};

use super::{
    WriteError,
    disk::Disk,
    inside,
    journal::{Step, make_parent},
    lock::lock,
};

/// Writes a tree that is not there; whether it did. It may be there meanwhile.
///
/// It is put together beside its place, in a folder whose name does not change: what an
/// interrupted run has left there goes.
pub(super) fn write(disk: &Disk, out: &Path, steps: &[Step]) -> Result<bool, WriteError> {
    make_parent(disk, out)?;
    let mut name = OsString::from(".");
    // A path without a name (`..`) is a folder that is there.
    name.push(out.file_name().unwrap_or_default());
    name.push(".failsafe-new");
    let beside = out.with_file_name(name);
    disk.make_dir(&beside)
        .map_err(WriteError::disk("create", &beside))?;
    let Some(_lock) = lock(&beside)? else {
        return Ok(false);
    };
    if inside::exists(out)? {
        // The run that held the lock has renamed it, and this folder was made by this run.
        let _ = disk.remove_empty_dir(&beside);
        return Ok(false);
    }
    let written = fill(disk, &beside, steps).and_then(|()| {
        disk.rename(&beside, out)
            .map_err(WriteError::disk("create", out))
    });
    if written.is_err() {
        let _ = disk.remove_dir(&beside);
    }
    written.map(|()| true)
}

fn fill(disk: &Disk, folder: &Path, steps: &[Step]) -> Result<(), WriteError> {
    let entries = folder
        .read_dir()
        .map_err(WriteError::disk("read", folder))?;
    for entry in entries {
        let path = entry.map_err(WriteError::disk("read", folder))?.path();
        let removed = match path.is_dir() && !path.is_symlink() {
            true => disk.remove_dir(&path),
            false => disk.remove_file(&path),
        };
        removed.map_err(WriteError::disk("remove", &path))?;
    }
    let mut written: BTreeSet<PathBuf> = BTreeSet::new();
    for step in steps {
        let Some(text) = &step.after else { continue };
        let at = folder.join(&step.path);
        make_parent(disk, &at)?;
        disk.write(&at, text.as_bytes())
            .map_err(WriteError::disk("write", &at))?;
        let folders = at.ancestors().take_while(|it| it.starts_with(folder));
        written.extend(folders.map(Path::to_owned));
    }
    let written: Vec<PathBuf> = written.into_iter().collect();
    disk.sync(&written)
        .map_err(WriteError::disk("write", folder))
}
