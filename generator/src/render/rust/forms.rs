//! Forms with files: a struct, and how it is made of what a client sent.

use proc_macro2::TokenStream;
use quote::quote;

use super::{
    layout,
    types::{Scope, ident},
};
use crate::ir::{Content, Form, Operation, Part, PartKind};

/// The struct of a form, and how it is read; nothing where the content is none.
pub(super) fn items(
    scope: Scope<'_>,
    operation: &Operation,
    content: &Content,
) -> Vec<TokenStream> {
    let Some(Form::Parts(parts)) = &content.form else {
        return Vec::new();
    };
    let name = ident(&operation.form_name());
    let doc = layout::docs(&format!("The form of {}.", layout::quoted(&operation.id)));
    let members = parts.iter().map(|part| {
        let docs = part.doc.as_deref().map(layout::docs);
        let name = ident(&part.rust_name);
        let ty = part_type(scope, part);
        quote! { #docs pub #name: #ty }
    });
    // All are read before any is missed, so that everything missing is told at once.
    let values = parts.iter().map(|part| {
        let (read, wire) = (ident(reader(part)), &part.name);
        quote! { form.#read(#wire) }
    });
    let names = || parts.iter().map(|part| ident(&part.rust_name));
    let (bound, kept) = (names(), names());
    let again = names();
    vec![
        quote! {
            #doc
            #[derive(Clone, Debug, PartialEq)]
            pub struct #name { #(#members),* }
        },
        quote! {
            impl FromMultipart for #name {
                fn from_multipart(form: &mut MultipartForm) -> Option<Self> {
                    #(let #bound = #values;)*
                    Some(Self { #(#kept: #again?),* })
                }
            }
        },
    ]
}

fn part_type(scope: Scope<'_>, part: &Part) -> TokenStream {
    let ty = match part.kind {
        PartKind::Text => scope.ty(&part.ty),
        PartKind::File => quote! { service::Upload },
        PartKind::Files => quote! { Vec<service::Upload> },
    };
    match part.required {
        true => ty,
        false => quote! { Option<#ty> },
    }
}

fn reader(part: &Part) -> &'static str {
    match (part.kind, part.required) {
        (PartKind::Text, true) => "required",
        (PartKind::Text, false) => "optional",
        (PartKind::File, true) => "required_file",
        (PartKind::File, false) => "optional_file",
        (PartKind::Files, true) => "required_files",
        (PartKind::Files, false) => "optional_files",
    }
}
