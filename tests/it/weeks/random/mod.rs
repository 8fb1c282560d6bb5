//! The same with changes that chance makes. A case is a service as its person has written it, and
//! a few weeks. A week is a few edits of the document; if the person's code does not compile then,
//! the document is put back, which is a change like any other, and in the end the code as well.
//!
//! The cases are the same in each run. `PROPTEST_CASES` takes more of them, `PROPTEST_RNG_SEED`
//! others; what fails is printed in a form that names its edits.

mod draft;
mod operations;
mod schemas;
mod service;

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    env, fmt, fs,
    path::PathBuf,
};

use failsafe_tests::paths;
use proptest::{
    prelude::*,
    sample::Index,
    strategy::Union,
    test_runner::{RngSeed, TestRunner},
};

use super::{
    life::{Life, Place, Step, Texts, Told},
    person::Persons,
};
use draft::{Draft, Picks};

/// What it does to a document, how often beside the others, and how; none where there is nothing
/// that it could be done to.
struct Edit(
    &'static str,
    u32,
    fn(&mut Draft, &mut Picks<'_>) -> Option<()>,
);

impl fmt::Debug for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// An edit, and what chance picks in it.
#[derive(Clone)]
struct Drawn(&'static Edit, [Index; 8]);

impl fmt::Debug for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let edits = [operations::EDITS, schemas::EDITS, service::EDITS];
    let edits = edits.into_iter().flatten();
    let edit = Union::new_weighted(edits.map(|edit| (edit.1, Just(edit))).collect());
    let picks = any::<[Index; 8]>().no_shrink();
    (edit, picks).prop_map(|(edit, picks)| Drawn(edit, picks))
}

/// A service, and how it was before anything happened.
struct Weeks {
    life: Life,
    first: Draft,
    born: Texts,
    count: usize,
    idle: usize,
}

impl Weeks {
    fn begin(life: Life) -> Self {
        // Whatever a document needs of the runtime, it is compiled once.
        let town = life.tree.path().join("town");
        let runtime = paths::repository().join("runtime");
        let manifest = format!(
            "[package]\nname = \"town\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n[dependencies]\nfailsafe-runtime = {{ path = {runtime:?}, features = {FEATURES:?} }}\n"
        );
        fs::create_dir_all(town.join("src")).expect("a folder");
        fs::write(town.join("Cargo.toml"), manifest).expect("written");
        fs::write(town.join("src/lib.rs"), "").expect("written");
        let reports = paths::repository().join("tests/weeks/reports.rs");
        fs::copy(reports, life.tree.path().join("src/reports.rs")).expect("copied");
        life.follow(&[
            Step::Edit(
                "Cargo.toml",
                "\n[dependencies]",
                "\n[dependencies]\ntown = { path = \"town\" }",
            ),
            Step::Edit(
                "src/lib.rs",
                "pub mod settings;",
                "pub mod reports;\npub mod settings;",
            ),
        ]);
        assert_eq!(life.complaints(), BTreeSet::new());
        let born = life.texts();
        Self {
            life,
            first: Draft::first(),
            born,
            count: 0,
            idle: 0,
        }
    }

    fn live(&mut self, weeks: &[Vec<Drawn>]) {
        let mut draft = self.first.clone();
        self.life.restore(&self.born);
        for week in weeks {
            let old = draft.clone();
            draft.options.clear();
            for Drawn(edit, picks) in week {
                let before = draft.clone();
                if edit.2(&mut draft, &mut Picks(picks.iter())).is_none() {
                    draft = before;
                }
            }
            let what = format!("{week:?}");
            let before = self.life.texts();
            let Some(told) = self.generate(&draft, &what) else {
                assert_eq!(self.life.texts(), before, "{what}: of a wrong document");
                draft = old;
                continue;
            };
            if types(&before) == types(&self.life.texts()) {
                assert!(told.is_empty(), "{what}: {told:#?}");
            }
            if self.compiles(&told, &what) {
                continue;
            }
            // It was a mistake.
            let what = format!("{what}, and back again");
            let told = self.generate(&old, &what).expect("it was valid");
            self.compiles(&told, &what);
            self.life.restore(&before);
            draft = old;
        }
    }

    /// Brings the service in step; none where the document is wrong.
    fn generate(&self, draft: &Draft, what: &str) -> Option<Told> {
        let before = Persons::read(self.life.tree.path());
        let document = draft.document.to_string();
        let told = self.life.generate(&document, &draft.options)?;
        before.are_still_in(self.life.tree.path(), what);
        self.life.is_in_step(what);
        Some(told)
    }

    /// Whether the code compiles. Where it does not has been told, and what was told for certain
    /// is so.
    fn compiles(&mut self, told: &Told, what: &str) -> bool {
        let complaints = self.life.complaints();
        let is_told = |place: &&Place| told.certain.contains(place) || told.is_possible(place);
        let untold: Vec<&Place> = complaints.iter().filter(|it| !is_told(it)).collect();
        let wrong: Vec<&Place> = told.certain.difference(&complaints).collect();
        let shown = |places: Vec<&Place>| -> String {
            let lines = places.into_iter().map(|place| self.life.shown(place));
            lines.collect()
        };
        assert!(
            untold.is_empty() && wrong.is_empty(),
            "{what}\nnot told:\n{}told, and not so:\n{}of all:\n{}",
            shown(untold),
            shown(wrong),
            shown(complaints.iter().collect())
        );
        self.count += 1;
        let is_met = |(path, line): &&(String, u64)| {
            let mut met = complaints.iter().map(|(path, line, _)| (path, line));
            met.any(|place| place == (path, line))
        };
        self.idle += told.possible.iter().filter(|it| !is_met(it)).count();
        complaints.is_empty()
    }
}

/// The generated files that the person's code works with.
fn types(texts: &Texts) -> BTreeMap<&PathBuf, &Vec<u8>> {
    let is_code = |(path, _): &(&PathBuf, &Vec<u8>)| {
        path.starts_with("src/generated") && path.extension().is_some_and(|it| it == "rs")
    };
    texts.iter().filter(is_code).collect()
}

/// Of the runtime's, those that documents and options of this test need.
const FEATURES: &[&str] = &[
    "cache",
    "client",
    "controlplane",
    "docs",
    "multipart",
    "pattern",
    "prometheus",
    "security",
];

#[test]
fn the_compiler_complains_where_it_was_told_whatever_happens() {
    let folder = tempfile::tempdir().expect("a folder");
    let weeks = RefCell::new(Weeks::begin(Life::begin("random", folder.path())));
    let mut config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    if env::var_os("PROPTEST_CASES").is_none() {
        config.cases = 8;
    }
    // A step of shrinking takes as long as a case.
    if env::var_os("PROPTEST_MAX_SHRINK_ITERS").is_none() {
        config.max_shrink_iters = 12;
    }
    if let RngSeed::Random = config.rng_seed {
        config.rng_seed = RngSeed::Fixed(5);
    }
    let seed = config.rng_seed;
    let week = prop::collection::vec(drawn(), 1..4);
    let result = TestRunner::new(config).run(&prop::collection::vec(week, 2..5), |drawn| {
        weeks.borrow_mut().live(&drawn);
        Ok(())
    });
    let weeks = weeks.borrow();
    println!("{} times compared, {} idle places", weeks.count, weeks.idle);
    if let Err(error) = result {
        panic!("with {seed:?}: {error}");
    }
    // The compiler knows what code does not mind; but the report is to be read by people.
    assert!(weeks.idle <= 2 * weeks.count, "{}", weeks.idle);
}
