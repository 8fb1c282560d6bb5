//! The path of an operation together with what is declared of its parameters.

use std::collections::BTreeMap;

use super::{
    Lowering,
    paths::{Declared, Path, Query, Route},
};
use crate::{
    ir::{Parameter, Place, Presence, Sign, Style},
    spec::At,
};

/// Where the parameters of an operation stand.
#[derive(Debug)]
pub(super) struct OnPath<'t> {
    pub(super) written: &'t str,
    pub(super) route: Route,
    query: Vec<Query<'t>>,
}

impl OnPath<'_> {
    /// What the path itself asks for behind its `?`.
    pub(super) fn signs(&self) -> Vec<Sign> {
        let signs = self.query.iter().filter_map(|part| match part {
            Query::Fixed { key, value } => Some(match value.filter(|value| !value.is_empty()) {
                Some(value) => Sign::Is(Place::Query, (*key).to_owned(), value.to_owned()),
                None => Sign::Has(Place::Query, (*key).to_owned()),
            }),
            Query::Parameter { .. } => None,
        });
        signs.collect()
    }

    /// A parameter that the path writes behind a `?` is one of the query, whatever is said of it.
    pub(super) fn settle(&self, parameter: &mut Parameter) {
        if !matches!(parameter.place, Place::Path | Place::Query) {
            return;
        }
        let found = self.query.iter().find_map(|part| match part {
            Query::Parameter {
                key,
                name,
                required,
            } if *name == parameter.name => Some((*key, *required)),
            _ => None,
        });
        let in_path = self.route.names.contains(&parameter.name);
        if let Some((key, required)) = found.filter(|_| !in_path) {
            parameter.place = Place::Query;
            parameter.name = key.to_owned();
            if parameter.style == Style::Simple {
                parameter.style = Style::usual(Place::Query);
                parameter.explode = parameter.style.explodes();
            }
            if required {
                parameter.presence = Presence::Required;
            }
        }
    }
}

impl<'d> Lowering<'d> {
    /// The path of an operation, read with what it and its path item declare.
    pub(super) fn on_path<'t>(
        &mut self,
        path: Path<'t>,
        operation: &At<'d>,
        item: &At<'d>,
    ) -> OnPath<'t> {
        let mut declared = BTreeMap::new();
        for at in [operation, item] {
            let list = at.get("parameters");
            for parameter in list.iter().flat_map(At::items) {
                // What cannot be resolved is reported where parameters are made.
                let Ok(parameter) = parameter.resolve() else {
                    continue;
                };
                let text = |key| parameter.get(key).and_then(|at| at.as_str());
                if let (Some(name), Some("path")) = (text("name"), text("in")) {
                    let found = declared_of(&parameter);
                    declared.entry(name.to_owned()).or_insert(found);
                }
            }
        }
        OnPath {
            written: path.written(),
            route: path.route(&declared),
            query: path.query,
        }
    }
}

fn declared_of(parameter: &At<'_>) -> Declared {
    let schema = parameter
        .get("schema")
        .and_then(|schema| schema.resolve().ok());
    let of = |key: &str| schema.as_ref().and_then(|schema| schema.get(key));
    let ty = of("type").and_then(|ty| ty.as_str());
    let is_compound = matches!(ty, Some("array" | "object"))
        || of("items").is_some()
        || of("properties").is_some();
    let style = parameter.get("style").and_then(|style| style.as_str());
    let at_least = |key: &str| {
        of(key)
            .and_then(|least| least.as_u64())
            .is_some_and(|least| least > 0)
    };
    let needs_more = at_least("minItems")
        || at_least("minProperties")
        || of("required").is_some_and(|required| required.items().next().is_some());
    let format = of("format").and_then(|format| format.as_str());
    let has_no_slash = matches!(ty, Some("integer" | "number" | "boolean"))
        || matches!(
            format,
            Some("uuid" | "date" | "date-time" | "time" | "ipv4" | "ipv6")
        )
        || of("enum").is_some_and(|list| {
            let mut texts = list.items().filter_map(|value| value.as_str());
            texts.all(|text| !text.contains('/'))
        });
    // The second is what Azure's documents say.
    let has_slashes = !has_no_slash
        && ["allowReserved", "x-ms-skip-url-encoding"]
            .iter()
            .any(|key| parameter.get(key).and_then(|at| at.as_bool()) == Some(true));
    Declared {
        is_compound,
        may_be_empty: is_compound && style.is_none_or(|style| style == "simple") && !needs_more,
        has_slashes,
    }
}
