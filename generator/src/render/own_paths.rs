//! The paths that a service answers by itself, out of the way of the document's own.

use serde::Serialize;

use crate::ir::Service;

/// Where they are.
#[derive(Debug, Serialize)]
pub(super) struct OwnPaths {
    livez: String,
    readyz: String,
    openapi: String,
    metrics: String,
    /// Empty where there is no page.
    docs: String,
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
    /// Metrics have a path only where they are `scraped`, and the page only where it is `shown`.
    pub(super) fn new(service: &Service, scraped: bool, shown: bool) -> Self {
        let mut moved = Vec::new();
        let mut place = |usual: &str, method| {
            let path = free(service, usual);
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
            metrics: match scraped {
                true => place("/metrics", "with_metrics_at"),
                false => String::new(),
            },
            moved,
            docs: match shown {
                true => free_below(service, "/docs"),
                false => String::new(),
            },
        }
    }
}

/// The usual path, or the same under `/failsafe`, as often as it takes.
fn free(service: &Service, usual: &str) -> String {
    moved(service, usual, |taken, path| taken == path)
}

/// The same for a path with files below it.
fn free_below(service: &Service, usual: &str) -> String {
    moved(service, usual, |taken, path| {
        let below = taken.strip_prefix(path);
        below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

fn moved(service: &Service, usual: &str, is_taken: fn(&str, &str) -> bool) -> String {
    let operations = service.apis.iter().flat_map(|api| &api.operations);
    let taken: Vec<String> = operations
        .map(|operation| {
            let base = operation.base_path.as_ref().unwrap_or(&service.base_path);
            format!("{base}{}", operation.path)
        })
        .collect();
    let mut path = usual.to_owned();
    while taken.iter().any(|taken| is_taken(taken, &path)) {
        path = format!("/failsafe{path}");
    }
    path
}
