//! Paths and their operations, grouped into APIs by tag.

use std::collections::HashMap;

use indexmap::IndexMap;

use super::{Lowering, names, on_path::OnPath, paths};
use crate::{
    diagnostic::{Diagnostic, Location},
    ir::{Api, Operation},
    spec::At,
};

const METHODS: &[&str] = &[
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// Names and places that must differ between all operations of a service.
#[derive(Debug, Default)]
struct Seen {
    ids: HashMap<String, Location>,
    /// By method and shape of the path.
    routes: HashMap<String, Location>,
    names: names::Taken,
}

impl<'d> Lowering<'d> {
    /// All operations, in the document's order within the APIs, and these in order of appearance.
    pub(super) fn apis(&mut self) -> Vec<Api> {
        let mut seen = Seen::default();
        let mut apis: IndexMap<String, Api> = IndexMap::new();
        let Some(all) = self.map(&self.root.clone(), "paths") else {
            return Vec::new();
        };
        for (path, item) in all.entries() {
            if path.starts_with("x-") {
                continue;
            }
            if !path.starts_with('/') {
                self.report(
                    Diagnostic::warning(
                        "path-without-slash",
                        format!("a path begins with `/`: `{path}`"),
                    )
                    .at(item.key_location())
                    .help(format!("write `/{path}`; that is how it is read")),
                );
            }
            let written = item;
            let Some(item) = self.resolved(&written) else {
                continue;
            };
            for method in METHODS {
                // Operations may stand beside the reference to others; some keep each in a file
                // of its own.
                let own = written.get(method).or_else(|| item.get(method));
                let Some(at) = own.and_then(|at| self.resolved(&at)) else {
                    continue;
                };
                let Some(operation) = self.operation(path, method, &at, &item, &mut seen) else {
                    continue;
                };
                let tag = self.tag(&at);
                let api = apis
                    .entry(names::module_name(&tag))
                    .or_insert_with_key(|module| self.api(module, &tag));
                api.operations.push(operation);
            }
        }
        if let Some(hooks) = self.root.get("webhooks") {
            self.report(
                Diagnostic::note("webhooks-left-out", "webhooks are not generated yet")
                    .at(hooks.key_location()),
            );
        }
        apis.into_values().collect()
    }

    fn tag(&self, operation: &At<'d>) -> String {
        (operation.get("tags"))
            .and_then(|tags| tags.items().next()?.as_str())
            .unwrap_or("default")
            .to_owned()
    }

    fn api(&self, module: &str, tag: &str) -> Api {
        let doc = (self.root.get("tags"))
            .and_then(|tags| {
                tags.items()
                    .find(|known| known.get("name").and_then(|name| name.as_str()) == Some(tag))
            })
            .and_then(|known| known.get("description")?.as_str())
            .map(str::to_owned);
        Api {
            tag: tag.to_owned(),
            trait_name: format!("{}Api", names::pascal(tag)),
            module: module.to_owned(),
            doc,
            operations: Vec::new(),
        }
    }

    fn operation(
        &mut self,
        path: &str,
        method: &str,
        at: &At<'d>,
        item: &At<'d>,
        seen: &mut Seen,
    ) -> Option<Operation> {
        if !at.is_object() {
            self.wrong_kind(at, "an operation", "an object");
            return None;
        }
        let id = self.operation_id(path, method, at, seen)?;
        let on_path = self.on_path(paths::Path::new(path), at, item);
        let route = format!("{method} {}", paths::shape(&on_path.route.template));
        if let Some(first) = seen.routes.get(&route) {
            self.report(
                Diagnostic::warning(
                    "duplicate-route",
                    format!("{method} {path} is left out: another operation answers its requests"),
                )
                .at(at.key_location())
                .related(first.clone(), "the one that answers"),
            );
            return None;
        }
        seen.routes.insert(route, at.key_location());
        self.tell_touching(&on_path, item);
        let type_stem = seen.names.claim(names::pascal(&id));
        let parameters = self.parameters(at, item, &on_path, &type_stem);
        let body = self.body(at, &type_stem);
        let responses = self.responses(at, &type_stem);
        self.left_out(at);
        let text = |key: &str| at.get(key).and_then(|at| at.as_str()).map(str::to_owned);
        Some(Operation {
            rust_name: names::field_name(&type_stem),
            type_stem,
            method: method.to_uppercase(),
            matching: Some(on_path.route.template).filter(|template| template != path),
            path: path.to_owned(),
            summary: text("summary"),
            description: text("description"),
            deprecated: at.get("deprecated").and_then(|at| at.as_bool()) == Some(true),
            parameters,
            body,
            responses,
            has_uneven_responses: false,
            security: self.requirements(at),
            policies: Vec::new(),
            example: None,
            location: at.key_location(),
            id,
        })
    }

    /// The operation's id, or one that says what it does; none for the second of two.
    fn operation_id(
        &mut self,
        path: &str,
        method: &str,
        at: &At<'d>,
        seen: &mut Seen,
    ) -> Option<String> {
        let Some(written) = at.get("operationId") else {
            return Some(made_up(path, method));
        };
        let Some(id) = written.as_str() else {
            self.wrong_kind(&written, "operationId", "a string");
            return None;
        };
        if let Some(first) = seen.ids.insert(id.to_owned(), written.location()) {
            self.report(
                Diagnostic::error("duplicate-operation-id", format!("`{id}` is used twice"))
                    .at(written.location())
                    .related(first, "first used here")
                    .help("give each operation an id of its own"),
            );
            return None;
        }
        Some(id.to_owned())
    }

    /// Says how a segment is cut that says nothing about it.
    fn tell_touching(&mut self, path: &OnPath<'_>, item: &At<'d>) {
        let Some((first, second)) = &path.route.touching else {
            return;
        };
        self.report(
            Diagnostic::warning(
                "touching-parameters",
                format!("nothing stands between `{{{first}}}` and `{{{second}}}`"),
            )
            .at(item.key_location())
            .help(format!(
                "put text between them; as it is, `{second}` is the last character alone"
            )),
        );
    }

    /// Says what an operation asks for and does not get.
    fn left_out(&mut self, at: &At<'d>) {
        if let Some(callbacks) = at.get("callbacks") {
            self.report(
                Diagnostic::note("callbacks-left-out", "callbacks are not generated yet")
                    .at(callbacks.key_location()),
            );
        }
    }
}

/// `GET /users/{id}/posts` is `getUsersByIdPosts`.
fn made_up(path: &str, method: &str) -> String {
    let mut id = method.to_owned();
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        let parameters = paths::parameters(segment);
        match parameters.as_slice() {
            [] => id.push_str(&names::pascal(segment)),
            several => {
                for name in several {
                    id.push_str("By");
                    id.push_str(&names::pascal(name));
                }
            }
        }
    }
    id
}
