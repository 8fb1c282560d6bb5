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

    /// The first part of a path that does not exist.
    fn missing(&self, path: &[String]) -> Option<String> {
        let mut module = ROOT.to_owned();
        for segment in path.get(2..)? {
            let names = self.by_module.get(&module)?;
            module = format!("{module}::{segment}");
            if !names.contains(segment) {
                return Some(module);
            }
        }
        None
    }

    /// Adds a notice for each place of a file that names what is gone.
    pub(super) fn check(&self, source: &Source<'_>, notices: &mut Vec<Notice>) {
        let mut gone: BTreeSet<(usize, String, bool)> = BTreeSet::new();
        let leaves = source.modules.iter().flat_map(|module| &module.uses);
        for leaf in leaves.flat_map(|item| &item.leaves) {
            if is_generated(&leaf.path)
                && let Some(missing) = self.missing(&leaf.path)
            {
                gone.insert((source.line(leaf.at), missing, true));
            }
        }
        for mention in mentions(source) {
            // A single name has been looked at where it is imported.
            if !mention.is_imported
                && let Some(missing) = self.missing(&mention.path)
            {
                gone.insert((source.line(mention.at), missing, false));
            }
        }
        for (line, missing, is_import) in gone {
            notices.push(Notice::gone(source.path, line, &missing, is_import));
        }
    }
}

fn is_generated(path: &[String]) -> bool {
    matches!(path, [root, generated, ..] if root == "crate" && generated == "generated")
}

/// What the lines of a generated file give a name to: its items begin their lines.
fn names(text: &str) -> HashSet<String> {
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

/// A place that names something of generated code.
pub(super) struct Mention {
    pub(super) at: usize,
    pub(super) path: Vec<String>,
    /// The name alone, which is imported elsewhere.
    pub(super) is_imported: bool,
    /// Where a struct is made of its fields: them and their places.
    pub(super) fields: Option<Vec<(String, usize)>>,
}

/// The paths of a file that lead into generated code, but for its imports.
pub(super) fn mentions(source: &Source<'_>) -> Vec<Mention> {
    let mut paths = Paths {
        source,
        found: Vec::new(),
    };
    paths.visit_file(&source.tree);
    paths.found
}

struct Paths<'s> {
    source: &'s Source<'s>,
    found: Vec<Mention>,
}

impl Paths<'_> {
    fn add(&mut self, path: &syn::Path, fields: Option<Vec<(String, usize)>>) {
        let segments: Vec<String> = path.segments.iter().map(|it| plain(&it.ident)).collect();
        let Some(first) = path.segments.first() else {
            return;
        };
        let name = plain(&first.ident);
        let mut modules = self.source.modules.iter();
        let imported = modules.find_map(|module| module.leaf(&name));
        let whole = match imported {
            Some(leaf) => [&leaf.path, &segments[1..]].concat(),
            None => segments,
        };
        if is_generated(&whole) {
            self.found.push(Mention {
                at: self.source.range(first.ident.span()).start,
                is_imported: imported.is_some() && path.segments.len() == 1,
                path: whole,
                fields,
            });
        }
    }
}

impl<'ast> Visit<'ast> for Paths<'_> {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.add(path, None);
        visit::visit_path(self, path);
    }

    fn visit_expr_struct(&mut self, made: &'ast syn::ExprStruct) {
        let fields = made.fields.iter().filter_map(|field| match &field.member {
            syn::Member::Named(name) => Some((plain(name), self.source.range(name.span()).start)),
            syn::Member::Unnamed(_) => None,
        });
        let fields = fields.collect();
        self.add(&made.path, Some(fields));
        for field in &made.fields {
            self.visit_field_value(field);
        }
        if let Some(rest) = &made.rest {
            self.visit_expr(rest);
        }
    }
}
