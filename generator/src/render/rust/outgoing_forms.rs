//! Forms that the service sends: a struct for one with files, and how it becomes parts.

use proc_macro2::TokenStream;
use quote::quote;

use super::{
    layout,
    types::{Scope, ident},
};
use crate::ir::{Content, Form, Outgoing, Part, PartKind};

/// The struct of a form with files; nothing where none is sent.
pub(super) fn item(scope: Scope<'_>, call: &Outgoing) -> Option<TokenStream> {
    let Some(Form::Parts(parts)) = &call.body.as_ref()?.content.form else {
        return None;
    };
    let name = ident(&call.form_name());
    let doc = layout::docs(&format!("The form of {}.", layout::quoted(&call.id)));
    let members = parts.iter().map(|part| {
        let docs = part.doc.as_deref().map(layout::docs);
        let name = ident(&part.rust_name);
        let ty = part_type(scope, part);
        quote! { #docs pub #name: #ty }
    });
    Some(quote! {
        #doc
        #[derive(Clone, Debug, PartialEq)]
        pub struct #name { #(#members),* }
    })
}

fn part_type(scope: Scope<'_>, part: &Part) -> TokenStream {
    let ty = match part.kind {
        PartKind::Text => scope.ty(&part.ty),
        PartKind::File => quote! { client::File },
        PartKind::Files => quote! { Vec<client::File> },
    };
    match part.required {
        true => ty,
        false => quote! { Option<#ty> },
    }
}

/// What a method takes for a form with files.
pub(super) fn body_type(call: &Outgoing, content: &Content) -> TokenStream {
    match &content.form {
        Some(Form::Parts(_)) => {
            let name = ident(&call.form_name());
            quote! { &#name }
        }
        // The document does not say what is in it: whoever calls does.
        Some(Form::Unknown) | None => quote! { client::Form },
    }
}

/// The statements that send a form.
pub(super) fn send(media_type: &str, content: &Content) -> TokenStream {
    let parts = match &content.form {
        Some(Form::Parts(parts)) => parts,
        Some(Form::Unknown) => return quote! { request.multipart(#media_type, body); },
        None => return quote! { request.multipart(#media_type, client::Form::of(body)); },
    };
    let parts = parts.iter().map(|part| {
        let (wire, name) = (&part.name, ident(&part.rust_name));
        match (part.kind, part.required) {
            (PartKind::Text, _) => quote! { form.value(#wire, &body.#name); },
            (PartKind::File, true) => {
                quote! { form.files(#wire, std::slice::from_ref(&body.#name)); }
            }
            (PartKind::File, false) => quote! { form.files(#wire, body.#name.as_slice()); },
            (PartKind::Files, true) => quote! { form.files(#wire, &body.#name); },
            (PartKind::Files, false) => {
                quote! { form.files(#wire, body.#name.as_deref().unwrap_or_default()); }
            }
        }
    });
    quote! {
        let mut form = client::Form::new();
        #(#parts)*
        request.multipart(#media_type, form);
    }
}
