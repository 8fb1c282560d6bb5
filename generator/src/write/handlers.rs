//! The person's code on the disk: found wherever it stands, and brought in step.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use super::{
    WriteError, inside,
    memory::{self, Manifest},
};
use crate::{
    merge::{
        dependencies,
        handlers::{self, Changes, Code, Known, Names, Notice, Update},
    },
    render::{Files, Owner},
};

/// Where a tree's own code is.
const CODE: &str = "src/";
const CODE_FOLDERS: &[&str] = &["src", "tests", "benches", "examples"];

/// Where the service is put together, which takes an impl of each trait.
const ROUTES: &str = "generated::routes(";

/// Everything that the person's code needs. `merged` are files that this run has something new for
/// already, and `old` what the last one has written.
pub(super) fn update(
    files: &Files,
    out: &Path,
    old: &Manifest,
    merged: &BTreeMap<String, Arc<String>>,
) -> Result<Update, WriteError> {
    let read = |path: &str| match merged.get(path) {
        Some(text) => Ok(Some(text.to_string())),
        None => inside::read_text(out, path),
    };
    let known = inside::read_text(out, memory::OPERATIONS)?.unwrap_or_default();
    let changes = changes(files, out)?;
    let service = read("Cargo.toml")?.and_then(|manifest| crate_name(&manifest));
    // What has to do with generated code in `src` and elsewhere, and what has not.
    let (mut own, mut others, mut rest) = (Vec::new(), Vec::new(), Vec::new());
    let mut composed = None;
    for path in code_below(out) {
        let Some(text) = read(&path)? else { continue };
        let new = files.get(&path).map(|file| file.owner);
        // One that the document no longer needs is about to go.
        if new == Some(Owner::Generator) || old.knows(&path, text.as_bytes()) {
            continue;
        }
        if composed.is_none()
            && let Some(at) = text.find(ROUTES)
        {
            composed = Some((path.clone(), text[..at].matches('\n').count() + 1));
        }
        let matters = path == handlers::ROOT || may_matter(files, &text);
        match matters || changes.may_be_used_in(&text) {
            true if path.starts_with(CODE) => own.push((path, text)),
            true => others.push((path, text)),
            false => rest.push((path, text)),
        }
    }
    let names = Names::of(files);
    let known = Known::parse(&known);
    let all = || own.iter().chain(&others).chain(&rest);
    let paths = own.iter().chain(&others).map(|(path, _)| path.as_str());
    let hidden: Vec<&str> = paths
        .filter(|path| !handlers::is_declared(path, all()))
        .collect();
    let code = Code {
        service: service.as_deref().unwrap_or_default(),
        own: &own,
        others: &others,
        hidden: &hidden,
    };
    let mut update = handlers::update(&files.apis, code, &names, &changes, &known);
    let composed = composed.as_ref().map(|(path, line)| (path.as_str(), *line));
    for api in &files.apis {
        let is_open = update.unimplemented.contains(&api.module);
        if is_open && !own.is_empty() && inside::read(out, &api.path())?.is_some() {
            let notice = Notice::unimplemented(composed, &api.path(), &api.trait_name);
            update.notices.push(notice);
        }
    }
    promise_no_more(&mut update.notices);
    Ok(update)
}

/// Crates around the service are compiled after it, and none of them when it is wrong; when one of
/// them is wrong, perhaps not the next one.
fn promise_no_more(notices: &mut [Notice]) {
    let Some(first) = notices.first().map(|notice| notice.path.clone()) else {
        return;
    };
    if notices.iter().any(|notice| notice.path != first) {
        let around = notices
            .iter_mut()
            .filter(|notice| handlers::is_of_another_crate(&notice.path));
        around.for_each(|notice| notice.compiler = None);
    }
}

/// What other crates call the one of a manifest.
fn crate_name(manifest: &str) -> Option<String> {
    let manifest: toml::Table = toml::from_str(manifest).ok()?;
    let named = |table: &str| manifest.get(table)?.get("name")?.as_str();
    let name = named("lib").or_else(|| named("package"))?;
    Some(name.replace('-', "_"))
}

/// All code but what is generated.
fn code_below(out: &Path) -> impl Iterator<Item = String> {
    let paths = CODE_FOLDERS.iter().flat_map(|folder| {
        let paths = inside::files_below(&out.join(folder)).into_iter();
        paths.map(move |path| format!("{folder}/{path}"))
    });
    paths.filter(|path| path.ends_with(".rs") && !path.starts_with("src/generated/"))
}

/// The new `Cargo.toml`, which keeps the dependencies that only the person's code still needs.
pub(super) fn manifest(out: &Path, base: &str, new: &Arc<String>) -> Arc<String> {
    if base == new.as_str() {
        return new.clone();
    }
    let texts: Vec<String> = code_below(out)
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
