mod generators;
mod interrupted;
mod persons;

use std::{fs, path::Path, time::SystemTime};

use super::{Job, Mode, Report, WriteError};
use crate::render::{Files, Owner};

fn write(files: &Files, out: &Path) -> Result<Report, WriteError> {
    super::write(&job(files, out))
}

fn job<'a>(files: &'a Files, out: &'a Path) -> Job<'a> {
    Job {
        files,
        out,
        options: "",
        force: false,
        mode: Mode::Write,
    }
}

fn files(list: &[(&str, Owner, &str)]) -> Files {
    let mut files = Files::default();
    for (path, owner, text) in list {
        files.insert(*path, *owner, *text).expect("a plain path");
    }
    files
}

fn temp() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn read(out: &Path, path: &str) -> String {
    fs::read_to_string(out.join(path)).expect(path)
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(dir)
        .expect("a folder")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("UTF-8")
        })
        .collect();
    names.sort();
    names
}

use Owner::{Generator, Person};

#[test]
fn a_new_tree_appears_with_nothing_beside_it() {
    let temp = temp();
    let out = temp.path().join("deep/er/svc");
    let report = write(
        &files(&[("a.rs", Generator, "a"), ("b/c.rs", Person, "c")]),
        &out,
    )
    .expect("written");
    assert_eq!(report.created, ["a.rs", "b/c.rs"]);
    assert_eq!(read(&out, "b/c.rs"), "c");
    assert_eq!(names(out.parent().expect("parent")), ["svc"]);
    assert_eq!(names(&out), [".failsafe", "a.rs", "b"]);
    assert_eq!(
        names(&out.join(".failsafe")),
        [
            ".gitattributes",
            ".gitignore",
            "base",
            "manifest",
            "operations",
            "options.toml"
        ]
    );
}

#[test]
fn an_empty_folder_is_filled() {
    let temp = temp();
    write(&files(&[("a", Generator, "a")]), temp.path()).expect("written");
    assert_eq!(read(temp.path(), "a"), "a");
}

#[test]
fn what_is_the_same_keeps_its_time() {
    let temp = temp();
    let out = temp.path();
    write(
        &files(&[("same", Generator, "1"), ("other", Generator, "1")]),
        out,
    )
    .expect("written");
    for path in ["same", "other", ".failsafe/manifest"] {
        fs::File::options()
            .write(true)
            .open(out.join(path))
            .and_then(|file| file.set_modified(SystemTime::UNIX_EPOCH))
            .expect("set back");
    }
    let modified = |path: &str| {
        fs::metadata(out.join(path))
            .and_then(|found| found.modified())
            .expect(path)
    };
    let report = write(
        &files(&[("same", Generator, "1"), ("other", Generator, "1")]),
        out,
    );
    assert_eq!(report.expect("written").unchanged, ["other", "same"]);
    assert_eq!(modified(".failsafe/manifest"), SystemTime::UNIX_EPOCH);
    let report = write(
        &files(&[("same", Generator, "1"), ("other", Generator, "2")]),
        out,
    );
    assert_eq!(report.expect("written").changed, ["other"]);
    assert_eq!(modified("same"), SystemTime::UNIX_EPOCH);
    assert_eq!(read(out, "other"), "2");
}

#[test]
fn folders_that_become_empty_go() {
    let temp = temp();
    write(&files(&[("a/b/c", Generator, "")]), temp.path()).expect("written");
    write(&files(&[("d", Generator, "")]), temp.path()).expect("written");
    assert_eq!(names(temp.path()), [".failsafe", "d"]);
}

#[test]
fn a_manifest_cannot_remove_what_lies_outside() {
    let temp = temp();
    let out = temp.path().join("svc");
    write(&files(&[("a", Generator, "")]), &out).expect("written");
    fs::write(temp.path().join("mine"), "").expect("written");
    let line = format!("{}  ../mine\n<<<<<<< ours\n", super::memory::hash(b""));
    fs::write(out.join(".failsafe/manifest"), line).expect("written");
    write(&files(&[("a", Generator, "")]), &out).expect("written");
    assert!(temp.path().join("mine").exists());
}

#[test]
fn an_out_that_is_a_file_is_refused() {
    let temp = temp();
    let out = temp.path().join("svc");
    fs::write(&out, "mine").expect("written");
    let refused = write(&files(&[("a", Generator, "")]), &out);
    assert!(matches!(refused, Err(WriteError::OutIsAFile(_))));
    assert_eq!(read(temp.path(), "svc"), "mine");
}

#[test]
fn nothing_is_written_when_something_is_in_the_way() {
    let temp = temp();
    let out = temp.path();
    fs::create_dir_all(out.join("b")).expect("made");
    fs::write(out.join("c"), "").expect("written");
    for (path, is_expected) in [
        (
            "b",
            (|error| matches!(error, WriteError::DirectoryInTheWay(_))) as fn(&_) -> bool,
        ),
        ("c/d", |error| matches!(error, WriteError::FileInTheWay(_))),
    ] {
        let refused = write(&files(&[("a", Generator, ""), (path, Generator, "")]), out);
        assert!(refused.as_ref().is_err_and(is_expected), "{refused:?}");
        assert_eq!(names(out), ["b", "c"]);
    }
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    let temp = temp();
    let (out, elsewhere) = (temp.path().join("svc"), temp.path().join("elsewhere"));
    fs::create_dir_all(&out).expect("made");
    fs::create_dir_all(&elsewhere).expect("made");
    std::os::unix::fs::symlink(&elsewhere, out.join("src")).expect("linked");
    let refused = write(&files(&[("src/a", Generator, "")]), &out);
    assert!(matches!(refused, Err(WriteError::Symlink(_))));
    assert!(names(&elsewhere).is_empty());
}
