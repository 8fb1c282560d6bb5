//! `src/generated/webhooks.rs` and `callbacks.rs`: a method for each call that the service makes.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::{
    layout, outgoing_forms,
    types::{Scope, ident},
    used::Used,
};
use crate::{
    ir::{
        CallbackUrl, Content, ContentKind, Message, Outgoing, OutgoingAnswer, OutgoingBody,
        Parameter, Place, Service, Status, Style, Type, UrlPart,
    },
    render::RenderError,
};

/// One of the two files.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kind {
    pub(super) module: &'static str,
    name: &'static str,
    title: &'static str,
    words: &'static str,
}

pub(super) const WEBHOOKS: Kind = Kind {
    module: "webhooks",
    name: "Webhooks",
    title: "The document's webhooks: what the service tells whoever has asked for it.",
    words: "Tells others what happens here. Who they are, and at which URLs, is the service's to know.",
};

pub(super) const CALLBACKS: Kind = Kind {
    module: "callbacks",
    name: "Callbacks",
    title: "The document's callbacks: what the service tells the callers of its operations.",
    words: "Calls back those who have left a URL with their request.",
};

/// The whole file.
pub(super) fn file(
    service: &Service,
    kind: Kind,
    calls: &[Outgoing],
) -> Result<String, RenderError> {
    let scope = Scope::outside(&service.models);
    let mut items = caller(scope, kind, calls);
    for call in calls {
        items.extend(parameters(scope, call));
        items.extend(outgoing_forms::item(scope, call));
        items.push(answers(scope, call));
    }
    let items = layout::items(items)?;
    Ok(format!(
        "{}\n{}{items}",
        layout::module_docs(kind.title),
        imports(&items)
    ))
}

fn imports(items: &str) -> String {
    let found = Used::of(items);
    let used = |name: &&str| found.name(name);
    let mut text = String::new();
    if found.name("BTreeMap") {
        text.push_str("use std::collections::BTreeMap;\n\n");
    }
    let mut client: Vec<&str> = ["CallError", "Client", "Style"]
        .into_iter()
        .filter(used)
        .collect();
    if found.head("client") {
        client.push("self");
    }
    text.push_str(&layout::import("failsafe_runtime::client", &client));
    let service: Vec<&str> = ["Method", "StatusCode"].into_iter().filter(used).collect();
    text.push_str(&layout::import("failsafe_runtime::service", &service));
    if found.head("models") {
        text.push_str("\nuse crate::generated::models;\n");
    }
    text.push('\n');
    text
}

fn caller(scope: Scope<'_>, kind: Kind, calls: &[Outgoing]) -> Vec<TokenStream> {
    let name = ident(kind.name);
    let doc = layout::docs(kind.words);
    let methods = calls.iter().map(|call| {
        let method = method(scope, call);
        let url = call.callback.as_ref().and_then(|it| {
            let url = it.url.as_ref()?;
            Some(url_function(&it.expression, url))
        });
        quote! { #method #url }
    });
    vec![
        quote! {
            #doc
            #[derive(Clone, Debug)]
            pub struct #name { client: Client }
        },
        quote! {
            impl #name {
                /// Calls through a client, with its timeout, retries and headers.
                #[must_use]
                pub fn new(client: Client) -> Self { Self { client } }
                #(#methods)*
            }
        },
    ]
}

fn method(scope: Scope<'_>, call: &Outgoing) -> TokenStream {
    let docs = layout::docs(&docs(call));
    let name = ident(&call.rust_name);
    let answer = ident(&call.answer_name());
    let method = ident(&call.method);
    let params = (!call.parameters.is_empty()).then(|| {
        let name = ident(&call.params_name());
        quote! { , params: &#name }
    });
    let body = call.body.as_ref().map(|body| {
        let ty = body_type(scope, call, body);
        quote! { , body: #ty }
    });
    let mutable = (params.is_some() || body.is_some()).then(|| quote! { mut });
    let writes = call.parameters.iter().map(write);
    let sent_body = call.body.as_ref().map(send);
    let read = read(&answer, &call.answers);
    quote! {
        #docs
        pub async fn #name(&self, url: &str #params #body) -> Result<#answer, CallError> {
            let #mutable request = self.client.request(Method::#method, url);
            #(#writes)*
            #sent_body
            let answer = request.send().await?;
            #read
        }
    }
}

/// Makes an answer into the enum of its call.
fn read(answer: &proc_macro2::Ident, answers: &[OutgoingAnswer]) -> TokenStream {
    if let [only] = answers
        && only.status == Status::Default
    {
        let made = made(answer, only);
        return quote! { Ok(#made) };
    }
    let mut answers: Vec<&OutgoingAnswer> = answers.iter().collect();
    // What is more special comes first.
    answers.sort_by_key(|it| match it.status {
        Status::Code(_) => 0,
        Status::Range(_) => 1,
        Status::Default => 2,
    });
    let arms = answers.iter().map(|it| {
        let pattern = match it.status {
            Status::Code(code) => {
                let code = Literal::u16_unsuffixed(code);
                quote! { #code }
            }
            Status::Range(class) => {
                let first = Literal::u16_unsuffixed(u16::from(class) * 100);
                let last = Literal::u16_unsuffixed(u16::from(class) * 100 + 99);
                quote! { #first..=#last }
            }
            Status::Default => quote! { _ },
        };
        let made = made(answer, it);
        quote! { #pattern => Ok(#made) }
    });
    let is_open = answers.iter().all(|it| it.status != Status::Default);
    let otherwise = is_open.then(|| quote! { _ => Err(answer.undeclared()), });
    quote! {
        match answer.status().as_u16() {
            #(#arms,)*
            #otherwise
        }
    }
}

/// What a person wants to know who makes the call.
fn docs(call: &Outgoing) -> String {
    let mut paragraphs: Vec<String> = Vec::new();
    paragraphs.extend(call.summary.clone());
    paragraphs.extend(call.description.clone());
    paragraphs.push(match &call.callback {
        Some(callback) => format!(
            "Calls back who has called {}, by {} to {}.",
            layout::quoted(&callback.operation),
            layout::quoted(&call.method),
            layout::quoted(&callback.expression)
        ),
        None => format!(
            "Sends {} by {}.",
            layout::quoted(&call.id),
            layout::quoted(&call.method)
        ),
    });
    if !call.credentials.is_empty() {
        let names = call.credentials.iter().map(|name| layout::quoted(name));
        paragraphs.push(format!(
            "The receiver may ask for credentials ({}), which the client sends.",
            names.collect::<Vec<_>>().join(", ")
        ));
    }
    if call.deprecated {
        paragraphs.push("Deprecated.".to_owned());
    }
    paragraphs.push("# Errors".to_owned());
    paragraphs.push("When there is no answer, or none that the document declares.".to_owned());
    paragraphs.join("\n\n")
}

fn body_type(scope: Scope<'_>, call: &Outgoing, body: &OutgoingBody) -> TokenStream {
    let ty = match &body.content.ty {
        _ if body.content.is_streamed() => quote! { &[u8] },
        _ if body.content.form.is_some() => outgoing_forms::body_type(call, &body.content),
        Type::String => quote! { &str },
        Type::List(item) => {
            let item = scope.ty(item);
            quote! { &[#item] }
        }
        ty => {
            let ty = scope.ty(ty);
            quote! { &#ty }
        }
    };
    match body.required {
        true => ty,
        false => quote! { Option<#ty> },
    }
}

fn send(body: &OutgoingBody) -> TokenStream {
    let media_type = &body.content.media_types[0];
    let name = &media_type.name;
    let send = match media_type.kind {
        ContentKind::Json => quote! { request.json(#name, body); },
        ContentKind::Form => quote! { request.form(body); },
        ContentKind::Text => quote! { request.text(#name, body); },
        ContentKind::Multipart => outgoing_forms::send(name, &body.content),
        ContentKind::Bytes | ContentKind::Lines | ContentKind::Events => {
            quote! { request.body(#name, body.to_vec()); }
        }
    };
    match body.required {
        true => send,
        false => quote! { if let Some(body) = body { #send } },
    }
}

fn write(parameter: &Parameter) -> TokenStream {
    let place = ident(match parameter.place {
        Place::Header => "header",
        Place::Cookie => "cookie",
        Place::Query | Place::Path => "query",
    });
    let wire = &parameter.name;
    let style = ident(match parameter.style {
        Style::Form => "Form",
        Style::SpaceDelimited => "SpaceDelimited",
        Style::PipeDelimited => "PipeDelimited",
        Style::DeepObject => "DeepObject",
        Style::Json => "Json",
        Style::Simple | Style::Matrix | Style::Label => "Simple",
    });
    let explode = parameter.explode;
    let name = ident(&parameter.rust_name);
    quote! { request.#place(#wire, Style::#style, #explode, &params.#name); }
}

/// The value of a variant.
fn made(answer: &proc_macro2::Ident, it: &OutgoingAnswer) -> TokenStream {
    let variant = ident(&it.rust_name);
    let status = (!matches!(it.status, Status::Code(_))).then(|| quote! { answer.status() });
    let body = it.content.as_ref().map(|content| match read_as(content) {
        ReadAs::Json => quote! { answer.json()? },
        ReadAs::Text => quote! { answer.text() },
        ReadAs::Bytes => quote! { answer.bytes().to_vec() },
    });
    let members: Vec<_> = status.into_iter().chain(body).collect();
    match members.is_empty() {
        true => quote! { #answer::#variant },
        false => quote! { #answer::#variant(#(#members),*) },
    }
}

/// What an answer's body is made into.
enum ReadAs {
    Json,
    Text,
    Bytes,
}

fn read_as(content: &Content) -> ReadAs {
    match content.kind() {
        ContentKind::Json => ReadAs::Json,
        ContentKind::Text => ReadAs::Text,
        ContentKind::Form
        | ContentKind::Multipart
        | ContentKind::Bytes
        | ContentKind::Lines
        | ContentKind::Events => ReadAs::Bytes,
    }
}

fn parameters(scope: Scope<'_>, call: &Outgoing) -> Option<TokenStream> {
    if call.parameters.is_empty() {
        return None;
    }
    let name = ident(&call.params_name());
    let doc = layout::docs(&format!("Parameters of {}.", layout::quoted(&call.id)));
    let members = call.parameters.iter().map(|parameter| {
        let docs = parameter.doc.as_deref().map(layout::docs);
        let name = ident(&parameter.rust_name);
        let ty = scope.present(&parameter.ty, parameter.presence);
        quote! { #docs pub #name: #ty }
    });
    Some(quote! {
        #doc
        #[derive(Clone, Debug, PartialEq)]
        pub struct #name { #(#members),* }
    })
}

fn answers(scope: Scope<'_>, call: &Outgoing) -> TokenStream {
    let name = ident(&call.answer_name());
    let doc = layout::docs(&format!("Answers to {}.", layout::quoted(&call.id)));
    let uneven = call
        .is_uneven
        .then(|| layout::uneven("an answer is read once and looked at once"));
    let variants = call.answers.iter().map(|answer| {
        let docs = answer.doc.as_deref().map(layout::docs);
        let variant = ident(&answer.rust_name);
        let status = (!matches!(answer.status, Status::Code(_))).then(|| quote! { StatusCode });
        let body = answer
            .content
            .as_ref()
            .map(|content| match read_as(content) {
                ReadAs::Json => scope.ty(&content.ty),
                ReadAs::Text => quote! { String },
                ReadAs::Bytes => quote! { Vec<u8> },
            });
        let members: Vec<_> = status.into_iter().chain(body).collect();
        match members.is_empty() {
            true => quote! { #docs #variant },
            false => quote! { #docs #variant(#(#members),*) },
        }
    });
    quote! {
        #doc
        #uneven
        #[derive(Clone, Debug, PartialEq)]
        pub enum #name { #(#variants),* }
    }
}

/// The function that finds a callback's URL.
fn url_function(expression: &str, url: &CallbackUrl) -> TokenStream {
    let doc = layout::docs(&format!(
        "The URL that {} names; none where the request has none.",
        layout::quoted(expression)
    ));
    let name = ident(&url.rust_name);
    let mut arguments: Vec<(&str, TokenStream)> = Vec::new();
    let mut parts = Vec::new();
    for (index, part) in url.parts.iter().enumerate() {
        let (argument, ty, value) = match part {
            UrlPart::Literal(text) => {
                parts.push(quote! { #text.to_owned() });
                continue;
            }
            UrlPart::Body(message, pointer) => {
                let argument = body_argument(*message);
                let value = ident(argument);
                (
                    argument,
                    quote! { &impl serde::Serialize },
                    quote! { client::pointed(#value, #pointer)? },
                )
            }
            UrlPart::Text(argument) => {
                let value = ident(argument);
                (
                    argument.as_str(),
                    quote! { &str },
                    quote! { #value.to_owned() },
                )
            }
        };
        if arguments.iter().all(|(known, _)| *known != argument) {
            arguments.push((argument, ty));
        }
        // What begins the URL is a URL itself; what comes later is a piece of its path or query.
        parts.push(match index {
            0 => value,
            _ => quote! { client::escaped(&#value) },
        });
    }
    let arguments = arguments.iter().map(|(name, ty)| {
        let name = ident(name);
        quote! { #name: #ty }
    });
    let body = match (url.parts.as_slice(), parts.as_slice()) {
        ([UrlPart::Body(message, pointer)], _) => {
            let body = ident(body_argument(*message));
            quote! { client::pointed(#body, #pointer) }
        }
        (_, [only]) => quote! { Some(#only) },
        (_, several) => quote! { Some([#(#several),*].concat()) },
    };
    quote! {
        #doc
        #[must_use]
        pub fn #name(#(#arguments),*) -> Option<String> { #body }
    }
}

fn body_argument(message: Message) -> &'static str {
    match message {
        Message::Request => "request_body",
        Message::Response => "response_body",
    }
}
