//! Writes the built-in templates out.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    GUIDE, built_in, guide,
    stamps::{self, STAMPS, Stamp},
};
use crate::beside::beside;

/// What became of each file, in order.
#[derive(Debug, Default)]
pub struct Exported {
    pub files: Vec<(&'static str, Fate)>,
}

/// What became of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Was not there.
    Created,
    /// Nobody had edited it.
    Updated,
    /// Says the same already.
    Unchanged,
    /// Somebody has edited it, and the built-in one is as it was.
    Kept,
    /// The same, but the built-in one is new: it is beside the file.
    Beside,
    /// Somebody had edited it, and it was to be overwritten.
    Overwritten,
}

/// Why templates could not be written out.
#[derive(Debug, thiserror::Error)]
#[error("cannot write `{}`: {cause}", path.display())]
pub struct ExportError {
    path: PathBuf,
    cause: io::Error,
}

/// Writes templates, their guide, and of which version they are. What somebody has edited stays
/// unless it is to be overwritten.
///
/// # Errors
/// When the disk refuses. What has been written by then is whole and recorded by the next run.
pub fn export(
    dir: &Path,
    chosen: impl Fn(&str) -> bool,
    force: bool,
) -> Result<Exported, ExportError> {
    let path = dir.join(STAMPS);
    let recorded = read(&path)?.unwrap_or_default();
    let mut stamps = stamps::read(&String::from_utf8_lossy(&recorded));
    let mut exported = Exported::default();
    let templates = built_in();
    let files = templates.iter().filter(|(name, _)| chosen(name));
    for (name, text) in files
        .map(|(&name, &text)| (name, text))
        .chain([(GUIDE, guide())])
    {
        let there = read(&dir.join(name))?;
        let fate = fate(text, there.as_deref(), stamps.get(name), force);
        match fate {
            Fate::Created | Fate::Updated | Fate::Overwritten => write(&dir.join(name), text)?,
            Fate::Beside => write(&dir.join(beside(name)), text)?,
            Fate::Unchanged | Fate::Kept => {}
        }
        // What was kept began as what is recorded.
        if fate != Fate::Kept {
            stamps.insert(name.to_owned(), Stamp::of(text));
        }
        exported.files.push((name, fate));
    }
    let text = stamps::text(&stamps);
    if text.as_bytes() != recorded {
        write(&path, &text)?;
    }
    Ok(exported)
}

fn fate(text: &str, there: Option<&[u8]>, stamp: Option<&Stamp>, force: bool) -> Fate {
    let Some(there) = there else {
        return Fate::Created;
    };
    if there == text.as_bytes() {
        return Fate::Unchanged;
    }
    match stamp {
        Some(stamp) if stamp.is_of(there) => Fate::Updated,
        _ if force => Fate::Overwritten,
        // The person has what is new of it.
        Some(stamp) if stamp.is_of(text.as_bytes()) => Fate::Kept,
        _ => Fate::Beside,
    }
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, ExportError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(path, error)),
    }
}

/// Whole or not at all: written beside the file, and renamed.
fn write(path: &Path, text: &str) -> Result<(), ExportError> {
    let folder = path.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(folder).map_err(|cause| failed(folder, cause))?;
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".tmp");
    let temporary = PathBuf::from(temporary);
    fs::write(&temporary, text)
        .and_then(|()| fs::rename(&temporary, path))
        .map_err(|cause| failed(path, cause))
}

fn failed(path: &Path, cause: io::Error) -> ExportError {
    ExportError {
        path: path.to_owned(),
        cause,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_edited_stays() {
        let (old, new) = ("old", "new");
        let stamp = |text| Stamp::of(text);
        for (there, stamp, forced, expected) in [
            (None, None, false, Fate::Created),
            (Some("new"), None, false, Fate::Unchanged),
            (Some("old"), Some(stamp(old)), false, Fate::Updated),
            (Some("mine"), Some(stamp(old)), false, Fate::Beside),
            (Some("mine"), Some(stamp(new)), false, Fate::Kept),
            (Some("mine"), None, false, Fate::Beside),
            (Some("mine"), Some(stamp(new)), true, Fate::Overwritten),
        ] {
            let there = there.map(str::as_bytes);
            assert_eq!(fate(new, there, stamp.as_ref(), forced), expected);
        }
    }
}
