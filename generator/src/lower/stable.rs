//! Names stay when a document grows.
//!
//! Of two things that Rust would call the same, one has to give way, and what a document has become
//! before is not known: so the one that stands first keeps its name, and whatever is added behind
//! changes none. What is added before changes only the names of things that it collides with, and
//! not even theirs where they are written as Rust writes types.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use crate::{
    diagnostic::Diagnostics,
    ir::{Service, Shape},
    lower::{lower, names},
    spec,
};

/// Names that collide, and some that do not.
const NAMES: &[&str] = &[
    "FooBar",
    "fooBar",
    "foo_bar",
    "foo-bar",
    "FOO BAR",
    "fooBar2",
    "FooBar2",
    "foo_bar_2",
    "bar",
    "Bar",
    "type",
    "r#type",
    "Option",
    "OptionModel",
    "größe",
    "grosse",
    "🦀",
    "1",
    "n1",
];

fn service(document: &serde_json::Value) -> Service {
    let document = spec::load(&spec::Input::Stdin(document.to_string().into())).expect("it reads");
    let mut found = Diagnostics::default();
    lower(&document, &mut found).unwrap_or_else(|| panic!("{found:?}"))
}

/// A document in which everything has these names, in this order. `ids` are those of operations,
/// each of a path of its own; those that are none are made up.
fn document(names: &[&str], ids: &[(usize, Option<&str>)]) -> serde_json::Value {
    use serde_json::{Map, Value, json};
    let map = |value: &dyn Fn(&str) -> Value| -> Map<String, Value> {
        names
            .iter()
            .map(|name| ((*name).to_owned(), value(name)))
            .collect()
    };
    let parameters: Vec<Value> = names
        .iter()
        .map(|name| json!({"name": name, "in": "query"}))
        .collect();
    let members = map(&|_| json!({"type": "string"}));
    let mut schemas =
        map(&|name| json!({"type": "object", "properties": {name: {"type": "string"}}}));
    let body: Map<String, Value> = names
        .iter()
        .map(|name| {
            (
                (*name).to_owned(),
                json!({"$ref": format!("#/components/schemas/{name}")}),
            )
        })
        .collect();
    schemas.insert(
        "ZzAll".into(),
        json!({"type": "object", "properties": members}),
    );
    schemas.insert(
        "ZzEach".into(),
        json!({"type": "object", "properties": body}),
    );
    schemas.insert("ZzEnum".into(), json!({"type": "string", "enum": names}));
    let mut paths = Map::new();
    for (number, id) in ids {
        // Made-up names collide as well.
        let path = format!("/a{}b", "/".repeat(number + 1));
        let mut operation =
            json!({"tags": [id.unwrap_or("none")], "responses": {"204": {"description": "d"}}});
        if let Some(id) = id {
            operation["operationId"] = json!(id);
        }
        paths.insert(path, json!({"get": operation}));
    }
    let schema = |name: &str| json!({"content": {"application/json": {"schema": {"$ref": format!("#/components/schemas/{name}")}}}});
    let mut put = json!({
        "operationId": "zz all", "parameters": parameters,
        "requestBody": schema("ZzAll"),
        "responses": {"200": schema("ZzEach"), "201": schema("ZzEnum")},
    });
    for status in ["200", "201"] {
        put["responses"][status]["description"] = json!("d");
    }
    paths.insert("/zz".into(), json!({"put": put}));
    json!({
        "openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": paths,
        "components": {"schemas": schemas},
    })
}

/// Every name that a person's code may use, by what it stands for.
fn given(service: &Service) -> BTreeMap<String, String> {
    let mut given = BTreeMap::new();
    let operations = service
        .apis
        .iter()
        .flat_map(|api| api.operations.iter().map(move |operation| (api, operation)));
    for (api, operation) in operations {
        let name = format!(
            "{}::{} {} {}",
            api.module, api.trait_name, operation.rust_name, operation.id
        );
        given.insert(format!("operation {}", operation.path), name);
        for parameter in &operation.parameters {
            given.insert(
                format!("parameter {} of {}", parameter.name, operation.path),
                parameter.rust_name.clone(),
            );
        }
    }
    for model in service.models.iter() {
        let place = &model.location.pointer;
        given.insert(
            format!("schema {place}"),
            format!(
                "{}::{} {}",
                model.module, model.rust_name, model.static_name
            ),
        );
        match &model.shape {
            Shape::Struct(shape) => given.extend(shape.fields.iter().map(|field| {
                (
                    format!("member {} of {place}", field.json_name),
                    field.rust_name.clone(),
                )
            })),
            Shape::Enum(variants) => given.extend(variants.iter().map(|variant| {
                (
                    format!("value {} of {place}", variant.value),
                    variant.rust_name.clone(),
                )
            })),
            _ => {}
        }
    }
    given
}

/// What is another name now.
fn changed(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> Vec<String> {
    let changed = old
        .iter()
        .filter(|(what, name)| new.get(*what) != Some(*name));
    changed
        .map(|(what, name)| format!("{what}: {name}, now {:?}", new.get(what)))
        .collect()
}

/// What all spellings of a name share, with numbers and without.
fn word(name: &str) -> String {
    names::type_name(name)
        .trim_end_matches(|c: char| c.is_ascii_digit())
        .to_owned()
}

fn some_names() -> impl Strategy<Value = Vec<&'static str>> {
    (Just(NAMES.to_vec()).prop_shuffle(), 0..=NAMES.len()).prop_map(|(mut names, count)| {
        names.truncate(count);
        names
    })
}

/// Operations, and how many of them there were before.
fn some_ids() -> impl Strategy<Value = Vec<Option<&'static str>>> {
    some_names().prop_flat_map(|names| {
        let ids: Vec<_> = names
            .into_iter()
            .map(Some)
            .chain([None, None, None])
            .collect();
        Just(ids).prop_shuffle()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_comes_behind_changes_no_name(names in some_names(), ids in some_ids(), share in 0.0..1.0_f64) {
        let part = |count: usize| (count as f64 * share) as usize;
        let ids: Vec<_> = ids.into_iter().enumerate().collect();
        let (old_names, new_names) = names.split_at(part(names.len()));
        // A schema that is written as a type has that name, wherever it stands.
        let takes = |name: &&&str| names::type_name(name) == **name;
        let taken: BTreeSet<String> = new_names.iter().filter(takes).map(|name| word(name)).collect();
        let old_names: Vec<_> = old_names.iter().copied().filter(|name| !taken.contains(&word(name)) || takes(&name)).collect();
        let all_names: Vec<_> = old_names.iter().chain(new_names).copied().collect();
        // An id that is written is one that nothing else is called.
        let old_ids: Vec<_> = ids.iter().take(part(ids.len())).copied().collect();
        let old = given(&service(&document(&old_names, &old_ids)));
        let new = given(&service(&document(&all_names, &ids)));
        prop_assert_eq!(changed(&old, &new), Vec::<String>::new());
    }

    #[test]
    fn what_comes_before_changes_only_what_it_collides_with(names in some_names(), ids in some_ids(), share in 0.0..1.0_f64) {
        let part = |count: usize| (count as f64 * share) as usize;
        let ids: Vec<_> = ids.into_iter().enumerate().collect();
        let (new_names, old_names) = names.split_at(part(names.len()));
        let words: BTreeSet<String> = new_names.iter().map(|name| word(name)).collect();
        let old_names: Vec<_> = old_names.iter().copied().filter(|name| !words.contains(&word(name))).collect();
        let all_names: Vec<_> = new_names.iter().chain(&old_names).copied().collect();
        let (new_ids, old_ids) = ids.split_at(part(ids.len()));
        let words: BTreeSet<Option<String>> = new_ids.iter().map(|(_, id)| id.map(word)).collect();
        let old_ids: Vec<_> = old_ids.iter().copied().filter(|(_, id)| !words.contains(&id.map(word))).collect();
        let all_ids: Vec<_> = new_ids.iter().chain(&old_ids).copied().collect();
        let old = given(&service(&document(&old_names, &old_ids)));
        let new = given(&service(&document(&all_names, &all_ids)));
        prop_assert_eq!(changed(&old, &new), Vec::<String>::new());
    }
}

#[test]
fn no_two_operations_have_one_id() {
    let get = r#"{"responses": {"204": {"description": "d"}}}"#;
    let document = format!(
        r#"{{"openapi": "3.1.0", "info": {{"title": "T", "version": "1"}}, "paths": {{
        "/users": {{"get": {get}}}, "/users/": {{"get": {get}}}, "/{{users}}": {{"get": {get}}},
        "/other": {{"get": {}}}}}}}"#,
        get.replacen('{', r#"{"operationId": "getUsers", "#, 1)
    );
    let service = service(&serde_json::from_str(&document).expect("JSON"));
    let operations = service.apis.iter().flat_map(|api| &api.operations);
    let ids: BTreeSet<&str> = operations.map(|operation| operation.id.as_str()).collect();
    assert_eq!(ids.len(), 4, "{ids:?}");
}
