use std::{collections::BTreeSet, fs, time::SystemTime};

use super::files::{Files, below};

#[test]
fn what_changes_is_seen_once() {
    let temp = tempfile::tempdir().expect("a folder");
    let path = temp.path().join("api.yaml");
    fs::write(&path, "one").expect("written");
    let mut files = Files::default();
    files.follow(BTreeSet::from([path.clone()]), false, SystemTime::now());
    assert!(files.look().is_empty());
    fs::write(&path, "three").expect("written");
    assert_eq!(files.look(), std::slice::from_ref(&path));
    assert!(files.look().is_empty());
    fs::remove_file(&path).expect("removed");
    assert_eq!(files.look(), std::slice::from_ref(&path));
    fs::write(temp.path().join("new"), "four").expect("written");
    fs::rename(temp.path().join("new"), &path).expect("renamed");
    assert_eq!(files.look(), [path]);
}

#[test]
fn what_is_saved_while_it_is_read_is_read_again() {
    let temp = tempfile::tempdir().expect("a folder");
    let path = temp.path().join("api.yaml");
    let before = SystemTime::now() - std::time::Duration::from_secs(9);
    fs::write(&path, "one").expect("written");
    let mut files = Files::default();
    files.follow(BTreeSet::from([path.clone()]), false, before);
    assert_eq!(files.look(), [path]);
}

#[test]
fn files_that_a_broken_document_does_not_name_are_kept() {
    let mut files = Files::default();
    let now = SystemTime::now();
    let set = |names: &[&str]| names.iter().map(Into::into).collect::<BTreeSet<_>>();
    files.follow(set(&["api.yaml", "pet.yaml"]), false, now);
    files.follow(set(&["api.yaml"]), true, now);
    assert_eq!(files.count(), 2);
    files.follow(set(&["api.yaml"]), false, now);
    assert_eq!(files.count(), 1);
}

#[test]
fn files_are_found_below_a_folder() {
    let temp = tempfile::tempdir().expect("a folder");
    fs::create_dir(temp.path().join("src")).expect("made");
    fs::write(temp.path().join("src/main.rs"), "").expect("written");
    let found = below(temp.path());
    let names: Vec<_> = found
        .iter()
        .map(|path| path.strip_prefix(temp.path()))
        .collect();
    let names: Vec<_> = names.into_iter().map(|name| name.expect("below")).collect();
    assert_eq!(names.len(), 3, "{names:?}");
    assert!(names.contains(&std::path::Path::new("src/main.rs")));
}
