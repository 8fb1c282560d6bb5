//! Files in memory to a tree on the disk.
//!
//! First a plan, which reads and decides; then the plan is carried out. Everything that is new is
//! written beside the tree and moved into place when all of it is there, so that a full disk or a
//! missing permission is met before anything of the old tree has changed.

mod apply;
mod error;
mod manifest;
mod plan;
mod stage;

#[cfg(test)]
mod tests;

use std::path::Path;

pub use error::WriteError;

use crate::render::Files;

/// What became of each file, by its path below the tree's root, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Was not there.
    pub created: Vec<String>,
    /// The generator's, and different from what was there.
    pub changed: Vec<String>,
    /// Already as it should be; not touched.
    pub unchanged: Vec<String>,
    /// The person's, there already; not touched.
    pub kept: Vec<String>,
    /// The generator's, of an earlier run, not needed any longer.
    pub removed: Vec<String>,
    /// Not needed any longer, but edited since it was written; left for the person to decide.
    pub left: Vec<String>,
}

/// Brings the tree below `out` to what the files say.
///
/// Files of the person are created when they are missing and never touched again. Files of the
/// generator are rewritten when they differ, and removed when an earlier run wrote them, this one
/// does not, and nobody has edited them.
///
/// # Errors
/// When the disk refuses, or `out` holds something in the way: a file where a folder is needed, a
/// symbolic link that would lead the writing elsewhere.
pub fn write(files: &Files, out: &Path) -> Result<Report, WriteError> {
    let plan = plan::plan(files, out)?;
    apply::apply(&plan, files, out)?;
    Ok(plan.into_report())
}
