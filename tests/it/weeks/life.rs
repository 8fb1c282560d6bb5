//! A service that its person has filled in, what the report tells of his code, and what the
//! compiler says of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use failsafe_tests::{Tree, failsafe, files, paths};
use serde_json::Value;

use super::edits;

pub(super) enum Step {
    /// A text of a file of the person's, and what he makes of it.
    Edit(&'static str, &'static str, &'static str),
    Delete(&'static str),
}

/// A place in the person's code, and the code of the error there.
pub(super) type Place = (String, u64, String);

/// The texts of a tree.
pub(super) type Texts = BTreeMap<PathBuf, Vec<u8>>;

/// What the report says of the person's code.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) certain: BTreeSet<Place>,
    pub(super) possible: BTreeSet<(String, u64)>,
}

impl Told {
    fn read(report: &Value) -> Self {
        let mut told = Self::default();
        for notice in report["written"]["notices"].as_array().expect("a list") {
            let path = notice["path"].as_str().expect("a path").to_owned();
            let line = notice["line"].as_u64().expect("a line");
            match notice["compiler"].as_str() {
                // error[E0432]: unresolved import
                Some(error) => told.certain.insert((path, line, error[6..11].to_owned())),
                None => told.possible.insert((path, line)),
            };
        }
        told
    }

    pub(super) fn is_empty(&self) -> bool {
        self.certain.is_empty() && self.possible.is_empty()
    }

    pub(super) fn is_possible(&self, (path, line, _): &Place) -> bool {
        self.possible.contains(&(path.clone(), *line))
    }
}

pub(super) struct Life {
    spec: PathBuf,
    pub(super) tree: Tree,
}

impl Life {
    /// The document that a life begins with, as it is written.
    pub(super) fn document() -> PathBuf {
        paths::repository().join("tests/weeks/shelter.yaml")
    }

    /// A service in a folder of its own. Its document stands in another one.
    pub(super) fn begin(name: &str, folder: &Path) -> Self {
        let data = paths::repository().join("tests/weeks");
        let path = paths::made().join(name);
        let _ = fs::remove_dir_all(&path);
        let life = Self {
            spec: folder.join("shelter.yaml"),
            tree: Tree::at("shelter", &path),
        };
        let runtime = format!("path:{}", paths::repository().join("runtime").display());
        let options = [
            "--package-name",
            "shelter",
            "--runtime",
            runtime.as_str(),
            "--telemetry",
            "NONE",
            "--no-docs",
            "--no-controlplane",
        ];
        let document = fs::read_to_string(Self::document()).expect("the document");
        life.generate(&document, &options).expect("it is valid");
        let lock = paths::repository().join("Cargo.lock");
        fs::copy(lock, path.join("Cargo.lock")).expect("a lock file");
        for (from, to) in [
            ("pets.rs", "src/handlers/pets.rs"),
            // Handlers may stand anywhere.
            ("visits.rs", "src/calendar.rs"),
            ("store.rs", "src/store.rs"),
        ] {
            fs::copy(data.join(from), path.join(to)).expect("copied");
        }
        life.follow(edits::FIRST);
        life
    }

    /// Brings the service in step with a document; none where that cannot be read.
    pub(super) fn generate(&self, document: &str, options: &[&str]) -> Option<Told> {
        fs::write(&self.spec, document).expect("written");
        let mut words = vec!["generate", text(&self.spec), "-o", text(self.tree.path())];
        words.extend(["--format", "json"]);
        words.extend(options);
        let output = failsafe(&words);
        let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        if report["done"] != true {
            let problems = report["diagnostics"].as_array().expect("a list");
            assert!(!problems.is_empty(), "{report:#}");
            return None;
        }
        assert_eq!(report["written"]["conflicts"], Value::Array(Vec::new()));
        Some(Told::read(&report))
    }

    /// Nothing is left to do for the document of the last time.
    #[track_caller]
    pub(super) fn is_in_step(&self, what: &str) {
        let (spec, tree) = (text(&self.spec), text(self.tree.path()));
        let check = failsafe(&["generate", spec, "-o", tree, "--check"]);
        let said = String::from_utf8_lossy(&check.stderr);
        assert!(check.status.success(), "{what}: {said}");
    }

    /// Where the compiler complains about the person's code; warnings are complaints too.
    pub(super) fn complaints(&self) -> BTreeSet<Place> {
        let mut cargo = self.tree.cargo();
        cargo.args([
            "check",
            "--quiet",
            "--all-targets",
            "--message-format",
            "json",
        ]);
        let output = cargo.output().expect("cargo starts");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        let mut places = BTreeSet::new();
        for line in text.lines() {
            let message: Value = serde_json::from_str(line).expect("JSON");
            let message = &message["message"];
            let spans = message["spans"].as_array().into_iter().flatten();
            for mut span in spans.filter(|span| span["is_primary"] == true) {
                // `format!` and its like are code of others; they stand in the person's.
                while !span["expansion"].is_null() {
                    span = &span["expansion"]["span"];
                }
                let path = span["file_name"].as_str().expect("a path").to_owned();
                let line = span["line_start"].as_u64().expect("a line");
                let code = message["code"]["code"].as_str().unwrap_or("none");
                places.insert((path, line, code.to_owned()));
            }
        }
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            output.status.success(),
            places.is_empty(),
            "{places:#?}\n{said}"
        );
        places
    }

    /// All files of the tree.
    pub(super) fn texts(&self) -> Texts {
        let read = |path: PathBuf| {
            let text = fs::read(self.tree.path().join(&path)).expect("it is there");
            (path, text)
        };
        files(self.tree.path()).into_iter().map(read).collect()
    }

    /// Makes the tree what it was.
    pub(super) fn restore(&self, old: &Texts) {
        let new = self.texts();
        for path in new.keys().filter(|path| !old.contains_key(*path)) {
            fs::remove_file(self.tree.path().join(path)).expect("it is there");
        }
        let is_other = |(path, text): &(&PathBuf, &Vec<u8>)| new.get(*path) != Some(text);
        for (path, text) in old.iter().filter(is_other) {
            let path = self.tree.path().join(path);
            fs::create_dir_all(path.parent().expect("below the tree")).expect("a folder");
            fs::write(path, text).expect("written");
        }
    }

    /// A place with what is written there.
    pub(super) fn shown(&self, (path, line, code): &Place) -> String {
        let text = fs::read_to_string(self.tree.path().join(path)).unwrap_or_default();
        let index = usize::try_from(*line).expect("files are short") - 1;
        let there = text.lines().nth(index).unwrap_or_default().trim();
        format!("  {path}:{line}: {code}: {there}\n")
    }

    pub(super) fn follow(&self, steps: &[Step]) {
        for step in steps {
            match step {
                Step::Edit(path, old, new) => {
                    let path = self.tree.path().join(path);
                    let text = fs::read_to_string(&path).expect("a file of the person's");
                    assert_eq!(text.matches(old).count(), 1, "{old:?} in {path:?}\n{text}");
                    fs::write(path, text.replace(old, new)).expect("written");
                }
                Step::Delete(path) => {
                    fs::remove_file(self.tree.path().join(path)).expect("it was there");
                }
            }
        }
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}
