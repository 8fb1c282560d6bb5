//! A service's life: its document changes week by week, and whatever the person has written stays.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use failsafe_generator::{
    Request,
    cli::Choices,
    options::{Runtime, Telemetry},
    run,
    spec::Input,
    write::{Mode, Notice, Report},
};
use serde_json::{Value, json};

/// Files that the person has edited, and what stands in their first line since.
const EDITED: &[(&str, &str)] = &[
    ("Cargo.toml", "# mine: Cargo.toml"),
    ("Dockerfile", "# mine: Dockerfile"),
    ("README.md", "<!-- mine: README -->"),
    (".env", "# mine: .env"),
    (".gitignore", "# mine: .gitignore"),
    ("docker-compose.yml", "# mine: compose"),
    (".config/prometheus.yml", "# mine: prometheus"),
    ("src/main.rs", "// mine: main"),
    ("src/lib.rs", "// mine: lib"),
    ("src/settings.rs", "// mine: settings"),
    ("src/handlers/mod.rs", "// mine: handlers"),
];

struct Life {
    _temp: tempfile::TempDir,
    tree: PathBuf,
    document: Value,
    choices: Choices,
}

impl Life {
    fn begin() -> Self {
        let temp = tempfile::tempdir().expect("a folder");
        let tree = temp.path().join("svc");
        let mut life = Self {
            _temp: temp,
            tree,
            document: document(),
            choices: Choices {
                runtime: Some(Runtime::Version("1".to_owned())),
                ..Choices::default()
            },
        };
        life.generate();
        life.edit();
        life
    }

    fn generate(&mut self) -> Report {
        let outcome = run(Request {
            source: (self.choices).source(Input::Stdin(self.document.to_string().into())),
            choices: self.choices.clone(),
            templates: None,
            remember: String::new(),
            out: self.tree.clone(),
            force: false,
            mode: Mode::Write,
        });
        let Some(done) = outcome.done else {
            panic!("{:#?}\n{:#}", outcome.diagnostics, self.document);
        };
        done.written
    }

    fn call_pets_animals(&mut self) {
        let text = self
            .document
            .to_string()
            .replace("schemas/Pet\"", "schemas/Animal\"");
        self.document = serde_json::from_str(&text).expect("JSON");
        let schemas = self.document["components"]["schemas"]
            .as_object_mut()
            .expect("an object");
        if let Some(pet) = schemas.remove("Pet") {
            schemas.insert("Animal".to_owned(), pet);
        }
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.tree.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Fills in the handlers, and leaves a mark in every other file.
    fn edit(&self) {
        for (path, mark) in EDITED {
            if !self.tree.join(path).exists() {
                continue;
            }
            let text = self.read(path);
            // Lines of the person's own at both ends, where texts grow.
            let text = format!("{mark}\n{text}{}\n", mark.replace("mine", "mine too"));
            fs::write(self.tree.join(path), text).expect("edited");
        }
        for path in self.handlers() {
            let text = self.read(&path);
            let mut edited = String::new();
            let mut method = String::new();
            for line in text.split_inclusive('\n') {
                if let Some((_, rest)) = line.split_once("async fn ") {
                    method = rest.split('(').next().expect("a name").to_owned();
                }
                match line.contains("not_implemented") {
                    true => edited.push_str(&format!(
                        "        // mine: {method}\n\t\tself.{method}_of_mine( ctx )  .await\n"
                    )),
                    false => edited.push_str(line),
                }
            }
            fs::write(self.tree.join(path), edited).expect("edited");
        }
    }

    fn handlers(&self) -> Vec<String> {
        let folder = self.tree.join("src/handlers");
        let entries = folder.read_dir().expect("a folder");
        let mut paths: Vec<String> = entries
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .into_string()
                    .expect("UTF-8")
            })
            .filter(|name| name != "mod.rs")
            .map(|name| format!("src/handlers/{name}"))
            .collect();
        paths.sort();
        paths
    }

    /// The person's files as they are.
    fn persons(&self) -> BTreeMap<String, String> {
        let edited = EDITED.iter().map(|(path, _)| (*path).to_owned());
        edited
            .chain(self.handlers())
            .filter(|path| self.tree.join(path).exists())
            .map(|path| (path.clone(), self.read(&path)))
            .collect()
    }

    /// Generates, and looks at everything that must be so afterwards.
    fn next_week(&mut self, what: &str) {
        let before = self.persons();
        let report = self.generate();
        let after = self.persons();
        for (path, old) in &before {
            let new = after
                .get(path)
                .unwrap_or_else(|| panic!("{what}: {path} is gone"));
            let is_mine = |line: &&str| line.contains("mine");
            let mine = |text: &str| -> Vec<String> {
                text.lines().filter(is_mine).map(str::to_owned).collect()
            };
            assert_eq!(mine(old), mine(new), "{what}: {path}");
            if path.starts_with("src/handlers/") {
                inserted_only(what, path, old, new);
            }
            if path.ends_with(".rs") {
                syn::parse_file(new)
                    .unwrap_or_else(|error| panic!("{what}: {path}: {error}\n{new}"));
            }
        }
        let manifest = self.read("Cargo.toml").parse::<toml::Table>();
        assert!(manifest.is_ok(), "{what}: {manifest:?}");
        announced(what, &self.tree, &report.notices);

        // Nothing is left to do for a second run.
        let again = self.generate();
        assert!(again.changes.is_empty(), "{what}: {:#?}", again.changes);
        let lasting = report.notices.into_iter();
        let lasting: Vec<Notice> = lasting.filter(|it| !is_of_types(it)).collect();
        assert_eq!(again.notices, lasting, "{what}");
    }
}

/// What has become of types is told once: nobody knows what code should make of them.
fn is_of_types(notice: &Notice) -> bool {
    notice.message.contains("has changed: ")
}

/// Every line of the old text stands in the new one, in their order, but for imports that are
/// laid out anew.
#[track_caller]
fn inserted_only(what: &str, path: &str, old: &str, new: &str) {
    let code = |text: &str| {
        let body = text.find("\nimpl ").map_or(text, |at| &text[at..]);
        body.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let new_lines = code(new);
    let mut rest = new_lines.iter();
    for line in code(old) {
        assert!(
            rest.any(|it| *it == line),
            "{what}: {path} has lost {line:?}\n{new}"
        );
    }
}

/// Where the compiler is going to complain is exactly where the report says so: methods that their
/// trait does not have, counts of arguments, names that are gone.
fn announced(what: &str, tree: &Path, notices: &[Notice]) {
    let mut traits: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    let mut defined: BTreeSet<String> = BTreeSet::new();
    for entry in tree
        .join("src/generated/apis")
        .read_dir()
        .expect("a folder")
    {
        let text = fs::read_to_string(entry.expect("an entry").path()).expect("UTF-8");
        for item in syn::parse_file(&text).expect("Rust").items {
            match item {
                syn::Item::Trait(item) => {
                    let methods = item.items.iter().filter_map(|item| match item {
                        syn::TraitItem::Fn(method) => {
                            Some((method.sig.ident.to_string(), method.sig.inputs.len()))
                        }
                        _ => None,
                    });
                    defined.insert(item.ident.to_string());
                    traits.insert(item.ident.to_string(), methods.collect());
                }
                syn::Item::Struct(item) => {
                    defined.insert(item.ident.to_string());
                }
                syn::Item::Enum(item) => {
                    defined.insert(item.ident.to_string());
                }
                _ => {}
            }
        }
    }
    let mut expected: BTreeSet<(String, usize)> = BTreeSet::new();
    let mut missing = BTreeSet::new();
    let handlers = tree.join("src/handlers");
    for entry in handlers.read_dir().expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let name = format!("src/handlers/{name}");
        let text = fs::read_to_string(&path).expect("UTF-8");
        let line = |span: proc_macro2::Span| span.start().line;
        for item in syn::parse_file(&text).expect("Rust").items {
            match item {
                syn::Item::Impl(item) => {
                    let (_, of, _) = item.trait_.expect("a trait");
                    let of = of.segments.last().expect("a name").ident.to_string();
                    let Some(methods) = traits.get(&of) else {
                        expected.insert((name.clone(), line(item.impl_token.span)));
                        continue;
                    };
                    let mut open: BTreeSet<&String> = methods.keys().collect();
                    for method in &item.items {
                        let syn::ImplItem::Fn(method) = method else {
                            continue;
                        };
                        let own = method.sig.ident.to_string();
                        open.remove(&own);
                        if methods.get(&own) != Some(&method.sig.inputs.len()) {
                            expected.insert((name.clone(), line(method.sig.ident.span())));
                        }
                    }
                    missing.extend(open.into_iter().cloned());
                }
                syn::Item::Use(item) => {
                    let mut idents = Vec::new();
                    leaves(&item.tree, &mut idents);
                    let is_of_apis = quote::quote!(#item)
                        .to_string()
                        .contains("generated :: apis");
                    for ident in idents.iter().filter(|_| is_of_apis) {
                        if !defined.contains(&ident.to_string()) {
                            expected.insert((name.clone(), line(ident.span())));
                        }
                    }
                }
                _ => {}
            }
        }
    }
    let told: BTreeSet<(String, usize)> = (notices.iter())
        .map(|notice| (notice.path.clone(), notice.line))
        .collect();
    for place in &expected {
        assert!(
            told.contains(place),
            "{what}: {place:?} is not in {notices:#?}"
        );
    }
    for notice in notices {
        let place = (notice.path.clone(), notice.line);
        let is_known = expected.contains(&place)
            || is_of_types(notice)
            || notice.message.contains("signature")
            || notice.message.contains("is missing here")
            || notice.message.contains("is gone");
        assert!(is_known, "{what}: nothing is wrong at {notice:#?}");
    }
    for name in missing {
        let is_told = notices
            .iter()
            .any(|it| it.message.contains(&format!("is `{name}` now")));
        assert!(is_told, "{what}: nobody implements {name}: {notices:#?}");
    }
}

fn leaves(tree: &syn::UseTree, found: &mut Vec<syn::Ident>) {
    match tree {
        syn::UseTree::Path(path) => leaves(&path.tree, found),
        syn::UseTree::Name(name) => found.push(name.ident.clone()),
        syn::UseTree::Group(group) => group.items.iter().for_each(|tree| leaves(tree, found)),
        _ => {}
    }
}

fn operation(id: &str, tag: &str) -> Value {
    json!({ "operationId": id, "tags": [tag], "responses": { "200": {
        "description": "It.", "content": { "application/json": { "schema": {
            "$ref": "#/components/schemas/Pet" } } } } } })
}

fn document() -> Value {
    let id =
        json!([{ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } }]);
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Pets", "version": "1" },
        "paths": {
            "/pets": { "get": operation("listPets", "pets"), "post": operation("addPet", "pets") },
            "/pets/{id}": { "parameters": id, "get": operation("getPet", "pets"), "delete": operation("dropPet", "pets") },
            "/dogs": { "get": operation("listDogs", "dogs") },
        },
        "components": { "schemas": { "Pet": { "type": "object", "properties": { "name": { "type": "string" } } } } },
    })
}

type Edit = (&'static str, fn(&mut Life));

/// What happens to documents.
const EDITS: &[Edit] = &[
    ("an operation is added", |life| {
        life.document["paths"]["/pets/count"] = json!({ "get": operation("countPets", "pets") });
    }),
    ("a tag is added", |life| {
        life.document["paths"]["/cats"] = json!({ "get": operation("listCats", "cats") });
    }),
    ("a body and its model are added", |life| {
        life.document["components"]["schemas"]["NewPet"] = json!({ "type": "object", "required": ["name"], "properties": { "name": { "type": "string" }, "born": { "type": "string", "format": "date-time" } } });
        life.document["paths"]["/pets"]["post"]["requestBody"] = json!({ "required": true, "content": {
            "application/json": { "schema": { "$ref": "#/components/schemas/NewPet" } } } });
    }),
    ("a policy is added", |life| {
        life.document["paths"]["/pets"]["get"]["x-ratelimit"] = json!({ "limit": "10/second" });
    }),
    ("an operation is renamed", |life| {
        life.document["paths"]["/pets/{id}"]["get"]["operationId"] = "fetchPet".into();
    }),
    ("a type of the path changes", |life| {
        life.document["paths"]["/pets/{id}"]["parameters"][0]["schema"] =
            json!({ "type": "string", "format": "uuid" });
    }),
    ("a parameter is added", |life| {
        life.document["paths"]["/pets"]["get"]["parameters"] =
            json!([{ "name": "limit", "in": "query", "schema": { "type": "integer" } }]);
    }),
    ("an operation moves to another tag", |life| {
        life.document["paths"]["/pets"]["post"]["tags"] = json!(["dogs"]);
    }),
    ("an operation is removed", |life| {
        let path = &mut life.document["paths"]["/pets/{id}"];
        path.as_object_mut().expect("an object").remove("delete");
    }),
    ("callers have to show who they are", |life| {
        life.document["components"]["securitySchemes"] =
            json!({ "key": { "type": "apiKey", "in": "header", "name": "x-key" } });
        life.document["security"] = json!([{ "key": [] }]);
    }),
    ("the title changes", |life| {
        life.document["info"]["title"] = "Pets & Co".into();
    }),
    ("telemetry changes", |life| {
        life.choices.telemetry = Some(Telemetry::Prometheus);
    }),
    ("there is no Dockerfile", |life| {
        life.choices.dockerfile = Some(false);
    }),
    ("the port changes", |life| {
        life.choices.server_port = Some(9000);
    }),
    ("operations are left out", |life| {
        let left_out = ["POST /pets", "tag:photos"];
        let selectors = left_out.map(|text| text.parse().expect("a selector"));
        life.choices.exclude = Some(selectors.into());
    }),
    ("a form with files is added", |life| {
        let mut upload = operation("uploadPhoto", "photos");
        upload["requestBody"] = json!({ "required": true, "content": { "multipart/form-data": { "schema": {
            "type": "object", "properties": { "photo": { "type": "string", "format": "binary" } } } } } });
        life.document["paths"]["/photos"] = json!({ "post": upload });
    }),
    ("an answer is added", |life| {
        life.document["paths"]["/pets"]["get"]["responses"]["404"] =
            json!({ "description": "None." });
    }),
    ("a tag's last operation goes", |life| {
        let paths = life.document["paths"].as_object_mut().expect("an object");
        paths.remove("/dogs");
        paths.remove("/cats");
    }),
    ("a webhook is added", |life| {
        life.document["webhooks"] = json!({ "petBorn": { "post": { "operationId": "petBorn", "responses": { "204": { "description": "Fine." } } } } });
    }),
    ("a schema is renamed", |life| life.call_pets_animals()),
    ("everything is as it was", |life| {
        life.document = document();
        life.choices = Choices {
            runtime: life.choices.runtime.clone(),
            ..Choices::default()
        };
    }),
];

#[test]
fn twenty_weeks() {
    let mut life = Life::begin();
    life.next_week("nothing has changed");
    for (what, edit) in EDITS {
        edit(&mut life);
        life.next_week(what);
    }
    // What was gone for a while has found its code again.
    let text = life.read("src/handlers/pets.rs");
    assert_eq!(text.matches("async fn get_pet(").count(), 1, "{text}");
}

#[test]
fn adding_an_operation_touches_what_it_needs() {
    let mut life = Life::begin();
    let (_, add) = EDITS[0];
    add(&mut life);
    let changed: Vec<String> = life
        .generate()
        .changes
        .into_iter()
        .map(|it| it.path)
        .collect();
    assert_eq!(
        changed,
        [
            "README.md",
            "openapi.yaml",
            "src/generated/apis/pets.rs",
            "src/generated/openapi.json",
            "src/generated/router.rs",
            "src/handlers/pets.rs",
        ]
    );
}
