//! From the service in the generator's own words to files in memory.
//!
//! A pure function: no disk, no clock, no environment. The same input gives the same bytes.

mod bundle;
mod doc;
mod env;
mod error;
mod files;
mod filters;
mod own_paths;
mod rust;
mod stubs;
mod uses;
mod view;
pub(crate) mod words;

pub use error::RenderError;
pub(crate) use files::is_inside;
pub use files::{File, Files, Owner};
pub(crate) use own_paths::tell_moved;
pub(crate) use rust::import;
pub use stubs::{HandlerApi, Import, Stub};

use crate::{
    ir,
    options::{Options, Runtime},
};

/// Renders the whole tree.
///
/// # Errors
/// When a template or the service it is given is at fault: both are faults of the generator, a
/// document cannot cause them.
pub fn render(service: &ir::Service, options: &Options) -> Result<Files, RenderError> {
    let env = env::environment()?;
    let mut files = Files::default();
    files::render_tree(&env, service, options, &mut files)?;
    rust::render(service, options, &mut files)?;
    if options.runtime == Runtime::Bundled {
        let features = view::features(options, uses::Uses::of(service));
        bundle::add(&bundle::package_name(options), &features, &mut files)?;
    }
    Ok(files)
}
