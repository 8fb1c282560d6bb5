//! Handlers are code of the person's, wherever it stands: what is new is inserted into it as
//! text, and what the document has overtaken is told and left.

mod changed;
mod edits;
mod imports;
mod known;
mod locals;
mod matches;
mod modules;
mod names;
mod notice;
mod source;
mod uses;
mod walk;

#[cfg(test)]
mod tests;

pub(crate) use changed::Changes;
pub(crate) use known::Known;
pub(crate) use modules::{is_declared, is_of_another_crate};
pub(crate) use names::Names;
pub use notice::Notice;
use notice::Signature;

use crate::render::{HandlerApi, Stub};
use edits::Edits;
use imports::Wanted;
use known::{Operation, types};
use names::Gone;
use source::{Impl, Source};

/// The module that declares the files of handlers.
pub(crate) const ROOT: &str = "src/handlers/mod.rs";

/// A file of the person's: its path below the tree's root, and its text.
pub(crate) type Text = (String, String);

/// The person's code, as far as it has to do with what is generated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Code<'c> {
    /// What other crates call the service.
    pub(crate) service: &'c str,
    /// In `src`.
    pub(crate) own: &'c [Text],
    /// In tests, benchmarks and examples. Nothing is added to them.
    pub(crate) others: &'c [Text],
    /// The files that the compiler does not come to.
    pub(crate) hidden: &'c [&'c str],
}

impl Code<'_> {
    fn files(&self) -> impl Iterator<Item = &Text> {
        self.own.iter().chain(self.others)
    }
}

/// What becomes of the person's code.
#[derive(Debug, Default)]
pub(crate) struct Update {
    /// The files that change.
    pub(crate) texts: Vec<Text>,
    /// What was inserted.
    pub(crate) added: Vec<Added>,
    /// The APIs that nobody implements: their files have to be written.
    pub(crate) unimplemented: Vec<String>,
    pub(crate) notices: Vec<Notice>,
    pub(crate) known: Known,
}

impl Update {
    /// That of a tree without any code yet.
    pub(crate) fn born(apis: &[HandlerApi]) -> Self {
        let operations = apis.iter().flat_map(|api| {
            let stubs = api.stubs.iter();
            stubs.map(move |stub| Operation::of(api, stub))
        });
        Self {
            unimplemented: apis.iter().map(|api| api.module.clone()).collect(),
            known: Known {
                operations: operations.collect(),
            },
            ..Self::default()
        }
    }
}

/// A method that was inserted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Added {
    pub path: String,
    pub name: String,
}

/// Brings code in step with the document, as far as that is adding.
pub(crate) fn update(
    apis: &[HandlerApi],
    code: Code<'_>,
    names: &Names,
    changes: &Changes,
    old: &Known,
) -> Update {
    let mut update = insert(apis, code, old);
    let mut stops_at_names = false;
    for (path, text) in code.files() {
        let changed = update.texts.iter().find(|(changed, _)| changed == path);
        let text = changed.map_or(text, |(_, new)| new);
        let is_hidden = code.hidden.contains(&path.as_str());
        let mut notices = Vec::new();
        match Source::parse(code.service, path, text) {
            Ok(source) => {
                let gone = names.gone_in(&source);
                let has_no_trait = gone.iter().any(|(_, kind)| *kind == Gone::Trait);
                stops_at_names |= has_no_trait && !is_hidden;
                tell(&source, apis, &gone, old, &mut notices);
                names.check(&source, &mut notices);
                uses::check(changes, &source, &mut notices);
            }
            Err(error) => notices.push(Notice::unreadable(path, error.line, &error.message)),
        }
        if is_hidden {
            notices.iter_mut().for_each(|notice| notice.compiler = None);
        }
        update.notices.append(&mut notices);
    }
    if stops_at_names {
        // Where an impl has no trait, the compiler does not look at types at all.
        let of_types = update.notices.iter_mut().filter(|it| !it.is_of_names());
        of_types.for_each(|notice| notice.compiler = None);
    }
    update.notices.sort();
    update.notices.dedup();
    update
}

/// Everything that is new, put where it belongs.
fn insert(apis: &[HandlerApi], code: Code<'_>, old: &Known) -> Update {
    let mut update = Update::default();
    let parse = |(path, text)| Source::parse(code.service, path, text).ok();
    let parsed = code
        .own
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()));
    let mut sources: Vec<(Source<'_>, Edits)> = parsed
        .filter_map(parse)
        .map(|source| (source, Edits::default()))
        .collect();
    for (source, edits) in &mut sources {
        let mut wanted = Wanted::default();
        for found in &source.impls {
            if let Some(api) = apis.iter().find(|api| api.trait_name == found.of) {
                let at = Place { source, found, api };
                at.add_missing(edits, &mut wanted, old, &mut update.added);
            }
        }
        wanted.add_to(source, edits);
    }
    for api in apis {
        let impls = sources.iter().flat_map(|(source, _)| &source.impls);
        let impls: Vec<&Impl> = impls.filter(|it| it.of == api.trait_name).collect();
        // It may be in a file that cannot be read.
        if impls.is_empty() && sources.len() == code.own.len() {
            update.unimplemented.push(api.module.clone());
        }
    }
    let others = code
        .others
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()));
    let others: Vec<Source<'_>> = others.filter_map(parse).collect();
    let own = sources.iter().map(|(source, _)| source);
    let impls: Vec<&Impl> = own
        .chain(&others)
        .flat_map(|source| &source.impls)
        .collect();
    update.known = in_step(apis, &impls, old);
    declare(apis, &mut sources, &mut update);
    for (source, edits) in sources.iter().filter(|(_, edits)| !edits.is_empty()) {
        let text = edits.apply(source.text);
        update.texts.push((source.path.to_owned(), text));
    }
    update
}

/// What the document has overtaken in a file.
fn tell(
    source: &Source<'_>,
    apis: &[HandlerApi],
    gone: &[(usize, Gone)],
    old: &Known,
    notices: &mut Vec<Notice>,
) {
    for found in &source.impls {
        if let Some(api) = apis.iter().find(|api| api.trait_name == found.of) {
            let at = Place { source, found, api };
            at.tell(apis, gone, old, notices);
            at.tell_missing(old, notices);
        } else if old.operations.iter().any(|it| it.of == found.of) {
            let line = source.line(found.at);
            notices.push(Notice::api_gone(source.path, line, &found.of));
        }
    }
}

/// What to remember: the operations as they are and, as long as the person has not followed, as
/// his code still has them.
fn in_step(apis: &[HandlerApi], impls: &[&Impl], old: &Known) -> Known {
    let mut known = Update::born(apis).known;
    let is_behind = |before: &&Operation| {
        let api = apis.iter().find(|api| api.trait_name == before.of);
        let now = api.and_then(|api| api.stubs.iter().find(|it| it.name == before.name));
        let of_trait = impls.iter().filter(|found| found.of == before.of);
        of_trait.flat_map(|found| &found.methods).any(|method| {
            let has_old_types =
                |stub: &Stub| method.signature == before.types && before.types != types(stub);
            method.name == before.name && now.is_none_or(has_old_types)
        })
    };
    let behind = old.operations.iter().filter(is_behind).cloned();
    known.operations.extend(behind);
    known
}

/// Declares the files that are going to be written.
fn declare(apis: &[HandlerApi], sources: &mut [(Source<'_>, Edits)], update: &mut Update) {
    for module in &update.unimplemented {
        let root = sources.iter_mut().find(|(source, _)| source.path == ROOT);
        let Some((source, edits)) = root else {
            // With none at all the module is written anew as well.
            if update.unimplemented.len() < apis.len() {
                let path = format!("src/handlers/{module}.rs");
                update.notices.push(Notice::undeclared(&path, 1, module));
            }
            continue;
        };
        let mods = &source.modules[0].mods;
        if mods.iter().any(|(name, _)| name == module) {
            continue;
        }
        let line_ending = source.line_ending();
        let before = mods.iter().rfind(|(name, _)| name < module);
        match (before, mods.first()) {
            (Some((_, range)), _) => {
                let at = source.end_of_line(range.end);
                edits.insert(at, &format!("{line_ending}mod {module};"));
            }
            (None, Some((_, range))) => {
                edits.insert(range.start, &format!("mod {module};{line_ending}"));
            }
            (None, None) => {
                let end = match source.text.is_empty() || source.text.ends_with('\n') {
                    true => "",
                    false => line_ending,
                };
                let text = format!("{end}{line_ending}mod {module};{line_ending}");
                edits.insert(source.text.len(), &text);
            }
        }
    }
}

/// An impl of an API's trait.
struct Place<'a> {
    source: &'a Source<'a>,
    found: &'a Impl,
    api: &'a HandlerApi,
}

impl Place<'_> {
    /// The operation of the last time that has become a stub under another name, if its method
    /// is still here.
    fn renamed<'k>(&self, stub: &Stub, old: &'k Known) -> Option<&'k Operation> {
        old.operations.iter().find(|before| {
            let is_taken = self.api.stubs.iter().any(|it| it.name == before.name);
            before.is(stub)
                && before.of == self.api.trait_name
                && before.name != stub.name
                && !is_taken
                && self.found.methods.iter().any(|it| it.name == before.name)
        })
    }

    fn add_missing(
        &self,
        edits: &mut Edits,
        wanted: &mut Wanted,
        old: &Known,
        added: &mut Vec<Added>,
    ) {
        let Self { source, found, api } = self;
        let end = source.line_ending();
        let outer = source.indent(found.at);
        let mut before = None;
        // What stands in a row behind one method, or before all of them.
        let mut rows: Vec<(Option<&source::Method>, Vec<String>)> = Vec::new();
        for stub in &api.stubs {
            if let Some(method) = found.methods.iter().find(|it| it.name == stub.name) {
                before = Some(method);
                continue;
            }
            if let Some(renamed) = self.renamed(stub, old) {
                before = found.methods.iter().find(|it| it.name == renamed.name);
                continue;
            }
            let text = wanted.stub(source, found.module, stub);
            let indent = match before.or(found.methods.first()) {
                Some(method) => source.indent(method.range.start).to_owned(),
                None if outer.contains('\t') => format!("{outer}\t"),
                None => format!("{outer}    "),
            };
            let lines = indented(&text, &indent, end);
            match rows
                .last_mut()
                .filter(|(of, _)| of.map(|it| it.at) == before.map(|it| it.at))
            {
                Some((_, row)) => row.push(lines),
                None => rows.push((before, vec![lines])),
            }
            added.push(Added {
                path: source.path.to_owned(),
                name: stub.name.clone(),
            });
        }
        for (before, row) in rows {
            let row = row.join(&format!("{end}{end}"));
            match before {
                Some(method) => {
                    let at = source.end_of_line(method.range.end);
                    edits.insert(at, &format!("{end}{end}{row}"));
                }
                None if !found.is_empty => {
                    edits.insert(found.open, &format!("{end}{row}{end}"));
                }
                None if source.text[found.open..found.close].contains('\n') => {
                    edits.insert(found.open, &format!("{end}{row}"));
                }
                None => edits.insert(found.open, &format!("{end}{row}{end}{outer}")),
            }
        }
    }

    /// What the document has overtaken.
    fn tell(
        &self,
        apis: &[HandlerApi],
        gone: &[(usize, Gone)],
        old: &Known,
        notices: &mut Vec<Notice>,
    ) {
        let Self { source, found, api } = self;
        let of = &api.trait_name;
        for method in &found.methods {
            if let Some(stub) = api.stubs.iter().find(|it| it.name == method.name) {
                self.compare(stub, method, gone, old, notices);
                continue;
            }
            let line = source.line(method.at);
            let mut before = old.operations.iter();
            let before = before.find(|it| it.of == *of && it.name == method.name);
            let now = before.and_then(|before| {
                let stubs = apis
                    .iter()
                    .flat_map(|api| api.stubs.iter().map(move |stub| (api, stub)));
                stubs.into_iter().find(|(_, stub)| before.is(stub))
            });
            let notice = match now {
                Some((to, stub)) if to.trait_name == *of => {
                    if !found.methods.iter().any(|it| it.name == stub.name) {
                        let line = source.line(found.at);
                        notices.push(Notice::missing(source.path, line, &method.name, stub));
                    }
                    Notice::renamed(source.path, line, &method.name, of, stub)
                }
                Some((to, stub)) => Notice::moved(source.path, line, &method.name, of, to, stub),
                None => {
                    let was = before.map(|before| format!("{} {}", before.method, before.path));
                    Notice::removed(source.path, line, &method.name, of, was.as_deref())
                }
            };
            notices.push(notice);
        }
    }

    /// What is new, where nothing is added to the person's code.
    fn tell_missing(&self, old: &Known, notices: &mut Vec<Notice>) {
        let Self { source, found, api } = self;
        let is_missing = |stub: &&Stub| {
            let is_there = found.methods.iter().any(|it| it.name == stub.name);
            !is_there && self.renamed(stub, old).is_none()
        };
        let missing = api.stubs.iter().filter(is_missing);
        let missing: Vec<&str> = missing.map(|stub| stub.name.as_str()).collect();
        if !missing.is_empty() {
            let line = source.line(found.at);
            notices.push(Notice::lacks(source.path, line, &api.trait_name, &missing));
        }
    }

    /// Types may be called as the person likes, so only two things are certain: another count of
    /// arguments, and types that are still those of the last time.
    fn compare(
        &self,
        stub: &Stub,
        method: &source::Method,
        gone: &[(usize, Gone)],
        old: &Known,
        notices: &mut Vec<Notice>,
    ) {
        let new = types(stub);
        if method.signature == new {
            return;
        }
        let counts_differ = method.signature.len() != new.len();
        // Its path may have changed as well.
        let of = &self.api.trait_name;
        let is_same =
            |before: &&Operation| before.is(stub) || before.of == *of && before.name == method.name;
        let mut same = old.operations.iter().filter(is_same);
        let is_old = same.any(|before| before.types == method.signature);
        if !counts_differ && !is_old {
            return;
        }
        // Of types the compiler names the first that differs, behind the receiver and the context.
        let pairs = method.signature.iter().zip(&new).enumerate();
        let differ = pairs.filter(|(_, (there, new))| there != new);
        let mut differ = differ.map(|(index, _)| index + 2);
        let is_named_wrong = |index: &usize| {
            let place = &method.places[*index];
            gone.iter().any(|(at, _)| place.contains(at))
        };
        let (index, change) = match counts_differ {
            true => (0, Signature::Count),
            false => match differ.clone().find(|index| !is_named_wrong(index)) {
                Some(index) => (index, Signature::Type),
                // It says that the names are gone, and nothing else.
                None => (differ.next().unwrap_or(0), Signature::Gone),
            },
        };
        let at = method.places.get(index).map_or(method.at, |it| it.start);
        let line = self.source.line(at);
        notices.push(Notice::signature(self.source.path, line, stub, change));
    }
}

/// The lines of a stub at another depth.
fn indented(text: &str, indent: &str, line_ending: &str) -> String {
    let unit = match indent.contains('\t') {
        true => "\t",
        false => "    ",
    };
    let lines = text.lines().map(|line| {
        let depth = (line.len() - line.trim_start().len()) / 4;
        match line.is_empty() {
            true => String::new(),
            false => format!(
                "{indent}{}{}",
                unit.repeat(depth.saturating_sub(1)),
                line.trim_start()
            ),
        }
    });
    lines.collect::<Vec<_>>().join(line_ending)
}
