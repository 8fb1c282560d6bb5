//! Where the person's code uses what has changed: where the compiler is going to complain, and
//! where only it can know.

use syn::{
    Token,
    punctuated::Punctuated,
    spanned::Spanned,
    visit::{self, Visit},
};

use super::{
    changed::{Change, Changes, Kind},
    locals::{Locals, pointed_to},
    names::generated_path,
    notice::Notice,
    source::{Source, plain},
};

/// Adds a notice for each place that uses what has changed.
pub(super) fn check(changes: &Changes, source: &Source<'_>, notices: &mut Vec<Notice>) {
    if changes.is_empty() {
        return;
    }
    let is_named_wrong = notices.iter().any(|notice| notice.path == source.path);
    let mut uses = Uses {
        source,
        changes,
        locals: Locals::new(source, changes),
        notices,
        is_named_wrong,
    };
    uses.imports();
    uses.visit_file(&source.tree);
}

struct Uses<'s, 'n> {
    source: &'s Source<'s>,
    changes: &'s Changes,
    locals: Locals<'s>,
    notices: &'n mut Vec<Notice>,
    /// Whether names in this file are gone.
    is_named_wrong: bool,
}

impl Uses<'_, '_> {
    fn line(&self, span: proc_macro2::Span) -> usize {
        self.source.line(self.source.range(span).start)
    }

    fn tell(&mut self, line: usize, ty: &str, words: &str, compiler: Option<String>) {
        let notice = Notice::changed(self.source.path, line, ty, words, compiler);
        self.notices.push(notice);
    }

    /// What has become of a field that is used, unless its type is only called otherwise.
    fn words(&self, change: &Change, name: &str) -> Option<String> {
        let is_renamed = |(old, new): &(String, String)| self.changes.is_renaming(old, new);
        if change.other.get(name).is_some_and(is_renamed) {
            return None;
        }
        change.words(name)
    }

    /// Variants may be imported by their own names.
    fn imports(&mut self) {
        let uses = self.source.modules.iter().flat_map(|module| &module.uses);
        for leaf in uses.flat_map(|item| &item.leaves) {
            if let Some((change, variant)) = self.changes.of_variant(&leaf.path)
                && change.gone.contains(variant)
            {
                let path = leaf.path.join("::");
                let compiler = format!("error[E0432]: unresolved import `{path}`");
                let words = format!("`{variant}` is gone");
                let line = self.source.line(leaf.at);
                self.tell(line, &path, &words, Some(compiler));
            }
        }
    }

    /// The struct that a path names, if it has changed.
    fn changed_struct(&self, path: &syn::Path) -> Option<(String, &'_ Change)> {
        let path = generated_path(self.source, path)?.path;
        let change = self.changes.of_path(&path);
        let change = change.filter(|change| change.kind == Kind::Struct)?;
        Some((path.join("::"), change))
    }

    fn made(&mut self, made: &syn::ExprStruct) {
        let changes = self.changes;
        let Some(path) = generated_path(self.source, &made.path) else {
            return;
        };
        let change = changes.of_path(&path.path);
        let Some(change) = change.filter(|change| change.kind == Kind::Struct) else {
            return;
        };
        let ty = path.path.join("::");
        let new = change.new_words();
        let mut has_gone = false;
        for field in &made.fields {
            let syn::Member::Named(member) = &field.member else {
                continue;
            };
            let name = plain(member);
            let Some(words) = change.words(&name) else {
                continue;
            };
            if change.gone.contains(&name) {
                has_gone = true;
                // The compiler tells of missing fields when these are right.
                let words = [Some(words), new.clone()].into_iter().flatten();
                let words = words.collect::<Vec<_>>().join(", ");
                let compiler = format!("error[E0560]: struct `{ty}` has no field named `{name}`");
                self.tell(self.line(member.span()), &ty, &words, Some(compiler));
                continue;
            }
            let wanted = change.other.get(&name).map(|(_, now)| now.as_str());
            let given = self.locals.infer(&field.expr);
            let line = self.line(field.expr.span());
            match given {
                Some(given) if Some(given.as_str()) == wanted => {}
                Some(given) => {
                    let wanted = wanted.unwrap_or_default();
                    let compiler = format!(
                        "error[E0308]: mismatched types: expected `{wanted}`, found `{given}`"
                    );
                    self.tell(line, &ty, &words, Some(compiler));
                }
                None if self.words(change, &name).is_none() => {}
                None => self.tell(line, &ty, &words, None),
            }
        }
        if let Some(words) = new
            && !has_gone
            && made.rest.is_none()
        {
            let names = change.new.iter().cloned().collect::<Vec<_>>().join("`, `");
            let compiler = format!("error[E0063]: missing `{names}` in initializer of `{ty}`");
            self.tell(self.line(made.path.span()), &ty, &words, Some(compiler));
        }
    }

    /// Whether a field that has changed is given what it takes now: nobody has to look there.
    fn fits(&self, made: &syn::Path, field: &syn::FieldValue) -> bool {
        let syn::Member::Named(name) = &field.member else {
            return false;
        };
        let given = self.locals.infer(&field.expr);
        let of = generated_path(self.source, made).and_then(|found| found.path.last().cloned());
        let wanted = of.and_then(|of| self.changes.field(&of, &plain(name)));
        wanted.is_some() && given.as_deref() == wanted
    }

    fn taken_apart(&mut self, pattern: &syn::PatStruct) {
        let Some((ty, change)) = self.changed_struct(&pattern.path) else {
            return;
        };
        let mut told = Vec::new();
        let mut has_gone = false;
        for field in &pattern.fields {
            let syn::Member::Named(member) = &field.member else {
                continue;
            };
            let name = plain(member);
            let Some(words) = self.words(change, &name) else {
                continue;
            };
            let is_gone = change.gone.contains(&name);
            has_gone |= is_gone;
            let compiler = is_gone
                .then(|| format!("error[E0026]: struct `{ty}` does not have a field `{name}`"));
            told.push((member.span(), words, compiler));
        }
        if let Some(words) = change.new_words()
            && !has_gone
            && pattern.rest.is_none()
        {
            let names = change.new.iter().cloned().collect::<Vec<_>>().join("`, `");
            let compiler = format!("error[E0027]: pattern does not mention `{names}`");
            told.push((pattern.path.span(), words, Some(compiler)));
        }
        for (span, words, compiler) in told {
            self.tell(self.line(span), &ty, &words, compiler);
        }
    }

    fn field(&mut self, access: &syn::ExprField) {
        let syn::Member::Named(member) = &access.member else {
            return;
        };
        let name = plain(member);
        let changes = self.changes;
        let line = self.line(member.span());
        let Some(of) = self.locals.infer(&access.base) else {
            // It may be that of any struct that has, or had, such a field.
            for (ty, change) in changes.structs() {
                if let Some(words) = self.words(change, &name) {
                    self.tell(line, ty, &words, None);
                }
            }
            return;
        };
        let Some((ty, change)) = changes.of_struct(pointed_to(&of)) else {
            return;
        };
        if let Some(words) = self.words(change, &name) {
            let compiler = change
                .gone
                .contains(&name)
                .then(|| format!("error[E0609]: no field `{name}` on type `{ty}`"));
            self.tell(line, ty, &words, compiler);
        }
    }

    fn variant(&mut self, path: &syn::Path) {
        let changes = self.changes;
        let Some(found) = generated_path(self.source, path) else {
            return;
        };
        let ty = found.path.join("::");
        let line = self.line(path.span());
        if let Some(change) = changes.of_path(&found.path)
            && change.kind == Kind::Other
        {
            let now = change.other.values().next().map(|(_, now)| now.as_str());
            let words = now.map_or("it is another kind of type now".to_owned(), |now| {
                format!("it is `{now}` now")
            });
            self.tell(line, &ty, &words, None);
            return;
        }
        let Some((change, variant)) = changes.of_variant(&found.path) else {
            return;
        };
        let Some(words) = change.words(variant) else {
            return;
        };
        let compiler = match change.other.get(variant) {
            // Told where it is imported.
            None if found.is_imported && path.segments.len() == 1 => return,
            None => Some(format!("error[E0599]: no variant named `{variant}` found")),
            Some((before, _)) if before.is_empty() => Some(format!(
                "error[E0308]: mismatched types: `{variant}` takes a value"
            )),
            Some((_, now)) if now.is_empty() => Some(format!(
                "error[E0618]: expected function, found unit variant `{variant}`"
            )),
            Some((before, now)) if changes.is_renaming(before, now) => return,
            Some(_) => None,
        };
        self.tell(line, &ty, &words, compiler);
    }

    /// A function by itself. The compiler looks whether its matches name everything only when
    /// nothing else is wrong in it.
    fn body(&mut self, visit: impl FnOnce(&mut Self)) {
        let begin = self.notices.len();
        self.locals.enter();
        visit(self);
        self.locals.leave();
        let told = &mut self.notices[begin..];
        let is_of_match = |notice: &Notice| {
            let compiler = notice.compiler.as_deref().unwrap_or_default();
            compiler.starts_with("error[E0004]")
        };
        if self.is_named_wrong || !told.iter().all(is_of_match) {
            for notice in told.iter_mut().filter(|notice| is_of_match(notice)) {
                notice.compiler = None;
            }
        }
    }

    /// A `match` names all variants, or has an arm for the others.
    fn matched(&mut self, matched: &syn::ExprMatch) {
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
        let tops = matched.arms.iter().flat_map(|arm| tops(&arm.pat));
        let tops: Vec<Vec<String>> = tops
            .filter_map(|path| Some(generated_path(self.source, path)?.path))
            .collect();
        let mut told: Vec<String> = Vec::new();
        for path in found.paths {
            let Some((change, _)) = changes.of_variant(&path) else {
                continue;
            };
            let ty = path[..path.len() - 1].join("::");
            let Some(words) = change.new_words().filter(|_| !told.contains(&ty)) else {
                continue;
            };
            let names = change.new.iter().cloned().collect::<Vec<_>>().join("`, `");
            let compiler = format!("error[E0004]: non-exhaustive patterns: `{names}` not covered");
            // Deeper inside a pattern other arms may cover it.
            let compiler = tops.contains(&path).then_some(compiler);
            self.tell(self.line(matched.expr.span()), &ty, &words, compiler);
            told.push(ty);
        }
    }
}

impl<'ast> Visit<'ast> for Uses<'_, '_> {
    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        self.locals.enter();
        self.locals.bind_self(&item.self_ty);
        visit::visit_item_impl(self, item);
        self.locals.leave();
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.body(|uses| visit::visit_item_fn(uses, item));
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.body(|uses| visit::visit_impl_item_fn(uses, item));
    }

    fn visit_fn_arg(&mut self, argument: &'ast syn::FnArg) {
        visit::visit_fn_arg(self, argument);
        if let syn::FnArg::Typed(typed) = argument {
            let pattern = syn::Pat::Type(typed.clone());
            self.locals.bind_pattern(&pattern, None);
        }
    }

    fn visit_expr_closure(&mut self, closure: &'ast syn::ExprClosure) {
        self.locals.enter();
        for input in &closure.inputs {
            self.locals.bind_pattern(input, None);
        }
        visit::visit_expr_closure(self, closure);
        self.locals.leave();
    }

    fn visit_block(&mut self, block: &'ast syn::Block) {
        self.locals.enter();
        visit::visit_block(self, block);
        self.locals.leave();
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        visit::visit_local(self, local);
        let value = local.init.as_ref().map(|init| &init.expr);
        let ty = value.and_then(|value| self.locals.infer(value));
        self.locals.bind_pattern(&local.pat, ty);
    }

    fn visit_expr_let(&mut self, bound: &'ast syn::ExprLet) {
        visit::visit_expr_let(self, bound);
        self.locals.bind_pattern(&bound.pat, None);
    }

    fn visit_expr_for_loop(&mut self, repeated: &'ast syn::ExprForLoop) {
        self.visit_expr(&repeated.expr);
        self.locals.enter();
        self.visit_pat(&repeated.pat);
        self.locals.bind_pattern(&repeated.pat, None);
        self.visit_block(&repeated.body);
        self.locals.leave();
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        self.locals.enter();
        self.locals.bind_pattern(&arm.pat, None);
        visit::visit_arm(self, arm);
        self.locals.leave();
    }

    fn visit_expr_struct(&mut self, made: &'ast syn::ExprStruct) {
        self.made(made);
        self.visit_path(&made.path);
        for field in &made.fields {
            if !self.fits(&made.path, field) {
                self.visit_field_value(field);
            }
        }
        if let Some(rest) = &made.rest {
            self.visit_expr(rest);
        }
    }

    fn visit_pat_struct(&mut self, pattern: &'ast syn::PatStruct) {
        self.taken_apart(pattern);
        visit::visit_pat_struct(self, pattern);
    }

    fn visit_expr_field(&mut self, access: &'ast syn::ExprField) {
        self.field(access);
        visit::visit_expr_field(self, access);
    }

    fn visit_expr_match(&mut self, matched: &'ast syn::ExprMatch) {
        self.matched(matched);
        visit::visit_expr_match(self, matched);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.variant(path);
        visit::visit_path(self, path);
    }

    /// What `format!` and its like are given are expressions.
    fn visit_macro(&mut self, called: &'ast syn::Macro) {
        let list = Punctuated::<syn::Expr, Token![,]>::parse_terminated;
        if let Ok(values) = called.parse_body_with(list) {
            for value in &values {
                self.visit_expr(value);
            }
        }
        visit::visit_macro(self, called);
    }
}

fn is_catch_all(pattern: &syn::Pat) -> bool {
    match pattern {
        syn::Pat::Wild(_) => true,
        // A name that begins like a variant's is one.
        syn::Pat::Ident(name) => match &name.subpat {
            Some((_, inner)) => is_catch_all(inner),
            None => name
                .ident
                .to_string()
                .starts_with(|c: char| !c.is_uppercase()),
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
