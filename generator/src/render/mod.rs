//! From the service in the generator's own words to files in memory.
//!
//! A pure function: no disk, no clock, no environment. The same input gives the same bytes.

mod bundle;
mod doc;
mod env;
mod error;
mod fault;
mod files;
mod filters;
mod imports;
mod own_paths;
mod product;
mod rust;
mod stubs;
mod uses;
mod view;
mod wiring;
pub(crate) mod words;

pub use error::RenderError;
pub(crate) use files::is_inside;
pub use files::{File, Files, Owner};
pub(crate) use imports::import;
pub(crate) use own_paths::tell_moved;
pub(crate) use rust::{Role, TypeShape, handler_apis, shapes};
pub use stubs::{HandlerApi, Import, Stub};

use crate::{
    ir,
    options::{Options, Runtime},
    parallel,
    templates::Own,
};

/// Renders the whole tree.
///
/// # Errors
/// When a template or the service it is given is at fault: both are faults of the generator, a
/// document cannot cause them.
pub fn render(service: &ir::Service, options: &Options) -> Result<Files, RenderError> {
    render_with(service, options, &Own::default())
}

/// The same, with templates of the person's in place of built-in ones.
///
/// # Errors
/// When one of his templates is at fault: all that is wrong with any of them. Otherwise as above.
pub fn render_with(
    service: &ir::Service,
    options: &Options,
    own: &Own,
) -> Result<Files, RenderError> {
    let mut files = Files::default();
    files::render_tree(service, options, own, &mut files)?;
    let (runtime, rendered) = parallel::both(
        || bundled(service, options),
        || rust::render(service, options, &mut files),
    );
    rendered?;
    files.take_in(runtime?)?;
    Ok(files)
}

/// The runtime, where the service carries its own.
fn bundled(service: &ir::Service, options: &Options) -> Result<Files, RenderError> {
    let mut files = Files::default();
    if options.runtime == Runtime::Bundled {
        let features = view::features(options, uses::Uses::of(service));
        bundle::add(&bundle::package_name(options), &features, &mut files)?;
    }
    Ok(files)
}
