//! Webhooks and callbacks: what the service tells others.

use std::collections::HashSet;

use super::{Lowering, expressions, media, names, operations::METHODS, paths};
use crate::{
    diagnostic::{Diagnostic, Location},
    ir::{Callback, CallbackUrl, Outgoing, OutgoingAnswer, OutgoingBody, Place, Response},
    spec::At,
};

/// What calls of one kind must not share.
#[derive(Debug)]
struct Seen {
    stems: names::Taken,
    functions: names::Taken,
}

impl Seen {
    fn new() -> Self {
        let mut functions = names::Taken::default();
        // The constructor of the generated type.
        functions.insert("new");
        Self {
            stems: names::Taken::default(),
            functions,
        }
    }
}

/// One method of a path item that others serve.
struct Written<'w, 'd> {
    /// The webhook's or the callback's.
    name: &'w str,
    method: &'static str,
    operation: At<'d>,
    item: At<'d>,
}

impl<'d> Lowering<'d> {
    /// Everything under `webhooks`.
    pub(super) fn webhooks(&mut self) -> Vec<Outgoing> {
        let mut seen = Seen::new();
        let mut webhooks = Vec::new();
        let root = self.root.clone();
        for (name, item) in self.map(&root, "webhooks").iter().flat_map(At::entries) {
            for written in self.written_at(name, &item) {
                webhooks.extend(self.outgoing(&written, None, &mut seen));
            }
        }
        webhooks
    }

    /// The callbacks of all operations. One that several operations refer to is there once.
    pub(super) fn callbacks(&mut self) -> Vec<Outgoing> {
        let mut seen = Seen::new();
        let mut met: HashSet<Location> = HashSet::new();
        let mut callbacks = Vec::new();
        for (operation, at) in std::mem::take(&mut self.calling_back) {
            for (name, callback) in at.entries() {
                let Some(callback) = self.resolved(&callback) else {
                    continue;
                };
                for (expression, item) in callback.entries() {
                    if expression.starts_with("x-") || !met.insert(item.location()) {
                        continue;
                    }
                    for written in self.written_at(name, &item) {
                        let callback = Some((operation.as_str(), expression, &item));
                        callbacks.extend(self.outgoing(&written, callback, &mut seen));
                    }
                }
            }
        }
        callbacks
    }

    /// The operations of a path item that others serve.
    fn written_at<'w>(&mut self, name: &'w str, item: &At<'d>) -> Vec<Written<'w, 'd>> {
        let Some(item) = self.resolved(item) else {
            return Vec::new();
        };
        let mut all = Vec::new();
        for method in METHODS.iter().copied() {
            let Some(operation) = item.get(method).and_then(|at| self.resolved(&at)) else {
                continue;
            };
            if !operation.is_object() {
                self.wrong_kind(&operation, "an operation", "an object");
                continue;
            }
            all.push(Written {
                name,
                method,
                operation,
                item: item.clone(),
            });
        }
        all
    }

    fn outgoing(
        &mut self,
        written: &Written<'_, 'd>,
        callback: Option<(&str, &str, &At<'d>)>,
        seen: &mut Seen,
    ) -> Option<Outgoing> {
        let Written {
            name,
            method,
            operation: at,
            item,
        } = written;
        let id = at.get("operationId").and_then(|at| at.as_str());
        let id = id.unwrap_or(name).to_owned();
        let type_stem = seen.stems.claim(names::pascal(&id));
        let rust_name = seen.functions.claim(names::field_name(&type_stem));
        let on_path = self.on_path(paths::Path::new("/"), at, item);
        let mut parameters = self.parameters(at, item, &on_path, &type_stem);
        parameters.retain(|parameter| parameter.place != Place::Path);
        let body = self.body(at, &type_stem);
        if let Some(several) = body.as_ref().filter(|body| body.contents.len() > 1) {
            let sent = &several.contents[0].media_types[0].name;
            self.report(
                Diagnostic::note(
                    "body-sent-in-one-type",
                    format!("of several media types only {sent} is sent"),
                )
                .at(at.key_location()),
            );
        }
        let body = body.and_then(|body| {
            let mut content = body.contents.into_iter().next()?;
            for media_type in &mut content.media_types {
                media_type.name = media::sent(&media_type.name, media_type.kind);
            }
            Some(OutgoingBody {
                required: body.required,
                content,
            })
        });
        let answers = answers(self.responses(at, &type_stem));
        let callback = callback.map(|(operation, expression, place)| {
            let parts = expressions::parse(expression);
            if parts.is_none() {
                self.report(
                    Diagnostic::warning(
                        "unknown-expression",
                        format!("`{expression}` is no runtime expression that can be evaluated"),
                    )
                    .at(place.key_location())
                    .help("write one such as `{$request.body#/callbackUrl}`; as it is, handlers find the URL themselves"),
                );
            }
            Callback {
                operation: operation.to_owned(),
                expression: expression.to_owned(),
                url: parts.map(|parts| CallbackUrl {
                    rust_name: seen.functions.claim(url_name(&rust_name)),
                    parts,
                }),
            }
        });
        let text = |key: &str| at.get(key).and_then(|at| at.as_str()).map(str::to_owned);
        Some(Outgoing {
            rust_name,
            type_stem,
            method: method.to_uppercase(),
            summary: text("summary"),
            description: text("description"),
            deprecated: at.get("deprecated").and_then(|at| at.as_bool()) == Some(true),
            credentials: credentials(at),
            parameters,
            body,
            answers,
            is_uneven: false,
            callback,
            location: at.key_location(),
            id,
        })
    }
}

/// The document's own `security` is about those who call the service, not whom it calls.
fn credentials(operation: &At<'_>) -> Vec<String> {
    let security = operation.get("security");
    let alternatives = security.iter().flat_map(At::items);
    let mut names: Vec<String> = Vec::new();
    for alternative in alternatives {
        for (name, _) in alternative.entries() {
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
    }
    names
}

fn url_name(method: &str) -> String {
    format!("{}_url", method.trim_start_matches("r#"))
}

/// The first that each status has: what comes back is read in the type that was hoped for.
fn answers(responses: Vec<Response>) -> Vec<OutgoingAnswer> {
    let mut answers: Vec<OutgoingAnswer> = Vec::new();
    for response in responses {
        if answers.iter().all(|known| known.status != response.status) {
            answers.push(OutgoingAnswer {
                status: response.status,
                rust_name: response.status_name,
                doc: response.doc,
                content: response.content,
            });
        }
    }
    answers
}
