//! The answers of an operation: one enum, and what its variants look like on the wire.

use proc_macro2::TokenStream;
use quote::quote;

use super::{
    headers, layout,
    types::{Scope, ident, shouty},
};
use crate::ir::{Content, ContentKind, Operation, Response, Status, Type};

/// The enum of the answers, and how it becomes a response.
pub(super) fn items(scope: Scope<'_>, operation: &Operation) -> Vec<TokenStream> {
    let name = ident(&operation.response_name());
    let doc = layout::docs(&format!("Answers of {}.", layout::quoted(&operation.id)));
    let uneven = operation
        .has_uneven_responses
        .then(|| layout::uneven("an answer is made once and written at once"));
    let mut contents = operation
        .responses
        .iter()
        .filter_map(|it| it.content.as_ref());
    let derives = match contents.any(Content::is_streamed) {
        true => quote! { #[derive(Debug)] },
        false => quote! { #[derive(Clone, Debug, PartialEq)] },
    };
    let variants = operation.responses.iter().map(|response| {
        let docs = response.doc.as_deref().map(layout::docs);
        let variant = ident(&response.rust_name);
        let members = members(scope, response);
        match members.is_empty() {
            true => quote! { #docs #variant },
            false => quote! { #docs #variant(#(#members),*) },
        }
    });
    let arms = operation.responses.iter().map(arm);
    let mut items = headers::items(scope, operation);
    items.extend([
        quote! {
            #doc
            #uneven
            #derives
            pub enum #name { #(#variants),* }
        },
        match is_negotiated(operation) {
            true => quote! {
                impl Answer for #name {
                    fn into_answer(self, ctx: &RequestContext) -> Response {
                        match self { #(#arms,)* }
                    }
                }
            },
            false => quote! {
                impl IntoResponse for #name {
                    fn into_response(self) -> Response {
                        match self { #(#arms,)* }
                    }
                }
            },
        },
    ]);
    items
}

/// The answers by their names, with what each of them carries.
pub(super) fn variants(scope: Scope<'_>, operation: &Operation) -> Vec<(String, String)> {
    let variants = operation.responses.iter().map(|response| {
        let types = members(scope, response);
        let types: Vec<String> = types.iter().map(layout::plain).collect();
        (response.rust_name.clone(), types.join(", "))
    });
    variants.collect()
}

/// What an answer carries.
fn members(scope: Scope<'_>, response: &Response) -> Vec<TokenStream> {
    let status = (!matches!(response.status, Status::Code(_))).then(|| quote! { StatusCode });
    let body = response
        .content
        .as_ref()
        .map(|content| body_type(scope, content));
    let headers = response.headers.as_ref().map(|headers| {
        let name = ident(&headers.name);
        quote! { #name }
    });
    status.into_iter().chain(body).chain(headers).collect()
}

/// What a handler answers with.
fn body_type(scope: Scope<'_>, content: &Content) -> TokenStream {
    let ty = scope.ty(&content.ty);
    match content.kind() {
        ContentKind::Json | ContentKind::Form | ContentKind::Multipart | ContentKind::Text => ty,
        ContentKind::Bytes => quote! { service::Payload },
        ContentKind::Lines => quote! { service::JsonLines<#ty> },
        ContentKind::Events => quote! { service::EventStream<#ty> },
    }
}

/// Whether the request has a say in how an answer is written.
fn is_negotiated(operation: &Operation) -> bool {
    let contents = operation
        .responses
        .iter()
        .filter_map(|it| it.content.as_ref());
    contents
        .into_iter()
        .any(|content| content.media_types.len() > 1)
}

fn arm(response: &Response) -> TokenStream {
    let variant = ident(&response.rust_name);
    let (status_pattern, status) = match response.status {
        Status::Code(code) => (None, status_code(code, &response.status_name)),
        Status::Range(_) | Status::Default => (Some(quote! { status }), quote! { status }),
    };
    let (body, mut write) = match &response.content {
        Some(content) => (Some(quote! { body }), written(content, &status)),
        None => (None, quote! { service::empty(#status) }),
    };
    let headers = response.headers.as_ref().map(|_| quote! { headers });
    if headers.is_some() {
        write = quote! { headers.onto(#write) };
    }
    if let Status::Range(class) = response.status {
        let class = proc_macro2::Literal::u8_unsuffixed(class);
        write = quote! { service::of_class(#class, #write) };
    }
    let members: Vec<_> = status_pattern
        .into_iter()
        .chain(body)
        .chain(headers)
        .collect();
    match members.is_empty() {
        true => quote! { Self::#variant => #write },
        false => quote! { Self::#variant(#(#members),*) => #write },
    }
}

/// The response with a content, in the media type that the client likes best.
fn written(content: &Content, status: &TokenStream) -> TokenStream {
    let names: Vec<&str> = content
        .media_types
        .iter()
        .map(|it| it.name.as_str())
        .collect();
    let first = content.media_types[0].kind;
    if content.media_types.iter().all(|it| it.kind == first) {
        let media_type = match names.as_slice() {
            [only] => quote! { #only },
            several => quote! { ctx.preferred(&[#(#several),*]) },
        };
        return as_kind(content, first, status, &media_type);
    }
    let mut arms: Vec<TokenStream> = Vec::new();
    for (index, media_type) in content.media_types.iter().enumerate().skip(1) {
        let name = &media_type.name;
        let write = as_kind(content, media_type.kind, status, &quote! { #name });
        let index = proc_macro2::Literal::usize_unsuffixed(index);
        arms.push(quote! { #index => #write });
    }
    let name = names[0];
    let write = as_kind(content, first, status, &quote! { #name });
    quote! {
        match ctx.prefers(&[#(#names),*]) { #(#arms,)* _ => #write }
    }
}

fn as_kind(
    content: &Content,
    kind: ContentKind,
    status: &TokenStream,
    media_type: &TokenStream,
) -> TokenStream {
    let is_plain =
        content.media_types.len() == 1 && content.media_types[0].name == "application/json";
    match kind {
        ContentKind::Json if is_plain => quote! { service::json(#status, &body) },
        ContentKind::Json => quote! { service::json_as(#status, #media_type, &body) },
        ContentKind::Text if content.ty != Type::String => {
            quote! { service::text(#status, #media_type, &body) }
        }
        ContentKind::Text => quote! { service::with_body(#status, #media_type, body) },
        // Forms are for requests.
        ContentKind::Form | ContentKind::Multipart | ContentKind::Bytes => {
            quote! { service::payload(#status, #media_type, body) }
        }
        ContentKind::Lines => quote! { service::json_lines(#status, #media_type, body) },
        ContentKind::Events => quote! { service::events(#status, #media_type, body) },
    }
}

/// A status as a constant where there is one.
fn status_code(code: u16, name: &str) -> TokenStream {
    // Not every version of the `http` crate has a constant for these.
    let unnamed = [103, 425, 509].contains(&code) || name.starts_with("Status");
    if unnamed {
        return quote! { service::status(#code) };
    }
    let name = ident(&shouty(name));
    quote! { StatusCode::#name }
}
