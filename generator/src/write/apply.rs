//! Carries a plan out.

use std::{ffi::OsString, fs, path::Path};

use super::{
    WriteError, manifest,
    plan::Plan,
    stage::{Stage, create_parent},
};
use crate::render::Files;

pub(super) fn apply(plan: &Plan, files: &Files, out: &Path) -> Result<(), WriteError> {
    if plan.is_new {
        apply_to_nothing(plan, files, out)
    } else {
        apply_to_tree(plan, files, out)
    }
}

/// A new tree appears whole, by one rename.
fn apply_to_nothing(plan: &Plan, files: &Files, out: &Path) -> Result<(), WriteError> {
    create_parent(out)?;
    let mut name = OsString::from(".");
    // A path without a name (`..`) is a folder that is there.
    name.push(out.file_name().unwrap_or_default());
    name.push(format!(".failsafe-{}", std::process::id()));
    let stage = Stage::new(out.with_file_name(name))?;
    fill(&stage, plan, files)?;
    fs::rename(stage.path(), out).map_err(WriteError::disk("create", out))
}

/// In a tree that is there, each file is replaced by one rename.
fn apply_to_tree(plan: &Plan, files: &Files, out: &Path) -> Result<(), WriteError> {
    let stage = Stage::new(out.join(".failsafe/staged"))?;
    fill(&stage, plan, files)?;
    for path in &plan.report.removed {
        remove(out, path)?;
    }
    let manifest = plan.manifest.iter().map(|_| manifest::PATH);
    for path in plan.written().chain(manifest) {
        let at = out.join(path);
        create_parent(&at)?;
        fs::rename(stage.path().join(path), &at).map_err(WriteError::disk("write", &at))?;
    }
    Ok(())
}

fn fill(stage: &Stage, plan: &Plan, files: &Files) -> Result<(), WriteError> {
    for path in plan.written() {
        let file = files.get(path).expect("the plan was made of these files");
        stage.add(path, &file.text)?;
    }
    match &plan.manifest {
        Some(text) => stage.add(manifest::PATH, text),
        None => Ok(()),
    }
}

/// Removes a file, and the folders that it leaves empty.
fn remove(out: &Path, path: &str) -> Result<(), WriteError> {
    let at = out.join(path);
    fs::remove_file(&at).map_err(WriteError::disk("remove", &at))?;
    let mut parent = at.parent();
    while let Some(dir) = parent.filter(|dir| *dir != out) {
        if fs::remove_dir(dir).is_err() {
            break;
        }
        parent = dir.parent();
    }
    Ok(())
}
