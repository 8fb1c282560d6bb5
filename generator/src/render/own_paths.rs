//! The paths that a service answers by itself, out of the way of the document's own.

use serde::Serialize;

use crate::{
    ir::Service,
    options::{Options, Telemetry},
};

/// Where they are.
#[derive(Debug, Serialize)]
pub(super) struct OwnPaths {
    livez: String,
    readyz: String,
    openapi: String,
    metrics: String,
    /// Empty where there is no page.
    docs: String,
    /// What all paths of the control plane begin with.
    controlplane: String,
    /// Those that are not where they usually are.
    moved: Vec<Moved>,
}

#[derive(Debug, Serialize)]
struct Moved {
    /// The controller's method that moves it.
    method: &'static str,
    path: String,
}

impl OwnPaths {
    /// Metrics have a path only where they are scraped, and the page only where it is shown.
    pub(super) fn new(service: &Service, options: &Options) -> Self {
        let controlplane = match options.controlplane {
            true => free_below(service, &options.controlplane_prefix),
            false => String::new(),
        };
        let taken = taken(service, &controlplane);
        let mut moved = Vec::new();
        let mut place = |usual: &str, method| {
            let path = free(&taken, usual, |taken, path| taken == path);
            if path != usual {
                let path = path.clone();
                moved.push(Moved { method, path });
            }
            path
        };
        Self {
            livez: place("/livez", "with_livez_at"),
            readyz: place("/readyz", "with_readyz_at"),
            openapi: place("/openapi.json", "with_openapi_at"),
            metrics: match options.telemetry {
                Telemetry::Prometheus => place("/metrics", "with_metrics_at"),
                _ => String::new(),
            },
            moved,
            docs: match options.docs {
                true => free_below(service, "/docs"),
                false => String::new(),
            },
            controlplane,
        }
    }
}

/// The paths of the control plane that one of ours could take, were it moved below its prefix.
const CONTROLPLANE: [&str; 2] = ["/metrics", "/openapi.json"];

/// Every path that is answered already.
fn taken(service: &Service, controlplane: &str) -> Vec<String> {
    let operations = service.apis.iter().flat_map(|api| &api.operations);
    let mut taken: Vec<String> = operations
        .map(|operation| {
            let base = operation.base_path.as_ref().unwrap_or(&service.base_path);
            format!("{base}{}", operation.path)
        })
        .collect();
    if !controlplane.is_empty() {
        taken.extend(CONTROLPLANE.map(|path| format!("{controlplane}{path}")));
    }
    taken
}

/// The usual path for what has files below it, out of the way of the document's paths.
fn free_below(service: &Service, usual: &str) -> String {
    free(&taken(service, ""), usual, |taken, path| {
        let below = taken.strip_prefix(path);
        below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// The usual path, or the same under `/failsafe`, as often as it takes.
fn free(taken: &[String], usual: &str, is_taken: fn(&str, &str) -> bool) -> String {
    let mut path = usual.to_owned();
    while taken.iter().any(|taken| is_taken(taken, &path)) {
        path = format!("/failsafe{path}");
    }
    path
}
