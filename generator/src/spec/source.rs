//! The bytes of a file as text, or the reason why not.

use std::{
    fmt,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use crate::diagnostic::Diagnostic;

/// The largest file that is read: several times the largest document known.
pub(super) const MAX_BYTES: u64 = 128 << 20;

/// What the person named as the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A file.
    Path(PathBuf),
    /// `-`: what was read from standard input.
    Stdin(Vec<u8>),
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Input::Path(path) => path.display().fmt(f),
            Input::Stdin(_) => f.write_str(STDIN),
        }
    }
}

/// How standard input is called in messages.
pub(super) const STDIN: &str = "<stdin>";

/// Reads a regular file, at most [`MAX_BYTES`] of it.
pub(super) fn read(path: &Path) -> Result<String, Diagnostic> {
    let name = path.display();
    let failed = |error: &io::Error| match error.kind() {
        io::ErrorKind::NotFound => {
            let help = match is_url(path) {
                true => format!(
                    "nothing is fetched from other hosts: `curl -fL -o api.yaml '{name}'`, then name \
                     `api.yaml`"
                ),
                false => {
                    "name an OpenAPI document in YAML or JSON, or `-` to read it from standard \
                          input"
                        .to_owned()
                }
            };
            // A folder is said to be missing once, however many of its files are asked for.
            let message = match missing_folder(path) {
                Some(folder) => format!("there is no folder `{}`", folder.display()),
                None => format!("there is no file `{name}`"),
            };
            Diagnostic::error("file-missing", message).help(help)
        }
        _ => Diagnostic::error("file-unreadable", format!("cannot read `{name}`: {error}")),
    };
    // Asked before it is opened: opening a pipe would wait for its other end.
    let metadata = path.metadata().map_err(|error| failed(&error))?;
    if metadata.is_dir() {
        return Err(
            Diagnostic::error("file-is-directory", format!("`{name}` is a directory"))
                .help("name the document inside it"),
        );
    }
    if !metadata.is_file() {
        return Err(Diagnostic::error(
            "file-not-regular",
            format!("`{name}` is not a regular file"),
        )
        .help("to read from a pipe or a device, redirect it to standard input and name `-`"));
    }
    // Some files of the kernel never end, and all of them say that they have no bytes.
    if metadata.len() == 0 {
        return text(Vec::new(), &name.to_string());
    }
    let mut bytes = Vec::with_capacity(metadata.len().min(MAX_BYTES) as usize);
    File::open(path)
        .and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|error| failed(&error))?;
    text(bytes, &name.to_string())
}

fn is_url(path: &Path) -> bool {
    let name = path.to_string_lossy();
    name.starts_with("https://") || name.starts_with("http://")
}

/// The first of a file's folders that is not there.
fn missing_folder(path: &Path) -> Option<&Path> {
    if is_url(path) {
        return None;
    }
    let folders = path.ancestors().skip(1);
    let missing = folders.take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists());
    missing.last()
}

/// Reads standard input, or anything like it, to its end or to just beyond the bound; [`load`]
/// then says that it is too much.
///
/// [`load`]: super::load
///
/// # Errors
///
/// If the reader fails.
pub fn read_stdin(reader: impl Read) -> io::Result<Input> {
    let mut bytes = Vec::new();
    reader.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(Input::Stdin(bytes))
}

/// Checks size and encoding; takes a byte order mark away. UTF-16, which editors of Windows write and
/// YAML allows, is read as well.
pub(super) fn text(bytes: Vec<u8>, name: &str) -> Result<String, Diagnostic> {
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Diagnostic::error(
            "file-too-large",
            format!("`{name}` has more than {} MiB", MAX_BYTES >> 20),
        )
        .help("divide the document into several files that refer to each other"));
    }
    let bytes = match utf16(&bytes) {
        None => bytes,
        Some(Ok(text)) => text.into_bytes(),
        Some(Err(line)) => {
            let message =
                format!("`{name}` is not UTF-16: line {line} has a unit that is not text");
            return Err(Diagnostic::error("not-utf8", message).help("save the document as UTF-8"));
        }
    };
    let mut text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes()[..valid]
            .iter()
            .filter(|&&b| b == b'\n')
            .count();
        Diagnostic::error(
            "not-utf8",
            format!("`{name}` is not UTF-8: line {line} has a byte that is not text"),
        )
        .help("save the document as UTF-8")
    })?;
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    Ok(text)
}

/// The text of bytes that are UTF-16, or the line that is none. `None`: they are something else. A
/// document begins with a mark, or else with a sign of ASCII, which has a zero beside it.
fn utf16(bytes: &[u8]) -> Option<Result<String, usize>> {
    let unit = match bytes {
        [0xff, 0xfe, ..] | [1..=0xff, 0, 1..=0xff, 0, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] | [0, 1..=0xff, 0, 1..=0xff, ..] => u16::from_be_bytes,
        _ => return None,
    };
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| unit(*pair));
    let mut text = String::with_capacity(bytes.len() / 2);
    for read in char::decode_utf16(units) {
        match read {
            Ok(c) => text.push(c),
            Err(_) => return Some(Err(1 + text.matches('\n').count())),
        }
    }
    Some(match rest {
        [] => Ok(text),
        _ => Err(1 + text.matches('\n').count()),
    })
}
