//! `failsafe watch`, alive: documents are saved in the ways in which editors do, and what is printed
//! is waited for.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

/// Longer than anything takes on a machine that has much else to do.
const LONG: Duration = Duration::from_secs(60);

const DOCUMENT: &str = "\
openapi: 3.1.0
info: { title: Pets, version: '1' }
paths:
  /pets:
    get:
      operationId: listPets
      tags: [pets]
      responses:
        '200':
          description: All.
          content: { application/json: { schema: { $ref: 'pet.yaml' } } }
";
const PET: &str = "{ type: object, properties: { name: { type: string } } }\n";

struct Watch {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    /// What has been printed so far.
    told: String,
    dir: tempfile::TempDir,
}

impl Watch {
    fn begin(words: &[&str]) -> Self {
        Self::begin_beside(words, &[])
    }

    /// The same with more files beside the document.
    fn begin_beside(words: &[&str], files: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let document = [("api.yaml", DOCUMENT), ("pet.yaml", PET)];
        for (name, text) in document.iter().chain(files) {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().expect("below the folder")).expect("a folder");
            fs::write(path, text).expect("written");
        }
        let mut child = Command::new(env!("CARGO_BIN_EXE_failsafe"))
            .current_dir(dir.path())
            .args(["watch", "api.yaml", "-o", "svc", "--runtime", "version:1"])
            .args(words)
            // Stands in for cargo, which would look for a registry.
            .env("CARGO", dir.path().join("cargo"))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command starts");
        let stderr = BufReader::new(child.stderr.take().expect("a pipe"));
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Self {
            stdin: child.stdin.take(),
            child,
            lines,
            told: String::new(),
            dir,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn save(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("saved");
    }

    /// Waits for a line that has some words.
    #[track_caller]
    fn hears(&mut self, words: &str) {
        let begin = Instant::now();
        while begin.elapsed() < LONG {
            let Ok(line) = self.lines.recv_timeout(Duration::from_millis(100)) else {
                continue;
            };
            self.told.push_str(&line);
            self.told.push('\n');
            if line.contains(words) {
                return;
            }
        }
        panic!("nobody said `{words}`:\n{}", self.told);
    }

    fn reads(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// Asks it to end, and waits for that.
    #[cfg(unix)]
    fn ends(mut self, signal: &str) -> String {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &pid]).status();
        assert!(sent.is_ok_and(|status| status.success()));
        self.hears("Ended");
        let begin = Instant::now();
        while begin.elapsed() < LONG {
            if let Some(status) = self.child.try_wait().expect("a child") {
                assert_eq!(status.code(), Some(0), "{}", self.told);
                return std::mem::take(&mut self.told);
            }
            thread::sleep(Duration::from_millis(20));
        }
        panic!("it goes on:\n{}", self.told);
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// As editors do that write beside and rename.
fn renamed_over(path: &Path, text: &str) {
    let beside = path.with_extension("tmp");
    fs::write(&beside, text).expect("written");
    fs::rename(&beside, path).expect("renamed");
}

#[cfg(unix)]
#[test]
fn a_service_follows_its_document_through_every_way_of_saving() {
    let mut watch = Watch::begin(&[]);
    watch.hears("Wrote");
    watch.hears("Watching api.yaml and 1 more file");
    assert!(
        watch
            .reads("svc/src/generated/apis/pets.rs")
            .contains("list_pets")
    );

    // Written over.
    let added = DOCUMENT.replace("    get:", "    delete:\n      operationId: dropPets\n      tags: [pets]\n      responses: { '204': { description: None. } }\n    get:");
    watch.save("api.yaml", &added);
    watch.hears("Changed api.yaml");
    watch.hears("changed src/generated/apis/pets.rs");
    watch.hears("Added `drop_pets` to src/handlers/pets.rs");

    // A file that the document refers to, renamed over.
    let born = PET.replace("properties: {", "properties: { born: { type: string },");
    renamed_over(&watch.path("pet.yaml"), &born);
    watch.hears("Changed pet.yaml");
    watch.hears("Wrote svc");
    assert!(watch.reads("svc/src/generated/models/mod.rs").len() > 10);

    // Broken, then whole again: what is there stays meanwhile.
    let before = watch.reads("svc/src/generated/apis/pets.rs");
    watch.save("api.yaml", "openapi: [");
    watch.hears("nothing was written");
    assert_eq!(watch.reads("svc/src/generated/apis/pets.rs"), before);
    // A file that only the document names that nobody can read is still looked at.
    renamed_over(&watch.path("pet.yaml"), PET);
    watch.hears("Changed pet.yaml");
    watch.hears("nothing was written");
    watch.save("api.yaml", &added);
    watch.hears("Changed api.yaml");
    watch.hears("Wrote svc");

    // Away for a moment that is shorter than anybody's patience: nothing is wrong.
    fs::remove_file(watch.path("api.yaml")).expect("removed");
    thread::sleep(Duration::from_millis(300));
    watch.save("api.yaml", DOCUMENT);
    watch.hears("Changed api.yaml");
    watch.hears("Wrote svc");
    assert!(!watch.told.contains("there is no file"), "{}", watch.told);

    // Away for longer: that is told, and that it is back is seen.
    fs::remove_file(watch.path("api.yaml")).expect("removed");
    watch.hears("there is no file `api.yaml`");
    watch.hears("nothing was written");
    watch.save("api.yaml", &added);
    watch.hears("Wrote svc");

    // The project's options.
    watch.save("failsafe.toml", "app-name = 'Kennel'\n");
    watch.hears("Changed failsafe.toml");
    watch.hears("Wrote svc");
    watch.save("failsafe.toml", "app-nam = 'Kennel'\n");
    watch.hears("did you mean `app-name`?");
    watch.save("failsafe.toml", "app-name = 'Farm'\n");
    watch.hears("Wrote svc");

    watch.ends("-INT");
}

/// An overlay that gives all operations a pattern.
fn overlay(pattern: &str) -> String {
    format!(
        "overlay: 1.0.0\ninfo: {{ title: Ours, version: '1' }}\nactions: [{{ target: $.paths.*.*, update: {{ {pattern} }} }}]\n"
    )
}

#[cfg(unix)]
#[test]
fn overlays_and_templates_are_followed_as_the_document_is() {
    let words = [
        "--overlay",
        "ours/limits.yaml",
        "--overlay",
        "ours/times.yaml",
        "--templates",
        "ours/templates",
    ];
    let (limits, times) = (
        overlay("x-ratelimit: { limit: 7/second }"),
        overlay("x-timeout: { seconds: 3 }"),
    );
    let readme = "ours/templates/README.md.j2";
    let files = [
        ("ours/limits.yaml", limits.as_str()),
        ("ours/times.yaml", times.as_str()),
        (readme, "# Our {{ tree.app_name|md }}\n"),
    ];
    let mut watch = Watch::begin_beside(&words, &files);
    watch.hears("Watching");
    let stack = "svc/src/generated/resilience.rs";
    assert!(watch.reads(stack).contains("max_executions: 7"));
    assert!(watch.reads(stack).contains("from_secs(3)"));
    assert_eq!(watch.reads("svc/README.md"), "# Our Pets\n");

    // Each of them by itself: written over, and renamed over.
    watch.save("ours/times.yaml", &times.replace('3', "4"));
    watch.hears("Changed ours/times.yaml");
    watch.hears("Wrote svc");
    assert!(watch.reads(stack).contains("from_secs(4)"));
    renamed_over(&watch.path("ours/limits.yaml"), &limits.replace("7/", "8/"));
    watch.hears("Changed ours/limits.yaml");
    watch.hears("Wrote svc");
    assert!(watch.reads(stack).contains("max_executions: 8"));
    assert!(watch.reads(stack).contains("from_secs(4)"));
    renamed_over(&watch.path(readme), "# The {{ tree.app_name|md }}\n");
    watch.hears("Wrote svc");
    assert_eq!(watch.reads("svc/README.md"), "# The Pets\n");

    // Broken, and while it is another one changes: nothing is written until it is whole.
    let before = watch.reads(stack);
    watch.save("ours/limits.yaml", "overlay: [");
    watch.hears("ours/limits.yaml:");
    watch.hears("nothing was written");
    watch.save("ours/times.yaml", &times);
    watch.hears("Changed ours/times.yaml");
    watch.hears("nothing was written");
    assert_eq!(watch.reads(stack), before);
    watch.save("ours/limits.yaml", &limits);
    watch.hears("Wrote svc");
    assert!(watch.reads(stack).contains("max_executions: 7"));
    assert!(watch.reads(stack).contains("from_secs(3)"));
    watch.save(readme, "# {{ tree.app_nam");
    watch.hears("README.md.j2");
    watch.hears("nothing was written");
    watch.save(readme, "# {{ tree.app_name|md }}\n");
    watch.hears("Wrote svc");
    assert_eq!(watch.reads("svc/README.md"), "# Pets\n");

    // Away for long, and back.
    fs::remove_file(watch.path("ours/times.yaml")).expect("removed");
    watch.hears("ours/times.yaml");
    watch.hears("nothing was written");
    watch.save("ours/times.yaml", &times.replace('3', "5"));
    watch.hears("Wrote svc");
    assert!(watch.reads(stack).contains("from_secs(5)"));
    // Without a template the built-in one is there again; what comes into the folder is seen.
    fs::remove_file(watch.path(readme)).expect("removed");
    watch.hears("Wrote svc");
    assert!(watch.reads("svc/README.md").contains("## Run it"));
    watch.save(readme, "# Ours\n");
    watch.hears("Wrote svc");
    assert_eq!(watch.reads("svc/README.md"), "# Ours\n");
    let own = watch.path("ours/templates");
    fs::rename(&own, watch.path("ours/away")).expect("renamed");
    watch.hears("ours/templates");
    fs::rename(watch.path("ours/away"), &own).expect("renamed");
    watch.save(readme, "# Back\n");
    watch.hears("Wrote svc");
    assert_eq!(watch.reads("svc/README.md"), "# Back\n");
    watch.ends("-INT");
}

#[cfg(unix)]
#[test]
fn a_service_is_built_after_changes_and_on_request() {
    use std::os::unix::fs::PermissionsExt;

    let mut watch = Watch::begin(&["--build"]);
    // There is no cargo yet.
    watch.hears("Cannot start cargo");
    let cargo = watch.path("cargo");
    fs::write(&cargo, "#!/bin/sh\necho \"cargo $*\" >&2\n").expect("written");
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).expect("a program");

    let mut stdin = watch.stdin.take().expect("a pipe");
    stdin.write_all(b"\n").expect("read");
    watch.hears("cargo build --manifest-path svc/Cargo.toml");
    watch.hears("Built");

    watch.save("api.yaml", &DOCUMENT.replace("listPets", "allPets"));
    watch.hears("Wrote svc");
    watch.hears("cargo build");
    watch.hears("Built");
    fs::write(&cargo, "#!/bin/sh\nexit 1\n").expect("written");
    stdin.write_all(b"b\n").expect("read");
    watch.hears("Not built");

    // Whoever is asked to end ends what he has begun.
    fs::write(&cargo, "#!/bin/sh\necho $$ > cargo.pid\nexec sleep 600\n").expect("written");
    stdin.write_all(b"\n").expect("read");
    let pid = loop {
        let pid = watch.reads("cargo.pid");
        if pid.ends_with('\n') {
            break pid.trim().to_owned();
        }
        thread::sleep(Duration::from_millis(20));
    };
    watch.ends("-TERM");
    let alive = Command::new("kill")
        .args(["-0", &pid])
        .stderr(Stdio::null())
        .status();
    assert!(!alive.expect("an answer").success(), "cargo goes on");
}

#[test]
fn what_cannot_be_watched_is_refused() {
    let dir = tempfile::tempdir().expect("a folder");
    let told = |words: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_failsafe"))
            .current_dir(dir.path())
            .arg("watch")
            .args(words)
            .output()
            .expect("the command starts");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        format!(
            "exit {}\n{stderr}\n",
            output.status.code().expect("an exit code")
        )
    };
    let all = [
        &["-"][..],
        &["api.yaml", "--check"],
        &["api.yaml", "--format", "json"],
        &[],
    ];
    let all: String = all.into_iter().map(told).collect();
    insta::assert_snapshot!("watch_refused", all);
    let help = Command::new(env!("CARGO_BIN_EXE_failsafe"))
        .args(["watch", "-h"])
        .output();
    let help = help.expect("the command starts").stdout;
    let help = String::from_utf8_lossy(&help);
    // What follows are the options of `generate`.
    let (own, _) = help
        .split_once("The document:")
        .expect("options of the document");
    insta::assert_snapshot!("watch_help", own);
}
