//! A file from its beginning to its end, and which way values go in it: what comes from something
//! that has changed may be wrong wherever it is used.

use std::rc::Rc;

use syn::{
    Token,
    parse::ParseStream,
    punctuated::Punctuated,
    spanned::Spanned,
    visit::{self, Visit},
};

use super::{
    locals::{Origin, bound},
    matches::is_binding,
    source::plain,
    uses::{Used, Uses},
};

impl Uses<'_, '_> {
    /// What was told on the way of something whose type is not certain any more.
    pub(super) fn told(&mut self, visit: impl FnOnce(&mut Self)) -> Option<Rc<Origin>> {
        let before = self.last.take();
        visit(self);
        let told = self.last.clone();
        if told.is_none() {
            self.last = before;
        }
        told
    }

    /// A pattern takes a value that comes from something that has changed, if it does.
    pub(super) fn comes(&mut self, pattern: &syn::Pat, origin: Option<Rc<Origin>>) {
        let Some(origin) = origin else { return };
        for name in bound(pattern) {
            self.locals.trace(&name, &origin);
        }
        let mut asking = Asking(Vec::new());
        asking.visit_pat(pattern);
        for span in asking.0 {
            self.tell_of(&origin, span);
        }
    }

    fn tell_of(&mut self, origin: &Origin, span: proc_macro2::Span) {
        self.tell(self.line(span), &origin.ty, &origin.words, None);
    }

    fn mention(&mut self, name: &str, line: usize) {
        if let Some(origin) = self.locals.origin(name) {
            self.tell(line, &origin.ty, &origin.words, None);
        }
    }

    /// Names inside the text of `format!` and its like.
    fn captured(&mut self, text: &syn::LitStr) {
        let range = self.source.range(text.span());
        let begin = self.source.line(range.start);
        let text = &self.source.text[range];
        for (at, _) in text.match_indices('{') {
            let name = text[at + 1..].split(['}', ':']).next().unwrap_or_default();
            let line = begin + text[..at].matches('\n').count();
            self.mention(name, line);
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
        if let syn::FnArg::Typed(typed) = argument {
            let pattern = syn::Pat::Type(typed.clone());
            self.locals.bind_pattern(&pattern, None);
        }
        visit::visit_fn_arg(self, argument);
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
        let init = local.init.as_ref();
        let origin = self.told(|uses| {
            if let Some(init) = init {
                uses.visit_local_init(init);
            }
        });
        let ty = init.and_then(|init| self.locals.infer(&init.expr));
        self.locals.bind_pattern(&local.pat, ty);
        self.visit_pat(&local.pat);
        let is_passed_on = init.is_some_and(|init| passes_on(&init.expr));
        if is_passed_on && !matches!(local.pat, syn::Pat::Type(_)) {
            self.comes(&local.pat, origin);
        }
    }

    fn visit_expr_let(&mut self, bound: &'ast syn::ExprLet) {
        let origin = self.told(|uses| uses.visit_expr(&bound.expr));
        self.locals.bind_pattern(&bound.pat, None);
        self.visit_pat(&bound.pat);
        self.comes(&bound.pat, origin);
    }

    fn visit_expr_for_loop(&mut self, repeated: &'ast syn::ExprForLoop) {
        let origin = self.told(|uses| uses.visit_expr(&repeated.expr));
        self.locals.enter();
        self.locals.bind_pattern(&repeated.pat, None);
        self.visit_pat(&repeated.pat);
        self.comes(&repeated.pat, origin);
        self.visit_block(&repeated.body);
        self.locals.leave();
    }

    fn visit_expr_match(&mut self, matched: &'ast syn::ExprMatch) {
        self.matched(matched);
        let origin = self.told(|uses| uses.visit_expr(&matched.expr));
        for arm in &matched.arms {
            self.locals.enter();
            self.locals.bind_pattern(&arm.pat, None);
            self.comes(&arm.pat, origin.clone());
            self.visit_arm(arm);
            self.locals.leave();
        }
    }

    /// What a method makes of a changed value is told at the method, and so is what it is given.
    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        let origin = self.told(|uses| uses.visit_expr(&call.receiver));
        let Some(origin) = origin else {
            let given = self.told(|uses| call.args.iter().for_each(|it| uses.visit_expr(it)));
            // A list is of what is put into it.
            if let (syn::Expr::Path(path), Some(given)) = (&*call.receiver, given)
                && let Some(name) = path.path.get_ident()
                && call.args.iter().any(passes_on)
            {
                self.locals.trace(&plain(name), &given);
            }
            return;
        };
        self.tell_of(&origin, call.method.span());
        for argument in &call.args {
            self.tell_of(&origin, argument.span());
            self.locals.enter();
            if let syn::Expr::Closure(closure) = argument {
                for input in &closure.inputs {
                    self.locals.bind_pattern(input, None);
                    self.visit_pat(input);
                    self.comes(input, Some(origin.clone()));
                }
                self.visit_expr(&closure.body);
            } else {
                self.visit_expr(argument);
            }
            self.locals.leave();
        }
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

    fn visit_pat_tuple_struct(&mut self, pattern: &'ast syn::PatTupleStruct) {
        let origin = self.told(|uses| uses.variant(&pattern.path, Used::TakenApart));
        for inner in &pattern.elems {
            self.comes(inner, origin.clone());
            self.visit_pat(inner);
        }
    }

    fn visit_pat_type(&mut self, typed: &'ast syn::PatType) {
        let origin = self.told(|uses| uses.visit_type(&typed.ty));
        self.comes(&typed.pat, origin);
        self.visit_pat(&typed.pat);
    }

    fn visit_expr_field(&mut self, access: &'ast syn::ExprField) {
        self.field(access);
        visit::visit_expr_field(self, access);
    }

    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        if let Some(name) = path.path.get_ident() {
            self.mention(&plain(name), self.line(name.span()));
        }
        visit::visit_expr_path(self, path);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.variant(path, Used::Value);
        visit::visit_path(self, path);
    }

    fn visit_pat(&mut self, pattern: &'ast syn::Pat) {
        match pattern {
            syn::Pat::Path(path) => self.variant(&path.path, Used::Compared),
            _ => visit::visit_pat(self, pattern),
        }
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        match &*call.func {
            syn::Expr::Path(path) => {
                self.variant(&path.path, Used::Called);
                visit::visit_path(self, &path.path);
            }
            other => self.visit_expr(other),
        }
        call.args
            .iter()
            .for_each(|argument| self.visit_expr(argument));
    }

    /// What `format!` and its like are given are expressions.
    fn visit_macro(&mut self, called: &'ast syn::Macro) {
        if called.path.is_ident("matches")
            && let Ok((value, pattern)) = called.parse_body_with(value_and_pattern)
        {
            let origin = self.told(|uses| uses.visit_expr(&value));
            self.visit_pat(&pattern);
            self.comes(&pattern, origin);
            return;
        }
        let list = Punctuated::<syn::Expr, Token![,]>::parse_terminated;
        if let Ok(values) = called.parse_body_with(list) {
            for value in &values {
                self.visit_expr(value);
                if let syn::Expr::Lit(syn::ExprLit {
                    lit: syn::Lit::Str(text),
                    ..
                }) = value
                {
                    self.captured(text);
                }
            }
        }
        visit::visit_macro(self, called);
    }
}

/// What `matches!` is given; what stands behind the pattern is left alone.
fn value_and_pattern(input: ParseStream<'_>) -> syn::Result<(syn::Expr, syn::Pat)> {
    let value = input.parse()?;
    input.parse::<Token![,]>()?;
    let pattern = syn::Pat::parse_multi_with_leading_vert(input)?;
    input.parse::<proc_macro2::TokenStream>()?;
    Ok((value, pattern))
}

/// Patterns that do not take whatever comes.
struct Asking(Vec<proc_macro2::Span>);

impl<'ast> Visit<'ast> for Asking {
    fn visit_pat(&mut self, pattern: &'ast syn::Pat) {
        let takes_all = match pattern {
            syn::Pat::Wild(_) => true,
            syn::Pat::Ident(name) => is_binding(name),
            _ => false,
        };
        if !takes_all {
            self.0.push(pattern.span());
        }
        visit::visit_pat(self, pattern);
    }
}

/// Whether the type of a value may follow from one that has changed. What functions answer, structs
/// and texts have their own.
fn passes_on(value: &syn::Expr) -> bool {
    match value {
        syn::Expr::Call(call) => match &*call.func {
            // `Some` and `Box::new` take anything.
            syn::Expr::Path(path) => {
                let mut names = path.path.segments.iter().map(|it| it.ident.to_string());
                names.any(|name| name.starts_with(char::is_uppercase))
            }
            _ => true,
        },
        syn::Expr::MethodCall(call) => !PLAIN.iter().any(|name| call.method == name),
        syn::Expr::Closure(closure) => passes_on(&closure.body),
        syn::Expr::Match(matched) => matched.arms.iter().any(|arm| passes_on(&arm.body)),
        syn::Expr::Block(block) => match block.block.stmts.last() {
            Some(syn::Stmt::Expr(value, None)) => passes_on(value),
            _ => false,
        },
        syn::Expr::Binary(binary) => !matches!(
            binary.op,
            syn::BinOp::Eq(_)
                | syn::BinOp::Ne(_)
                | syn::BinOp::Lt(_)
                | syn::BinOp::Le(_)
                | syn::BinOp::Gt(_)
                | syn::BinOp::Ge(_)
                | syn::BinOp::And(_)
                | syn::BinOp::Or(_)
        ),
        syn::Expr::Struct(_) | syn::Expr::Lit(_) => false,
        syn::Expr::Macro(made) => !made.mac.path.is_ident("format"),
        _ => true,
    }
}

/// Methods that answer the same whatever they are asked of.
const PLAIN: &[&str] = &[
    "all",
    "any",
    "contains",
    "contains_key",
    "count",
    "is_empty",
    "is_none",
    "is_none_or",
    "is_some",
    "is_some_and",
    "len",
    "position",
    "to_string",
];
