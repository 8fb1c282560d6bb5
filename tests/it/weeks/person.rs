//! What a person has written, and how to see that it is still there.

use std::{collections::BTreeMap, collections::BTreeSet, fs, path::Path};

use failsafe_tests::files;

/// Files that the person has edited beside his code, and what stands in them since.
pub(super) const MARKS: &[(&str, &str)] = &[
    (".env", "# The shelter's own port."),
    ("Cargo.toml", "# Ours from here on."),
    ("README.md", "Cats come first."),
    ("docker-compose.yml", "# Behind the proxy of the town."),
    ("src/main.rs", "// Nothing to see here."),
    ("src/settings.rs", "// Read once, at the start."),
];

/// The texts of all files of the person's.
pub(super) struct Persons {
    texts: BTreeMap<String, String>,
    /// What the generator has written of them.
    bases: BTreeMap<String, String>,
}

impl Persons {
    pub(super) fn read(tree: &Path) -> Self {
        let mut persons = Self {
            texts: BTreeMap::new(),
            bases: BTreeMap::new(),
        };
        for path in files(tree) {
            let text = fs::read_to_string(tree.join(&path)).expect("UTF-8");
            let path = path.to_str().expect("UTF-8").to_owned();
            let of_the_generator = [
                "src/generated/",
                "tests/policies.rs",
                ".failsafe/",
                "openapi.yaml",
                "Cargo.lock",
            ];
            if let Some(base) = path.strip_prefix(".failsafe/base/") {
                persons.bases.insert(base.to_owned(), text);
            } else if !of_the_generator.iter().any(|it| path.starts_with(it)) {
                persons.texts.insert(path, text);
            }
        }
        persons
    }

    /// Whether all that was the person's is there, in its order: in a file that the generator has
    /// brought into the world every line that is not of its making, in code every line. Imports
    /// may be laid out anew, with all their names.
    #[track_caller]
    pub(super) fn are_still_in(&self, tree: &Path, what: &str) {
        for (path, old) in &self.texts {
            let new = fs::read_to_string(tree.join(path));
            let new = new.unwrap_or_else(|error| panic!("{what}: {path}: {error}"));
            let base = self.bases.get(path).map_or("", String::as_str);
            let of_the_generator: BTreeSet<&str> = base.lines().collect();
            let (old_imports, old) = apart(path, old);
            let (new_imports, new) = apart(path, &new);
            let mut rest = new.iter();
            for line in old {
                let is_kept = of_the_generator.contains(line.trim_end_matches('\n'))
                    || rest.any(|it| *it == line);
                assert!(is_kept, "{what}: {path} has lost {line:?}\n{new:#?}");
            }
            let (of_its_own, _) = apart(path, base);
            let lost = old_imports.difference(&new_imports);
            let lost: Vec<_> = lost.filter(|name| !of_its_own.contains(*name)).collect();
            assert!(lost.is_empty(), "{what}: {path} has lost {lost:?}");
        }
    }
}

/// The words of the imports of a text, and its other lines.
fn apart(path: &str, text: &str) -> (BTreeSet<String>, Vec<String>) {
    let (mut words, mut lines) = (BTreeSet::new(), Vec::new());
    let mut is_import = false;
    for line in text.split_inclusive('\n') {
        is_import |= path.ends_with(".rs") && line.trim_start().starts_with("use ");
        if is_import {
            let names = line.split(|c: char| !c.is_alphanumeric() && c != '_');
            words.extend(names.map(str::to_owned));
        } else {
            lines.push(line.to_owned());
        }
        is_import &= !line.trim_end().ends_with(';');
    }
    (words, lines)
}
