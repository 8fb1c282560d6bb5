//! The headers of answers: structs, and how they are written.

use std::collections::HashSet;

use proc_macro2::TokenStream;
use quote::quote;

use super::{
    layout,
    types::{Scope, ident},
};
use crate::ir::{Header, HeaderStyle, Headers, Operation};

/// The structs of an operation's headers, each once.
pub(super) fn items(scope: Scope<'_>, operation: &Operation) -> Vec<TokenStream> {
    let mut seen = HashSet::new();
    let all = operation
        .responses
        .iter()
        .filter_map(|it| it.headers.as_ref());
    all.filter(|headers| seen.insert(headers.name.as_str()))
        .flat_map(|headers| [members(scope, operation, headers), writer(headers)])
        .collect()
}

fn members(scope: Scope<'_>, operation: &Operation, headers: &Headers) -> TokenStream {
    let name = ident(&headers.name);
    let doc = format!("Headers of answers of {}.", layout::quoted(&operation.id));
    let doc = layout::docs(&doc);
    let default = headers.has_default().then(|| quote! { Default, });
    let members = headers.members.iter().map(|header| {
        let docs = header.doc.as_deref().map(layout::docs);
        let name = ident(&header.rust_name);
        let ty = scope.ty(&header.ty);
        match is_option(header) {
            true => quote! { #docs pub #name: Option<#ty> },
            false => quote! { #docs pub #name: #ty },
        }
    });
    quote! {
        #doc
        #[derive(Clone, Debug, #default PartialEq)]
        pub struct #name { #(#members),* }
    }
}

/// A list of headers has no need to be absent as well.
fn is_option(header: &Header) -> bool {
    !header.required && header.style != HeaderStyle::Each
}

fn writer(headers: &Headers) -> TokenStream {
    let name = ident(&headers.name);
    let calls = headers.members.iter().map(|header| {
        let (member, wire) = (ident(&header.rust_name), &header.name);
        let set = ident(match header.style {
            HeaderStyle::Simple => "set",
            HeaderStyle::Exploded => "exploded",
            HeaderStyle::Json => "json",
            HeaderStyle::Each => "each",
        });
        quote! { .#set(#wire, &self.#member) }
    });
    quote! {
        impl #name {
            fn onto(&self, response: Response) -> Response {
                service::Headed::new(response) #(#calls)* .into_response()
            }
        }
    }
}
