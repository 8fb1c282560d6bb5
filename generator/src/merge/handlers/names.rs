//! Names of generated code that the person's code uses, and that are gone.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use syn::visit::{self, Visit};

use super::{
    notice::Notice,
    source::{Source, plain},
};
use crate::render::Files;

const ROOT: &str = "crate::generated";

/// What the modules of generated code give a name to.
#[derive(Debug)]
pub(crate) struct Names {
    by_module: BTreeMap<String, HashSet<String>>,
}

impl Names {
    pub(crate) fn of(files: &Files) -> Self {
        let mut by_module = BTreeMap::new();
        for (path, file) in files.iter() {
            let module = path
                .strip_prefix("src/")
                .filter(|path| path.starts_with("generated/"))
                .and_then(|path| path.strip_suffix(".rs"));
            if let Some(module) = module {
                let module = module.strip_suffix("/mod").unwrap_or(module);
                by_module.insert(
                    format!("crate::{}", module.replace('/', "::")),
                    names(&file.text),
                );
            }
        }
        Self { by_module }
    }

    /// A path up to its first part that does not exist.
    fn missing<'p>(&self, path: &'p [String]) -> Option<&'p [String]> {
        let mut module = ROOT.to_owned();
        for (index, segment) in path.iter().enumerate().skip(2) {
            let names = self.by_module.get(&module)?;
            module = format!("{module}::{segment}");
            if !names.contains(segment) {
                return Some(&path[..=index]);
            }
        }
        None
    }

    /// Where a file names what is gone, imported or not, and as what.
    pub(super) fn gone_in(&self, source: &Source<'_>) -> Vec<(usize, Gone)> {
        let mentions = mentions(source).into_iter();
        let gone = mentions.filter(|mention| self.missing(&mention.path).is_some());
        gone.map(|mention| (mention.at, mention.kind)).collect()
    }

    /// Adds a notice for each place of a file that names what is gone.
    pub(super) fn check(&self, source: &Source<'_>, notices: &mut Vec<Notice>) {
        let mut gone: BTreeSet<(usize, String, Gone)> = BTreeSet::new();
        let leaves = source.modules.iter().flat_map(|module| &module.uses);
        for leaf in leaves.flat_map(|item| &item.leaves) {
            if is_generated(&leaf.path)
                && let Some(missing) = self.missing(&leaf.path)
            {
                // Where many names are taken from a module that is gone, it is gone once.
                let at = leaf.places.get(missing.len() - 1).unwrap_or(&leaf.at);
                gone.insert((source.line(*at), missing.join("::"), Gone::Import));
            }
        }
        for mention in mentions(source) {
            let Some(missing) = self.missing(&mention.path) else {
                continue;
            };
            // What cannot be imported is told there, and nowhere else.
            if missing.len() <= mention.imported {
                continue;
            }
            let kind = match missing.len() == mention.path.len() {
                true => mention.kind,
                false => Gone::OnTheWay,
            };
            gone.insert((source.line(mention.at), missing.join("::"), kind));
        }
        for (line, missing, kind) in gone {
            notices.push(Notice::gone(source.path, line, &missing, kind));
        }
    }
}

fn mentions(source: &Source<'_>) -> Vec<Mention> {
    let mut mentions = Mentions {
        source,
        found: Vec::new(),
    };
    mentions.visit_file(&source.tree);
    mentions.found
}

/// As what something is named that is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gone {
    Import,
    /// In the middle of a path.
    OnTheWay,
    Trait,
    /// A struct that is made of its fields, or taken apart.
    Struct,
    Other,
}

fn is_generated(path: &[String]) -> bool {
    matches!(path, [root, generated, ..] if root == "crate" && generated == "generated")
}

/// What the lines of a generated file give a name to: its items begin their lines.
pub(super) fn names(text: &str) -> HashSet<String> {
    let mut names = HashSet::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(item) = ["pub ", "pub(crate) "]
            .iter()
            .find_map(|it| line.strip_prefix(it))
        else {
            continue;
        };
        if let Some(tree) = item.strip_prefix("use ") {
            let mut tree = tree.to_owned();
            while !tree.ends_with(';') {
                let Some(line) = lines.next() else { break };
                tree.push_str(line.trim());
            }
            let list = tree.trim_end_matches([';', '}']);
            let list = list.split_once('{').map_or(list, |(_, list)| list);
            for name in list.split(',') {
                let name = name.rsplit(" as ").next().unwrap_or_default();
                names.extend(name.rsplit("::").next().map(|name| name.trim().to_owned()));
            }
            continue;
        }
        let words = item.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '#');
        let kinds = [
            "async", "const", "enum", "fn", "mod", "mut", "static", "struct", "trait", "type",
            "unsafe",
        ];
        if let Some(name) = words.into_iter().find(|word| !kinds.contains(word)) {
            names.insert(name.trim_start_matches("r#").to_owned());
        }
    }
    names
}

/// A path that leads into generated code.
pub(super) struct Generated {
    pub(super) path: Vec<String>,
    /// Its first name is imported.
    pub(super) is_imported: bool,
}

/// Where a path leads, if into generated code.
pub(super) fn generated_path(source: &Source<'_>, path: &syn::Path) -> Option<Generated> {
    let segments: Vec<String> = path.segments.iter().map(|it| plain(&it.ident)).collect();
    let mut modules = source.modules.iter();
    let imported = modules.find_map(|module| module.leaf(segments.first()?));
    let path = match imported {
        Some(leaf) => [&leaf.path, &segments[1..]].concat(),
        None => source.rooted(segments),
    };
    is_generated(&path).then_some(Generated {
        path,
        is_imported: imported.is_some(),
    })
}

/// A place that names something of generated code.
struct Mention {
    at: usize,
    path: Vec<String>,
    /// How much of the path is imported.
    imported: usize,
    kind: Gone,
}

struct Mentions<'s> {
    source: &'s Source<'s>,
    found: Vec<Mention>,
}

impl Mentions<'_> {
    fn add(&mut self, path: &syn::Path, kind: Gone) {
        if let Some(found) = generated_path(self.source, path)
            && let Some(first) = path.segments.first()
        {
            let imported = match found.is_imported {
                true => found.path.len() + 1 - path.segments.len(),
                false => 0,
            };
            self.found.push(Mention {
                at: self.source.range(first.ident.span()).start,
                path: found.path,
                imported,
                kind,
            });
        }
    }
}

impl<'ast> Visit<'ast> for Mentions<'_> {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.add(path, Gone::Other);
        visit::visit_path(self, path);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        visit::visit_generics(self, &item.generics);
        if let Some((_, of, _)) = &item.trait_ {
            self.add(of, Gone::Trait);
            visit::visit_path(self, of);
        }
        self.visit_type(&item.self_ty);
        for item in &item.items {
            self.visit_impl_item(item);
        }
    }

    fn visit_expr_struct(&mut self, made: &'ast syn::ExprStruct) {
        self.add(&made.path, Gone::Struct);
        visit::visit_path(self, &made.path);
        for field in &made.fields {
            self.visit_field_value(field);
        }
        if let Some(rest) = &made.rest {
            self.visit_expr(rest);
        }
    }

    fn visit_pat_struct(&mut self, pattern: &'ast syn::PatStruct) {
        self.add(&pattern.path, Gone::Struct);
        visit::visit_path(self, &pattern.path);
        for field in &pattern.fields {
            self.visit_field_pat(field);
        }
    }
}
