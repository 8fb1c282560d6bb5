//! The Rust that small documents become, whole. (That of `specs/inventory.yaml` is committed in
//! `examples/inventory`.)

use std::{fmt::Write as _, path::Path};

use failsafe_generator::{
    diagnostic::Diagnostics,
    lower,
    options::{Options, Stubs},
    render, spec,
};

fn rendered(file: &str) -> String {
    rendered_with(file, Stubs::Todo, &["src/generated/", "src/handlers/"])
}

fn rendered_with(file: &str, stubs: Stubs, folders: &[&str]) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../specs")
        .join(file);
    let document = spec::load(&spec::Input::Path(path)).expect("reads");
    let mut found = Diagnostics::default();
    let service = lower::lower_with(&document, stubs, &mut found).expect("a service");
    let options = Options {
        stubs,
        ..Options::default()
    };
    let files = render::render(&service, &options).expect("renders");
    let mut text = String::new();
    for (path, file) in files.iter() {
        let is_shown = folders.iter().any(|folder| path.starts_with(folder));
        if is_shown && path.ends_with(".rs") {
            syn::parse_file(&file.text).unwrap_or_else(|error| panic!("{path}: {error}"));
            let _ = writeln!(text, "======== {path}\n{}", file.text);
        }
    }
    text
}

#[test]
fn every_form_of_a_schema() {
    insta::assert_snapshot!(rendered("schemas.yaml"));
}

#[test]
fn parameters_of_every_place_and_answers_of_every_kind() {
    insta::assert_snapshot!(rendered("parameters.json"));
}

#[test]
fn policies_of_every_level() {
    insta::assert_snapshot!(rendered("levels.yaml"));
}

#[test]
fn handlers_that_answer_examples() {
    let folders = ["src/generated/examples/", "src/handlers/"];
    insta::assert_snapshot!(rendered_with("examples.yaml", Stubs::Example, &folders));
}

#[test]
fn the_same_bytes_every_time() {
    assert_eq!(rendered("schemas.yaml"), rendered("schemas.yaml"));
}

/// Text of a document that tries to be more than text.
#[test]
fn nothing_of_a_document_becomes_code() {
    let hostile = r#"\"); } fn evil() {} /* \u202e */ //! `"#;
    let document = format!(
        r##"{{ "openapi": "3.1.0", "info": {{ "title": "{hostile}", "version": "{hostile}" }},
        "tags": [{{ "name": "../../{hostile}", "description": "{hostile}\n\n    fn evil() {{}}" }}],
        "paths": {{ "/\"); evil(); /* \u202e/{{a}}": {{ "post": {{ "tags": ["../../{hostile}"],
          "operationId": "{hostile}", "summary": "{hostile}", "description": "{hostile}",
          "parameters": [{{ "name": "a", "in": "path", "required": true, "description": "{hostile}",
            "schema": {{ "type": "string", "enum": ["{hostile}", "\n"], "default": "{hostile}" }} }}],
          "requestBody": {{ "content": {{ "application/json": {{ "schema": {{
            "$ref": "#/components/schemas/evil" }} }} }} }},
          "responses": {{ "200": {{ "description": "{hostile}",
            "content": {{ "{hostile}/x": {{}} }} }} }} }} }} }},
        "components": {{ "schemas": {{ "evil": {{ "type": "object", "description": "{hostile}",
          "properties": {{ "{hostile}": {{ "type": "string", "default": "{hostile}" }} }} }} }} }} }}"##
    );
    let document = spec::load(&spec::Input::Stdin(document.into())).expect("reads");
    let mut found = Diagnostics::default();
    let service = lower::lower(&document, &mut found).unwrap_or_else(|| panic!("{found:?}"));
    let files = render::render(&service, &Options::default()).expect("renders");
    for (path, file) in files.iter().filter(|(path, _)| path.ends_with(".rs")) {
        let parsed = syn::parse_file(&file.text).unwrap_or_else(|error| panic!("{path}: {error}"));
        let is_evil =
            |item: &syn::Item| matches!(item, syn::Item::Fn(it) if it.sig.ident == "evil");
        assert!(!parsed.items.iter().any(is_evil), "{path}");
        assert!(!file.text.contains('\u{202e}'), "{path}");
    }
}
