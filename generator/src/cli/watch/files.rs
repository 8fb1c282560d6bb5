//! Files, and when they were written.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// What tells two states of a file apart; none: it is not there.
type Stamp = Option<(SystemTime, u64)>;

/// The files that matter, as they were when they were last looked at.
#[derive(Debug, Default)]
pub(super) struct Files {
    stamps: BTreeMap<PathBuf, Stamp>,
}

impl Files {
    /// The files that have changed since.
    pub(super) fn look(&mut self) -> Vec<PathBuf> {
        let mut changed = Vec::new();
        for (path, known) in &mut self.stamps {
            let now = stamp(path);
            if std::mem::replace(known, now) != now {
                changed.push(path.clone());
            }
        }
        changed
    }

    /// Looks at other files from now on, or at more of them. What was written after the run had
    /// begun that read it counts as changed.
    pub(super) fn follow(&mut self, paths: BTreeSet<PathBuf>, keep: bool, begin: SystemTime) {
        if !keep {
            self.stamps.retain(|path, _| paths.contains(path));
        }
        for path in paths {
            self.stamps.entry(path).or_insert_with_key(|path| {
                let found = stamp(path);
                found.filter(|(written, _)| *written < begin)
            });
        }
    }

    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.stamps.len()
    }

    /// `api.yaml and 2 more files`
    pub(super) fn words(&self) -> String {
        let there: Vec<&PathBuf> = self
            .stamps
            .iter()
            .filter(|(_, stamp)| stamp.is_some())
            .map(|(path, _)| path)
            .collect();
        match there.as_slice() {
            [] => "for files that are not there".to_owned(),
            [only] => only.display().to_string(),
            [first, more @ ..] => {
                let noun = if more.len() == 1 { "file" } else { "files" };
                format!("{} and {} more {noun}", first.display(), more.len())
            }
        }
    }
}

fn stamp(path: &Path) -> Stamp {
    let found = fs::metadata(path).ok()?;
    Some((found.modified().ok()?, found.len()))
}

/// Every file of a folder, and of those in it.
pub(super) fn below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        // A new file in it is a change of the folder.
        files.push(folder.clone());
        for entry in folder.read_dir().into_iter().flatten().flatten() {
            // Links are not followed: they may lead in circles.
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => open.push(entry.path()),
                Ok(_) => files.push(entry.path()),
                Err(_) => {}
            }
        }
    }
    files
}
