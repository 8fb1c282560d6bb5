//! Keywords that few schemas have.

use super::Lowering;
use crate::{
    diagnostic::Diagnostic,
    ir::{Condition, Rare, Schema},
    spec::{At, Kind},
};

/// Those that are read here.
const KEYWORDS: &[&str] = &[
    "patternProperties",
    "propertyNames",
    "dependentRequired",
    "dependentSchemas",
    "unevaluatedProperties",
    "contains",
    "if",
];

/// Those that no value is checked against.
const UNCHECKED: &[&str] = &["unevaluatedItems", "contentSchema"];

impl<'d> Lowering<'d> {
    /// What a schema says by them; none where it has none of them.
    pub(super) fn rare(&mut self, at: &At<'d>) -> Option<Rare> {
        for keyword in UNCHECKED {
            if let Some(unchecked) = at.get(keyword) {
                self.unchecked(&unchecked, keyword);
            }
        }
        if !KEYWORDS.iter().any(|keyword| at.get(keyword).is_some()) {
            return None;
        }
        let mut rare = Rare {
            pattern_properties: self.by_name(at, "patternProperties"),
            property_names: self.inner(at, "propertyNames"),
            dependent_schemas: self.by_name(at, "dependentSchemas"),
            contains: self.inner(at, "contains"),
            ..Rare::default()
        };
        rare.pattern_properties
            .retain(|(pattern, _)| self.is_checkable(pattern, at));
        let lists = at.get("dependentRequired");
        for (name, needed) in lists.iter().flat_map(At::entries) {
            let needed = needed.items().filter_map(|name| name.as_str());
            rare.dependent_required
                .push((name.to_owned(), needed.map(str::to_owned).collect()));
        }
        if rare.contains.is_some() {
            rare.min_contains = self.size(at, "minContains");
            rare.max_contains = self.size(at, "maxContains");
        }
        if let Some(unevaluated) = at.get("unevaluatedProperties") {
            match &unevaluated.node().kind {
                Kind::Bool(is_open) => rare.is_closed = !is_open,
                _ => self.unchecked(&unevaluated, "unevaluatedProperties"),
            }
        }
        rare.condition = self.inner(at, "if").map(|test| Condition {
            test,
            then: self.inner(at, "then"),
            otherwise: self.inner(at, "else"),
        });
        Some(rare)
    }

    fn inner(&mut self, at: &At<'d>, keyword: &str) -> Option<Schema> {
        at.get(keyword).map(|inner| self.check(&inner))
    }

    fn by_name(&mut self, at: &At<'d>, keyword: &str) -> Vec<(String, Schema)> {
        let named = at.get(keyword);
        let named = named.iter().flat_map(At::entries);
        named
            .map(|(name, schema)| (name.to_owned(), self.check(&schema)))
            .collect()
    }

    fn unchecked(&mut self, at: &At<'d>, keyword: &str) {
        self.report(
            Diagnostic::warning("unsupported-keyword", format!("`{keyword}` is not checked"))
                .at(at.location())
                .help("check it in the handler where it matters"),
        );
    }
}
