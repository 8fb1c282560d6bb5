//! Everything below `src/generated`, and the handlers that the person starts from.
//!
//! Items with many combinations are made as tokens and laid out by prettyplease; what stands
//! around them is text.

mod answers;
mod apis;
mod arguments;
mod endpoints;
mod examples;
mod forms;
mod handlers;
mod headers;
mod layout;
mod models;
mod outgoing;
mod outgoing_forms;
mod proofs;
mod resilience;
mod schema;
mod security;
mod shapes;
mod signs;
mod types;
mod used;
mod values;

pub(super) use endpoints::is_streamed;
pub(super) use examples::is_needed as has_examples;
pub(crate) use handlers::apis as handler_apis;
pub(super) use security::{credential, credentials};
pub(crate) use shapes::{Role, TypeShape, shapes};
pub(super) use types::shouty as constant;

use super::{
    RenderError,
    files::{Files, Owner},
};
use crate::{ir::Service, options::Options, parallel};

/// Adds the generated modules and the handlers.
pub(super) fn render(
    service: &Service,
    options: &Options,
    files: &mut Files,
) -> Result<(), RenderError> {
    let (openapi, rendered) = parallel::both(
        || openapi_json(service),
        || modules(service, options, files),
    );
    rendered?;
    files.insert("src/generated/openapi.json", Owner::Generator, openapi)
}

/// The document as it is served.
fn openapi_json(service: &Service) -> String {
    // Mostly indentation comes on top. What grows step by step is copied at each of them.
    let mut text = Vec::with_capacity(service.source.len() * 2);
    serde_json::to_writer_pretty(&mut text, &service.openapi).expect("a JSON value is JSON");
    text.push(b'\n');
    String::from_utf8(text).expect("JSON is UTF-8")
}

fn modules(service: &Service, options: &Options, files: &mut Files) -> Result<(), RenderError> {
    let header = layout::header(service);
    let mut generated = |path: &str, body: String| {
        files.insert(
            format!("src/generated/{path}"),
            Owner::Generator,
            format!("{header}{body}"),
        )
    };
    models::render(service, &mut generated)?;
    apis::render(service, options, &mut generated)?;
    let guarded = options.protection && service.has_policies();
    if guarded {
        generated("resilience.rs", resilience::file(service))?;
    }
    examples::render(service, &mut generated)?;
    if !service.security.is_empty() {
        generated("security.rs", security::file(service)?)?;
    }
    for (kind, calls) in [
        (outgoing::WEBHOOKS, &service.webhooks),
        (outgoing::CALLBACKS, &service.callbacks),
    ] {
        if !calls.is_empty() {
            let path = format!("{}.rs", kind.module);
            generated(&path, outgoing::file(service, kind, calls)?)?;
        }
    }
    let proofs = proofs::file(service, &options.crate_name()).filter(|_| guarded);
    if let Some(proofs) = proofs {
        let text = format!("{header}{proofs}");
        files.insert("tests/policies.rs", Owner::Generator, text)?;
    }
    files.apis = handlers::apis(service);
    for (path, text) in handlers::files(service, &files.apis) {
        files.insert(path, Owner::Handlers, text)?;
    }
    Ok(())
}
