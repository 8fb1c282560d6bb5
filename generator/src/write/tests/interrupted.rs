//! Runs that end before their time: every step of one fails once, as if the process had been
//! killed there.

use std::{collections::BTreeMap, sync::Mutex};

use super::{
    super::{disk::Disk, lock::lock, write_on},
    *,
};

/// All files of a tree, but for what an interrupted run has left.
fn contents(out: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut open = vec![out.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let below = path.strip_prefix(out).expect("below");
            let name = below.to_str().expect("UTF-8").to_owned();
            if path.is_dir() {
                open.push(path);
            } else if !name.starts_with(".failsafe/staged") && name != ".failsafe/journal" {
                found.insert(name, fs::read_to_string(&path).expect("UTF-8"));
            }
        }
    }
    found
}

fn old() -> Files {
    files(&[
        ("gone/a.rs", Generator, "mod a;\n"),
        ("gen/b.rs", Generator, "mod b;\n"),
        ("same", Generator, "same\n"),
        ("main.rs", Person, "mod one;\nmod two;\nmod three;\n"),
        ("lib.rs", Person, "mod one;\n"),
    ])
}

fn new() -> Files {
    files(&[
        ("gen/b.rs", Generator, "mod b2;\n"),
        ("gen/deep/c.rs", Generator, "mod c;\n"),
        ("same", Generator, "same\n"),
        (
            "main.rs",
            Person,
            "mod one;\nmod two;\nmod three;\nmod four;\n",
        ),
        ("lib.rs", Person, "mod uno;\n"),
    ])
}

const MINE: &str = "// mine\nmod one;\nmod two;\nmod three;\n";

/// A tree of a person's own, one step of change away from `new`.
fn tree() -> tempfile::TempDir {
    let temp = temp();
    write(&old(), temp.path()).expect("written");
    fs::write(temp.path().join("main.rs"), MINE).expect("edited");
    fs::write(temp.path().join("lib.rs"), "mod mine;\n").expect("edited");
    temp
}

fn dies_after(steps: usize) -> Disk {
    Disk {
        left: Mutex::new(Some(steps)),
    }
}

/// Runs once for every step at which the run may die, with the tree that it leaves.
fn for_every_death(mut then: impl FnMut(usize, &Path)) {
    for steps in 0.. {
        let temp = tree();
        let died = write_on(&dies_after(steps), &job(&new(), temp.path())).is_err();
        then(steps, temp.path());
        if !died {
            assert!(steps > 20, "a run has more steps than {steps}");
            break;
        }
    }
}

#[test]
fn the_next_command_finds_the_old_tree_or_the_new_one() {
    let before = contents(tree().path());
    let after = {
        let temp = tree();
        write(&new(), temp.path()).expect("written");
        contents(temp.path())
    };
    assert_eq!(after["main.rs"], format!("{MINE}mod four;\n"));
    assert_eq!(after["lib.rs.failsafe-new"], "mod uno;\n");
    let mut seen = (0, 0);
    for_every_death(|steps, out| {
        // Looking at a tree finishes what was begun, and nothing else.
        let _ = super::super::write(&Job {
            mode: Mode::Look,
            ..job(&new(), out)
        })
        .expect("looked at");
        let found = contents(out);
        match found == before {
            true => seen.0 += 1,
            false => {
                assert_eq!(found, after, "died after {steps} steps");
                seen.1 += 1;
            }
        }
        assert!(!out.join(".failsafe/staged").exists());
        assert!(!out.join(".failsafe/journal").exists());
        write(&new(), out).expect("written");
        assert_eq!(contents(out), after, "died after {steps} steps");
    });
    assert!(seen.0 > 5 && seen.1 > 5, "{seen:?}");
}

#[test]
fn who_dies_while_finishing_is_finished_as_well() {
    let after = {
        let temp = tree();
        write(&new(), temp.path()).expect("written");
        contents(temp.path())
    };
    for first in [14, 18, 22] {
        for second in 0..12 {
            let temp = tree();
            let _ = write_on(&dies_after(first), &job(&new(), temp.path()));
            let _ = write_on(&dies_after(second), &job(&new(), temp.path()));
            write(&new(), temp.path()).expect("written");
            assert_eq!(contents(temp.path()), after, "{first}, {second}");
        }
    }
}

/// Whoever sees a run die and goes on working must not lose that work to its end.
#[test]
fn what_was_saved_since_stays() {
    for_every_death(|steps, out| {
        let now = "// saved since\n".to_owned() + &read(out, "main.rs");
        fs::write(out.join("main.rs"), &now).expect("saved");
        write(&new(), out).expect("written");
        assert_eq!(
            read(out, "main.rs"),
            format!("// saved since\n{MINE}mod four;\n"),
            "died after {steps} steps"
        );
        assert_eq!(read(out, "lib.rs"), "mod mine;\n");
        assert_eq!(read(out, "gen/b.rs"), "mod b2;\n");
        assert!(!out.join("gone").exists());
    });
}

#[test]
fn a_generated_file_that_was_saved_since_counts_as_edited() {
    for_every_death(|_, out| {
        let now = "// saved since\n".to_owned() + &read(out, "gen/b.rs");
        fs::write(out.join("gen/b.rs"), &now).expect("saved");
        let refused = write(&new(), out);
        assert!(matches!(refused, Err(WriteError::Edited(_))), "{refused:?}");
        assert_eq!(read(out, "gen/b.rs"), now);
    });
}

#[test]
fn a_new_tree_is_there_whole_or_not_at_all() {
    let temp = temp();
    for steps in 0.. {
        let out = temp.path().join(format!("{steps}/svc"));
        let died = write_on(&dies_after(steps), &job(&old(), &out)).is_err();
        assert_eq!(out.exists(), !died, "died after {steps} steps");
        write(&old(), &out).expect("written");
        assert_eq!(read(&out, "main.rs"), "mod one;\nmod two;\nmod three;\n");
        assert_eq!(names(out.parent().expect("parent")), ["svc"]);
        if !died {
            assert!(steps > 10);
            break;
        }
    }
}

#[cfg(unix)]
#[test]
fn two_runs_at_once_are_kept_apart() {
    let temp = tree();
    let held = lock(temp.path()).expect("locked");
    let refused = write(&new(), temp.path());
    assert!(
        matches!(refused, Err(WriteError::Busy { .. })),
        "{refused:?}"
    );
    assert_eq!(read(temp.path(), "main.rs"), MINE);
    drop(held);
    write(&new(), temp.path()).expect("written");

    let out = temp.path().join("other/svc");
    fs::create_dir_all(out.with_file_name(".svc.failsafe-new")).expect("made");
    let held = lock(&out.with_file_name(".svc.failsafe-new")).expect("locked");
    assert!(matches!(write(&new(), &out), Err(WriteError::Busy { .. })));
    drop(held);
    write(&new(), &out).expect("written");
}

#[test]
fn a_journal_from_elsewhere_does_nothing_outside() {
    let temp = temp();
    let out = temp.path().join("svc");
    write(&old(), &out).expect("written");
    fs::write(temp.path().join("mine"), "mine").expect("written");
    let journal = "failsafe journal 1\nremove * - ../mine\n";
    fs::write(out.join(".failsafe/journal"), journal).expect("written");
    let refused = write(&old(), &out);
    assert!(matches!(refused, Err(WriteError::UnknownJournal(_))));
    assert!(temp.path().join("mine").exists());
}
