//! Where the person's code uses what has changed: where the compiler is going to complain, and
//! where only it can know.

use std::rc::Rc;

use syn::{spanned::Spanned, visit::Visit};

use super::{
    changed::{Change, Changes, Kind},
    locals::{Locals, Origin, pointed_to},
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
        last: None,
    };
    uses.imports();
    uses.visit_file(&source.tree);
}

pub(super) struct Uses<'s, 'n> {
    pub(super) source: &'s Source<'s>,
    pub(super) changes: &'s Changes,
    pub(super) locals: Locals<'s>,
    pub(super) notices: &'n mut Vec<Notice>,
    /// Whether names in this file are gone.
    pub(super) is_named_wrong: bool,
    /// What was told of last without the compiler's words.
    pub(super) last: Option<Rc<Origin>>,
}

impl Uses<'_, '_> {
    pub(super) fn line(&self, span: proc_macro2::Span) -> usize {
        self.source.line(self.source.range(span).start)
    }

    pub(super) fn tell(&mut self, line: usize, ty: &str, words: &str, compiler: Option<String>) {
        if compiler.is_none() {
            self.last = Some(Rc::new(Origin::new(ty, words)));
        }
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
        let change = change.filter(|change| change.was == Kind::Struct)?;
        Some((path.join("::"), change))
    }

    pub(super) fn made(&mut self, made: &syn::ExprStruct) {
        let changes = self.changes;
        let Some(path) = generated_path(self.source, &made.path) else {
            return;
        };
        let change = changes.of_path(&path.path);
        let Some(change) = change.filter(|change| change.was == Kind::Struct) else {
            return;
        };
        let ty = path.path.join("::");
        let new = change.new_words(&fields_of(made));
        let mut has_gone = false;
        for field in &made.fields {
            let syn::Member::Named(member) = &field.member else {
                continue;
            };
            let name = plain(member);
            let Some(words) = change.words(&name) else {
                continue;
            };
            if change.kind == Kind::Other {
                self.tell(self.line(member.span()), &ty, &words, None);
                continue;
            }
            if change.gone.contains(&name) {
                has_gone = true;
                // The compiler tells of missing fields when these are right.
                let words = [Some(words), new.clone()].into_iter().flatten();
                let words = words.collect::<Vec<_>>().join(", ");
                let compiler = format!("error[E0560]: struct `{ty}` has no field named `{name}`");
                self.tell(self.line(member.span()), &ty, &words, Some(compiler));
                continue;
            }
            let Some((_, wanted)) = change.other.get(&name) else {
                continue;
            };
            let line = self.line(field.expr.span());
            match self.locals.is(&field.expr, wanted) {
                Some(true) => {}
                Some(false) => {
                    let compiler = format!("error[E0308]: mismatched types: expected `{wanted}`");
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
            let compiler =
                format!("error[E0063]: missing fields in initializer of `{ty}`: {words}");
            self.tell(self.line(made.path.span()), &ty, &words, Some(compiler));
        }
    }

    /// Whether a field that has changed is given what it takes now: nobody has to look there.
    pub(super) fn fits(&self, made: &syn::Path, field: &syn::FieldValue) -> bool {
        let syn::Member::Named(name) = &field.member else {
            return false;
        };
        let of = generated_path(self.source, made).and_then(|found| found.path.last().cloned());
        let wanted = of.and_then(|of| self.changes.field(&of, &plain(name)));
        wanted.is_some_and(|wanted| self.locals.is(&field.expr, wanted) == Some(true))
    }

    pub(super) fn taken_apart(&mut self, pattern: &syn::PatStruct) {
        let Some((ty, change)) = self.changed_struct(&pattern.path) else {
            return;
        };
        let mut told = Vec::new();
        let mut has_gone = false;
        let mut named = Vec::new();
        for field in &pattern.fields {
            let syn::Member::Named(member) = &field.member else {
                continue;
            };
            let name = plain(member);
            named.push(name.clone());
            let Some(words) = self.words(change, &name) else {
                continue;
            };
            let is_gone = change.gone.contains(&name) && change.kind == Kind::Struct;
            has_gone |= is_gone;
            let compiler = is_gone
                .then(|| format!("error[E0026]: struct `{ty}` does not have a field `{name}`"));
            told.push((member.span(), words, compiler, Some(&*field.pat)));
        }
        if let Some(words) = change.new_words(&named)
            && pattern.rest.is_none()
        {
            // Where a field is gone, the compiler may take a new one for that one's new name.
            let compiler = (!has_gone)
                .then(|| format!("error[E0027]: pattern does not mention all fields: {words}"));
            told.push((pattern.path.span(), words, compiler, None));
        }
        for (span, words, compiler, taken) in told {
            match taken.filter(|_| compiler.is_none()) {
                Some(taken) => self.comes(taken, Some(Rc::new(Origin::new(&ty, &words)))),
                None => self.tell(self.line(span), &ty, &words, compiler),
            }
        }
    }

    pub(super) fn field(&mut self, access: &syn::ExprField) {
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
            let is_gone = change.gone.contains(&name) && change.kind == Kind::Struct;
            let compiler =
                is_gone.then(|| format!("error[E0609]: no field `{name}` on type `{ty}`"));
            self.tell(line, ty, &words, compiler);
        }
    }

    pub(super) fn variant(&mut self, path: &syn::Path, used: Used) {
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
        let has_values = matches!(used, Used::Called | Used::TakenApart);
        let compiler = match change.other.get(variant) {
            _ if change.kind == Kind::Other => None,
            // Told where it is imported.
            None if found.is_imported && path.segments.len() == 1 => return,
            None => Some(format!("error[E0599]: no variant named `{variant}` found")),
            // The code is like that already.
            Some((before, _)) if before.is_empty() && has_values => return,
            Some((_, now)) if now.is_empty() && !has_values => return,
            Some((before, now)) if before.is_empty() || now.is_empty() => Some(match used {
                Used::Value => format!("error[E0308]: mismatched types: `{variant}` takes a value"),
                Used::Called => {
                    format!("error[E0618]: expected function, found unit variant `{variant}`")
                }
                Used::Compared => {
                    format!("error[E0532]: expected unit variant, found tuple variant `{variant}`")
                }
                Used::TakenApart => {
                    format!("error[E0532]: expected tuple variant, found unit variant `{variant}`")
                }
            }),
            Some((before, now)) if changes.is_renaming(before, now) => return,
            Some(_) => None,
        };
        self.tell(line, &ty, &words, compiler);
    }

    /// A function by itself. The compiler looks whether its matches name everything only when
    /// nothing else is wrong in it.
    pub(super) fn body(&mut self, visit: impl FnOnce(&mut Self)) {
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
}

/// How a variant stands in code.
#[derive(Clone, Copy, Debug)]
pub(super) enum Used {
    /// By itself, as a value.
    Value,
    /// With values that it is made of.
    Called,
    /// By itself, as a pattern.
    Compared,
    /// With patterns of what it is made of.
    TakenApart,
}

/// The names of the fields that a struct is made of.
fn fields_of(made: &syn::ExprStruct) -> Vec<String> {
    let names = made.fields.iter().filter_map(|field| match &field.member {
        syn::Member::Named(name) => Some(plain(name)),
        syn::Member::Unnamed(_) => None,
    });
    names.collect()
}

#[cfg(test)]
mod tests;
