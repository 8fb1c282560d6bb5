//! What a `match` names, and whether that is all.

use syn::{
    spanned::Spanned,
    visit::{self, Visit},
};

use super::{names::generated_path, source::Source, uses::Uses};

impl Uses<'_, '_> {
    /// A `match` names all variants, or has an arm for the others.
    pub(super) fn matched(&mut self, matched: &syn::ExprMatch) {
        let changes = self.changes;
        let takes_all = |arm: &syn::Arm| arm.guard.is_none() && is_catch_all(&arm.pat);
        if matched.arms.iter().any(takes_all) {
            return;
        }
        let mut found = Variants {
            source: self.source,
            paths: Vec::new(),
        };
        for arm in &matched.arms {
            found.visit_pat(&arm.pat);
        }
        let sure = matched.arms.iter().filter(|arm| arm.guard.is_none());
        let sure = self.tops(sure);
        let tops = self.tops(matched.arms.iter());
        let mut told: Vec<String> = Vec::new();
        for path in found.paths {
            let Some((change, _)) = changes.of_variant(&path) else {
                continue;
            };
            let of = &path[..path.len() - 1];
            let named = sure.iter().filter(|path| path.starts_with(of));
            let named: Vec<String> = named.filter_map(|path| path.last().cloned()).collect();
            let ty = of.join("::");
            let Some(words) = change.new_words(&named).filter(|_| !told.contains(&ty)) else {
                continue;
            };
            let compiler =
                format!("error[E0004]: non-exhaustive patterns: {words} and not covered");
            // Deeper inside a pattern other arms may cover it.
            let compiler = tops.contains(&path).then_some(compiler);
            self.tell(self.line(matched.expr.span()), &ty, &words, compiler);
            told.push(ty);
        }
    }

    fn tops<'m>(&self, arms: impl Iterator<Item = &'m syn::Arm>) -> Vec<Vec<String>> {
        let paths = arms.flat_map(|arm| tops(&arm.pat));
        paths
            .filter_map(|path| Some(generated_path(self.source, path)?.path))
            .collect()
    }
}

/// A name that begins like a variant's is one.
pub(super) fn is_binding(name: &syn::PatIdent) -> bool {
    let name = name.ident.to_string();
    name.starts_with(|c: char| !c.is_uppercase())
}

fn is_catch_all(pattern: &syn::Pat) -> bool {
    match pattern {
        syn::Pat::Wild(_) => true,
        syn::Pat::Ident(name) => match &name.subpat {
            Some((_, inner)) => is_catch_all(inner),
            None => is_binding(name),
        },
        syn::Pat::Paren(inner) => is_catch_all(&inner.pat),
        syn::Pat::Or(or) => or.cases.iter().any(is_catch_all),
        _ => false,
    }
}

/// The paths that a pattern itself has, not those inside it.
fn tops(pattern: &syn::Pat) -> Vec<&syn::Path> {
    match pattern {
        syn::Pat::Path(path) => vec![&path.path],
        syn::Pat::TupleStruct(of) => vec![&of.path],
        syn::Pat::Struct(of) => vec![&of.path],
        syn::Pat::Paren(inner) => tops(&inner.pat),
        syn::Pat::Reference(inner) => tops(&inner.pat),
        syn::Pat::Ident(name) => name
            .subpat
            .as_ref()
            .map_or(Vec::new(), |(_, inner)| tops(inner)),
        syn::Pat::Or(or) => or.cases.iter().flat_map(tops).collect(),
        _ => Vec::new(),
    }
}

/// All paths of patterns that lead into generated code.
struct Variants<'s> {
    source: &'s Source<'s>,
    paths: Vec<Vec<String>>,
}

impl<'ast> Visit<'ast> for Variants<'_> {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.paths
            .extend(generated_path(self.source, path).map(|found| found.path));
        visit::visit_path(self, path);
    }
}
