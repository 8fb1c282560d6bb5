//! What is on the disk whatever happens to the machine.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// The system writes down together what several ask for at once: 1,500 files take 0.2 s with eight
/// that ask, and ten seconds one after the other.
const AT_ONCE: usize = 8;

/// Waits until files and folders are written down.
pub(super) fn all(paths: &[PathBuf]) -> io::Result<()> {
    let next = AtomicUsize::new(0);
    let failed: Mutex<Option<io::Error>> = Mutex::new(None);
    let work = || {
        while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Err(error) = one(path) {
                *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                return;
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..AT_ONCE.min(paths.len()) {
            // Where the system gives no thread, the others do its part.
            let _ = thread::Builder::new().spawn_scoped(scope, work);
        }
        work();
    });
    let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    failed.map_or(Ok(()), Err)
}

fn one(path: &Path) -> io::Result<()> {
    let opened = match cfg!(unix) {
        true => fs::File::open(path),
        // Elsewhere it takes the right to write, and folders cannot be opened.
        false if path.is_dir() => return Ok(()),
        false => fs::File::options().write(true).open(path),
    };
    match opened.and_then(|file| file.sync_all()) {
        // What only its owner may write is none the less as it should be.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        // Some network drives know of no such thing.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported
            ) =>
        {
            Ok(())
        }
        result => result,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_folders_are_written_down_and_failures_told() {
        let temp = tempfile::tempdir().expect("a folder");
        let mut paths = vec![temp.path().to_owned()];
        for index in 0..2 * AT_ONCE {
            let path = temp.path().join(index.to_string());
            fs::write(&path, "x").expect("written");
            paths.push(path);
        }
        all(&paths).expect("written down");
        all(&[]).expect("nothing to do");
        paths.push(temp.path().join("gone"));
        let error = all(&paths).expect_err("not there");
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}
