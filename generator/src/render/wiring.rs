//! What the templates see that put the generated modules together.

use serde::Serialize;

use super::rust;
use crate::ir::{Api, RetryBudget, Service};

/// The generated modules, and what they are called by.
#[derive(Serialize)]
pub(super) struct Wiring<'a> {
    /// Whether there are modules of these names.
    callbacks: bool,
    examples: bool,
    resilience: bool,
    security: bool,
    webhooks: bool,
    /// The document's budget, where it says one.
    retry_budget: Option<Budget>,
    /// The path of all operations, where there is one.
    base_path: Option<&'a str>,
    /// By their modules.
    apis: Vec<ApiRoutes<'a>>,
    /// Whether there are operations without patterns, and with.
    some_bare: bool,
    some_guarded: bool,
    /// What a person's code needs to judge credentials.
    credentials: Vec<&'static str>,
    schemes: Vec<Scheme<'a>>,
}

#[derive(Serialize)]
struct Budget {
    ratio: f64,
    min_per_second: u32,
}

#[derive(Serialize)]
struct ApiRoutes<'a> {
    module: &'a str,
    trait_name: &'a str,
    routes: Vec<Route<'a>>,
}

#[derive(Serialize)]
struct Route<'a> {
    /// What holds the operation's path and answers.
    constant: String,
    function: &'a str,
    /// Whether its body is read part by part.
    streamed: bool,
    guarded: bool,
}

#[derive(Serialize)]
struct Scheme<'a> {
    method: &'a str,
    credential: &'static str,
}

impl<'a> Wiring<'a> {
    pub(super) fn new(service: &'a Service, protection: bool) -> Self {
        let resilience = protection && service.has_policies();
        let mut apis: Vec<ApiRoutes<'a>> = (service.apis.iter())
            .map(|api| ApiRoutes::new(api, resilience))
            .collect();
        apis.sort_by(|a, b| a.module.cmp(b.module));
        let budget = service.policies.retry_budget;
        let routes = || apis.iter().flat_map(|api| &api.routes);
        Self {
            callbacks: !service.callbacks.is_empty(),
            examples: rust::has_examples(service),
            resilience,
            security: !service.security.is_empty(),
            webhooks: !service.webhooks.is_empty(),
            retry_budget: (budget != RetryBudget::default()).then_some(Budget {
                ratio: budget.ratio,
                min_per_second: budget.min_per_second,
            }),
            base_path: Some(service.base_path.as_str()).filter(|path| !path.is_empty()),
            some_bare: routes().any(|route| !route.guarded),
            some_guarded: routes().any(|route| route.guarded),
            credentials: {
                let mut names = rust::credentials(&service.security);
                names.extend(["AuthError", "RequestContext"]);
                names
            },
            schemes: (service.security.iter())
                .filter_map(|scheme| {
                    Some(Scheme {
                        method: &scheme.rust_name,
                        credential: rust::credential(&scheme.kind)?,
                    })
                })
                .collect(),
            apis,
        }
    }
}

impl<'a> ApiRoutes<'a> {
    fn new(api: &'a Api, resilience: bool) -> Self {
        let routes = api.operations.iter().map(|operation| Route {
            constant: rust::constant(&operation.type_stem),
            function: &operation.rust_name,
            streamed: rust::is_streamed(operation),
            guarded: resilience && !operation.policies.is_empty(),
        });
        Self {
            module: &api.module,
            trait_name: &api.trait_name,
            routes: routes.collect(),
        }
    }
}
