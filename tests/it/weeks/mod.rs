//! A service's life: a person writes it, then its document changes week by week. After each change
//! the compiler complains exactly where the report has said, and what the person wrote is there.

mod around;
mod edits;
mod life;
mod person;
mod random;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use failsafe_tests::files;

use life::{Life, Place, Step};
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

const QUIET: Week = Week {
    what: "",
    document: &[],
    options: &[],
    complaints: 0,
    idle: 0,
    follow: &[],
};

fn live(life: &Life, document: &mut String, week: &Week) {
    let what = week.what;
    for (old, new) in week.document {
        assert!(document.contains(old), "{what}: {old:?}");
        *document = document.replace(old, new);
    }
    let before = Persons::read(life.tree.path());
    let told = life.generate(document, week.options).expect("it is valid");
    before.are_still_in(life.tree.path(), what);

    let complaints = life.complaints();
    let (possible, certain): (BTreeSet<Place>, BTreeSet<Place>) = complaints
        .iter()
        .cloned()
        .partition(|place| told.is_possible(place));
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

    life.follow(week.follow);
    assert_eq!(
        life.complaints(),
        BTreeSet::new(),
        "{what}: after it was followed"
    );
    let again = life.generate(document, &[]).expect("it is valid");
    assert_eq!(again.certain, BTreeSet::new(), "{what}: the second time");
    life.is_in_step(what);
}

#[test]
fn the_compiler_complains_exactly_where_it_was_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let life = Life::begin("weeks", folder.path());
    assert_eq!(life.complaints(), BTreeSet::new());
    let mut document = fs::read_to_string(Life::document()).expect("the document");
    for week in edits::weeks() {
        live(&life, &mut document, week);
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
