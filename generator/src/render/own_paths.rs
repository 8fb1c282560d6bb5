//! The paths that a service answers by itself, out of the way of the document's own.

use serde::Serialize;

use crate::{
    diagnostic::{Diagnostic, Diagnostics},
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

/// Tells of each path that gives way to one of the document's.
pub(crate) fn tell_moved(service: &Service, options: &Options, diagnostics: &mut Diagnostics) {
    let own = OwnPaths::new(service, options);
    for (usual, path) in [
        ("/livez", &own.livez),
        ("/readyz", &own.readyz),
        ("/openapi.json", &own.openapi),
        ("/metrics", &own.metrics),
        ("/docs", &own.docs),
        (&options.controlplane_prefix, &own.controlplane),
    ] {
        if path != usual && !path.is_empty() {
            diagnostics.push(Diagnostic::note(
                "own-path-moved",
                format!(
                    "the document has paths at `{usual}`, so what the service answers there by \
                     itself is at `{path}`"
                ),
            ));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{lower, spec};

    fn service(paths: &[&str]) -> Service {
        let mut text = "openapi: 3.1.0\ninfo: { title: T, version: '1' }\npaths:\n".to_owned();
        for path in paths {
            let name = match path.contains("{name}") {
                true => "[{ name: name, in: path, required: true, schema: { type: string } }]",
                false => "[]",
            };
            text += &format!(
                "  '{path}': {{ get: {{ parameters: {name}, responses: {{ '204': {{ description: d }} }} }} }}\n"
            );
        }
        let document = spec::load(&spec::Input::Stdin(text.into())).expect("reads");
        let mut found = Diagnostics::default();
        lower::lower(&document, &mut found).unwrap_or_else(|| panic!("{found:?}"))
    }

    #[test]
    fn nobody_s_path_is_taken() {
        let options = Options {
            telemetry: Telemetry::Prometheus,
            ..Options::default()
        };
        let at = |paths: &[&str]| OwnPaths::new(&service(paths), &options);
        let usual = at(&["/items"]);
        assert_eq!(usual.controlplane, "/failsafe");
        assert!(usual.moved.is_empty());

        // What moves below the control plane's prefix keeps out of its way, too.
        let moved = at(&["/livez", "/metrics", "/openapi.json"]);
        assert_eq!(moved.livez, "/failsafe/livez");
        assert_eq!(moved.metrics, "/failsafe/failsafe/metrics");
        assert_eq!(moved.openapi, "/failsafe/failsafe/openapi.json");

        let below = at(&["/failsafe/{name}"]);
        assert_eq!(below.controlplane, "/failsafe/failsafe");
        assert_eq!(at(&["/failsafely"]).controlplane, "/failsafe");
    }

    #[test]
    fn what_moves_is_told() {
        let service = service(&["/livez", "/failsafe", "/metrics"]);
        let mut diagnostics = Diagnostics::default();
        tell_moved(&service, &Options::default(), &mut diagnostics);
        let told: Vec<_> = diagnostics.iter().map(|note| &note.message).collect();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].contains("at `/failsafe/livez`"), "{told:?}");
        assert!(told[1].contains("at `/failsafe/failsafe`"), "{told:?}");
    }
}
