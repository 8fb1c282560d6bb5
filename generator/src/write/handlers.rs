//! The person's code on the disk: found wherever it stands, and brought in step.

use std::path::Path;

use super::{WriteError, inside, memory};
use crate::{
    merge::handlers::{self, Changes, Known, Names, Notice, Update},
    render::Files,
};

/// Where a tree's own code is.
const CODE: &str = "src";
const GENERATED: &str = "generated/";

/// Everything that the person's code needs.
pub(super) fn update(files: &Files, out: &Path) -> Result<Update, WriteError> {
    let known = inside::read_text(out, memory::OPERATIONS)?.unwrap_or_default();
    let mut texts = Vec::new();
    for path in inside::files_below(&out.join(CODE)) {
        if path.starts_with(GENERATED) || !path.ends_with(".rs") {
            continue;
        }
        let path = format!("{CODE}/{path}");
        if let Some(text) = inside::read_text(out, &path)?
            && (path == handlers::ROOT || may_matter(files, &text))
        {
            texts.push((path, text));
        }
    }
    let names = Names::of(files);
    let changes = changes(files, out)?;
    let known = Known::parse(&known);
    let mut update = handlers::update(&files.apis, &texts, &names, &changes, &known);
    let is_empty = texts.is_empty();
    for api in &files.apis {
        let is_open = update.unimplemented.contains(&api.module);
        if is_open && !is_empty && inside::read(out, &api.path())?.is_some() {
            let notice = Notice::unimplemented(&api.path(), &api.trait_name);
            update.notices.push(notice);
        }
    }
    Ok(update)
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
    Ok(changes)
}

/// Most code has nothing to do with what is generated, and need not be read closely.
fn may_matter(files: &Files, text: &str) -> bool {
    text.contains("generated") || files.apis.iter().any(|api| text.contains(&api.trait_name))
}
