//! A part of the corpus that is done in a minute; `tests/corpus` takes the whole.

use failsafe_tests::{corpus, paths};

/// Takes a document the whole way.
fn check(file: &str) {
    let Some(spec) = paths::corpus(file) else {
        return;
    };
    let name = file.split(['/', '.']).next().unwrap_or(file);
    let report = corpus::examine(&format!("corpus-{name}"), &spec);
    assert!(report.is_good(), "{report}");
}

macro_rules! documents {
    ($($name:ident: $file:literal,)*) => {
        $(#[test] fn $name() { check($file); })*
    };
}

documents! {
    petstore_expanded: "oai-petstore-expanded.yaml",
    redocly_museum: "redocly-museum.yaml",
    scalar_galaxy: "scalar-galaxy.yaml",
    name_conflicts: "oapi-codegen-name-conflicts.yaml",
    firecracker: "firecracker.json",
    hf_tgi: "hf-tgi.json",
    ogen_2ch: "ogen-2ch.yaml",
    oai_tictactoe: "oai-tictactoe.yaml",
    camara_quality_on_demand: "camara-quality-on-demand/API_definitions/quality-on-demand.yaml",
    readme_security: "readme-security.yaml",
    ollama: "ollama.yaml",
    lakefs: "lakefs.yaml",
}
