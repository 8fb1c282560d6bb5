//! One run at a time in a tree.

use std::{
    fs::{self, TryLockError},
    io,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use super::{WriteError, memory};

/// How long a run waits for another one: longer than most take to write.
const PATIENCE: Duration = match cfg!(test) {
    true => Duration::from_millis(200),
    false => Duration::from_secs(5),
};
const PERIOD: Duration = Duration::from_millis(20);

/// Held until it is dropped; whoever is killed has dropped it.
#[derive(Debug)]
pub(super) struct Lock {
    _file: fs::File,
}

/// Locks a folder that is there. None: it has been renamed or removed meanwhile.
pub(super) fn lock(folder: &Path) -> Result<Option<Lock>, WriteError> {
    match cfg!(unix) {
        true => lock_folder(folder),
        // Elsewhere a folder cannot be opened like a file, and none that has an open file in it
        // can be renamed.
        false => lock_beside(folder, &std::env::temp_dir()),
    }
}

/// The folder itself is what is locked: there is no file to leave behind, and a folder that is
/// renamed stays locked.
fn lock_folder(folder: &Path) -> Result<Option<Lock>, WriteError> {
    let Some(file) = found(fs::File::open(folder), folder)? else {
        return Ok(None);
    };
    wait(&file, folder)?;
    Ok(is_same(&file, folder).then_some(Lock { _file: file }))
}

/// A file elsewhere stands for the folder. It stays: a file that is removed while others wait for
/// it keeps nobody apart.
fn lock_beside(folder: &Path, temp: &Path) -> Result<Option<Lock>, WriteError> {
    let Some(real) = found(folder.canonicalize(), folder)? else {
        return Ok(None);
    };
    let name = memory::hash(real.as_os_str().as_encoded_bytes());
    let at = temp.join(format!("failsafe-{}.lock", &name[..32]));
    let file = fs::File::options()
        // Windows locks no file that is opened for appending alone.
        .read(true)
        .create(true)
        .append(true)
        .open(&at)
        .map_err(WriteError::disk("open", &at))?;
    wait(&file, folder)?;
    Ok(folder.is_dir().then_some(Lock { _file: file }))
}

fn found<T>(result: io::Result<T>, folder: &Path) -> Result<Option<T>, WriteError> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(WriteError::disk("open", folder)(error)),
    }
}

fn wait(file: &fs::File, folder: &Path) -> Result<(), WriteError> {
    let begin = Instant::now();
    loop {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) if begin.elapsed() >= PATIENCE => {
                return Err(WriteError::Busy {
                    holder: holder(file).map_or(String::new(), |id| format!(" (process {id})")),
                    tree: folder.to_owned(),
                });
            }
            Err(TryLockError::WouldBlock) => thread::sleep(PERIOD),
            // Some network drives cannot lock. Then nobody is kept apart there, and all else works.
            Err(TryLockError::Error(_)) | Ok(()) => return Ok(()),
        }
    }
}

/// Whether a path still leads to what was opened.
#[cfg(unix)]
fn is_same(file: &fs::File, folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;

    let id = |found: fs::Metadata| (found.dev(), found.ino());
    let (opened, there) = (file.metadata().map(id), fs::metadata(folder).map(id));
    matches!((opened, there), (Ok(opened), Ok(there)) if opened == there)
}

#[cfg(not(unix))]
fn is_same(_file: &fs::File, folder: &Path) -> bool {
    folder.is_dir()
}

/// The process that has locked a file, where the system tells.
#[cfg(target_os = "linux")]
fn holder(file: &fs::File) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;

    // `1: FLOCK  ADVISORY  WRITE 4711 fd:00:131 0 EOF`
    let inode = format!(":{}", file.metadata().ok()?.ino());
    let locks = fs::read_to_string("/proc/locks").ok()?;
    let mut lines = locks.lines().map(|line| line.split_whitespace());
    lines.find_map(|mut words| {
        let process = words.nth(4)?.parse().ok().filter(|id| *id > 0);
        words.next()?.ends_with(&inode).then_some(process)?
    })
}

#[cfg(not(target_os = "linux"))]
fn holder(_file: &fs::File) -> Option<u32> {
    None
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    type Way = fn(&Path, &Path) -> Result<Option<Lock>, WriteError>;

    /// Both of them, whatever the system that the test runs on.
    const WAYS: [Way; 2] = [|folder, _| lock_folder(folder), lock_beside];

    fn folders() -> (tempfile::TempDir, tempfile::TempDir, PathBuf) {
        let (temp, locks) = (tempfile::tempdir(), tempfile::tempdir());
        let (temp, locks) = (temp.expect("a folder"), locks.expect("a folder"));
        let tree = temp.path().join("svc");
        fs::create_dir(&tree).expect("made");
        (temp, locks, tree)
    }

    #[cfg(unix)]
    #[test]
    fn one_run_is_let_in_and_the_next_one_after_it() {
        for way in WAYS {
            let (_temp, locks, tree) = folders();
            let lock = |tree: &Path| way(tree, locks.path());
            let first = lock(&tree).expect("free").expect("there");
            let refused = lock(&tree).expect_err("taken").to_string();
            let told = format!("another run (process {})", std::process::id());
            let is_told = cfg!(not(target_os = "linux")) || refused.starts_with(&told);
            assert!(is_told, "{refused}");
            drop(first);
            assert!(lock(&tree).expect("free").is_some());
            fs::remove_dir(&tree).expect("removed");
            assert!(lock(&tree).expect("nothing wrong").is_none());
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_short_run_is_waited_for() {
        for way in WAYS {
            let (_temp, locks, tree) = folders();
            let lock = |tree: &Path| way(tree, locks.path());
            let first = lock(&tree).expect("free");
            let end = thread::spawn(move || {
                thread::sleep(PERIOD);
                drop(first);
            });
            assert!(lock(&tree).expect("free in time").is_some());
            end.join().expect("ended");
        }
    }
}
