//! Parameters of an operation: where they stand, how they are written, what they become.

use std::collections::HashSet;

use super::{Lowering, json, names, paths, wish::Wish};
use crate::{
    diagnostic::{Diagnostic, Location},
    ir::{ListStyle, Parameter, Place, Presence, Reading, Schema, Shape, Type},
    spec::At,
};

/// Headers that the standard says are described elsewhere.
const NOT_PARAMETERS: &[&str] = &["accept", "content-type", "authorization"];

/// The names that a path template has room for.
#[derive(Debug)]
pub(super) struct PathNames<'t> {
    template: &'t str,
    names: Vec<&'t str>,
}

impl<'t> PathNames<'t> {
    pub(super) fn new(template: &'t str) -> Self {
        Self {
            template,
            names: paths::parameters(template),
        }
    }
}

impl<'d> Lowering<'d> {
    /// The parameters of an operation: those of the path in its order, then the others in the
    /// document's.
    pub(super) fn parameters(
        &mut self,
        operation: &At<'d>,
        item: &At<'d>,
        path: &PathNames<'_>,
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
        for name in &path.names {
            let index = found
                .iter()
                .position(|found| found.place == Place::Path && found.name == *name);
            match index {
                Some(index) => parameters.push(found.remove(index)),
                None => self.undeclared(operation, path, name),
            }
        }
        parameters.extend(found.into_iter().filter(|found| found.place != Place::Path));
        // Arguments and members of one operation share a scope in the generated code.
        let mut taken = names::Taken::default();
        for reserved in ["app", "body", "call", "ctx", "params"] {
            taken.insert(reserved);
        }
        let in_path = parameters.iter().filter(|found| found.place == Place::Path);
        // Many parameters of a path share an argument of this name.
        if in_path.count() > 3 {
            taken.insert("path");
        }
        for parameter in &mut parameters {
            parameter.rust_name = taken.claim(names::field_name(&parameter.name));
        }
        parameters
    }

    fn undeclared(&mut self, operation: &At<'d>, path: &PathNames<'_>, name: &str) {
        self.report(
            Diagnostic::error(
                "undeclared-path-parameter",
                format!("`{{{name}}}` of `{}` is not declared", path.template),
            )
            .at(operation.key_location())
            .help(format!(
                "add `{{ name: {name}, in: path, required: true, schema: {{ type: string }} }}` to `parameters`"
            )),
        );
    }

    fn declared(&mut self, at: &At<'d>, stem: &str, path: &PathNames<'_>) -> Vec<Parameter> {
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
            let Some(mut parameter) = self.parameter(&at, stem, written.location()) else {
                continue;
            };
            if let Some(doc) = self.doc_of(&written) {
                parameter.doc = Some(doc);
            }
            if parameter.place == Place::Path && !path.names.contains(&parameter.name.as_str()) {
                self.report(
                    Diagnostic::warning(
                        "unused-path-parameter",
                        format!("`{}` has no `{{{}}}`", path.template, parameter.name),
                    )
                    .at(written.location()),
                );
                continue;
            }
            let identity = (parameter.place as u8, parameter.name.clone());
            if !seen.insert(identity) {
                self.report(
                    Diagnostic::error(
                        "duplicate-parameter",
                        format!("`{}` is declared twice", parameter.name),
                    )
                    .at(written.location()),
                );
                continue;
            }
            parameters.push(parameter);
        }
        parameters
    }

    fn parameter(&mut self, at: &At<'d>, stem: &str, location: Location) -> Option<Parameter> {
        if !at.is_object() {
            self.wrong_kind(at, "a parameter", "an object");
            return None;
        }
        let name = self.text(at, "name")?;
        let place = self.text(at, "in")?;
        let place = match place.as_str() {
            "path" => Place::Path,
            "query" => Place::Query,
            "header" if NOT_PARAMETERS.contains(&name.to_lowercase().as_str()) => return None,
            "header" => Place::Header,
            "cookie" => Place::Cookie,
            other => {
                self.report(
                    Diagnostic::error("unknown-place", format!("no parameter stands in `{other}`"))
                        .at(at
                            .get("in")
                            .map_or_else(|| at.location(), |at| at.location()))
                        .help("write path, query, header or cookie"),
                );
                return None;
            }
        };
        let schema_at = at.get("schema");
        if schema_at.is_none() && at.get("content").is_some() {
            self.read_as_text(at, "a parameter with `content`");
        }
        let (ty, schema) = match &schema_at {
            Some(schema) => {
                let wish = Wish::text(stem).then(&name);
                let ty = self.type_of(schema, &wish);
                self.settle();
                (ty, self.check(schema))
            }
            None => (Type::String, Schema::default()),
        };
        let (ty, schema, reading) = self.reading(at, place, ty, schema)?;
        let required = at
            .get("required")
            .and_then(|at| at.as_bool())
            .unwrap_or(false);
        Some(Parameter {
            place,
            rust_name: String::new(),
            doc: self.doc_of(at).or_else(|| self.doc_of(schema_at.as_ref()?)),
            ty,
            reading,
            presence: match required || place == Place::Path {
                true => Presence::Required,
                false => Presence::Optional,
            },
            default: schema_at
                .and_then(|schema| self.annotation(&schema, "default"))
                .map(|value| json::value(value.node())),
            schema,
            location,
            name,
        })
    }

    /// How the text of a parameter becomes its type. A form that is not understood yet is handed
    /// over as it stands, or left out where it does not stand in one place.
    fn reading(
        &mut self,
        at: &At<'d>,
        place: Place,
        ty: Type,
        schema: Schema,
    ) -> Option<(Type, Schema, Reading)> {
        let as_text = (Type::String, Schema::default(), Reading::Single);
        let written = at.get("style").and_then(|at| at.as_str());
        let explode = at.get("explode").and_then(|at| at.as_bool());
        let form = matches!(place, Place::Query | Place::Cookie);
        let explode = explode.unwrap_or(form);
        let ty = match ty {
            Type::Nullable(inner) => *inner,
            ty => ty,
        };
        let plain = self.plain_type(&ty).clone();
        if matches!(plain, Type::Map(_)) || self.is_struct(&plain) {
            if form && (explode || written == Some("deepObject")) {
                self.report(
                    Diagnostic::warning(
                        "unsupported-parameter",
                        "an object over several parameters is not read yet, and left out",
                    )
                    .at(at.location()),
                );
                return None;
            }
            self.read_as_text(at, "an object in a parameter");
            return Some(as_text);
        }
        if matches!(written, Some("label" | "matrix")) {
            self.read_as_text(at, "a parameter of style label or matrix");
            return Some(as_text);
        }
        match plain {
            Type::List(item) if self.is_scalar(&item) => {
                let style = match (written, explode) {
                    (Some("spaceDelimited"), false) => ListStyle::Space,
                    (Some("pipeDelimited"), false) => ListStyle::Pipe,
                    (_, true) if form => ListStyle::Repeated,
                    _ => ListStyle::Comma,
                };
                Some((ty, schema, Reading::List(*item, style)))
            }
            plain if self.is_scalar(&plain) => Some((ty, schema, Reading::Single)),
            // Text is a value of every type: the schema still checks it.
            Type::Any => Some((Type::String, schema, Reading::Single)),
            _ => {
                self.read_as_text(at, "a parameter of this type");
                Some(as_text)
            }
        }
    }

    /// The type behind the names that stand for it.
    pub(super) fn plain_type<'a>(&'a self, ty: &'a Type) -> &'a Type {
        let mut ty = ty;
        // Names that stand for each other in a circle are reported elsewhere.
        for _ in 0..self.arena.drafts.len() {
            match ty {
                Type::Model(id) => match &self.arena.drafts[id.0].shape {
                    Shape::Alias(inner) => ty = inner,
                    _ => break,
                },
                Type::Nullable(inner) => ty = inner,
                _ => break,
            }
        }
        ty
    }

    fn is_struct(&self, ty: &Type) -> bool {
        matches!(ty, Type::Model(id) if matches!(self.arena.drafts[id.0].shape, Shape::Struct(_)))
    }

    /// Whether a type is written as one text.
    fn is_scalar(&self, ty: &Type) -> bool {
        match self.plain_type(ty) {
            Type::Model(id) => matches!(self.arena.drafts[id.0].shape, Shape::Enum(_)),
            Type::List(_) | Type::Tuple(_) | Type::Map(_) | Type::Any | Type::Null => false,
            _ => true,
        }
    }

    fn read_as_text(&mut self, at: &At<'d>, what: &str) {
        self.report(
            Diagnostic::warning(
                "read-as-text",
                format!("{what} is not taken apart yet: the handler gets its text"),
            )
            .at(at.location()),
        );
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
