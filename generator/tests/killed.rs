//! Runs that are killed, and disks that are full: the next command finds a whole tree, and nothing
//! of the person's is lost.
#![cfg(unix)]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

/// A document whose title is in every generated file, so that a run has much to write.
fn document(title: &str, port: &str) -> String {
    let mut text =
        format!("openapi: 3.1.0\ninfo: {{ title: {title}, version: '{port}' }}\npaths:\n");
    for index in 0..12 {
        text.push_str(&format!(
            "  /things{index}:\n    get:\n      operationId: list{title}{index}\n      responses:\n        '200':\n          description: Things.\n          content: {{ application/json: {{ schema: {{ $ref: '#/components/schemas/Thing{index}' }} }} }}\n"
        ));
    }
    text.push_str("components:\n  schemas:\n");
    for index in 0..12 {
        text.push_str(&format!(
            "    Thing{index}: {{ type: object, properties: {{ name: {{ type: string }} }} }}\n"
        ));
    }
    text
}

struct Project {
    folder: PathBuf,
}

impl Project {
    fn new(folder: &Path) -> Self {
        fs::write(folder.join("one.yaml"), document("One", "1")).expect("written");
        fs::write(folder.join("two.yaml"), document("Two", "2")).expect("written");
        Self {
            folder: folder.to_owned(),
        }
    }

    fn command(&self, spec: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_failsafe"));
        command
            .current_dir(&self.folder)
            .args(["generate", spec, "-o", "svc", "--runtime", "version:1"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        command
    }

    fn generate(&self, spec: &str) -> Output {
        self.command(spec).output().expect("the command starts")
    }

    #[track_caller]
    fn generated(&self, spec: &str) {
        let output = self.generate(spec);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{told}");
    }

    fn tree(&self) -> PathBuf {
        self.folder.join("svc")
    }

    fn edit(&self) {
        for path in ["src/handlers/default.rs", "src/lib.rs", "README.md", ".env"] {
            let at = self.tree().join(path);
            let text = fs::read_to_string(&at).expect("written");
            let mark = match path.ends_with(".rs") {
                true => "// mine\n",
                false => "# mine\n",
            };
            fs::write(at, text + mark).expect("edited");
        }
    }
}

/// Every file of a tree.
fn contents(tree: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![tree.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in folder.read_dir().expect("a folder") {
            let path = entry.expect("an entry").path();
            match path.is_dir() {
                true => open.push(path),
                false => {
                    let text = fs::read(&path).expect("readable");
                    found.insert(path.strip_prefix(tree).expect("below").to_owned(), text);
                }
            }
        }
    }
    found
}

#[test]
fn a_hundred_moments_to_be_killed_at() {
    let temp = tempfile::tempdir().expect("a folder");
    let project = Project::new(temp.path());
    project.generated("one.yaml");
    project.edit();
    // Handlers of both are there after one round, and a round later nothing is new.
    let mut expected = BTreeMap::new();
    let mut took = Duration::ZERO;
    for spec in ["two.yaml", "one.yaml", "two.yaml", "one.yaml"] {
        let begin = Instant::now();
        project.generated(spec);
        took = begin.elapsed();
        expected.insert(spec, contents(&project.tree()));
    }
    let mut interrupted = 0;
    for moment in 0..100_u32 {
        let spec = ["two.yaml", "one.yaml"][moment as usize % 2];
        let mut child = project.command(spec).spawn().expect("the command starts");
        // What is written is written at the end; 37 and 100 have no common divisor.
        let share = 0.4 + 0.7 * f64::from(moment * 37 % 100) / 100.0;
        thread::sleep(took.mul_f64(share));
        child.kill().expect("killed, or at its end");
        let status = child.wait().expect("it ends");
        interrupted += u32::from(!status.success());
        // The machine may be slower or faster now than it was at the beginning.
        took = match status.success() {
            true if share < 1.0 => took.mul_f64(0.9),
            false if share > 1.0 => took.mul_f64(1.1),
            _ => took,
        };
        for path in ["src/handlers/default.rs", "src/lib.rs", "README.md", ".env"] {
            let text = fs::read_to_string(project.tree().join(path)).expect("whole");
            assert!(text.contains(" mine\n"), "{path} at moment {moment}");
        }
        project.generated(spec);
        assert!(
            contents(&project.tree()) == expected[spec],
            "another tree after moment {moment}"
        );
    }
    assert!(interrupted > 20, "only {interrupted} were killed in time");
}

#[test]
fn a_new_tree_is_whole_or_not_there() {
    let temp = tempfile::tempdir().expect("a folder");
    let project = Project::new(temp.path());
    let begin = Instant::now();
    project.generated("one.yaml");
    let took = begin.elapsed();
    let expected = contents(&project.tree());
    for moment in 0..20 {
        fs::remove_dir_all(project.tree()).expect("removed");
        let mut child = project
            .command("one.yaml")
            .spawn()
            .expect("the command starts");
        thread::sleep(took.mul_f64(0.5 + 0.03 * f64::from(moment)));
        child.kill().expect("killed, or at its end");
        child.wait().expect("it ends");
        if project.tree().exists() {
            assert!(contents(&project.tree()) == expected, "moment {moment}");
        }
        project.generated("one.yaml");
        assert!(contents(&project.tree()) == expected, "moment {moment}");
        let names = temp.path().read_dir().expect("a folder").count();
        assert_eq!(names, 3, "nothing is left beside the tree");
    }
}

/// A small disk of its own; gone when it is dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// None where this user may not mount.
    fn mount(at: &Path) -> Option<Self> {
        let status = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"])
            .arg(at)
            .stderr(Stdio::null())
            .status();
        status
            .is_ok_and(|status| status.success())
            .then(|| Self(at.to_owned()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_leaves_the_old_tree() {
    let temp = tempfile::tempdir().expect("a folder");
    let Some(disk) = SmallDisk::mount(temp.path()) else {
        eprintln!("skipped: only root may mount a small disk");
        return;
    };
    let project = Project::new(&disk.0);
    project.generated("one.yaml");
    project.edit();
    project.generated("one.yaml");
    let before = contents(&project.tree());
    let mut refused = 0;
    // From no room at all to room for a part of it.
    for room in (0..14).map(|steps| steps * 16 * 1024) {
        let ballast = disk.0.join("ballast");
        let mut size = 1 << 20;
        // As much as fits, less what is to be left.
        while fs::write(&ballast, vec![0; size]).is_err() {
            size -= 4096;
        }
        fs::write(&ballast, vec![0; size.saturating_sub(room)]).expect("it was larger");
        let output = project.generate("two.yaml");
        let is_done = output.status.success();
        fs::remove_file(&ballast).expect("removed");
        if is_done {
            break;
        }
        refused += 1;
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(
            told.contains("No space left") || told.contains("interrupted"),
            "{told}"
        );
        // Looking finishes what was begun, if anything was.
        let looked = project.command("one.yaml").arg("--dry-run").status();
        assert!(looked.is_ok_and(|status| status.success()));
        assert!(
            contents(&project.tree()) == before,
            "with room for {room} bytes"
        );
    }
    assert!(refused > 3, "the disk was never full");
    project.generated("two.yaml");
    let handlers = fs::read_to_string(project.tree().join("src/handlers/default.rs"));
    assert!(handlers.expect("there").contains("// mine\n"));
}
