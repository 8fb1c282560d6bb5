//! Paths and their operations, grouped into APIs by tag.

use indexmap::IndexMap;

use super::{
    Lowering,
    ids::{Found, Id},
    names,
    on_path::OnPath,
    paths,
};
use crate::{
    diagnostic::Diagnostic,
    ir::{Api, Operation},
    spec::At,
};

pub(super) const METHODS: &[&str] = &[
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

impl<'d> Lowering<'d> {
    /// All operations, in the document's order within the APIs, and these in order of appearance.
    pub(super) fn apis(&mut self) -> Vec<Api> {
        let operations = self.found();
        let ids = self.ids(&operations);
        let mut apis: IndexMap<String, Api> = IndexMap::new();
        for (found, id) in operations.iter().zip(ids) {
            let Some(operation) = self.operation(found, id) else {
                continue;
            };
            let tag = self.tag(&found.at);
            let api = apis
                .entry(names::module_name(&tag))
                .or_insert_with_key(|module| self.api(module, &tag));
            api.operations.push(operation);
        }
        let mut apis = apis.into_values().collect();
        self.tell_apart(&mut apis);
        apis
    }

    /// The operations of all paths, in the document's order.
    pub(super) fn found(&mut self) -> Vec<Found<'d>> {
        let mut operations = Vec::new();
        let Some(all) = self.map(&self.root.clone(), "paths") else {
            return operations;
        };
        for (path, written) in all.entries() {
            if path.starts_with("x-") || written.is_null() {
                continue;
            }
            if !path.starts_with('/') {
                self.report(
                    Diagnostic::warning(
                        "path-without-slash",
                        format!("a path begins with `/`: `{path}`"),
                    )
                    .at(written.key_location())
                    .help(format!("write `/{path}`; that is how it is read")),
                );
            }
            let Some(item) = self.resolved(&written) else {
                continue;
            };
            for method in METHODS {
                // Operations may stand beside the reference to others; some keep each in a file
                // of its own.
                if self.left_out.contains(&(path.to_owned(), *method)) {
                    continue;
                }
                let own = written.get(method).or_else(|| item.get(method));
                let Some(at) = own.and_then(|at| self.resolved(&at)) else {
                    continue;
                };
                if !at.is_object() {
                    self.no_operation(&at, method);
                    continue;
                }
                operations.push(Found {
                    path,
                    method,
                    at,
                    item: item.clone(),
                });
            }
        }
        operations
    }

    fn no_operation(&mut self, at: &At<'d>, method: &str) {
        let kind = at.kind_name();
        self.report(
            Diagnostic::warning(
                "wrong-kind",
                format!("an operation must be an object, this is {kind}: it is left out"),
            )
            .at(at.location())
            .help(format!("describe the operation, or take `{method}` away")),
        );
    }

    fn tag(&self, operation: &At<'d>) -> String {
        let tags = operation.get("tags");
        // One tag without the list around it is understood as well.
        let first = tags.and_then(|tags| tags.items().next().or(Some(tags))?.as_str());
        first.unwrap_or("default").to_owned()
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

    fn operation(&mut self, found: &Found<'d>, id: Id) -> Option<Operation> {
        let Found {
            path,
            method,
            at,
            item,
        } = found;
        let Id { id, type_stem } = id;
        let on_path = self.on_path(paths::Path::new(path), at, item);
        self.tell_touching(&on_path, item);
        let signs = on_path.signs();
        let own = self.base_path(at).or_else(|| self.base_path(item));
        let base_path = own.filter(|own| *own != self.base_path);
        let parameters = self.parameters(at, item, &on_path, &type_stem);
        let body = self.body(at, &type_stem);
        let responses = self.responses(at, &type_stem);
        if let Some(callbacks) = self.map(at, "callbacks") {
            self.calling_back.push((id.clone(), callbacks));
        }
        let text = |key: &str| at.get(key).and_then(|at| at.as_str()).map(str::to_owned);
        Some(Operation {
            rust_name: names::field_name(&type_stem),
            type_stem,
            method: method.to_uppercase(),
            matching: Some(on_path.route.template).filter(|template| template != path),
            base_path,
            signs,
            path: (*path).to_owned(),
            summary: text("summary"),
            description: text("description"),
            deprecated: at.get("deprecated").and_then(|at| at.as_bool()) == Some(true),
            parameters,
            body,
            responses,
            has_uneven_responses: false,
            security: self.requirements(at),
            policies: Vec::new(),
            fallback_name: None,
            example: None,
            location: at.key_location(),
            id,
        })
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
                "put text between them; as it is, `{second}` begins at the last dot, or is the last \
                 character alone"
            )),
        );
    }
}
