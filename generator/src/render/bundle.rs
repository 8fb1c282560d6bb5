//! The runtime's sources as a package of the service.

use crate::options::Options;

/// The name of the bundled package.
pub(super) fn package_name(options: &Options) -> String {
    format!("{}-failsafe-runtime", options.package_name)
}
