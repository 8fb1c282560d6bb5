//! A new tree appears whole, by one rename.
//!
//! It holds nothing of a person's yet, so nobody waits until all of it is on the disk: who loses
//! the machine's power in the seconds after can have it made again.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    WriteError,
    disk::Disk,
    inside,
    journal::{Step, make_parent},
    lock::lock,
};
use crate::parallel;

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
    let texts = steps.iter().filter_map(|step| {
        let text = step.after.as_ref()?;
        Some((folder.join(&step.path), text))
    });
    let texts: Vec<(PathBuf, &Arc<String>)> = texts.collect();
    let mut last = None;
    for (at, _) in &texts {
        if last != at.parent() {
            make_parent(disk, at)?;
            last = at.parent();
        }
    }
    // Most of the time goes by in the system, which serves all processors at once.
    let written = parallel::map(&texts, |(at, text)| {
        disk.write(at, text.as_bytes())
            .map_err(WriteError::disk("write", at))
    });
    written.into_iter().collect()
}
