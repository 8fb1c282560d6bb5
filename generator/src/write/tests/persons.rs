//! Files of the person, which are merged.

use super::*;

const BORN: &str = "[dependencies]\naxum = \"1\"\n";
const NEXT: &str = "[dependencies]\naxum = \"1\"\nuuid = \"1\"\n";

/// A tree with one file that the person has made something of.
fn edited(text: &str) -> tempfile::TempDir {
    let temp = temp();
    write(&files(&[("Cargo.toml", Person, BORN)]), temp.path()).expect("written");
    fs::write(temp.path().join("Cargo.toml"), text).expect("edited");
    temp
}

fn next(out: &Path) -> Report {
    write(&files(&[("Cargo.toml", Person, NEXT)]), out).expect("written")
}

#[test]
fn what_the_person_changed_stays() {
    let temp = edited("edited");
    for _ in 0..2 {
        let report = write(&files(&[("Cargo.toml", Person, BORN)]), temp.path()).expect("written");
        assert_eq!(report.kept, ["Cargo.toml"]);
        assert!(report.changes.is_empty());
        assert_eq!(read(temp.path(), "Cargo.toml"), "edited");
    }
}

#[test]
fn what_is_new_is_merged_in() {
    let temp = edited("# mine\n[dependencies]\naxum = \"1\"\n\n[lints]\n");
    let report = next(temp.path());
    assert_eq!(report.merged, ["Cargo.toml"]);
    assert_eq!(
        read(temp.path(), "Cargo.toml"),
        "# mine\n[dependencies]\naxum = \"1\"\nuuid = \"1\"\n\n[lints]\n"
    );
    assert_eq!(read(temp.path(), ".failsafe/base/Cargo.toml"), NEXT);
    assert_eq!(next(temp.path()).kept, ["Cargo.toml"]);
}

#[test]
fn an_unedited_file_follows() {
    let temp = edited(BORN);
    assert_eq!(next(temp.path()).merged, ["Cargo.toml"]);
    assert_eq!(read(temp.path(), "Cargo.toml"), NEXT);
}

#[test]
fn a_conflict_leaves_the_file_and_waits() {
    let mine = "[dependencies]\nuuid = \"2\"\naxum = \"1\"\n";
    let temp = edited(mine);
    let out = temp.path();
    assert_eq!(next(out).conflicts, ["Cargo.toml"]);
    assert_eq!(read(out, "Cargo.toml"), mine);
    assert_eq!(read(out, "Cargo.toml.failsafe-new"), NEXT);

    // Until somebody has looked at it.
    let report = next(out);
    assert_eq!(report.conflicts, ["Cargo.toml"]);
    assert!(report.changes.is_empty());
    fs::remove_file(out.join("Cargo.toml.failsafe-new")).expect("removed");
    assert_eq!(next(out).kept, ["Cargo.toml"]);
    assert_eq!(read(out, "Cargo.toml"), mine);
}

#[test]
fn a_conflict_ends_when_its_text_is_taken() {
    let temp = edited("[dependencies]\nuuid = \"2\"\naxum = \"1\"\n");
    let out = temp.path();
    next(out);
    fs::write(out.join("Cargo.toml"), NEXT).expect("taken");
    assert_eq!(next(out).unchanged, ["Cargo.toml"]);
    assert!(!out.join("Cargo.toml.failsafe-new").exists());
}

#[test]
fn nobody_touches_a_text_beside_the_file_that_is_being_edited() {
    let temp = edited("[dependencies]\nuuid = \"2\"\naxum = \"1\"\n");
    let out = temp.path();
    next(out);
    fs::write(out.join("Cargo.toml.failsafe-new"), "at work").expect("edited");
    let other = NEXT.replace("uuid = \"1\"", "uuid = \"3\"");
    let report = write(&files(&[("Cargo.toml", Person, &other)]), out).expect("written");
    assert_eq!(report.conflicts, ["Cargo.toml"]);
    assert_eq!(read(out, "Cargo.toml.failsafe-new"), "at work");
    assert_eq!(read(out, ".failsafe/base/Cargo.toml"), NEXT);
}

#[test]
fn what_the_person_deleted_is_not_made_again() {
    let temp = edited(BORN);
    let out = temp.path();
    fs::remove_file(out.join("Cargo.toml")).expect("removed");
    assert_eq!(next(out).absent, ["Cargo.toml"]);
    assert!(!out.join("Cargo.toml").exists());

    // Unless it was not asked for in between.
    write(&files(&[]), out).expect("written");
    assert_eq!(next(out).created, ["Cargo.toml"]);
}

#[test]
fn a_file_that_was_there_before_the_first_run_is_the_persons() {
    let temp = temp();
    let out = temp.path();
    fs::write(out.join("README.md"), "mine").expect("written");
    let report = write(&files(&[("README.md", Person, "new")]), out).expect("written");
    assert_eq!(report.conflicts, ["README.md"]);
    assert_eq!(read(out, "README.md"), "mine");
    assert_eq!(read(out, "README.md.failsafe-new"), "new");
}

#[test]
fn bytes_that_are_no_text_stay() {
    let temp = edited("");
    let out = temp.path();
    fs::write(out.join("Cargo.toml"), b"\xff\xfe").expect("edited");
    assert_eq!(next(out).conflicts, ["Cargo.toml"]);
    assert_eq!(
        fs::read(out.join("Cargo.toml")).expect("there"),
        b"\xff\xfe"
    );
}

#[cfg(unix)]
#[test]
fn permissions_stay() {
    use std::os::unix::fs::PermissionsExt;

    let temp = edited(BORN);
    let at = temp.path().join("Cargo.toml");
    fs::set_permissions(&at, fs::Permissions::from_mode(0o600)).expect("set");
    next(temp.path());
    let mode = fs::metadata(&at).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
