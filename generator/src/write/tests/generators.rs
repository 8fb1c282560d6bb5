//! Files of the generator, and those who edit them.

use super::*;

const CODE: &str = "pub fn a(b: u8) -> u8 { b }\n";

#[test]
fn what_is_not_needed_goes_unless_it_was_edited() {
    let temp = temp();
    let out = temp.path();
    let old = [
        ("gen/a", Generator, "a"),
        ("gen/b", Generator, "b"),
        ("p", Person, "p"),
    ];
    write(&files(&old), out).expect("written");
    fs::write(out.join("gen/b"), "edited").expect("edited");
    let report = write(&files(&[("c", Generator, "c")]), out).expect("written");
    assert_eq!(report.removed, ["gen/a"]);
    assert_eq!(report.left, ["gen/b", "p"]);
    assert_eq!(names(&out.join("gen")), ["b"]);
    assert_eq!(read(out, "p"), "p");
}

#[test]
fn an_edit_stops_the_run_before_anything_is_written() {
    let temp = temp();
    let out = temp.path();
    write(&files(&[("a.rs", Generator, CODE)]), out).expect("written");
    let edited = CODE.replace("{ b }", "{ b + 1 }");
    fs::write(out.join("a.rs"), &edited).expect("edited");
    let new = files(&[("a.rs", Generator, "mod c;\n"), ("d.rs", Generator, "")]);
    match write(&new, out) {
        Err(WriteError::Edited(changes)) => {
            assert_eq!(changes.len(), 1);
            assert_eq!(changes[0].path, "a.rs");
            assert_eq!(changes[0].before.as_deref(), Some(edited.as_bytes()));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(read(out, "a.rs"), edited);
    assert!(!out.join("d.rs").exists());

    let report = super::super::write(&Job {
        force: true,
        ..job(&new, out)
    });
    assert_eq!(report.expect("forced").overwritten, ["a.rs"]);
    assert_eq!(read(out, "a.rs"), "mod c;\n");
}

#[test]
fn a_layout_is_no_edit() {
    let temp = temp();
    let out = temp.path();
    write(&files(&[("a.rs", Generator, CODE)]), out).expect("written");
    fs::write(
        out.join("a.rs"),
        "pub fn a(\r\n  b: u8,\r\n) -> u8 {\r\n  b\r\n}\r\n",
    )
    .expect("edited");
    let report = write(&files(&[("a.rs", Generator, "mod c;\n")]), out).expect("written");
    assert_eq!(report.changed, ["a.rs"]);
}

#[test]
fn what_git_could_not_merge_is_written_anew() {
    let temp = temp();
    let out = temp.path();
    write(&files(&[("a.rs", Generator, CODE)]), out).expect("written");
    let marks = "<<<<<<< HEAD\nfn a() {}\n=======\nfn b() {}\n>>>>>>> other\n";
    fs::write(out.join("a.rs"), marks).expect("edited");
    let report = write(&files(&[("a.rs", Generator, CODE)]), out).expect("written");
    assert_eq!(report.changed, ["a.rs"]);
}

#[test]
fn what_the_generator_did_not_write_is_not_its_own() {
    let temp = temp();
    let out = temp.path();
    fs::write(out.join("openapi.yaml"), "mine").expect("written");
    let refused = write(
        &files(&[("openapi.yaml", Generator, "openapi: 3.1.0")]),
        out,
    );
    assert!(matches!(refused, Err(WriteError::Edited(_))), "{refused:?}");
    assert_eq!(read(out, "openapi.yaml"), "mine");
    assert_eq!(names(out), ["openapi.yaml"]);
}

/// What `merge=union` makes of two branches that generated different services.
#[test]
fn a_manifest_of_two_branches_knows_both() {
    let temp = temp();
    let out = temp.path();
    write(&files(&[("a", Generator, "one")]), out).expect("written");
    let ours = read(out, ".failsafe/manifest");
    write(&files(&[("a", Generator, "two")]), out).expect("written");
    let both = read(out, ".failsafe/manifest") + &ours;
    fs::write(out.join(".failsafe/manifest"), both).expect("merged");
    fs::write(out.join("a"), "one").expect("merged");
    let report = write(&files(&[("a", Generator, "three")]), out).expect("written");
    assert_eq!(report.changed, ["a"]);
}
