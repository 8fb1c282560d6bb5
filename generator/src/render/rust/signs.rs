//! The signs by which requests mean one of several operations with one route.

use proc_macro2::TokenStream;
use quote::quote;

use super::{
    layout, schema,
    types::{Scope, ident, shouty},
};
use crate::{
    ir::{Operation, Place, Sign},
    render::RenderError,
};

/// The table of an operation's signs; nothing where it has none.
pub(super) fn text(scope: Scope<'_>, operation: &Operation) -> Result<String, RenderError> {
    if operation.signs.is_empty() {
        return Ok(String::new());
    }
    let name = ident(&format!("{}_WHEN", shouty(&operation.type_stem)));
    let count = operation.signs.len();
    let signs = operation
        .signs
        .iter()
        .map(|sign| one(scope, operation, sign));
    let item = quote! { static #name: [service::When; #count] = [#(#signs),*]; };
    let mut text = layout::items(vec![item])?;
    text.push('\n');
    Ok(text)
}

fn one(scope: Scope<'_>, operation: &Operation, sign: &Sign) -> TokenStream {
    match sign {
        Sign::Has(at, name) => {
            let at = place(*at);
            quote! { service::When::Has(#at, #name) }
        }
        Sign::Is(at, name, text) => {
            let at = place(*at);
            quote! { service::When::Is(#at, #name, #text) }
        }
        Sign::Fits(index) => {
            let parameter = &operation.parameters[*index];
            let (at, name) = (place(parameter.place), &parameter.name);
            let table = schema::reference(scope, &parameter.schema);
            quote! { service::When::Fits(#at, #name, #table) }
        }
        Sign::MediaType(names) => quote! { service::When::MediaType(&[#(#names),*]) },
        Sign::Body(index) => {
            let content = operation.body.as_ref().map(|body| &body.contents[*index]);
            let table = content.map(|content| schema::reference(scope, &content.schema));
            quote! { service::When::Body(#table) }
        }
    }
}

fn place(place: Place) -> TokenStream {
    match place {
        Place::Path => quote! { service::Place::Path },
        Place::Query => quote! { service::Place::Query },
        Place::Header => quote! { service::Place::Header },
        Place::Cookie => quote! { service::Place::Cookie },
    }
}
