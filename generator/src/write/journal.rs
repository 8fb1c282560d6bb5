//! All or nothing: what a run changes is first written beside the tree, then a journal says what
//! has to be moved where, and only then anything of the tree changes.
//!
//! Until the journal is there, what was written counts as nothing. From then on the run is going
//! to be finished, by whichever command comes next if need be. Each step can be taken twice.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    WriteError,
    disk::Disk,
    inside,
    memory::{self, MANIFEST, Manifest},
};
use crate::render;

const STAGED: &str = ".failsafe/staged";
const JOURNAL: &str = ".failsafe/journal";
const TITLE: &str = "failsafe journal 1";

/// One file to be written or removed.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) path: String,
    pub(super) before: Before,
    /// None: it goes.
    pub(super) after: Option<Arc<String>>,
}

/// What has to be there for a step to be taken. Whoever has saved a file since it was looked at
/// keeps what he saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Before {
    Missing,
    /// Content of this hash.
    Content(String),
    /// The memory is nobody's to edit.
    Any,
}

impl Before {
    pub(super) fn of(content: Option<&[u8]>) -> Self {
        content.map_or(Self::Missing, |content| {
            Self::Content(memory::hash(content))
        })
    }

    fn word(&self) -> &str {
        match self {
            Self::Missing => "-",
            Self::Any => "*",
            Self::Content(hash) => hash,
        }
    }

    fn parse(word: &str) -> Self {
        match word {
            "-" => Self::Missing,
            "*" => Self::Any,
            hash => Self::Content(hash.to_owned()),
        }
    }
}

/// Takes all steps or, where one before the journal fails, none.
pub(super) fn commit(disk: &Disk, out: &Path, steps: &[Step]) -> Result<(), WriteError> {
    if steps.is_empty() {
        return Ok(());
    }
    let staged = out.join(STAGED);
    if let Err(error) = stage(disk, out, &staged, steps) {
        // Nothing that counts is in it, and the next run removes it as well.
        let _ = disk.remove_dir(&staged);
        return Err(error);
    }
    finish(disk, out).map(|_| ())
}

/// Writes everything that is new, and at last the journal.
fn stage(disk: &Disk, out: &Path, staged: &Path, steps: &[Step]) -> Result<(), WriteError> {
    disk.make_dir(staged)
        .map_err(WriteError::disk("create", staged))?;
    let mut journal = format!("{TITLE}\n");
    let mut written = Vec::with_capacity(steps.len() + 2);
    for (index, step) in steps.iter().enumerate() {
        let before = step.before.word();
        let Some(after) = &step.after else {
            let _ = writeln!(journal, "remove {before} - {}", step.path);
            continue;
        };
        let hash = memory::hash(after.as_bytes());
        let _ = writeln!(journal, "write {before} {hash} {}", step.path);
        let at = staged.join(index.to_string());
        disk.write(&at, after.as_bytes())
            .map_err(WriteError::disk("write", &at))?;
        written.push(at.clone());
        // A program stays one, and what only its owner may read stays so.
        if let Ok(found) = fs::metadata(out.join(&step.path)) {
            let _ = fs::set_permissions(&at, found.permissions());
        }
    }
    let at = staged.join("journal");
    // What it tells of is on the disk before it is, and it is before anything moves.
    written.extend([at.clone(), staged.to_owned()]);
    let journal_at = out.join(JOURNAL);
    let folder = journal_at.parent().map(Path::to_owned);
    disk.write(&at, journal.as_bytes())
        .and_then(|()| disk.sync(&written))
        .and_then(|()| disk.rename(&at, &journal_at))
        .and_then(|()| disk.sync(folder.as_slice()))
        .map_err(WriteError::disk("write", &journal_at))
}

/// Finishes the run that the journal tells of; whether there was one. What an interrupted run has
/// left without a journal goes.
pub(super) fn finish(disk: &Disk, out: &Path) -> Result<bool, WriteError> {
    let staged = out.join(STAGED);
    let Some(journal) = inside::read_text(out, JOURNAL)? else {
        if staged.exists() {
            disk.remove_dir(&staged)
                .map_err(WriteError::disk("remove", &staged))?;
        }
        return Ok(false);
    };
    let mut lines = journal.lines();
    if lines.next() != Some(TITLE) {
        return Err(WriteError::UnknownJournal(out.join(JOURNAL)));
    }
    let mut skipped: Vec<&str> = Vec::new();
    let mut folders: BTreeSet<PathBuf> = BTreeSet::new();
    for (index, line) in lines.enumerate() {
        let Some(entry) = Entry::parse(line) else {
            return Err(WriteError::UnknownJournal(out.join(JOURNAL)));
        };
        // The base of a merge that did not happen.
        if let Some(of) = entry.path.strip_prefix(".failsafe/base/")
            && skipped.contains(&of)
        {
            continue;
        }
        let is_taken = match entry.path == MANIFEST && !skipped.is_empty() {
            true => join_manifests(disk, out, &staged.join(index.to_string()))?,
            false => entry.take(disk, out, &staged.join(index.to_string()))?,
        };
        match is_taken {
            true => folders.extend(folders_of(out, entry.path)),
            false => skipped.push(entry.path),
        }
    }
    // The journal goes when nothing that it tells of can be lost any more.
    let folders: Vec<PathBuf> = folders.into_iter().filter(|it| it.is_dir()).collect();
    disk.sync(&folders)
        .map_err(WriteError::disk("write", out))?;
    let at = out.join(JOURNAL);
    disk.remove_file(&at)
        .map_err(WriteError::disk("remove", &at))?;
    disk.remove_dir(&staged)
        .map_err(WriteError::disk("remove", &staged))?;
    Ok(true)
}

/// The folders that a step may have changed: the file's own, and those that hold that.
fn folders_of(out: &Path, path: &str) -> Vec<PathBuf> {
    let at = out.join(path);
    let folders = at.ancestors().skip(1);
    let folders = folders.take_while(|folder| folder.starts_with(out));
    folders.map(Path::to_owned).collect()
}

/// Where a file was skipped, its old text is as right as its new one.
fn join_manifests(disk: &Disk, out: &Path, staged: &Path) -> Result<bool, WriteError> {
    let Ok(text) = fs::read_to_string(staged) else {
        return Ok(true);
    };
    let mut manifest = Manifest::parse(&text);
    manifest.extend(Manifest::read(out)?);
    disk.write(staged, manifest.text().as_bytes())
        .and_then(|()| disk.rename(staged, &out.join(MANIFEST)))
        .map_err(WriteError::disk("write", &out.join(MANIFEST)))?;
    Ok(true)
}

/// A line of the journal.
struct Entry<'j> {
    before: Before,
    /// The hash of what is to be there; none: it goes.
    after: Option<&'j str>,
    path: &'j str,
}

impl<'j> Entry<'j> {
    fn parse(line: &'j str) -> Option<Self> {
        let mut words = line.splitn(4, ' ');
        let verb = words.next()?;
        let before = Before::parse(words.next()?);
        let after = words.next()?;
        let path = words.next().filter(|path| render::is_inside(path))?;
        let after = match verb {
            "write" => Some(after),
            "remove" => None,
            _ => return None,
        };
        Some(Self {
            before,
            after,
            path,
        })
    }

    /// Takes the step; whether the tree is now as it should be.
    fn take(&self, disk: &Disk, out: &Path, staged: &Path) -> Result<bool, WriteError> {
        let there = inside::read(out, self.path)?;
        let there = Before::of(there.as_deref());
        let is_as_it_was = self.before == Before::Any || self.before == there;
        let at = out.join(self.path);
        let Some(after) = self.after else {
            // A file that has gone may have left an empty folder.
            let may_go = is_as_it_was || there == Before::Missing;
            if may_go {
                remove(disk, out, self.path)?;
            }
            return Ok(may_go);
        };
        if there == Before::Content(after.to_owned()) {
            return Ok(true);
        }
        // What a machine that lost its power has left of a file is no file.
        let is_whole = fs::read(staged).is_ok_and(|content| memory::hash(&content) == after);
        if !is_as_it_was || !is_whole {
            return Ok(false);
        }
        make_parent(disk, &at)?;
        disk.rename(staged, &at)
            .map_err(WriteError::disk("write", &at))?;
        Ok(true)
    }
}

/// Removes a file, and the folders that it leaves empty.
fn remove(disk: &Disk, out: &Path, path: &str) -> Result<(), WriteError> {
    let at = out.join(path);
    disk.remove_file(&at)
        .map_err(WriteError::disk("remove", &at))?;
    let mut parent = at.parent();
    while let Some(dir) = parent.filter(|dir| *dir != out) {
        let is_gone = disk
            .remove_empty_dir(dir)
            .map_err(WriteError::disk("remove", dir))?;
        if !is_gone {
            break;
        }
        parent = dir.parent();
    }
    Ok(())
}

/// Makes the folder that a file shall stand in.
pub(super) fn make_parent(disk: &Disk, path: &Path) -> Result<(), WriteError> {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() && !parent.is_dir() => disk
            .make_dir(parent)
            .map_err(WriteError::disk("create", parent)),
        _ => Ok(()),
    }
}
