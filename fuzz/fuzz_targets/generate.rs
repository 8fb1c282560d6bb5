//! The whole path in memory: whatever a document says, every file that is rendered parses.

#![no_main]

use failsafe_generator::{
    cli::Choices,
    diagnostic::Diagnostics,
    lower,
    options::{Runtime, Stubs},
    render,
    spec::{self, Input},
};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    failsafe_fuzz::mutate(data, size, max_size, seed)
});

fuzz_target!(|data: &[u8]| {
    let Ok(mut document) = spec::load(&Input::Stdin(data.to_vec())) else {
        return;
    };
    let stubs = match data.len() % 2 {
        0 => Stubs::Todo,
        _ => Stubs::Example,
    };
    let mut found = Diagnostics::default();
    found.extend(std::mem::take(&mut document.problems));
    lower::check(&mut document, &mut found);
    // A document with one fault in it would end here otherwise, and nearly all have one.
    let Some((service, _)) = lower::lower_without(&document, stubs, &mut found) else {
        assert!(
            found.has_errors(),
            "a document without a service has a fault"
        );
        return;
    };
    let choices = Choices {
        stubs: Some(stubs),
        // Its own sources depend on no document.
        runtime: Some(Runtime::Path("../runtime".to_owned())),
        ..Choices::default()
    };
    let options = choices.with(&service, &mut found);
    let files = render::render(&service, &options).expect("what is lowered renders");
    for (path, file) in files.iter() {
        // The person's own document goes along as it is.
        if file.text == service.source {
            continue;
        }
        if let Err(error) = parse(path, &file.text) {
            panic!("{path}: {error}\n{}", file.text);
        }
    }
});

fn parse(path: &str, text: &str) -> Result<(), String> {
    let extension = path.rsplit('.').next().unwrap_or_default();
    match extension {
        "rs" => drop(syn::parse_file(text).map_err(|error| error.to_string())?),
        "toml" => drop(
            text.parse::<toml::Table>()
                .map_err(|error| error.to_string())?,
        ),
        "json" => drop(json(text)?),
        "yaml" | "yml" => {
            serde_norway::from_str::<serde_norway::Value>(text)
                .map_err(|error| error.to_string())?;
        }
        _ => {}
    }
    Ok(())
}

fn json(text: &str) -> Result<serde_json::Value, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}
