//! What a handler is given: the same for the trait, the endpoint and the stub.

use proc_macro2::TokenStream;
use quote::quote;

use super::{
    forms, layout,
    types::{Scope, ident},
};
use crate::ir::{Body, Content, ContentKind, Form, Operation, Parameter, Place, Presence, Type};

/// So many parameters of a path are arguments of their own; more share a struct, because nobody
/// reads a call with eight arguments.
const MOST_ALONE: usize = 3;

/// The arguments of an operation beside `&self` and the context.
#[derive(Debug)]
pub(super) struct Arguments<'o> {
    pub(super) operation: &'o Operation,
    pub(super) path: Vec<&'o Parameter>,
    /// Query, headers and cookies share a struct, so that a new one breaks no handler.
    pub(super) others: Vec<&'o Parameter>,
    pub(super) body: Option<&'o Body>,
}

/// One argument.
#[derive(Debug)]
pub(super) struct Argument<'o> {
    pub(super) name: String,
    pub(super) ty: ArgumentType<'o>,
}

/// Its type.
#[derive(Debug)]
pub(super) enum ArgumentType<'o> {
    /// A struct of the operation's own module.
    Struct(String),
    Body(&'o Operation, &'o Body),
    Value(&'o Type, Presence),
}

impl ArgumentType<'_> {
    pub(super) fn tokens(&self, scope: Scope<'_>) -> TokenStream {
        match self {
            Self::Struct(name) => {
                let name = ident(name);
                quote! { #name }
            }
            Self::Body(operation, body) => {
                let ty = match body.contents.as_slice() {
                    [only] => received(scope, operation, only),
                    _ => {
                        let name = ident(&operation.body_name());
                        quote! { #name }
                    }
                };
                match body.required {
                    true => ty,
                    false => quote! { Option<#ty> },
                }
            }
            Self::Value(ty, presence) => scope.present(ty, *presence),
        }
    }
}

impl<'o> Arguments<'o> {
    pub(super) fn of(operation: &'o Operation) -> Self {
        let (path, others) = operation
            .parameters
            .iter()
            .partition(|parameter| parameter.place == Place::Path);
        Self {
            operation,
            path,
            others,
            body: operation.body.as_ref(),
        }
    }

    /// Whether the parameters of the path share a struct.
    pub(super) fn path_is_struct(&self) -> bool {
        self.path.len() > MOST_ALONE
    }

    pub(super) fn path_name(&self) -> String {
        format!("{}Path", self.operation.type_stem)
    }

    pub(super) fn params_name(&self) -> String {
        format!("{}Params", self.operation.type_stem)
    }

    /// In the order in which a handler takes them.
    pub(super) fn list(&self) -> Vec<Argument<'o>> {
        let mut list = Vec::new();
        let mut push = |name: &str, ty| {
            let name = name.to_owned();
            list.push(Argument { name, ty });
        };
        if self.path_is_struct() {
            push("path", ArgumentType::Struct(self.path_name()));
        } else {
            for parameter in &self.path {
                let ty = ArgumentType::Value(&parameter.ty, parameter.presence);
                push(&parameter.rust_name, ty);
            }
        }
        if !self.others.is_empty() {
            push("params", ArgumentType::Struct(self.params_name()));
        }
        if let Some(body) = self.body {
            push("body", ArgumentType::Body(self.operation, body));
        }
        list
    }

    /// What the failure is called that a fallback is given before all of them.
    pub(super) fn failure_name(&self) -> String {
        let mut name = "failed".to_owned();
        while self.list().iter().any(|argument| argument.name == name) {
            name.push_str("_call");
        }
        name
    }

    /// The structs and enums that some of them are.
    pub(super) fn items(&self, scope: Scope<'_>) -> Vec<TokenStream> {
        let mut structs = Vec::new();
        let of = layout::quoted(&self.operation.id);
        if self.path_is_struct() {
            let doc = format!("What the path of {of} names.");
            structs.push(members(scope, &self.path_name(), &doc, &self.path));
        }
        if !self.others.is_empty() {
            let doc = format!("Parameters of {of}.");
            structs.push(members(scope, &self.params_name(), &doc, &self.others));
        }
        for content in self.body.iter().flat_map(|body| &body.contents) {
            structs.extend(forms::items(scope, self.operation, content));
        }
        if let Some(body) = self.body.filter(|body| body.contents.len() > 1) {
            structs.push(variants(scope, self.operation, &of, body));
        }
        structs
    }
}

/// What a handler is given of a content.
fn received(scope: Scope<'_>, operation: &Operation, content: &Content) -> TokenStream {
    match &content.form {
        None if content.kind() == ContentKind::Lines => {
            let ty = scope.ty(&content.ty);
            quote! { service::ReceivedLines<#ty> }
        }
        None => scope.ty(&content.ty),
        Some(Form::Unknown) => quote! { service::MultipartForm },
        Some(Form::Parts(_)) => {
            let name = ident(&operation.form_name());
            quote! { #name }
        }
    }
}

/// The variants of such a body by their names.
pub(super) fn body_variants(
    scope: Scope<'_>,
    operation: &Operation,
    body: &Body,
) -> Vec<(String, String)> {
    let variants = body.contents.iter().map(|content| {
        let ty = received(scope, operation, content);
        (content.rust_name.clone(), layout::plain(&ty))
    });
    variants.collect()
}

/// A body that is another type in each of its media types.
fn variants(scope: Scope<'_>, operation: &Operation, of: &str, body: &Body) -> TokenStream {
    let name = ident(&operation.body_name());
    let doc = layout::docs(&format!("The body of {of}: what the request says it is."));
    let uneven = body
        .is_uneven
        .then(|| layout::uneven("a body is made once and handed on once"));
    let variants = body.contents.iter().map(|content| {
        let names = content
            .media_types
            .iter()
            .map(|it| layout::quoted(&it.name));
        let docs = layout::docs(&names.collect::<Vec<_>>().join(", "));
        let name = ident(&content.rust_name);
        let ty = received(scope, operation, content);
        quote! { #docs #name(#ty) }
    });
    quote! {
        #doc
        #uneven
        #[derive(Clone, Debug, PartialEq)]
        pub enum #name { #(#variants),* }
    }
}

fn members(scope: Scope<'_>, name: &str, doc: &str, parameters: &[&Parameter]) -> TokenStream {
    let name = ident(name);
    let doc = layout::docs(doc);
    let members = parameters.iter().map(|parameter| {
        let docs = parameter.doc.as_deref().map(layout::docs);
        let name = ident(&parameter.rust_name);
        let ty = scope.present(&parameter.ty, parameter.presence);
        quote! { #docs pub #name: #ty }
    });
    quote! {
        #doc
        #[derive(Clone, Debug, PartialEq)]
        pub struct #name { #(#members),* }
    }
}
