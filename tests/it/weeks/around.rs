//! Code around the service: what a person's tests make of generated types is told as well.

use std::{collections::BTreeSet, fs};

use failsafe_tests::paths;

use super::{
    life::{Life, Place},
    person::Persons,
};

const FAKES: &str = "tests/fakes.rs";

/// What happens to the document, and where the compiler complains of the tests; nowhere if it does
/// of the service, because it does not come to them then.
type Week = (
    &'static [(&'static str, &'static str)],
    Option<(u64, &'static str)>,
);

const WEEKS: &[Week] = &[
    (
        &[(
            "        \"409\": { description: Somebody else comes then. }\n",
            "        \"409\": { description: Somebody else comes then. }
    delete:
      operationId: clearVisits
      tags: [visits]
      responses:
        \"204\": { description: Nobody comes. }\n",
        )],
        Some((9, "E0046")),
    ),
    (
        &[(
            "phone: { type: string }",
            "phone: { type: string }, email: { type: string }",
        )],
        Some((26, "E0063")),
    ),
    (
        &[
            ("schemas/Visit\"", "schemas/Appointment\""),
            ("    Visit:\n", "    Appointment:\n"),
        ],
        None,
    ),
];

#[test]
fn tests_are_told_of_what_the_service_survives() {
    let folder = tempfile::tempdir().expect("a folder");
    let life = Life::begin("around", folder.path());
    let fakes = paths::repository().join("tests/weeks/fakes.rs");
    fs::copy(fakes, life.tree.path().join(FAKES)).expect("copied");
    assert_eq!(life.complaints(), BTreeSet::new());
    let born = life.texts();
    let first = fs::read_to_string(Life::document()).expect("the document");
    for (changes, expected) in WEEKS {
        let mut document = first.clone();
        for (old, new) in *changes {
            assert!(document.contains(old), "{old}");
            document = document.replace(old, new);
        }
        let before = Persons::read(life.tree.path());
        let told = life.generate(&document, &[]).expect("it is valid");
        before.are_still_in(life.tree.path(), "around");
        assert_eq!(life.complaints(), told.certain, "{changes:?}");

        let certain: Vec<&Place> = told.certain.iter().filter(|it| it.0 == FAKES).collect();
        let possible = told.possible.iter().any(|it| it.0 == FAKES);
        match expected {
            Some((line, code)) => {
                assert_eq!(certain, [&(FAKES.to_owned(), *line, (*code).to_owned())]);
                assert_eq!(told.certain.len(), 1, "{told:#?}");
            }
            None => assert!(certain.is_empty() && possible, "{told:#?}"),
        }
        life.restore(&born);
    }
}
