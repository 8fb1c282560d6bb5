//! What has to happen to a tree: reads the disk, changes nothing.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{Report, WriteError, manifest};
use crate::render::{Files, Owner};

/// What has to happen, by path below the tree's root.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// There is no tree yet.
    pub(super) is_new: bool,
    /// The manifest has to be written.
    pub(super) manifest: Option<String>,
    pub(super) report: Report,
}

impl Plan {
    /// The files to write.
    pub(super) fn written(&self) -> impl Iterator<Item = &str> {
        let created = self.report.created.iter();
        created.chain(&self.report.changed).map(String::as_str)
    }

    pub(super) fn into_report(self) -> Report {
        self.report
    }
}

pub(super) fn plan(files: &Files, out: &Path) -> Result<Plan, WriteError> {
    let mut plan = Plan {
        is_new: !out_exists(out)?,
        ..Plan::default()
    };
    for (path, file) in files.iter() {
        let there = match plan.is_new {
            true => None,
            false => read_inside(out, path)?,
        };
        let report = &mut plan.report;
        let list = match (there, file.owner) {
            (None, _) => &mut report.created,
            (Some(_), Owner::Person) => &mut report.kept,
            (Some(there), Owner::Generator) if there == file.text.as_bytes() => {
                &mut report.unchanged
            }
            (Some(_), Owner::Generator) => &mut report.changed,
        };
        list.push(path.to_owned());
    }
    let old = read_inside(out, manifest::PATH)?.unwrap_or_default();
    let new = manifest::of(files);
    for (path, hash) in manifest::read(&String::from_utf8_lossy(&old)) {
        if files.get(path).is_some() {
            continue;
        }
        if let Some(there) = read_inside(out, path)? {
            let list = if manifest::hash(&there) == hash {
                &mut plan.report.removed
            } else {
                &mut plan.report.left
            };
            list.push(path.to_owned());
        }
    }
    plan.manifest = (old != new.as_bytes()).then_some(new);
    Ok(plan)
}

/// Whether there is a tree. The root itself may be a link: the person chose it.
fn out_exists(out: &Path) -> Result<bool, WriteError> {
    match fs::metadata(out) {
        Ok(found) if found.is_dir() => Ok(true),
        Ok(_) => Err(WriteError::OutIsAFile(out.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(WriteError::disk("look at", out)(error)),
    }
}

/// The content of a file below the root, none when it is not there. Links below the root are
/// refused: a tree from elsewhere must not decide where files are written.
fn read_inside(out: &Path, path: &str) -> Result<Option<Vec<u8>>, WriteError> {
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
