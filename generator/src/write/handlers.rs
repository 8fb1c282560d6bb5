//! The person's code on the disk: found wherever it stands, and brought in step.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use super::{WriteError, inside, memory};
use crate::{
    merge::{
        dependencies,
        handlers::{self, Changes, Known, Names, Notice, Update},
    },
    render::Files,
};

/// Where a tree's own code is.
const CODE: &str = "src";
const CODE_FOLDERS: &[&str] = &[CODE, "tests", "benches", "examples"];
const GENERATED: &str = "generated/";

/// Where the service is put together, which takes an impl of each trait.
const ROUTES: &str = "generated::routes(";

/// Everything that the person's code needs. `merged` are files that this run has something new for
/// already.
pub(super) fn update(
    files: &Files,
    out: &Path,
    merged: &BTreeMap<String, Arc<String>>,
) -> Result<Update, WriteError> {
    let known = inside::read_text(out, memory::OPERATIONS)?.unwrap_or_default();
    let changes = changes(files, out)?;
    let (mut texts, mut others) = (Vec::new(), Vec::new());
    let mut composed = None;
    for path in inside::files_below(&out.join(CODE)) {
        if path.starts_with(GENERATED) || !path.ends_with(".rs") {
            continue;
        }
        let path = format!("{CODE}/{path}");
        let text = match merged.get(&path) {
            Some(text) => Some(text.to_string()),
            None => inside::read_text(out, &path)?,
        };
        let Some(text) = text else { continue };
        if composed.is_none()
            && let Some(at) = text.find(ROUTES)
        {
            composed = Some((path.clone(), text[..at].matches('\n').count() + 1));
        }
        let matters = path == handlers::ROOT || may_matter(files, &text);
        if matters || changes.may_be_used_in(&text) {
            texts.push((path, text));
        } else {
            others.push((path, text));
        }
    }
    let names = Names::of(files);
    let known = Known::parse(&known);
    let all = || texts.iter().chain(&others);
    let paths = texts.iter().map(|(path, _)| path.as_str());
    let hidden: Vec<&str> = paths
        .filter(|path| !handlers::is_declared(path, all()))
        .collect();
    let mut update = handlers::update(&files.apis, &texts, &hidden, &names, &changes, &known);
    let composed = composed.as_ref().map(|(path, line)| (path.as_str(), *line));
    for api in &files.apis {
        let is_open = update.unimplemented.contains(&api.module);
        if is_open && !texts.is_empty() && inside::read(out, &api.path())?.is_some() {
            let notice = Notice::unimplemented(composed, &api.path(), &api.trait_name);
            update.notices.push(notice);
        }
    }
    Ok(update)
}

/// The new `Cargo.toml`, which keeps the dependencies that only the person's code still needs.
pub(super) fn manifest(out: &Path, base: &str, new: &Arc<String>) -> Arc<String> {
    if base == new.as_str() {
        return new.clone();
    }
    let paths = CODE_FOLDERS.iter().flat_map(|folder| {
        let paths = inside::files_below(&out.join(folder)).into_iter();
        paths.map(move |path| format!("{folder}/{path}"))
    });
    let paths = paths.filter(|path| path.ends_with(".rs") && !path.starts_with("src/generated/"));
    let texts: Vec<String> = paths
        .filter_map(|path| inside::read_text(out, &path).ok().flatten())
        .collect();
    let code: Vec<&str> = texts.iter().map(String::as_str).collect();
    dependencies::keep(base, new, &code).into()
}

/// What becomes of the types that the person's code works with.
fn changes(files: &Files, out: &Path) -> Result<Changes, WriteError> {
    let mut changes = Changes::default();
    for (path, file) in files.iter() {
        let is_code = path.starts_with("src/generated/") && path.ends_with(".rs");
        if is_code
            && let Some(old) = inside::read_text(out, path)?
            && *old != *file.text
        {
            changes.add(path, &old, &file.text);
        }
    }
    // What fields are now helps to see which places are concerned.
    if !changes.is_empty() {
        for (path, file) in files.iter() {
            changes.know(path, &file.text);
        }
    }
    Ok(changes)
}

/// Most code has nothing to do with what is generated, and need not be read closely.
fn may_matter(files: &Files, text: &str) -> bool {
    text.contains("generated") || files.apis.iter().any(|api| text.contains(&api.trait_name))
}
