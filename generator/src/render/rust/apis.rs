//! `src/generated/apis`: a file for each tag with its trait, arguments, answers and endpoints.

use proc_macro2::TokenStream;
use quote::quote;

use super::{
    answers,
    arguments::{Argument, Arguments},
    endpoints, layout,
    types::{Scope, ident},
    used::Used,
};
use crate::{
    ir::{Api, Operation, Service},
    options::Options,
    parallel,
    render::{RenderError, words},
};

/// Adds the files of all APIs and the module that gathers them.
pub(super) fn render(
    service: &Service,
    options: &Options,
    add: &mut dyn FnMut(&str, String) -> Result<(), RenderError>,
) -> Result<(), RenderError> {
    // Documents without tags have all operations in one file, so files are no parts to share out.
    let operations = (service.apis.iter())
        .flat_map(|api| api.operations.iter().map(move |operation| (api, operation)));
    let operations: Vec<(&Api, &Operation)> = operations.collect();
    let mut texts = parallel::map(&operations, |(api, operation)| {
        OperationText::of(service, api, operation, options.protection)
    })
    .into_iter();
    for api in &service.apis {
        let own: Result<Vec<OperationText>, RenderError> =
            texts.by_ref().take(api.operations.len()).collect();
        add(&format!("apis/{}.rs", api.module), file(api, &own?)?)?;
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

/// What an operation adds to the file of its API.
struct OperationText {
    /// What the trait asks for.
    methods: String,
    /// What a handler takes and answers.
    items: String,
    endpoint: String,
}

impl OperationText {
    fn of(
        service: &Service,
        api: &Api,
        operation: &Operation,
        protected: bool,
    ) -> Result<Self, RenderError> {
        let scope = Scope::outside(&service.models);
        let mut items = Arguments::of(operation).items(scope);
        items.extend(answers::items(scope, operation));
        Ok(Self {
            methods: methods(scope, operation, protected)?,
            items: layout::items(items)?,
            endpoint: endpoints::text(scope, &service.security, api, operation)?,
        })
    }
}

fn file(api: &Api, operations: &[OperationText]) -> Result<String, RenderError> {
    let mut body = api_trait(api, operations)?;
    for operation in operations.iter().filter(|it| !it.items.is_empty()) {
        body.push('\n');
        body.push_str(&operation.items);
    }
    for operation in operations {
        body.push('\n');
        body.push_str(&operation.endpoint);
    }
    let mut text = String::new();
    let title = format!("The operations of {}.", layout::quoted(&api.tag));
    text.push_str(&layout::module_docs(&title));
    if let Some(doc) = &api.doc {
        text.push_str("//!\n");
        text.push_str(&layout::module_docs(doc));
    }
    text.push('\n');
    text.push_str(&imports(&body));
    text.push_str(&body);
    Ok(text)
}

const OF_SERVICE: &[&str] = &[
    "Answer",
    "ApiError",
    "Call",
    "FailedCall",
    "FromMultipart",
    "Handler",
    "IntoResponse",
    "Method",
    "MultipartForm",
    "Operation",
    "Prepared",
    "RequestContext",
    "Response",
    "StatusCode",
];

/// Everything that the file names without a path.
fn imports(body: &str) -> String {
    let found = Used::of(body);
    let used = |name: &&str| found.name(name);
    let mut text = String::new();
    if found.name("BTreeMap") {
        text.push_str("use std::collections::BTreeMap;\n");
    }
    text.push_str("use std::sync::Arc;\n\n");
    let mut schema = Vec::new();
    if found.head("schema") {
        schema.push("self");
    }
    if found.head("Schema") {
        schema.push("Schema");
    }
    text.push_str(&layout::import("failsafe_runtime::schema", &schema));
    let mut service: Vec<&str> = OF_SERVICE.iter().copied().filter(used).collect();
    if found.head("service") {
        service.insert(0, "self");
    }
    text.push_str(&layout::import("failsafe_runtime::service", &service));
    let modules: Vec<&str> = ["models", "security"]
        .into_iter()
        .filter(|module| found.head(module))
        .collect();
    if !modules.is_empty() {
        text.push('\n');
        text.push_str(&layout::import("crate::generated", &modules));
    }
    text.push('\n');
    text
}

fn api_trait(api: &Api, operations: &[OperationText]) -> Result<String, RenderError> {
    let name = ident(&api.trait_name);
    let doc = format!(
        "What answers the operations of {}.",
        layout::quoted(&api.tag)
    );
    let doc = layout::docs(&doc);
    let empty = layout::dense(quote! { #doc pub trait #name: Send + Sync + 'static {} })?;
    let mut text = empty.trim_end().trim_end_matches('}').to_owned();
    text.push('\n');
    for operation in operations {
        text.push_str(&operation.methods);
    }
    text.push_str("}\n");
    Ok(layout::spaced(&text))
}

/// The lines of the trait that belong to an operation.
fn methods(
    scope: Scope<'_>,
    operation: &Operation,
    protected: bool,
) -> Result<String, RenderError> {
    let docs = layout::docs(&method_docs(operation, protected));
    let name = ident(&operation.rust_name);
    let response = ident(&operation.response_name());
    let arguments = Arguments::of(operation);
    let list: Vec<TokenStream> = arguments
        .list()
        .iter()
        .map(|Argument { name, ty }| {
            let (name, ty) = (ident(name), ty.tokens(scope));
            quote! { #name: #ty }
        })
        .collect();
    let fallback = operation.fallback_name.as_deref().map(|name| {
        let docs = layout::docs(&fallback_docs(operation));
        let (name, failed) = (ident(name), ident(&arguments.failure_name()));
        quote! {
            #docs
            fn #name(
                &self,
                ctx: &RequestContext,
                #failed: FailedCall,
                #(#list,)*
            ) -> impl Future<Output = Result<#response, ApiError>> + Send;
        }
    });
    // What is laid out is an item, so the methods get a trait around them that goes again.
    let text = layout::dense(quote! {
        trait Methods {
            #docs
            fn #name(
                &self,
                ctx: &RequestContext,
                #(#list,)*
            ) -> impl Future<Output = Result<#response, ApiError>> + Send;
            #fallback
        }
    })?;
    let text = text.trim_start_matches("trait Methods {\n");
    Ok(text.trim_end_matches("}\n").to_owned())
}

/// The same of what answers in its place.
fn fallback_docs(operation: &Operation) -> String {
    format!(
        "Answers in place of {} when that failed. The answer says so (`X-Fallback: true`).\n\n\
         While this is an error itself, clients see the failure as it was.",
        layout::quoted(&operation.id)
    )
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
