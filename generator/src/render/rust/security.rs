//! `src/generated/security.rs`: the trait that judges credentials, and the tables that say where
//! they stand.

use proc_macro2::TokenStream;
use quote::quote;

use super::{
    layout,
    types::{ident, shouty},
};
use crate::{
    ir::{Operation, Place, SchemeKind, SecurityScheme, Service},
    render::{RenderError, filters::rust_string},
};

/// The whole file.
pub(super) fn file(service: &Service) -> Result<String, RenderError> {
    let schemes = &service.security;
    let mut items = Vec::new();
    let mut names = vec!["Scheme"];
    if service.has_authentication() {
        items.extend([authentication(schemes), realm(service)]);
        names.extend([
            "AuthError",
            "BoxFuture",
            "Credential",
            "Identity",
            "Login",
            "RequestContext",
        ]);
    }
    items.extend(schemes.iter().map(table));
    if service.has_authentication() {
        items.push(authenticate(schemes));
    }
    names.extend(credentials(schemes));
    let mut text = String::from("//! Who may call what: the document's security schemes.\n\n");
    if service.has_authentication() {
        text.push_str("use std::sync::Arc;\n\n");
    }
    text.push_str(&layout::import("failsafe_runtime::service", &names));
    text.push('\n');
    text.push_str(&layout::items(items)?);
    Ok(text)
}

/// The types of the credentials that the service judges, each once.
pub(in crate::render) fn credentials(schemes: &[SecurityScheme]) -> Vec<&'static str> {
    let mut names: Vec<&str> = schemes
        .iter()
        .filter_map(|scheme| credential(&scheme.kind))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The type of a scheme's credential; none where nothing is one.
pub(in crate::render) fn credential(kind: &SchemeKind) -> Option<&'static str> {
    Some(match kind {
        SchemeKind::ApiKey(..) => "ApiKey",
        SchemeKind::Basic => "Basic",
        SchemeKind::Bearer => "Bearer",
        SchemeKind::Http(_) => "Authorization",
        SchemeKind::ClientCertificate => "ClientCertificate",
        SchemeKind::Undeclared => return None,
    })
}

/// What a scheme looks for, as the end of a sentence.
fn words(kind: &SchemeKind) -> String {
    match kind {
        SchemeKind::ApiKey(place, name) => {
            let place = match place {
                Place::Query => "query parameter",
                Place::Cookie => "cookie",
                Place::Header | Place::Path => "header",
            };
            format!("a key in the {place} {}", layout::quoted(name))
        }
        SchemeKind::Basic => "user and password".to_owned(),
        SchemeKind::Bearer => "a bearer token".to_owned(),
        SchemeKind::Http(scheme) => format!("`Authorization: {scheme} ..`"),
        SchemeKind::ClientCertificate => "the certificate of a client".to_owned(),
        SchemeKind::Undeclared => "described nowhere, so nobody passes it".to_owned(),
    }
}

fn authentication(schemes: &[SecurityScheme]) -> TokenStream {
    let methods = schemes.iter().filter_map(|scheme| {
        let credential = ident(credential(&scheme.kind)?);
        let name = ident(&scheme.rust_name);
        let mut doc = format!("{}: {}.", layout::quoted(&scheme.name), words(&scheme.kind));
        if let Some(more) = &scheme.doc {
            doc = format!("{doc}\n\n{more}");
        }
        let docs = layout::docs(&doc);
        Some(quote! {
            #docs
            fn #name(
                &self,
                ctx: &RequestContext,
                credential: #credential,
                scopes: &[&str],
            ) -> impl Future<Output = Result<Self::Identity, AuthError>> + Send;
        })
    });
    let doc = layout::docs(
        "Judges the credentials of requests: one method for each security scheme.\n\n\
         A method is asked after the rate limit and before the request is decoded, and only where\n\
         the request has a well-formed credential of its scheme. `scopes` are what the operation\n\
         asks of the caller; somebody who is known and has not all of them is\n\
         `AuthError::Forbidden`. What a method returns reaches the handlers by\n\
         `ctx.identity::<T>()`, `T` being the `Identity` of this trait.\n\n\
         Nothing bounds the time of a method but itself: the operation's timeout begins behind it.",
    );
    quote! {
        #doc
        pub trait Authentication: Send + Sync + 'static {
            /// What is known about a caller.
            type Identity: Send + Sync + 'static;
            #(#methods)*
        }
    }
}

fn realm(service: &Service) -> TokenStream {
    let title = &service.title;
    quote! {
        /// What the credentials are good for, as challenges say it.
        pub(crate) const REALM: &str = #title;
    }
}

fn table(scheme: &SecurityScheme) -> TokenStream {
    let name = ident(&shouty(&scheme.rust_name));
    let written = &scheme.name;
    let value = match &scheme.kind {
        SchemeKind::ApiKey(place, key) => {
            let constructor = ident(match place {
                Place::Query => "api_key_in_query",
                Place::Cookie => "api_key_in_cookie",
                Place::Header | Place::Path => "api_key_in_header",
            });
            quote! { #constructor(#written, #key) }
        }
        SchemeKind::Basic => quote! { basic(#written) },
        SchemeKind::Bearer => quote! { bearer(#written) },
        SchemeKind::Http(http) => quote! { http(#written, #http) },
        SchemeKind::ClientCertificate => quote! { client_certificate(#written) },
        SchemeKind::Undeclared => quote! { undeclared(#written) },
    };
    quote! { pub(crate) static #name: Scheme = Scheme::#value; }
}

fn authenticate(schemes: &[SecurityScheme]) -> TokenStream {
    let arms = schemes.iter().filter_map(|scheme| {
        let credential = ident(credential(&scheme.kind)?);
        let written = &scheme.name;
        let method = ident(&scheme.rust_name);
        Some(quote! {
            (#written, Credential::#credential(it)) => app.#method(&ctx, it, scopes).await?
        })
    });
    quote! {
        /// Asks the method of a scheme.
        pub(crate) fn authenticate<A: Authentication>(
            app: Arc<A>,
            login: Login,
        ) -> BoxFuture<Result<Identity, AuthError>> {
            Box::pin(async move {
                let Login { ctx, scheme, credential, scopes } = login;
                let identity = match (scheme, credential) {
                    #(#arms,)*
                    _ => return Err(AuthError::Unauthorized),
                };
                Ok(Identity::new(identity))
            })
        }
    }
}

/// The alternatives of an operation, as its table has them.
pub(super) fn requirements(schemes: &[SecurityScheme], operation: &Operation) -> String {
    let alternatives = operation.security.iter().map(|requirement| {
        let needs = requirement.all.iter().map(|need| {
            let scheme = shouty(&schemes[need.scheme].rust_name);
            let scopes: Vec<String> = need.scopes.iter().map(|it| rust_string(it)).collect();
            format!("(&security::{scheme}, &[{}])", scopes.join(", "))
        });
        format!("&[{}]", needs.collect::<Vec<_>>().join(", "))
    });
    format!("&[{}]", alternatives.collect::<Vec<_>>().join(", "))
}
