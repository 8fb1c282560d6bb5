//! Files in memory to a tree on the disk.
//!
//! First a plan, which reads and decides; then the plan is carried out, all of it or nothing.
//! Only one run at a time does so, and one that was interrupted is finished before anything else.

mod born;
mod disk;
mod error;
mod handlers;
mod inside;
mod journal;
mod lock;
mod memory;
mod persons;
mod plan;
mod report;
mod single;
mod sync;

#[cfg(test)]
mod tests;

use std::path::Path;

pub use crate::merge::handlers::{Added, Notice};
pub use error::WriteError;
pub use report::{Change, Report};
pub(crate) use single::replace;

use crate::render::Files;
use disk::Disk;

/// What a tree is to become.
#[derive(Debug)]
pub struct Job<'a> {
    pub files: &'a Files,
    pub out: &'a Path,
    /// What the command line said, to be remembered.
    pub options: &'a str,
    /// Overwrite files of the generator that somebody has edited.
    pub force: bool,
    pub mode: Mode,
}

/// Whether anything is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Write,
    /// Only an interrupted run is finished.
    Look,
}

/// Brings a tree to what its files say.
///
/// Files of the generator are rewritten when they differ, and removed when an earlier run wrote
/// them and this one does not; what somebody has edited stays unless the job says otherwise. Into
/// files of the person goes what is new, and everything else in them stays.
///
/// # Errors
/// When the disk refuses, another run is at work, files of the generator were edited, or `out`
/// holds something in the way: a file where a folder is needed, a symbolic link that would lead
/// the writing elsewhere. Nothing was changed then, unless the disk refused in the middle; in that
/// case the next run finishes this one.
pub fn write(job: &Job<'_>) -> Result<Report, WriteError> {
    write_on(&Disk::default(), job)
}

fn write_on(disk: &Disk, job: &Job<'_>) -> Result<Report, WriteError> {
    /// How often a tree may appear or go while it is being looked at.
    const ATTEMPTS: usize = 5;
    let out = job.out;
    for _ in 0..ATTEMPTS {
        if !inside::exists(out)? {
            let plan = plan::plan(job, true)?;
            if job.mode == Mode::Look || born::write(disk, out, &plan.steps)? {
                return Ok(plan.report);
            }
        } else if let Some(_lock) = lock::lock(out)? {
            let finished = journal::finish(disk, out)?;
            let mut plan = plan::plan(job, false)?;
            if job.mode == Mode::Write {
                journal::commit(disk, out, &plan.steps)?;
            }
            plan.report.finished = finished;
            return Ok(plan.report);
        }
    }
    Err(WriteError::Busy {
        holder: String::new(),
        tree: out.to_owned(),
    })
}
