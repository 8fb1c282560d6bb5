//! `src/generated/router.rs` and `mod.rs`: every operation with its path, patterns and endpoint.

use super::{examples, layout, types::shouty};
use crate::{
    ir::{Api, Operation, Service},
    render::filters::rust_string,
};

/// The router of the service. `guarded`: there is a module with the patterns.
pub(super) fn file(service: &Service, guarded: bool) -> String {
    let mut apis: Vec<&Api> = service.apis.iter().collect();
    apis.sort_by(|a, b| a.module.cmp(&b.module));
    let is_guarded = |operation: &Operation| guarded && !operation.policies.is_empty();
    let operations = || apis.iter().flat_map(|api| &api.operations);
    let some_bare = operations().any(|operation| !is_guarded(operation));
    let some_guarded = operations().any(is_guarded);
    let mut text = String::from("//! The routes of the service.\n\nuse std::sync::Arc;\n\n");
    let mut from_service = vec!["Router", "Routes"];
    if some_bare {
        from_service.push("PolicyStack");
    }
    text.push_str(&layout::import("failsafe_runtime::service", &from_service));
    text.push_str("use failsafe_runtime::{ConfigError, Patterns};\n");
    let modules: Vec<&str> = apis.iter().map(|api| api.module.as_str()).collect();
    if !modules.is_empty() {
        text.push('\n');
        text.push_str(&layout::import("super::apis", &modules));
    }
    if some_guarded {
        text.push_str("use super::resilience;\n");
    }
    let mut bounds: Vec<String> = match apis.is_empty() {
        true => vec!["Send + Sync + 'static".to_owned()],
        false => apis
            .iter()
            .map(|api| format!("{}::{}", api.module, api.trait_name))
            .collect(),
    };
    let judges = service.has_authentication();
    let authentication = match judges {
        // By its path: an API may be called `security`.
        true => "\n        .authentication(super::security::REALM, super::security::authenticate)",
        false => "",
    };
    if judges {
        bounds.push("super::security::Authentication".to_owned());
    }
    let base_path = match service.base_path.as_str() {
        "" => String::new(),
        base_path => format!(".base_path({})", rust_string(base_path)),
    };
    text.push_str(&format!(
        "\n/// Every operation of the document, answered by `app`.\n\
         ///\n/// # Errors\n///\n\
         /// When policies contradict each other or are out of range.\n\
         pub fn router<A>(app: Arc<A>, patterns: &Patterns) -> Result<Router, ConfigError>\n\
         where\n    A: {bounds},\n{{\n    Ok(routes(app, patterns)?.into_router())\n}}\n\n\
         /// The same before it is a router, for what is to be said of all operations.\n\
         ///\n/// # Errors\n///\n\
         /// When policies contradict each other or are out of range.\n\
         pub fn routes<A>(app: Arc<A>, {patterns}: &Patterns) -> Result<Routes<A>, ConfigError>\n\
         where\n    A: {bounds},\n{{\n    let routes = Routes::new(app){base_path}{authentication};\n",
        patterns = if some_guarded {
            "patterns"
        } else {
            "_patterns"
        },
        bounds = bounds.join("\n        + "),
    ));
    for api in apis {
        let module = &api.module;
        for operation in &api.operations {
            let name = &operation.rust_name;
            let stack = match is_guarded(operation) {
                true => format!("resilience::{name}(patterns)?"),
                false => "PolicyStack::new()".to_owned(),
            };
            text.push_str(&format!(
                "    let routes = routes.route(\n        &{module}::{},\n        {stack},\n        \
                 |app, call| Box::pin({module}::{name}(app, call)),\n    );\n",
                shouty(&operation.type_stem)
            ));
        }
    }
    text.push_str("    Ok(routes)\n}\n");
    text
}

/// The module that holds everything generated.
pub(super) fn root(service: &Service, guarded: bool) -> String {
    let module = |is_there: bool, line: &'static str| if is_there { line } else { "" };
    let callbacks = module(!service.callbacks.is_empty(), "pub mod callbacks;\n");
    let examples = module(examples::is_needed(service), "pub mod examples;\n");
    let resilience = module(guarded, "pub mod resilience;\n");
    let security = module(!service.security.is_empty(), "pub mod security;\n");
    let webhooks = module(!service.webhooks.is_empty(), "pub mod webhooks;\n");
    let budget = service.policies.retry_budget;
    let usual = budget == crate::ir::RetryBudget::default();
    let patterns = if usual {
        "/// The registry of all patterns.\n\
         ///\n\
         /// # Errors\n\
         ///\n\
         /// None with the retry budget that the document leaves as it is.\n\
         pub fn patterns() -> Result<Patterns, ConfigError> {\n    Ok(Patterns::new())\n}\n"
            .to_owned()
    } else {
        format!(
            "/// The registry of all patterns, with the document's budget for retries.\n\
             ///\n\
             /// # Errors\n\
             ///\n\
             /// When the budget is out of range.\n\
             pub fn patterns() -> Result<Patterns, ConfigError> {{\n    \
             Patterns::with_retry_budget(BudgetConfig {{\n        \
             ratio: {:?},\n        min_per_second: {},\n    }})\n}}\n",
            budget.ratio, budget.min_per_second
        )
    };
    let import = match usual {
        true => "use failsafe_runtime::{ConfigError, Patterns};\n",
        false => "use failsafe_runtime::{BudgetConfig, ConfigError, Patterns};\n",
    };
    format!(
        "//! The document as Rust: types, traits for the handlers, policies, routes.\n\n\
         pub mod apis;\n{callbacks}{examples}pub mod models;\n{resilience}mod router;\n\
         {security}{webhooks}\n\
         {import}\npub use router::{{router, routes}};\n\n\
         /// The document as the service shows it.\n\
         pub const OPENAPI_JSON: &str = include_str!(\"openapi.json\");\n\n{patterns}"
    )
}
