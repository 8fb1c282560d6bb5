//! What a function says of the types of its values, as far as that can be read without a compiler:
//! arguments, what a struct is made of, and the fields of generated structs. And which values come
//! from something that has changed.

use std::{collections::HashMap, rc::Rc};

use syn::visit::{self, Visit};

use super::{
    changed::{Changes, type_text},
    names::generated_path,
    source::{Source, plain},
};

/// The values in sight, by name.
pub(super) struct Locals<'s> {
    source: &'s Source<'s>,
    changes: &'s Changes,
    scopes: Vec<HashMap<String, Local>>,
}

#[derive(Default)]
struct Local {
    /// None where it is not evident.
    ty: Option<String>,
    origin: Option<Rc<Origin>>,
}

/// What has changed of that which a value comes from.
#[derive(Debug)]
pub(super) struct Origin {
    pub(super) ty: String,
    pub(super) words: String,
}

impl Origin {
    pub(super) fn new(ty: &str, words: &str) -> Self {
        Self {
            ty: ty.to_owned(),
            words: words.to_owned(),
        }
    }
}

impl<'s> Locals<'s> {
    pub(super) fn new(source: &'s Source<'s>, changes: &'s Changes) -> Self {
        Self {
            source,
            changes,
            scopes: vec![HashMap::new()],
        }
    }

    pub(super) fn enter(&mut self) {
        self.scopes.push(HashMap::new());
    }

    pub(super) fn leave(&mut self) {
        self.scopes.pop();
    }

    pub(super) fn bind_self(&mut self, ty: &syn::Type) {
        let ty = self.type_of(ty);
        self.bind("self".to_owned(), ty);
    }

    /// Binds the names of a pattern, whose value has this type if it is a name alone.
    pub(super) fn bind_pattern(&mut self, pattern: &syn::Pat, ty: Option<String>) {
        match pattern {
            syn::Pat::Type(typed) => {
                let ty = self.type_of(&typed.ty);
                self.bind_pattern(&typed.pat, ty);
            }
            syn::Pat::Ident(name) if name.subpat.is_none() => self.bind(plain(&name.ident), ty),
            _ => {
                for name in bound(pattern) {
                    self.bind(name, None);
                }
            }
        }
    }

    fn bind(&mut self, name: String, ty: Option<String>) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name, Local { ty, origin: None });
        }
    }

    /// Notes where the value of a name comes from.
    pub(super) fn trace(&mut self, name: &str, origin: &Rc<Origin>) {
        let mut scopes = self.scopes.iter_mut().rev();
        if let Some(local) = scopes.find_map(|scope| scope.get_mut(name)) {
            local.origin = Some(origin.clone());
        }
    }

    pub(super) fn origin(&self, name: &str) -> Option<Rc<Origin>> {
        self.local(name)?.origin.clone()
    }

    /// A type in the words in which [`Changes`] tells of it; references count as what they refer
    /// to. None where a name means something else than it does there.
    fn type_of(&self, ty: &syn::Type) -> Option<String> {
        let mut strange = Strange {
            locals: self,
            found: false,
        };
        strange.visit_type(ty);
        (!strange.found).then(|| type_text(without_reference(ty)))
    }

    /// The type of an expression, if it is evident.
    pub(super) fn infer(&self, value: &syn::Expr) -> Option<String> {
        match value {
            syn::Expr::Path(path) => self.of_name(&plain(path.path.get_ident()?)),
            syn::Expr::Field(access) => {
                let syn::Member::Named(name) = &access.member else {
                    return None;
                };
                let of = self.infer(&access.base)?;
                let ty = self.changes.field(pointed_to(&of), &plain(name));
                ty.map(str::to_owned)
            }
            syn::Expr::Struct(made) => {
                let path = generated_path(self.source, &made.path)?.path;
                path.last().cloned()
            }
            syn::Expr::Reference(value) => self.infer(&value.expr),
            syn::Expr::Paren(value) => self.infer(&value.expr),
            syn::Expr::Unary(value) if matches!(value.op, syn::UnOp::Deref(_)) => {
                let of = self.infer(&value.expr)?;
                Some(pointed_to(&of).to_owned())
            }
            syn::Expr::MethodCall(call) => match call.method.to_string().as_str() {
                "clone" => self.infer(&call.receiver),
                "to_string" => Some("String".to_owned()),
                "to_owned" if is_text(&call.receiver) => Some("String".to_owned()),
                _ => None,
            },
            syn::Expr::Macro(made) if made.mac.path.is_ident("format") => Some("String".to_owned()),
            _ => None,
        }
    }

    /// Whether an expression is of a type; none where that is not evident.
    pub(super) fn is(&self, value: &syn::Expr, ty: &str) -> Option<bool> {
        let is_none = matches!(value, syn::Expr::Path(path) if path.path.is_ident("None"));
        if is_none && !self.changes.is_known(ty) {
            return Some(ty.starts_with("Option<"));
        }
        self.infer(value).map(|given| given == ty)
    }

    fn of_name(&self, name: &str) -> Option<String> {
        self.local(name)?.ty.clone()
    }

    fn local(&self, name: &str) -> Option<&Local> {
        let mut scopes = self.scopes.iter().rev();
        scopes.find_map(|scope| scope.get(name))
    }
}

/// What a smart pointer leads to: its fields are those of that.
pub(super) fn pointed_to(ty: &str) -> &str {
    let inner = ["Box<", "Arc<", "Rc<"]
        .iter()
        .find_map(|pointer| ty.strip_prefix(pointer)?.strip_suffix('>'));
    inner.map_or(ty, pointed_to)
}

fn is_text(value: &syn::Expr) -> bool {
    matches!(value, syn::Expr::Lit(it) if matches!(it.lit, syn::Lit::Str(_)))
}

fn without_reference(ty: &syn::Type) -> &syn::Type {
    match ty {
        syn::Type::Reference(reference) => without_reference(&reference.elem),
        syn::Type::Paren(inner) => without_reference(&inner.elem),
        other => other,
    }
}

/// Whether a type has names that say nothing here, or are called like generated ones and are not.
struct Strange<'a> {
    locals: &'a Locals<'a>,
    found: bool,
}

impl<'ast> Visit<'ast> for Strange<'_> {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        let name = path.segments.last().map(|it| plain(&it.ident));
        let name = name.unwrap_or_default();
        let is_generated = generated_path(self.locals.source, path).is_some();
        self.found |= name == "Self" || self.locals.changes.is_known(&name) != is_generated;
        visit::visit_path(self, path);
    }

    fn visit_type_infer(&mut self, _: &'ast syn::TypeInfer) {
        self.found = true;
    }
}

/// The names that a pattern binds.
pub(super) fn bound(pattern: &syn::Pat) -> Vec<String> {
    let mut names = Bound(Vec::new());
    names.visit_pat(pattern);
    names.0
}

struct Bound(Vec<String>);

impl<'ast> Visit<'ast> for Bound {
    fn visit_pat_ident(&mut self, name: &'ast syn::PatIdent) {
        self.0.push(plain(&name.ident));
        visit::visit_pat_ident(self, name);
    }
}
