//! Where references lead, and what is said of those that lead nowhere.

use super::*;

#[test]
fn references_are_followed_to_their_end() {
    let document = document(
        r##"
openapi: 3.1.0
paths:
  /a~b/{c}: { get: { summary: there } }
first: { $ref: '#/second' }
second: { $ref: '#/paths/~1a~0b~1%7Bc%7D/get' }
whole: { $ref: '#' }
anchor: { $ref: '#nobody' }
data: { $ref: { type: string } }
"##,
    );
    let root = document.root();
    let at = |key: &str| root.get(key).expect("it is there");
    let end = at("first").resolve().expect("it leads somewhere");
    assert_eq!(end.pointer(), "/paths/~1a~0b~1{c}/get");
    assert_eq!(
        end.get("summary").and_then(|at: At<'_>| at.as_str()),
        Some("there")
    );
    assert_eq!(at("whole").resolve().expect("the root").pointer(), "");
    assert_eq!(
        at("anchor").resolve().expect_err("no path").code,
        "unknown-reference"
    );
    // A property of this name is no reference.
    assert_eq!(at("data").resolve().expect("itself").pointer(), "/data");
}

#[test]
fn references_lead_into_other_files_and_back() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder is made");
        std::fs::write(path, text).expect("the file is written");
    };
    write(
        "api.yaml",
        "openapi: 3.1.0\n\
         paths: { /a: { $ref: 'paths/a b.yaml' } }\n\
         components: { schemas: { A: { $ref: schemas.json#/A }, default: { $ref: schemas.json#/B } } }\n\
         example: { $ref: nowhere.yaml }\n",
    );
    write(
        "paths/a b.yaml",
        "get: { description: { $ref: ../words.md } }\n",
    );
    write(
        "schemas.json",
        r##"{"A": {"$ref": "#/B"}, "B": {"$ref": "api.yaml#/openapi"}}"##,
    );
    write("words.md", "# Words: *of* [the\nwise");
    let renamed = |text: &str| text.replace("a b.yaml", "a%20b.yaml");
    write(
        "api.yaml",
        &renamed(&std::fs::read_to_string(dir.path().join("api.yaml")).expect("it is there")),
    );

    let document = load(&Input::Path(dir.path().join("api.yaml"))).expect("a good document");
    assert_eq!(document.files.len(), 4);
    let at = |pointer: &str| document.root().at_pointer(pointer).expect("it is there");
    let path = at("/paths/~1a").resolve().expect("it leads somewhere");
    let words = path
        .get("get")
        .and_then(|get| get.get("description"))
        .expect("it is there");
    assert_eq!(
        words.resolve().expect("a file").as_str(),
        Some("# Words: *of* [the\nwise")
    );
    let back = at("/components/schemas/A")
        .resolve()
        .expect("through both files");
    assert_eq!((back.file(), back.as_str()), (FileId(0), Some("3.1.0")));
    assert!(
        at("/components/schemas/default").resolve().is_ok(),
        "a name, not a default"
    );
}

/// Files in a folder of their own, and the document that the first of them is.
fn files(files: &[(&str, &str)]) -> (tempfile::TempDir, Document) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    for (name, text) in files {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder is made");
        std::fs::write(path, text).expect("the file is written");
    }
    let document = load(&Input::Path(dir.path().join(files[0].0))).expect("a good document");
    (dir, document)
}

/// The codes of what was found while reading, and what the values under `at` resolve to.
fn resolved(document: &Document) -> (Vec<&'static str>, Vec<String>) {
    let codes = document.problems.iter().map(|problem| problem.code);
    let at = document.root().get("at").expect("references to follow");
    let ends = at.items().map(|at| match at.resolve() {
        Ok(end) => shown(end.node()),
        Err(problem) => problem.code.to_owned(),
    });
    (codes.collect(), ends.collect())
}

#[test]
fn references_that_say_it_otherwise_are_understood_with_a_warning() {
    let (_dir, document) = files(&[
        (
            "api/root.yaml",
            r##"
openapi: 3.1.0
at:
  - $ref: 'sub\pet.yaml'
  - $ref: sub/pet.yaml
  - $ref: Pet
  - $ref: '#Pet'
  - $ref: '#components/schemas/Pet'
  - $ref: /components/schemas/Pet
  - $ref: sub/other.json#/a
  - $ref: sub/other.json#Named
  - $ref: a%20b.yaml
  - $ref: ../c%20d.yaml#/
  - $ref: ''
  - $ref: '#Nobody'
components: { schemas: { Pet: pet } }
"##,
        ),
        ("api/sub/pet.yaml", "in a file"),
        (
            "api/sub/other.json",
            r#"{"a": {"$ref": "sub/pet.yaml"}, "definitions": {"Named": 1}}"#,
        ),
        ("api/a b.yaml", "spaces"),
        ("c d.yaml", "above"),
    ]);
    let (codes, ends) = resolved(&document);
    assert_eq!(codes, ["misspelt-reference"; 7]);
    assert_eq!(
        ends,
        [
            "\"in a file\"",
            "\"in a file\"",
            "\"pet\"",
            "\"pet\"",
            "\"pet\"",
            "\"pet\"",
            "\"in a file\"",
            "#1",
            "\"spaces\"",
            "\"above\"",
            "unknown-reference",
            "unknown-reference",
        ]
    );
    assert_eq!(
        document.files.len(),
        6,
        "one file by any spelling, and the one that is not there"
    );
}

#[test]
fn anchors_and_ids_are_names() {
    let (_dir, document) = files(&[
        (
            "root.yaml",
            r##"
openapi: 3.1.0
at:
  - $ref: '#here'
  - $ref: other.yaml#there
  - $ref: https://schemas.example/pet
  - $ref: https://schemas.example/pet#/const
  - $ref: other.yaml#/way/const
components:
  schemas:
    A: { $anchor: here, const: 1 }
"##,
        ),
        (
            "other.yaml",
            "a: { $anchor: there, const: 2 }\n\
             b: { $id: https://schemas.example/pet, const: 3 }\n\
             way: { $ref: '#/b' }\n",
        ),
    ]);
    let (codes, ends) = resolved(&document);
    assert_eq!(codes, [""; 0]);
    assert_eq!(
        ends,
        [
            "{$anchor: \"here\", const: #1}",
            "{$anchor: \"there\", const: #2}",
            "{$id: \"https://schemas.example/pet\", const: #3}",
            "#3",
            "#3",
        ]
    );
}

#[test]
fn other_hosts_are_not_asked_and_that_is_said_of_each_reference() {
    let (_dir, document) = files(&[(
        "root.yaml",
        r##"
openapi: 3.1.0
at:
  - $ref: https://one.example/a.yaml
  - $ref: https://one.example/b.yaml#/c
  - $ref: http://two.example/
  - $ref: /etc/passwd
  - $ref: nowhere.yaml#/a
"##,
    )]);
    let (codes, ends) = resolved(&document);
    let expected = [
        "remote-reference",
        "remote-reference",
        "remote-reference",
        "absolute-reference",
        "file-missing",
    ];
    let mut codes_sorted = codes.clone();
    codes_sorted.sort_by_key(|code| expected.iter().position(|known| known == code));
    assert_eq!(codes_sorted, expected);
    assert_eq!(ends[..2], ["remote-reference"; 2]);
    let first = (document.problems.iter())
        .find(|problem| problem.message.contains("one.example"))
        .expect("a finding for the host");
    assert_eq!(
        first.message,
        "a reference leads to `https://one.example`, and other hosts are not asked"
    );
    assert!(
        first
            .help
            .as_deref()
            .is_some_and(|help| help.contains("redocly"))
    );
}

#[test]
fn a_folder_that_is_missing_is_missing_for_all_of_its_files() {
    let (dir, document) = files(&[(
        "root.yaml",
        "openapi: 3.1.0\nat:\n  - $ref: there/deep/a.yaml\n  - $ref: there/b.yaml#/c\n  - $ref: d.yaml\n",
    )]);
    let at = |name: &str| dir.path().join(name).display().to_string();
    let found = document.problems.iter();
    let found: Vec<&str> = found.map(|found| found.message.as_str()).collect();
    let folder = format!("there is no folder `{}`", at("there"));
    let file = format!("there is no file `{}`", at("d.yaml"));
    assert_eq!(found, [&folder, &folder, &file]);
}

#[test]
fn words_and_mappings_that_lead_nowhere_are_no_fault() {
    let (_dir, document) = files(&[(
        "root.yaml",
        "openapi: 3.1.0\ninfo: { description: { $ref: words.md } }\n\
         components: { schemas: { A: { properties: { description: { $ref: missing.yaml } } },\n\
         B: { discriminator: { propertyName: a, mapping: { b: lost.yaml#/b } } } } }\n",
    )]);
    let found = document.problems.iter();
    let found: Vec<_> = found
        .map(|found| (found.severity, found.location.as_ref()))
        .map(|(severity, place)| (severity, place.expect("a place").pointer.to_string()))
        .collect();
    assert_eq!(
        found,
        [
            (Severity::Warning, "/info/description/$ref".to_owned()),
            (
                Severity::Error,
                "/components/schemas/A/properties/description/$ref".to_owned()
            ),
            (
                Severity::Warning,
                "/components/schemas/B/discriminator/mapping/b".to_owned()
            )
        ]
    );
}

#[test]
fn whole_maps_may_stand_elsewhere() {
    let (_dir, document) = files(&[
        (
            "root.yaml",
            "openapi: 3.1.0\nmap: { own: 1, both: 2, $ref: map.yaml }\nat: []\n",
        ),
        ("map.yaml", "both: 3\nother: 4\n"),
    ]);
    let map = document.root().get("map").expect("a map");
    let members = map.members().into_iter();
    let members: Vec<_> = members.map(|(key, at)| (key, shown(at.node()))).collect();
    let expected = [("own", "#1"), ("both", "#2"), ("other", "#4")];
    assert_eq!(
        members,
        expected.map(|(key, value)| (key, value.to_owned()))
    );
}

#[test]
fn a_way_through_references_ends() {
    let (_dir, document) = files(&[(
        "root.yaml",
        "openapi: 3.1.0\n\
         at:\n  - $ref: '#/a/b/b/b'\n  - $ref: '#/c/x/x'\n\
         a: { $ref: '#/a/b' }\nc: { x: 1, $ref: '#/d' }\nd: { x: { $ref: '#/c' } }\n",
    )]);
    let (_, ends) = resolved(&document);
    assert_eq!(ends[0], "unknown-reference");
}
