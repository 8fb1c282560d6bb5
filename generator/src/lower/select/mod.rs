//! Cutting a document down to some of its operations.
//!
//! It happens to the document itself, before anything is made of it: so what is left out is neither
//! generated nor served, and what is wrong with it is nobody's concern.

mod cut;
mod selector;

#[cfg(test)]
mod tests;

use std::collections::HashSet;

pub use self::selector::Selector;
use self::{
    cut::Cut,
    selector::{Candidate, What},
};
use super::{
    Lowering,
    ids::{Found, Id},
};
use crate::{
    diagnostic::{Diagnostic, Diagnostics, Severity, nearest},
    spec::{At, Document},
};

/// Which operations of a document are meant; nothing said, all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Those that one of these chooses; all of them where there are none.
    pub only: Vec<Selector>,
    /// But not those that one of these chooses.
    pub exclude: Vec<Selector>,
}

/// Takes from a document the operations that are not meant, and what only they need. What has
/// been found wrong there is forgotten.
pub fn select(document: &mut Document, selection: &Selection, diagnostics: &mut Diagnostics) {
    if *selection == Selection::default() {
        return;
    }
    // Whatever there is to say of operations is said when they are lowered.
    let mut lowering = Lowering::new(document);
    let operations = lowering.found();
    let ids = lowering.ids(&operations);
    let candidates: Vec<Candidate<'_>> = operations.iter().zip(&ids).map(candidate).collect();
    let is_kept = chosen(selection, &candidates);
    let mut wrong = unmatched(selection, &candidates);
    let is_error = |found: &Diagnostic| found.severity == Severity::Error;
    if !operations.is_empty() && !is_kept.contains(&true) && !wrong.iter().any(is_error) {
        let help = "take a part of what `--exclude` says back";
        wrong.push(Diagnostic::error("nothing-selected", "no operation is left").help(help));
    }
    let cut = Cut::of(document, &operations, &candidates, &is_kept, &mut wrong);
    if !cut.is_impossible {
        diagnostics.retain(|found| !found.location.as_ref().is_some_and(|it| cut.covers(it)));
        document.change(cut.into_edits());
    }
    diagnostics.extend(wrong);
}

fn candidate<'c>((found, id): (&'c Found<'_>, &'c Id)) -> Candidate<'c> {
    let tags = found.at.get("tags");
    // One tag without the list around it is understood as well.
    let single = tags.as_ref().and_then(At::as_str);
    let listed = tags.iter().flat_map(At::items);
    let mut tags: Vec<&str> = listed
        .filter_map(|tag| tag.as_str())
        .chain(single)
        .collect();
    if tags.is_empty() {
        // As the API of those is called that have none.
        tags.push("default");
    }
    Candidate {
        id: &id.id,
        tags,
        method: found.method,
        path: found.path,
    }
}

/// Whether each operation is meant.
fn chosen(selection: &Selection, candidates: &[Candidate<'_>]) -> Vec<bool> {
    let any = |selectors: &[Selector], candidate: &Candidate<'_>| {
        selectors.iter().any(|selector| selector.matches(candidate))
    };
    let is_kept = |candidate: &Candidate<'_>| {
        (selection.only.is_empty() || any(&selection.only, candidate))
            && !any(&selection.exclude, candidate)
    };
    candidates.iter().map(is_kept).collect()
}

/// What is wrong with selectors that choose nothing. A wish that cannot be met stops the run; what
/// is not there need not be left out.
fn unmatched(selection: &Selection, candidates: &[Candidate<'_>]) -> Vec<Diagnostic> {
    let tell = |option: &str, selector: &Selector| {
        let message = format!("`{option} {selector}`: {}", missing(&selector.what));
        let found = match option {
            "--only" => Diagnostic::error("nothing-selected", message),
            _ => Diagnostic::warning("nothing-selected", message),
        };
        found.help(help(&selector.what, candidates))
    };
    let only = selection.only.iter().map(|it| ("--only", it));
    let exclude = selection.exclude.iter().map(|it| ("--exclude", it));
    only.chain(exclude)
        .filter(|(_, selector)| !candidates.iter().any(|it| selector.matches(it)))
        .map(|(option, selector)| tell(option, selector))
        .collect()
}

fn missing(what: &What) -> String {
    match what {
        What::Id(id) => format!("no operation is called `{id}`"),
        What::Tag(tag) => format!("no operation has the tag `{tag}`"),
        What::Path { method, path } => match method {
            None => format!("no operation is at `{path}`"),
            Some(method) => format!("no operation is `{} {path}`", method.to_uppercase()),
        },
    }
}

/// What may have been meant.
fn help(what: &What, candidates: &[Candidate<'_>]) -> String {
    let ids = || candidates.iter().map(|it| it.id);
    let tags = || candidates.iter().flat_map(|it| it.tags.iter().copied());
    let paths = || candidates.iter().map(|it| it.path);
    let meant = match what {
        What::Id(wish) => tags()
            .find(|tag| tag == wish)
            .map(|tag| format!("tag:{tag}"))
            .or_else(|| Some(format!("path:/{wish}")).filter(|_| has(paths(), wish)))
            .or_else(|| nearest(wish, ids()).map(str::to_owned))
            .or_else(|| nearest(wish, tags()).map(|tag| format!("tag:{tag}"))),
        What::Tag(wish) => nearest(wish, tags())
            .map(|tag| format!("tag:{tag}"))
            .or_else(|| ids().find(|id| id == wish).map(str::to_owned)),
        What::Path { path, .. } => {
            nearest(path, paths()).map(|near| match candidates.iter().any(|it| it.path == path) {
                true => format!("path:{path}"),
                false => format!("path:{near}"),
            })
        }
    };
    match (meant, what) {
        (Some(meant), _) => format!("did you mean `{meant}`?"),
        (None, What::Id(wish)) if wish.contains(',') => {
            "give each choice an option of its own".to_owned()
        }
        (None, _) => "`failsafe explain` lists the operations; \
                      write an `operationId`, `tag:NAME` or `path:/PATH`"
            .to_owned(),
    }
}

fn has<'p>(mut paths: impl Iterator<Item = &'p str>, wish: &str) -> bool {
    paths.any(|path| path.trim_start_matches('/') == wish)
}

/// The tags that nothing has any longer.
fn tags_gone<'c>(candidates: &[Candidate<'c>], is_kept: &[bool]) -> HashSet<&'c str> {
    let of = |kept: bool| {
        let pairs = candidates.iter().zip(is_kept);
        let those = pairs.filter(move |(_, is_kept)| **is_kept == kept);
        those.flat_map(|(it, _)| it.tags.iter().copied())
    };
    let kept: HashSet<&str> = of(true).collect();
    of(false).filter(|tag| !kept.contains(tag)).collect()
}
