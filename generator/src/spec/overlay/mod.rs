//! OpenAPI Overlay 1.0: changes to a document that is somebody else's.
//!
//! An overlay changes the tree of the first file right after it was read, so that nothing behind
//! knows of it. What it puts there keeps the place where it is written: the spans of overlays lie
//! behind those of all documents ([`Span::OVERLAYS`]), and whoever shows a place finds the file by that.

mod merge;
mod query;

#[cfg(test)]
mod tests;

use std::path::Path;

use super::{
    at::{At, Document},
    node::{Kind, Node, Span},
    reference::{Part, part},
};
use crate::diagnostic::{Diagnostic, nearest};
pub(super) use merge::Subject;

/// Moves everything of a tree to where the spans of its file begin.
pub(super) fn shift(node: &mut Node, base: u32) {
    node.span = shifted(node.span, base);
    match &mut node.kind {
        Kind::Array(items) => items.iter_mut().for_each(|item| shift(item, base)),
        Kind::Object(object) => {
            for entry in object.values_mut() {
                entry.key_span = shifted(entry.key_span, base);
                shift(&mut entry.value, base);
            }
        }
        _ => {}
    }
}

fn shifted(span: Span, base: u32) -> Span {
    Span {
        start: span.start.saturating_add(base),
        end: span.end.saturating_add(base),
    }
}

/// Does the same to what has been found in the file.
pub(super) fn shift_found(mut found: Diagnostic, base: u32) -> Diagnostic {
    let related = found.related.iter_mut().map(|(place, _)| place);
    for place in found.location.iter_mut().chain(related) {
        place.span = shifted(place.span, base);
    }
    found
}

/// Carries out an overlay's actions, one on the result of the other. What is wrong with one of them
/// is told, and the others are carried out all the same.
///
/// `of` is where the document is, if it is a file.
pub(super) fn apply(
    overlay: &Document,
    of: Option<&Path>,
    subject: &mut Subject<'_>,
    found: &mut Vec<Diagnostic>,
) {
    let root = overlay.root();
    match version(&root) {
        Ok(said) => found.extend(said),
        Err(problem) => return found.push(problem),
    }
    keys(&root, &["overlay", "info", "extends", "actions"], found);
    info(&root, found);
    found.extend(extends(&root, of));
    let actions = root.get("actions");
    let list: Vec<At<'_>> = actions.iter().flat_map(At::items).collect();
    if list.is_empty() {
        let place = actions.map_or_else(|| root.location(), |actions| actions.key_location());
        found.push(
            Diagnostic::error("no-actions", "an overlay has a list of `actions`, and they are missing")
                .at(place)
                .help("write `actions: [{ target: $.paths.*.get, update: { x-timeout: { seconds: 2 } } }]`"),
        );
    }
    for action in list {
        if let Err(problem) = act(&action, subject, found) {
            found.push(problem);
        }
    }
}

/// Which version of the specification an overlay follows.
fn version(root: &At<'_>) -> Result<Option<Diagnostic>, Diagnostic> {
    let not_one = |message: &str| Diagnostic::error("not-an-overlay", message).at(root.location());
    if !root.is_object() {
        return Err(not_one("an overlay is an object").help("it begins with `overlay: 1.0.0`"));
    }
    let Some(said) = root.get("overlay") else {
        let found = not_one("this is no overlay: it does not say `overlay: 1.0.0`");
        return Err(match root.get("openapi") {
            Some(_) => found.help("this is an OpenAPI document: `--overlay` names what changes it"),
            None => found.help("begin it with `overlay: 1.0.0`"),
        });
    };
    let number = said.as_number().map(|number| number.text.as_str());
    let text = said.as_str().or(number).unwrap_or_default();
    let mut parts = text.trim().split('.');
    match (parts.next(), parts.next()) {
        (Some("1"), Some("0")) => Ok(None),
        (Some("1"), _) => Ok(Some(
            Diagnostic::warning(
                "newer-version",
                format!("Overlay {} is read as 1.0", text.escape_debug()),
            )
            .at(said.location())
            .help("what it has more (`copy`) is not read"),
        )),
        _ => Err(Diagnostic::error(
            "overlay-version",
            format!(
                "only Overlay 1.0 is read, this is `{}`",
                text.escape_debug()
            ),
        )
        .at(said.location())
        .help("write `overlay: 1.0.0`")),
    }
}

fn info(root: &At<'_>, found: &mut Vec<Diagnostic>) {
    let info = root.get("info");
    let missing = ["title", "version"]
        .into_iter()
        .find(|key| info.as_ref().is_none_or(|info| info.get(key).is_none()));
    if let Some(key) = missing {
        let place = info.map_or_else(|| root.location(), |info| info.key_location());
        found.push(
            Diagnostic::warning(
                "missing-info",
                format!("an overlay has a `{key}` in its `info`"),
            )
            .at(place)
            .help("write `info: { title: Our policies, version: 1.0.0 }`"),
        );
    }
}

/// Says so where an overlay was written for another document. An address may be where this one
/// comes from, so it says nothing.
fn extends(root: &At<'_>, of: Option<&Path>) -> Option<Diagnostic> {
    let written = root.get("extends")?;
    let text = written.as_str()?;
    if part(text) != Part::File {
        return None;
    }
    let folder = root.document().files[0].name.parent();
    let named = folder.unwrap_or(Path::new("")).join(text);
    let of = of?;
    let is_this = match (named.canonicalize(), of.canonicalize()) {
        (Ok(named), Ok(of)) => named == of,
        // What is not there may have had another name.
        _ => named.file_name() == of.file_name(),
    };
    let warning = || {
        Diagnostic::warning(
            "another-document",
            format!("this overlay is for `{}`", text.escape_debug()),
        )
        .at(written.location())
        .help("correct `extends`, or take it away: it is applied all the same")
    };
    (!is_this).then(warning)
}

/// Keys of an overlay are few, and one that is misspelt would be dropped in silence.
fn keys(at: &At<'_>, known: &[&str], found: &mut Vec<Diagnostic>) {
    for (key, value) in at.entries() {
        if known.contains(&key) || key.starts_with("x-") {
            continue;
        }
        let message = format!("an overlay has no `{}` here", key.escape_debug());
        let warning = Diagnostic::warning("unknown-key", message).at(value.key_location());
        found.push(match nearest(key, known.iter().copied()) {
            Some(near) => warning.help(format!("did you mean `{near}`?")),
            None => warning.help(format!("known are {}", known.join(", "))),
        });
    }
}

/// What to do where a target leads behind a reference, which an overlay does not follow.
fn elsewhere(target: &str, subject: &Subject<'_>) -> Option<String> {
    let paths = subject.plain.get("paths")?.as_object()?;
    paths.iter().find_map(|(path, item)| {
        let reference = item.get("$ref")?.as_str()?;
        let is_meant = ['\'', '"'].map(|quote| target.contains(&format!("{quote}{path}{quote}")));
        is_meant.contains(&true).then(|| {
            let (path, reference) = (path.escape_debug(), reference.escape_debug());
            format!(
                "`{path}` stands in `{reference}`, and an overlay changes the document alone: \
                 a policy at `$.paths['{path}']` holds for all of its operations, one for a \
                 single operation can be written there"
            )
        })
    })
}

fn act(
    action: &At<'_>,
    subject: &mut Subject<'_>,
    found: &mut Vec<Diagnostic>,
) -> Result<(), Diagnostic> {
    let wrong = |at: &At<'_>, message: &str| {
        let message = format!("{message}, this is {}", at.kind_name());
        Diagnostic::error("wrong-kind", message).at(at.location())
    };
    if !action.is_object() {
        return Err(wrong(action, "an action must be an object"));
    }
    keys(
        action,
        &["target", "description", "update", "remove"],
        found,
    );
    let target = action.get("target").ok_or_else(|| {
        Diagnostic::error("no-target", "an action needs a `target`")
            .at(action.location())
            .help("say what it changes, as in `target: $.paths['/pets'].get`")
    })?;
    let text = (target.as_str()).ok_or_else(|| wrong(&target, "`target` must be a text"))?;
    let removes = match action.get("remove") {
        None => false,
        Some(at) => at
            .as_bool()
            .ok_or_else(|| wrong(&at, "`remove` must be `true` or `false`"))?,
    };
    let update = action.get("update").filter(|_| !removes);
    if !removes && update.is_none() {
        found.push(
            Diagnostic::warning("no-effect", "this action changes nothing")
                .at(action.location())
                .help("write what is to be merged under `update`, or `remove: true`"),
        );
        return Ok(());
    }
    let places = query::places(&target, text, subject)?;
    if places.is_empty() {
        let nothing = Diagnostic::warning(
            "nothing-targeted",
            "nothing in the document is meant by this target",
        );
        let help = elsewhere(text, subject).unwrap_or_else(|| {
            "look at what the document calls it; names with other signs than letters stand \
             in brackets: `$.paths['/pets'].get`"
                .to_owned()
        });
        found.push(nothing.at(target.location()).help(help));
        return Ok(());
    }
    match update {
        None => subject.remove(places, &target),
        Some(update) => subject.update(&places, &target, &update),
    }
}
