//! One file of the person's, as a whole or not at all.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

/// Puts new text in the place of a file's, or makes the file.
///
/// # Errors
/// When the disk refuses; the file is what it was then.
pub(crate) fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    // Through a link to what it leads to.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".failsafe-{}", std::process::id()));
    let beside = path.with_file_name(name);
    let written = write(&beside, content).and_then(|()| {
        if let Ok(metadata) = path.metadata() {
            fs::set_permissions(&beside, metadata.permissions())?;
        }
        fs::rename(&beside, &path)
    });
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = fs::File::create_new(path)?;
    file.write_all(content)?;
    file.sync_all()
}
