//! The names that a stub uses, brought into the scope of its impl.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    edits::Edits,
    source::{Source, Use},
};
use crate::{lexer, render};

/// What stubs need that is not in scope: names by their module, for each module of the file.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    names: BTreeMap<usize, BTreeMap<String, BTreeSet<String>>>,
}

/// Whether a name can be used.
enum Scope {
    There,
    Missing,
    /// It means something else here.
    Taken,
}

impl Wanted {
    /// The text of a stub for a module, whose missing imports are noted. A name that means
    /// something else there is written with its whole path.
    pub(super) fn stub(
        &mut self,
        source: &Source<'_>,
        module: usize,
        stub: &render::Stub,
    ) -> String {
        let mut text = stub.text.clone();
        for import in &stub.imports {
            let path = path(import);
            let binding = binding(import);
            match scope(source, module, &path, binding) {
                Scope::There => {}
                Scope::Taken => text = qualified(&text, binding, &path.join("::")),
                Scope::Missing => {
                    let of_module = self.names.entry(module).or_default();
                    let names = of_module.entry(import.module.clone()).or_default();
                    names.insert(import.name.clone());
                }
            }
        }
        text
    }

    pub(super) fn add_to(&self, source: &Source<'_>, edits: &mut Edits) {
        for (module, wanted) in &self.names {
            for (from, names) in wanted {
                add(source, *module, from, names, edits);
            }
        }
    }
}

fn path(import: &render::Import) -> Vec<String> {
    let mut path: Vec<String> = import.module.split("::").map(str::to_owned).collect();
    let name = import.name.split(" as ").next().unwrap_or_default();
    if name != "self" {
        path.push(name.to_owned());
    }
    path
}

fn binding(import: &render::Import) -> &str {
    match import.name.as_str() {
        "self" => import.module.rsplit("::").next().unwrap_or_default(),
        name => name.rsplit(" as ").next().unwrap_or_default(),
    }
}

fn scope(source: &Source<'_>, module: usize, path: &[String], binding: &str) -> Scope {
    let here = &source.modules[module];
    if let Some(leaf) = here.leaf(binding) {
        return match leaf.path == path {
            true => Scope::There,
            false => Scope::Taken,
        };
    }
    if here.defined.contains(binding) {
        return Scope::Taken;
    }
    let leaves = here.uses.iter().flat_map(|item| &item.leaves);
    for glob in leaves.filter(|leaf| leaf.binding.is_none()) {
        if Some(glob.path.as_slice()) == path.split_last().map(|(_, module)| module) {
            return Scope::There;
        }
        if let (["super"], Some(parent)) = (words(&glob.path).as_slice(), here.parent) {
            let above = scope(source, parent, path, binding);
            if !matches!(above, Scope::Missing) {
                return above;
            }
        }
    }
    Scope::Missing
}

fn words(path: &[String]) -> Vec<&str> {
    path.iter().map(String::as_str).collect()
}

/// The text with a whole path for a name, wherever it stands alone.
fn qualified(text: &str, name: &str, path: &str) -> String {
    let mut out = String::new();
    let mut at = 0;
    for (begin, _) in text.match_indices(name) {
        let end = begin + name.len();
        let is_word = |byte: Option<&u8>| byte.is_some_and(|byte| lexer::is_word(*byte));
        let before = &text.as_bytes()[..begin];
        let is_whole = !is_word(before.last()) && !is_word(text.as_bytes().get(end));
        if begin >= at && is_whole && !before.ends_with(b"::") {
            out.push_str(&text[at..begin]);
            out.push_str(path);
            at = end;
        }
    }
    out.push_str(&text[at..]);
    out
}

fn add(
    source: &Source<'_>,
    module: usize,
    from: &str,
    names: &BTreeSet<String>,
    edits: &mut Edits,
) {
    let here = &source.modules[module];
    let segments: Vec<&str> = from.split("::").collect();
    let lines_end = source.line_ending();
    for item in &here.uses {
        let mut all = match names_from(item, &segments) {
            Some(all) if is_as_written(source, item, from, &all) => all,
            _ => continue,
        };
        all.extend(names.iter().cloned());
        let indent = source.indent(item.range.start);
        edits.replace(item.range.clone(), print(from, &all, indent, lines_end));
        return;
    }
    let mut groups = here.uses.iter().flat_map(|item| &item.groups);
    if let Some(group) = groups.find(|group| words(&group.module) == segments) {
        let Some(last) = &group.last else {
            let list: Vec<&str> = names.iter().map(String::as_str).collect();
            edits.insert(group.open, &list.join(", "));
            return;
        };
        let comma = source.text[last.end..].trim_start().starts_with(',');
        let after_comma = source.text[last.end..].find(',').unwrap_or(0) + 1;
        let indent = source.indent(last.start);
        let is_alone = source.text[..last.start].ends_with(indent)
            && source.text[..last.start - indent.len()].ends_with('\n');
        for name in names {
            match (comma, is_alone) {
                (true, true) => {
                    let text = format!("{lines_end}{indent}{name},");
                    edits.insert(last.end + after_comma, &text);
                }
                (true, false) => edits.insert(last.end + after_comma, &format!(" {name},")),
                (false, _) => edits.insert(last.end, &format!(", {name}")),
            }
        }
        return;
    }
    let list: Vec<String> = names.iter().cloned().collect();
    match neighbor(&here.uses, &segments) {
        Some((item, is_before)) => {
            let indent = source.indent(item.range.start);
            let line = print(from, &list, indent, lines_end);
            match is_before {
                true => {
                    let at = source.end_of_line(item.range.end);
                    edits.insert(at, &format!("{lines_end}{indent}{line}"));
                }
                false => edits.insert(item.range.start, &format!("{line}{lines_end}{indent}")),
            }
        }
        None => {
            let at = here.start.unwrap_or(source.text.len());
            let indent = source.indent(at);
            let line = print(from, &list, indent, lines_end);
            edits.insert(at, &format!("{line}{lines_end}{lines_end}{indent}"));
        }
    }
}

/// The names of a `use` that takes all of them from one module.
fn names_from(item: &Use, module: &[&str]) -> Option<Vec<String>> {
    let name = |leaf: &super::source::Leaf| {
        let binding = leaf.binding.as_ref()?;
        let own = leaf.path.last()?;
        let name = match leaf.is_self {
            true => "self",
            false => own,
        };
        let of = &leaf.path[..leaf.path.len() - usize::from(!leaf.is_self)];
        (words(of) == module).then(|| match binding == own {
            true => name.to_owned(),
            false => format!("{name} as {binding}"),
        })
    };
    item.leaves.iter().map(name).collect()
}

/// Whether a `use` is laid out as the generator does, and may be so again.
fn is_as_written(source: &Source<'_>, item: &Use, from: &str, names: &[String]) -> bool {
    let indent = source.indent(item.range.start);
    source.text[item.range.clone()] == print(from, names, indent, source.line_ending())
}

fn print(from: &str, names: &[String], indent: &str, line_ending: &str) -> String {
    let text = render::import(from, names);
    text.trim_end()
        .replace('\n', &format!("{line_ending}{indent}"))
}

/// The `use` beside which a new one stands, and whether it comes first of the two.
fn neighbor<'u>(uses: &'u [Use], module: &[&str]) -> Option<(&'u Use, bool)> {
    let alike: Vec<(&Use, Vec<&str>)> = uses
        .iter()
        .filter_map(|item| Some((item, words(&item.leaves.first()?.path))))
        .filter(|(_, path)| path.first() == module.first())
        .collect();
    match alike.iter().rfind(|(_, path)| path.as_slice() <= module) {
        Some((item, _)) => Some((item, true)),
        None => match alike.first() {
            Some((item, _)) => Some((item, false)),
            None => uses.last().map(|item| (item, true)),
        },
    }
}
