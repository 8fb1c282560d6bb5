//! The path under which operations are: what the first of `servers` has behind its host.

use super::Lowering;
use crate::{diagnostic::Diagnostic, spec::At};

impl<'d> Lowering<'d> {
    /// The base path that a node's `servers` give it, empty for the root of a host; none where it
    /// has no servers.
    pub(super) fn base_path(&mut self, at: &At<'d>) -> Option<String> {
        let servers = at.get("servers")?;
        let paths: Vec<String> = servers
            .items()
            .filter_map(|server| of_server(&server))
            .collect();
        let first = paths.first()?.clone();
        if let Some(other) = paths.iter().find(|path| **path != first) {
            let shown = |path: &str| {
                if path.is_empty() {
                    "/".to_owned()
                } else {
                    path.to_owned()
                }
            };
            self.report(
                Diagnostic::note(
                    "several-base-paths",
                    format!(
                        "operations are under `{}`, the path of the first server, not under `{}`",
                        shown(&first),
                        shown(other)
                    ),
                )
                .at(servers.key_location()),
            );
        }
        Some(first)
    }
}

/// The base path of a whole document.
pub(crate) fn of_root(root: &At<'_>) -> String {
    let servers = root.get("servers");
    let mut servers = servers.iter().flat_map(At::items);
    servers
        .find_map(|server| of_server(&server))
        .unwrap_or_default()
}

/// What stands behind the host, variables filled in with their defaults.
fn of_server(server: &At<'_>) -> Option<String> {
    let url = filled(server.get("url")?.as_str()?, server);
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
        // `//host/path`
        None => match url.strip_prefix("//") {
            Some(rest) => rest.split_once('/').map_or("", |(_, path)| path),
            None => url,
        },
    };
    let segments = path
        .split('/')
        .filter(|segment| !matches!(*segment, "" | "." | ".."));
    Some(segments.map(|segment| format!("/{segment}")).collect())
}

/// A variable that is nowhere described is left out.
fn filled(url: &str, server: &At<'_>) -> String {
    let mut filled = String::new();
    let mut rest = url;
    while let Some((before, name, after)) = variable(rest) {
        filled.push_str(before);
        let described = server.get("variables").and_then(|all| all.get(name));
        let default = described.and_then(|variable| variable.get("default"));
        if let Some(default) = default {
            let number = default.as_number().map(|number| number.text.as_str());
            filled.push_str(default.as_str().or(number).unwrap_or_default());
        }
        rest = after;
    }
    filled + rest
}

fn variable(text: &str) -> Option<(&str, &str, &str)> {
    let (before, after) = text.split_once('{')?;
    let (name, after) = after.split_once('}')?;
    Some((before, name, after))
}
