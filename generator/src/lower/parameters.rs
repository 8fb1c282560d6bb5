//! Parameters of an operation: where they stand, how they are written, what they become.

use std::collections::HashSet;

use serde_json::Value;

use super::{Lowering, json, names, on_path::OnPath, wish::Wish};
use crate::{
    diagnostic::{Diagnostic, Location},
    ir::{Parameter, Place, Presence, Reading, Schema, Style, Type},
    spec::At,
};

/// Headers that the standard says are described elsewhere.
const NOT_PARAMETERS: &[&str] = &["accept", "content-type", "authorization"];

impl<'d> Lowering<'d> {
    /// The parameters of an operation: those of the path in its order, then the others in the
    /// document's.
    pub(super) fn parameters(
        &mut self,
        operation: &At<'d>,
        item: &At<'d>,
        path: &OnPath<'_>,
        stem: &str,
    ) -> Vec<Parameter> {
        let mut found = self.declared(operation, stem, path);
        // What an operation says of a parameter counts instead of what its path says.
        for inherited in self.declared(item, stem, path) {
            let same = |own: &Parameter| own.name == inherited.name && own.place == inherited.place;
            if !found.iter().any(same) {
                found.push(inherited);
            }
        }
        let mut parameters = Vec::new();
        for name in &path.route.names {
            // A name that stands twice in a path has one value.
            if parameters
                .iter()
                .any(|known: &Parameter| known.name == *name)
            {
                continue;
            }
            let in_path = |known: &Parameter| known.place == Place::Path;
            let index = found
                .iter()
                .position(|found| in_path(found) && found.name == *name);
            parameters.push(match index {
                Some(index) => found.remove(index),
                None => match misspelt(&found, path, name) {
                    Some(index) => self.as_meant(found.remove(index), path, name),
                    None => self.undeclared(operation, path, name),
                },
            });
        }
        for found in found {
            match found.place {
                Place::Path => self.unused(&found, path),
                _ => parameters.push(found),
            }
        }
        // Arguments and members of one operation share a scope in the generated code.
        let mut taken = names::Taken::default();
        for reserved in ["app", "body", "body_encodings", "call", "ctx", "params"] {
            taken.insert(reserved);
        }
        let in_path = parameters.iter().filter(|found| found.place == Place::Path);
        // Many parameters of a path share an argument of this name.
        if in_path.count() > 3 {
            taken.insert("path");
        }
        self.leave_to_others(&mut parameters);
        for parameter in &mut parameters {
            parameter.rust_name = taken.claim(names::field_name(&parameter.name));
        }
        parameters
    }

    /// A parameter of the path that is nowhere described: any text.
    fn undeclared(&mut self, operation: &At<'d>, path: &OnPath<'_>, name: &str) -> Parameter {
        self.report(
            Diagnostic::warning(
                "undeclared-path-parameter",
                format!("`{{{name}}}` of `{}` is not declared: it is read as text", path.written),
            )
            .at(operation.key_location())
            .help(format!(
                "add `{{ name: {name}, in: path, required: true, schema: {{ type: string }} }}` to `parameters`"
            )),
        );
        Parameter {
            place: Place::Path,
            name: name.to_owned(),
            rust_name: String::new(),
            doc: None,
            ty: Type::String,
            reading: Reading::Single,
            style: Style::Simple,
            explode: false,
            allows_empty: false,
            beside: None,
            presence: Presence::Required,
            default: None,
            json_default: None,
            schema: Schema::default(),
            location: operation.key_location(),
        }
    }

    /// A parameter under the name that its path has for it.
    fn as_meant(&mut self, mut found: Parameter, path: &OnPath<'_>, name: &str) -> Parameter {
        self.report(
            Diagnostic::warning(
                "misspelt-path-parameter",
                format!(
                    "`{}` is `{{{name}}}` in `{}`: that is how it is read",
                    found.name, path.written
                ),
            )
            .at(found.location.clone())
            .help(format!("write `name: {name}`, as the path does")),
        );
        name.clone_into(&mut found.name);
        found
    }

    /// A parameter that its path has no place for.
    fn unused(&mut self, found: &Parameter, path: &OnPath<'_>) {
        self.report(
            Diagnostic::warning(
                "unused-path-parameter",
                format!("`{}` has no `{{{}}}`", path.written, found.name),
            )
            .at(found.location.clone()),
        );
    }

    fn declared(&mut self, at: &At<'d>, stem: &str, path: &OnPath<'_>) -> Vec<Parameter> {
        let Some(list) = at.get("parameters") else {
            return Vec::new();
        };
        if !list.is_array() {
            self.wrong_kind(&list, "parameters", "an array");
        }
        let mut seen = HashSet::new();
        let mut parameters = Vec::new();
        for written in list.items() {
            let Some(at) = self.resolved(&written) else {
                continue;
            };
            let Some(mut parameter) = self.parameter(&at, stem, path, written.location()) else {
                continue;
            };
            if let Some(doc) = self.doc_of(&written) {
                parameter.doc = Some(doc);
            }
            path.settle(&mut parameter);
            let identity = (parameter.place as u8, parameter.name.clone());
            if !seen.insert(identity) {
                self.report(
                    Diagnostic::warning(
                        "duplicate-parameter",
                        format!("`{}` is declared twice: the first counts", parameter.name),
                    )
                    .at(written.location()),
                );
                continue;
            }
            parameters.push(parameter);
        }
        parameters
    }

    fn parameter(
        &mut self,
        at: &At<'d>,
        stem: &str,
        path: &OnPath<'_>,
        location: Location,
    ) -> Option<Parameter> {
        if !at.is_object() {
            self.wrong_kind(at, "a parameter", "an object");
            return None;
        }
        let name = self.text(at, "name")?;
        let in_path = path.route.names.contains(&name);
        let place = match at.get("in") {
            Some(_) => self.text(at, "in")?,
            None => self.supposed_place(at, &name, in_path).to_owned(),
        };
        let place = match place.to_ascii_lowercase().as_str() {
            "path" => Place::Path,
            "query" => Place::Query,
            "header" if NOT_PARAMETERS.contains(&name.to_lowercase().as_str()) => return None,
            "header" => Place::Header,
            "cookie" => Place::Cookie,
            "body" | "formdata" => {
                self.report(
                    Diagnostic::warning(
                        "swagger-2-parameter",
                        format!("`{name}` stands in `{place}`, as in Swagger 2: it is left out"),
                    )
                    .at(located(at, "in"))
                    .help("describe it under `requestBody`"),
                );
                return None;
            }
            _ if in_path => {
                self.report(
                    Diagnostic::warning("unknown-place", unknown_place(&place))
                        .at(located(at, "in"))
                        .help("write `path`; that is how it is read"),
                );
                Place::Path
            }
            _ => {
                self.report(
                    Diagnostic::error("unknown-place", unknown_place(&place))
                        .at(located(at, "in"))
                        .help("write path, query, header or cookie"),
                );
                // What else is wrong with it is told as well.
                if let Some(schema) = self.described(at, Place::Query).schema {
                    self.type_of(&schema, &Wish::text(stem).then(&name));
                    self.settle();
                    self.check(&schema);
                }
                return None;
            }
        };
        let described = self.described(at, place);
        let (ty, schema) = match &described.schema {
            Some(schema) => {
                let wish = Wish::text(stem).then(&name);
                let ty = self.type_of(schema, &wish);
                self.settle();
                (ty, self.check(schema))
            }
            None => (Type::String, Schema::default()),
        };
        let required = at
            .get("required")
            .and_then(|at| at.as_bool())
            .unwrap_or(false);
        let required = required || place == Place::Path;
        let written = self.written(at, place, &described, ty, schema, required);
        let schema_at = described.schema;
        let default = schema_at
            .as_ref()
            .and_then(|schema| self.annotation(schema, "default"))
            .map(|default| self.typed_default(&default, &written.ty));
        Some(Parameter {
            place,
            rust_name: String::new(),
            doc: self.doc_of(at).or_else(|| self.doc_of(schema_at.as_ref()?)),
            ty: written.ty,
            reading: written.reading,
            style: written.style,
            explode: written.explode,
            allows_empty: written.allows_empty,
            beside: None,
            presence: match required {
                true => Presence::Required,
                false => Presence::Optional,
            },
            default,
            json_default: None,
            schema: written.schema,
            location,
            name,
        })
    }

    /// Where a parameter stands that does not say so.
    fn supposed_place(&mut self, at: &At<'d>, name: &str, in_path: bool) -> &'static str {
        let place = if in_path { "path" } else { "query" };
        self.report(
            Diagnostic::warning("missing-key", format!("`in` of `{name}` is missing"))
                .at(at.location())
                .help(format!("add `in: {place}`; that is how it is read")),
        );
        place
    }

    /// A default. One that is text is read as a request's would be.
    fn typed_default(&mut self, at: &At<'d>, ty: &Type) -> Value {
        let value = json::value(at.node());
        let wants_more = matches!(
            self.plain_type(ty),
            Type::Bool | Type::Integer(_) | Type::Float | Type::Double | Type::Decimal
        );
        let text = value.as_str().filter(|_| wants_more);
        let Some(read) = text.and_then(|text| serde_json::from_str(text).ok()) else {
            return value;
        };
        self.report(
            Diagnostic::warning(
                "default-not-typed",
                format!("the default is text, and is read as {read}"),
            )
            .at(at.location())
            .help("write it without quotes"),
        );
        read
    }

    /// A text that has to be there.
    fn text(&mut self, at: &At<'d>, key: &str) -> Option<String> {
        let found = at.get(key);
        let text = found.as_ref().and_then(At::as_str).map(str::to_owned);
        match (&text, found) {
            (Some(_), _) => {}
            (None, Some(wrong)) => self.wrong_kind(&wrong, key, "a string"),
            (None, None) => self.report(
                Diagnostic::error("missing-key", format!("`{key}` is missing")).at(at.location()),
            ),
        }
        text
    }
}

fn unknown_place(place: &str) -> String {
    format!("no parameter stands in `{}`", place.escape_debug())
}

/// Where a key is written, or the node that lacks it.
fn located(at: &At<'_>, key: &str) -> Location {
    at.get(key)
        .map_or_else(|| at.location(), |found| found.location())
}

/// Which of what was found is meant by a name of the path, though it is written with other signs
/// or cases (`account_id` and `accountId`), and has no place there otherwise.
fn misspelt(found: &[Parameter], path: &OnPath<'_>, name: &str) -> Option<usize> {
    let plain = |word: &str| word.replace(['-', '_', '.', ' '], "").to_lowercase();
    let meant = plain(name);
    found.iter().position(|found| {
        found.place == Place::Path
            && !path.route.names.contains(&found.name)
            && plain(&found.name) == meant
    })
}
