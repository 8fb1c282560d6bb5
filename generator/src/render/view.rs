//! What the templates outside `src/generated` see of a service.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    bundle,
    filters::{one_line, rust_string},
    own_paths::OwnPaths,
    uses::Uses,
    wiring::Wiring,
    words,
};
use crate::{
    ir,
    options::{Options, Runtime, Stubs, Telemetry},
};

/// The service as the templates see it: finished values, questions already answered.
#[derive(Serialize)]
pub(super) struct Tree<'a> {
    title: &'a str,
    description: Option<&'a str>,
    document_version: &'a str,
    package: &'a str,
    /// The package as Rust code names it.
    crate_name: String,
    app_name: &'a str,
    app_version: &'a str,
    /// The version in `Cargo.toml`, which has to be a semantic one.
    cargo_version: &'a str,
    /// Between a constant and its value, as rustfmt would have it.
    name_break: &'static str,
    endpoint_break: &'static str,
    rust_version: &'static str,
    /// The document's own, `/` for none.
    base_path: &'a str,
    port: u16,
    dockerfile: bool,
    otel: bool,
    prometheus: bool,
    otel_endpoint: &'a str,
    protection: bool,
    /// Whether there are tests of the document's policies.
    proofs: bool,
    docs: bool,
    controlplane: bool,
    /// What the operator's file may say something of, by type.
    patterns: Vec<PatternsView<'a>>,
    /// Whether new handlers answer examples.
    example_stubs: bool,
    runtime: RuntimeView<'a>,
    own_paths: OwnPaths,
    /// Whether there are methods that judge credentials.
    has_authentication: bool,
    uses: Uses,
    apis: Vec<ApiView<'a>>,
    /// What puts the generated modules together.
    wiring: Wiring<'a>,
    generator_version: &'static str,
}

#[derive(Serialize)]
struct RuntimeView<'a> {
    bundled: bool,
    /// The bundled copy's package: two services can be members of one workspace.
    package: String,
    path: Option<&'a str>,
    version: Option<&'a str>,
    features: Vec<&'static str>,
}

#[derive(Serialize)]
struct ApiView<'a> {
    tag: &'a str,
    module: &'a str,
    trait_name: &'a str,
    operations: Vec<OperationView<'a>>,
}

#[derive(Serialize)]
struct OperationView<'a> {
    id: &'a str,
    method: &'a str,
    path: &'a str,
    summary: String,
    policies: Vec<PolicyView<'a>>,
}

#[derive(Serialize)]
struct PolicyView<'a> {
    pattern: &'static str,
    name: &'a str,
    words: String,
}

impl<'a> Tree<'a> {
    pub(super) fn new(service: &'a ir::Service, options: &'a Options) -> Self {
        let uses = Uses::of(service);
        Self {
            title: &service.title,
            description: service.description.as_deref(),
            document_version: &service.version,
            package: &options.package_name,
            crate_name: options.crate_name(),
            app_name: &options.app_name,
            app_version: &options.app_version,
            cargo_version: cargo_version(&options.app_version),
            name_break: break_before("pub const NAME: &str =", &options.app_name),
            endpoint_break: break_before(
                "const DEFAULT_OTEL_ENDPOINT: &str =",
                &options.otel_endpoint,
            ),
            rust_version: env!("CARGO_PKG_RUST_VERSION"),
            base_path: match service.base_path.as_str() {
                "" => "/",
                base_path => base_path,
            },
            port: options.server_port,
            dockerfile: options.dockerfile,
            otel: options.telemetry == Telemetry::Otel,
            prometheus: options.telemetry == Telemetry::Prometheus,
            otel_endpoint: &options.otel_endpoint,
            protection: options.protection,
            proofs: options.protection && service.has_policies(),
            example_stubs: options.stubs == Stubs::Example,
            runtime: RuntimeView::new(options, uses),
            own_paths: OwnPaths::new(service, options),
            docs: options.docs,
            controlplane: options.controlplane,
            patterns: PatternsView::all(service),
            has_authentication: service.has_authentication(),
            uses,
            apis: service
                .apis
                .iter()
                .map(|api| ApiView::new(api, options.protection))
                .collect(),
            wiring: Wiring::new(service, options.protection),
            generator_version: env!("CARGO_PKG_VERSION"),
        }
    }
}

#[derive(Serialize)]
struct PatternsView<'a> {
    pattern: &'static str,
    names: Vec<PatternView<'a>>,
}

#[derive(Serialize)]
struct PatternView<'a> {
    name: &'a str,
    words: String,
}

impl<'a> PatternsView<'a> {
    /// Every pattern of the service once, however many operations share it.
    fn all(service: &'a ir::Service) -> Vec<Self> {
        let mut types: BTreeMap<&'static str, BTreeMap<&'a str, String>> = BTreeMap::new();
        let operations = service.apis.iter().flat_map(|api| &api.operations);
        for policy in operations.flat_map(|operation| &operation.policies) {
            let names = types.entry(words::pattern(&policy.pattern)).or_default();
            names
                .entry(&policy.name)
                .or_insert_with(|| words::policy(policy));
        }
        let named = |(name, words)| PatternView { name, words };
        types
            .into_iter()
            .map(|(pattern, names)| Self {
                pattern,
                names: names.into_iter().map(named).collect(),
            })
            .collect()
    }
}

impl<'a> RuntimeView<'a> {
    fn new(options: &'a Options, uses: Uses) -> Self {
        let (path, version) = match &options.runtime {
            Runtime::Bundled => (Some("runtime"), None),
            Runtime::Path(path) => (Some(path.as_str()), None),
            Runtime::Version(version) => (None, Some(version.as_str())),
        };
        Self {
            bundled: options.runtime == Runtime::Bundled,
            package: bundle::package_name(options),
            path,
            version,
            features: features(options, uses),
        }
    }
}

/// The runtime's features that a service needs.
pub(super) fn features(options: &Options, uses: Uses) -> Vec<&'static str> {
    let telemetry = match options.telemetry {
        Telemetry::Otel => Some("otel"),
        Telemetry::Prometheus => Some("prometheus"),
        Telemetry::None => None,
    };
    let pattern = uses.pattern.then_some("pattern");
    let exact = uses.exact.then_some("exact");
    let client = uses.client.then_some("client");
    let multipart = uses.multipart.then_some("multipart");
    let security = uses.security.then_some("security");
    let cache = (options.protection && uses.cache).then_some("cache");
    let chaos = (options.protection && uses.chaos).then_some("chaos");
    let docs = options.docs.then_some("docs");
    let controlplane = options.controlplane.then_some("controlplane");
    let config_file = options.protection.then_some("config-file");
    ["service"]
        .into_iter()
        .chain(docs)
        .chain(controlplane)
        .chain(config_file)
        .chain(telemetry)
        .chain(cache)
        .chain(chaos)
        .chain(pattern)
        .chain(exact)
        .chain(client)
        .chain(multipart)
        .chain(security)
        .collect()
}

impl<'a> ApiView<'a> {
    fn new(api: &'a ir::Api, protection: bool) -> Self {
        Self {
            tag: &api.tag,
            module: &api.module,
            trait_name: &api.trait_name,
            operations: api
                .operations
                .iter()
                .map(|operation| OperationView::new(operation, protection))
                .collect(),
        }
    }
}

impl<'a> OperationView<'a> {
    fn new(operation: &'a ir::Operation, protection: bool) -> Self {
        let policies = operation.policies.iter().filter(|_| protection);
        Self {
            id: &operation.id,
            method: &operation.method,
            path: &operation.path,
            summary: one_line(operation.summary.as_deref().unwrap_or_default()),
            policies: policies
                .map(|policy| PolicyView {
                    pattern: words::pattern(&policy.pattern),
                    name: &policy.name,
                    words: words::policy(policy),
                })
                .collect(),
        }
    }
}

/// The app's version where cargo can read it: a document's version may be any text.
fn cargo_version(version: &str) -> &str {
    if semver::Version::parse(version).is_ok() {
        version
    } else {
        "0.1.0"
    }
}

/// What stands between `=` and a text, so that the line is at most as long as rustfmt's.
fn break_before(declaration: &str, value: &str) -> &'static str {
    let width = declaration.chars().count() + rust_string(value).chars().count() + 2;
    if width > 100 { "\n    " } else { " " }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::{diagnostic::Diagnostics, lower, render::filters, spec, templates};

    /// Collects every name that a template can say below a value.
    fn names(value: &Value, path: &str, all: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    all.push(match path {
                        "" => format!("`tree.{name}`"),
                        _ => format!("`{name}`"),
                    });
                    names(value, name, all);
                }
            }
            Value::Array(items) => items.iter().take(1).for_each(|it| names(it, path, all)),
            _ => {}
        }
    }

    #[test]
    fn the_guide_knows_everything_that_templates_can_say() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../specs/inventory.yaml");
        let document = spec::load(&spec::Input::Path(path.into())).expect("reads");
        let service = lower::lower(&document, &mut Diagnostics::default()).expect("good");
        let options = Options::default();
        let tree = serde_json::to_value(Tree::new(&service, &options)).expect("JSON");
        let mut all = Vec::new();
        names(&tree, "", &mut all);
        assert!(all.len() > 50, "{all:?}");
        all.extend(["moved", "method", "path"].map(|name| format!("`{name}`")));
        let filters = filters::NAMES.iter().map(|name| match *name {
            "doc" => "`doc(\"///\")`".to_owned(),
            "import" => "`import(\"a::module\")`".to_owned(),
            name => format!("| `{name}` |"),
        });
        for name in all.into_iter().chain(filters) {
            assert!(
                templates::guide().contains(&name),
                "{name} is not in the guide"
            );
        }
    }
}
