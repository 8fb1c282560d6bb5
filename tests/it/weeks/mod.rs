//! A service's life: a person writes it, then its document changes week by week. After each change
//! the compiler complains exactly where the report has said, and what the person wrote is there.

mod edits;
mod person;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use failsafe_tests::{Tree, failsafe, files, paths};
use serde_json::Value;

use person::Persons;

/// What happens to a document in a week, and what its person then does.
struct Week {
    what: &'static str,
    /// Texts of the document and what they become.
    document: &'static [(&'static str, &'static str)],
    options: &'static [&'static str],
    /// How many places the compiler complains about.
    complaints: usize,
    /// How many places the report only calls possible, and the compiler finds nothing wrong with.
    idle: usize,
    follow: &'static [Step],
}

enum Step {
    /// A text of a file of the person's, and what he makes of it.
    Edit(&'static str, &'static str, &'static str),
    Delete(&'static str),
}

const QUIET: Week = Week {
    what: "",
    document: &[],
    options: &[],
    complaints: 0,
    idle: 0,
    follow: &[],
};

/// A place in the person's code, and the code of the error there.
type Place = (String, u64, String);

/// What the report says of the person's code.
struct Told {
    certain: BTreeSet<Place>,
    possible: BTreeSet<(String, u64)>,
}

struct Life {
    spec: PathBuf,
    document: String,
    tree: Tree,
}

impl Life {
    /// A service that its person has filled in.
    fn begin(folder: &Path) -> Self {
        let data = paths::repository().join("tests/weeks");
        let path = paths::made().join("weeks");
        let _ = fs::remove_dir_all(&path);
        let document = fs::read_to_string(data.join("shelter.yaml")).expect("the document");
        let mut life = Self {
            spec: folder.join("shelter.yaml"),
            document,
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
        life.generate(&options);
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
        assert_eq!(life.complaints(), BTreeSet::new());
        life
    }

    fn generate(&mut self, options: &[&str]) -> Told {
        fs::write(&self.spec, &self.document).expect("written");
        let mut words = vec!["generate", text(&self.spec), "-o", text(self.tree.path())];
        words.extend(["--format", "json"]);
        words.extend(options);
        let output = failsafe(&words);
        let told: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(told["done"], true, "{told:#}");
        assert_eq!(told["written"]["conflicts"], Value::Array(Vec::new()));
        let mut all = Told {
            certain: BTreeSet::new(),
            possible: BTreeSet::new(),
        };
        for notice in told["written"]["notices"].as_array().expect("a list") {
            let path = notice["path"].as_str().expect("a path").to_owned();
            let line = notice["line"].as_u64().expect("a line");
            match notice["compiler"].as_str() {
                // error[E0432]: unresolved import
                Some(error) => all.certain.insert((path, line, error[6..11].to_owned())),
                None => all.possible.insert((path, line)),
            };
        }
        all
    }

    /// Where the compiler complains about the person's code; warnings are complaints too.
    fn complaints(&self) -> BTreeSet<Place> {
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
            for span in spans.filter(|span| span["is_primary"] == true) {
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

    fn follow(&self, steps: &[Step]) {
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

    fn live(&mut self, week: &Week) {
        let what = week.what;
        for (old, new) in week.document {
            assert!(self.document.contains(old), "{what}: {old:?}");
            self.document = self.document.replace(old, new);
        }
        let before = Persons::read(self.tree.path());
        let told = self.generate(week.options);
        before.are_still_in(self.tree.path(), what);

        let complaints = self.complaints();
        let is_possible = |(path, line, _): &&Place| told.possible.contains(&(path.clone(), *line));
        let (possible, certain): (BTreeSet<Place>, BTreeSet<Place>) = complaints
            .iter()
            .cloned()
            .partition(|place| is_possible(&place));
        assert_eq!(
            told.certain, certain,
            "{what}: what is told, and what is so"
        );
        assert_eq!(complaints.len(), week.complaints, "{what}: {complaints:#?}");
        let met: BTreeSet<_> = possible
            .iter()
            .map(|(path, line, _)| (path, line))
            .collect();
        let idle = told.possible.len() - met.len();
        assert_eq!(idle, week.idle, "{what}: {:#?}", told.possible);

        self.follow(week.follow);
        assert_eq!(
            self.complaints(),
            BTreeSet::new(),
            "{what}: after it was followed"
        );
        let again = self.generate(&[]);
        assert_eq!(again.certain, BTreeSet::new(), "{what}: the second time");
        let check = [
            "generate",
            text(&self.spec),
            "-o",
            text(self.tree.path()),
            "--check",
        ];
        let check = failsafe(&check);
        assert!(
            check.status.success(),
            "{what}: {}",
            String::from_utf8_lossy(&check.stderr)
        );
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

#[test]
fn the_compiler_complains_exactly_where_it_was_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut life = Life::begin(folder.path());
    for week in edits::weeks() {
        life.live(week);
    }
    // Nothing of the person's went with all that.
    let texts: BTreeMap<PathBuf, String> = files(life.tree.path())
        .into_iter()
        .filter_map(|path| {
            let text = fs::read_to_string(life.tree.path().join(&path)).ok()?;
            Some((path, text))
        })
        .collect();
    for (path, mark) in person::MARKS {
        let text = &texts[Path::new(path)];
        assert!(text.contains(mark), "{path}\n{text}");
    }
}
