//! `src/generated/apis`: a file for each tag with its trait, arguments, answers and endpoints.

use proc_macro2::TokenStream;
use quote::quote;

use super::{
    answers,
    arguments::{Argument, Arguments},
    endpoints, layout,
    types::{Scope, ident},
};
use crate::{
    ir::{Api, Operation, Service},
    options::Options,
    render::{RenderError, words},
};

/// Adds the files of all APIs and the module that gathers them.
pub(super) fn render(
    service: &Service,
    options: &Options,
    add: &mut dyn FnMut(&str, String) -> Result<(), RenderError>,
) -> Result<(), RenderError> {
    let scope = Scope {
        models: &service.models,
        inside: None,
    };
    for api in &service.apis {
        let path = format!("apis/{}.rs", api.module);
        add(&path, file(scope, service, api, options.protection)?)?;
    }
    let mut modules: Vec<&str> = service.apis.iter().map(|api| api.module.as_str()).collect();
    modules.sort_unstable();
    let mut root = String::from(
        "//! The document's operations: a module for each tag, with the trait that handlers implement.\n\n",
    );
    for module in modules {
        root.push_str(&format!("pub mod {module};\n"));
    }
    add("apis/mod.rs", root)
}

fn file(
    scope: Scope<'_>,
    service: &Service,
    api: &Api,
    protected: bool,
) -> Result<String, RenderError> {
    let mut items = vec![api_trait(scope, api, protected)];
    for operation in &api.operations {
        let arguments = Arguments::of(operation);
        items.extend(arguments.items(scope));
        items.extend(answers::items(scope, operation));
    }
    let mut endpoints = String::new();
    for operation in &api.operations {
        endpoints.push('\n');
        endpoints.push_str(&endpoints::text(scope, &service.security, api, operation)?);
    }
    let mut text = String::new();
    let title = format!("The operations of {}.", layout::quoted(&api.tag));
    text.push_str(&layout::module_docs(&title));
    if let Some(doc) = &api.doc {
        text.push_str("//!\n");
        text.push_str(&layout::module_docs(doc));
    }
    text.push('\n');
    text.push_str(&imports(&items, &endpoints)?);
    text.push_str(&layout::items(&items)?);
    text.push_str(&endpoints);
    Ok(text)
}

const OF_SERVICE: &[&str] = &[
    "Answer",
    "ApiError",
    "Call",
    "FromMultipart",
    "IntoResponse",
    "Method",
    "MultipartForm",
    "Operation",
    "RequestContext",
    "Response",
    "StatusCode",
];

/// Everything that the items and the endpoints name without a path.
fn imports(items: &[TokenStream], endpoints: &str) -> Result<String, RenderError> {
    let endpoints: TokenStream = syn::parse_str(endpoints)?;
    let tokens = [items.iter().cloned().collect(), endpoints];
    let names = layout::names(&tokens);
    let heads = layout::path_heads(&tokens);
    let used = |name: &&str| names.contains(*name);
    let mut text = String::new();
    if names.contains("BTreeMap") {
        text.push_str("use std::collections::BTreeMap;\n");
    }
    text.push_str("use std::sync::Arc;\n\n");
    let mut schema = Vec::new();
    if heads.contains("schema") {
        schema.push("self");
    }
    if heads.contains("Schema") {
        schema.push("Schema");
    }
    text.push_str(&layout::import("failsafe_runtime::schema", &schema));
    let mut service: Vec<&str> = OF_SERVICE.iter().copied().filter(used).collect();
    if heads.contains("service") {
        service.insert(0, "self");
    }
    text.push_str(&layout::import("failsafe_runtime::service", &service));
    let modules: Vec<&str> = ["models", "security"]
        .into_iter()
        .filter(|module| heads.contains(*module))
        .collect();
    if !modules.is_empty() {
        text.push('\n');
        text.push_str(&layout::import("crate::generated", &modules));
    }
    text.push('\n');
    Ok(text)
}

fn api_trait(scope: Scope<'_>, api: &Api, protected: bool) -> TokenStream {
    let name = ident(&api.trait_name);
    let doc = format!(
        "What answers the operations of {}.",
        layout::quoted(&api.tag)
    );
    let doc = layout::docs(&doc);
    let methods = api.operations.iter().map(|operation| {
        let docs = layout::docs(&method_docs(operation, protected));
        let name = ident(&operation.rust_name);
        let response = ident(&operation.response_name());
        let arguments = Arguments::of(operation).list();
        let arguments = arguments.iter().map(|Argument { name, ty }| {
            let (name, ty) = (ident(name), ty.tokens(scope));
            quote! { #name: #ty }
        });
        quote! {
            #docs
            fn #name(
                &self,
                ctx: &RequestContext,
                #(#arguments,)*
            ) -> impl Future<Output = Result<#response, ApiError>> + Send;
        }
    });
    quote! {
        #doc
        pub trait #name: Send + Sync + 'static {
            #(#methods)*
        }
    }
}

/// What a person wants to know who implements the operation.
fn method_docs(operation: &Operation, protected: bool) -> String {
    let mut paragraphs: Vec<String> = Vec::new();
    paragraphs.extend(operation.summary.clone());
    paragraphs.extend(operation.description.clone());
    paragraphs.push(layout::quoted(&format!(
        "{} {}",
        operation.method, operation.path
    )));
    if operation.deprecated {
        paragraphs.push("Deprecated.".to_owned());
    }
    if protected && !operation.policies.is_empty() {
        let policies = operation.policies.iter().map(|policy| {
            let pattern = words::pattern(&policy.pattern);
            format!("- {pattern}: {}", words::policy(policy))
        });
        paragraphs.push(policies.collect::<Vec<_>>().join("\n"));
    }
    paragraphs.join("\n\n")
}
