//! What operations, methods and modules are called.

use super::*;

/// An operation of this id; none: without.
fn called(id: &str) -> String {
    match id {
        "" => GET.to_owned(),
        id => format!("{{ operationId: {id}, {}", &GET[2..]),
    }
}

#[test]
fn every_id_becomes_a_method() {
    for (id, name) in [
        ("'get user/by.id'", "get_user_by_id"),
        ("type", "r#type"),
        ("self", "self_"),
        ("'1st'", "n1st"),
        ("17", "n17"),
        ("größe", "grosse"),
        ("''", "get_a"),
        ("[a]", "get_a"),
        ("Option", "option"),
    ] {
        let service = service(&format!("{{ /a: {{ get: {} }} }}", called(id)), "{}");
        assert_eq!(operations(&service), [format!("default::{name}")], "{id}");
    }
}

#[test]
fn a_document_that_grows_renames_nothing() {
    let names = |paths: &[(&str, &str)]| {
        let paths: Vec<String> = paths
            .iter()
            .map(|(path, id)| format!("'{path}': {{ get: {} }}", called(id)))
            .collect();
        operations(&service(&format!("{{ {} }}", paths.join(", ")), "{}"))
    };
    // Written ids come before made up ones, wherever they stand.
    let grown = names(&[("/a", ""), ("/b", "getA")]);
    assert!(grown[0].starts_with("default::get_ax"), "{grown:?}");
    assert_eq!(grown[1], "default::get_a");
    // Of those that are alike the first keeps its name, the others say what they do.
    assert_eq!(
        names(&[
            ("/a", "get_x"),
            ("/b", "getX"),
            ("/c", "GetX"),
            ("/b/", "getX")
        ]),
        [
            "default::get_x",
            "default::get_x_get_b",
            "default::get_x_get_c",
            "default::get_b"
        ]
    );
    assert_eq!(
        names(&[("/a", ""), ("/a/", "")]),
        ["default::get_a", "default::get_a_slash"]
    );
}

#[test]
fn every_tag_becomes_a_module() {
    let tagged = |tag: &str| format!("{{ tags: {tag}, {}", &GET[2..]);
    for (tag, module) in [
        ("['../x']", "x"),
        ("['🦀']", "crab"),
        ("['']", "empty"),
        ("[type]", "type_"),
        ("[std]", "std_"),
        ("[resilience]", "resilience_"),
        ("pets", "pets"),
        ("[]", "default"),
        ("null", "default"),
    ] {
        let service = service(&format!("{{ /a: {{ get: {} }} }}", tagged(tag)), "{}");
        assert_eq!(service.apis[0].module, module, "{tag}");
    }
    let long = format!("['{}']", "tag ".repeat(100));
    let service = service(&format!("{{ /a: {{ get: {} }} }}", tagged(&long)), "{}");
    assert!(service.apis[0].module.len() < 140);
}

#[test]
fn operations_without_a_name_are_called_what_they_do() {
    let service = service(
        &format!("{{ /users/all: {{ get: {GET} }}, /: {{ delete: {GET} }} }}"),
        "{}",
    );
    let ids: Vec<&str> = service.apis[0]
        .operations
        .iter()
        .map(|operation| operation.id.as_str())
        .collect();
    assert_eq!(ids, ["getUsersAll", "delete"]);
    assert_eq!(service.apis[0].trait_name, "DefaultApi");
}

#[test]
fn tags_that_are_one_word_in_rust_are_one_api() {
    let operation = |id: &str, tag: &str| {
        format!(
            "{{ get: {{ operationId: {id}, tags: [{tag}], {} }}",
            &GET[2..]
        )
    };
    let paths = format!(
        "{{ /a: {}, /b: {}, /c: {} }}",
        operation("a", "Pets"),
        operation("b", "pets"),
        operation("c", "mod")
    );
    let service = service(&paths, "{}");
    let modules: Vec<&str> = service.apis.iter().map(|api| api.module.as_str()).collect();
    assert_eq!(modules, ["pets", "mod_"]);
    assert_eq!(service.apis[0].operations.len(), 2);
}
