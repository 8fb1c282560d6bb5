//! Schemas as tables of what JSON must satisfy: every keyword as it is written, and nothing
//! decided about Rust. Contradictions between keywords are found here.

use serde_json::Value;

use super::{
    Lowering, closed, enums, json, numbers, overlap,
    schemas::{self, TYPE_NAMES, json_type},
};
use crate::{
    diagnostic::Diagnostic,
    ir::{Additional, Discriminator, JsonType, Property, Schema},
    spec::{At, Kind},
};

impl<'d> Lowering<'d> {
    /// The tables of all models that have none yet.
    pub(super) fn check_models(&mut self) {
        let mut next = 0;
        // A table may refer to what no type refers to; that becomes a model, too.
        while next < self.arena.drafts.len() {
            let at = self.arena.drafts[next].at.clone();
            let schema = self.table(&at);
            self.arena.drafts[next].schema = schema;
            next += 1;
            if next == self.arena.drafts.len() {
                self.settle();
            }
        }
    }

    /// The table of a schema where it is used.
    pub(super) fn check(&mut self, at: &At<'d>) -> Schema {
        match self.arena.slot(at) {
            Some(id) => Schema::of(id),
            None => self.nested(|this| this.table(at)).unwrap_or_default(),
        }
    }

    pub(super) fn table(&mut self, at: &At<'d>) -> Schema {
        match &at.node().kind {
            Kind::Bool(true) => return Schema::default(),
            Kind::Bool(false) => {
                return Schema {
                    not: Some(Box::default()),
                    ..Schema::default()
                };
            }
            Kind::Object(_) => {}
            _ => {
                self.wrong_kind(at, "a schema", "an object");
                return Schema::default();
            }
        }
        if let Some(target) = self.reference(at) {
            let named =
                target.map_or_else(Schema::default, |target| Schema::of(self.model(&target)));
            // 3.0 knows no keyword beside a reference, and people write this one there.
            return match at.get("nullable").and_then(|at| at.as_bool()) {
                Some(true) => Schema {
                    any_of: vec![Schema::null(), named],
                    ..Schema::default()
                },
                _ => named,
            };
        }
        let mut schema = Schema {
            types: self.allowed_types(at),
            values: enums::values(self, at).unwrap_or_default(),
            ..Schema::default()
        };
        self.object_keywords(at, &mut schema);
        self.array_keywords(at, &mut schema);
        self.string_keywords(at, &mut schema);
        self.number_keywords(at, &mut schema);
        self.combinators(at, &mut schema);
        schema.rare = self.rare(at).map(Box::new);
        if let Some(variant) = closed::shut_out(at) {
            self.report_shut_out(at, &variant);
            schema.additional = Additional::Any;
            schema.rare.get_or_insert_default().is_closed = true;
        }
        schema.shown = self.shown(at);
        // `type: "null"` beside forms is how a converted `nullable` often looks: nothing would fit.
        let is_null_beside = schemas::is_null_beside_forms(at);
        if is_null_beside {
            schema.types.clear();
        }
        if let Some(Some(target)) = self.extended(at) {
            schema.all_of.push(Schema::of(self.model(&target)));
        }
        let nullable = at.get("nullable").and_then(|at| at.as_bool());
        match nullable == Some(true) || is_null_beside {
            true => or_null(schema),
            false => schema,
        }
    }

    fn allowed_types(&self, at: &At<'d>) -> Vec<JsonType> {
        let Some(written) = at.get("type") else {
            return Vec::new();
        };
        // Unknown names are reported where types are made.
        match written.as_str() {
            Some(name) => json_type(name).into_iter().collect(),
            None => written
                .items()
                .filter_map(|name| name.as_str().and_then(json_type))
                .collect(),
        }
    }

    fn object_keywords(&mut self, at: &At<'d>, schema: &mut Schema) {
        for (name, property) in self.map(at, "properties").iter().flat_map(At::entries) {
            let schema_of = self.check(&property);
            schema.properties.push(Property {
                name: name.to_owned(),
                schema: Box::new(schema_of),
                read_only: self.flag(&property, "readOnly"),
                write_only: self.flag(&property, "writeOnly"),
            });
        }
        if let Some(required) = at.get("required") {
            // In Swagger 2 a parameter is its own schema, and `required` speaks of the parameter.
            if !required.is_array() && at.get("in").is_none() {
                // `required: true` inside a schema is a habit from older drafts.
                self.report(
                    Diagnostic::warning("misplaced-required", "`required` must be a list of names")
                        .at(required.location())
                        .help("list the name in `required` of the schema around this one"),
                );
            }
            let names = required.items().filter_map(|name| name.as_str());
            schema.required = names.map(str::to_owned).collect();
        }
        if let Some(additional) = at.get("additionalProperties") {
            schema.additional = match additional.as_bool() {
                // Other than where nothing is said, these are kept.
                Some(true) => Additional::Schema(Box::default()),
                Some(false) => Additional::None,
                None => Additional::Schema(Box::new(self.check(&additional))),
            };
        }
        let forgotten = closed::forgotten(at);
        if !forgotten.is_empty() {
            self.report_forgotten(at, &forgotten);
            let forgotten = forgotten.into_iter().map(closed::anything);
            schema.properties.extend(forgotten);
        }
        schema.min_properties = self.size(at, "minProperties");
        schema.max_properties = self.size(at, "maxProperties");
        self.ordered(at, "minProperties", "maxProperties");
    }

    fn array_keywords(&mut self, at: &At<'d>, schema: &mut Schema) {
        if let Some(items) = at.get("items") {
            match items.is_array() {
                // The tuples of older drafts.
                true => schema.prefix_items = items.items().map(|item| self.check(&item)).collect(),
                false => schema.items = Some(Box::new(self.check(&items))),
            }
        }
        if let Some(prefix) = at.get("prefixItems") {
            schema.prefix_items = prefix.items().map(|item| self.check(&item)).collect();
        }
        schema.min_items = self.size(at, "minItems");
        schema.max_items = self.size(at, "maxItems");
        self.ordered(at, "minItems", "maxItems");
        schema.unique_items = at.get("uniqueItems").and_then(|at| at.as_bool()) == Some(true);
    }

    fn string_keywords(&mut self, at: &At<'d>, schema: &mut Schema) {
        schema.min_length = self.size(at, "minLength");
        schema.max_length = self.size(at, "maxLength");
        self.ordered(at, "minLength", "maxLength");
        schema.format = at
            .get("format")
            .and_then(|at| at.as_str())
            .map(str::to_owned);
        let encoding = at.get("contentEncoding").and_then(|at| at.as_str());
        if schema.format.is_none() && encoding == Some("base64") {
            schema.format = Some("byte".to_owned());
        }
        let Some(pattern) = at.get("pattern") else {
            return;
        };
        let Some(text) = pattern.as_str() else {
            self.wrong_kind(&pattern, "pattern", "a string");
            return;
        };
        let bare = without_slashes(text);
        if let Some(bare) = &bare {
            self.report(
                Diagnostic::warning(
                    "slashed-pattern",
                    "the slashes around a pattern are taken as JavaScript's, and no part of it",
                )
                .at(pattern.location())
                .help(format!("write `{bare}`")),
            );
        }
        let text = bare.as_deref().unwrap_or(text);
        if self.is_checkable(text, &pattern) {
            schema.pattern = Some(text.to_owned());
        }
    }

    fn number_keywords(&mut self, at: &At<'d>, schema: &mut Schema) {
        schema.minimum = self.number(at, "minimum");
        schema.maximum = self.number(at, "maximum");
        // In 3.0 the exclusive forms are flags of the others.
        match at.get("exclusiveMinimum").and_then(|at| at.as_bool()) {
            Some(true) => schema.exclusive_minimum = schema.minimum.take(),
            Some(false) => {}
            None => schema.exclusive_minimum = self.number(at, "exclusiveMinimum"),
        }
        match at.get("exclusiveMaximum").and_then(|at| at.as_bool()) {
            Some(true) => schema.exclusive_maximum = schema.maximum.take(),
            Some(false) => {}
            None => schema.exclusive_maximum = self.number(at, "exclusiveMaximum"),
        }
        self.ordered(at, "minimum", "maximum");
        let is_whole = schema.types.contains(&JsonType::Integer)
            || schema
                .format
                .as_deref()
                .and_then(numbers::of_format)
                .is_some();
        if is_whole && !schema.types.contains(&JsonType::Number) {
            // What the type cannot hold is told like every other violation.
            schema.format = numbers::name(numbers::integer(at)).map(str::to_owned);
        }
        schema.multiple_of = self.number(at, "multipleOf");
        if let Some(step) = at.get("multipleOf")
            && step.as_f64().is_some_and(|step| step <= 0.0)
        {
            self.report(
                Diagnostic::error(
                    "value-out-of-range",
                    "`multipleOf` must be greater than zero",
                )
                .at(step.location()),
            );
            schema.multiple_of = None;
        }
    }

    fn combinators(&mut self, at: &At<'d>, schema: &mut Schema) {
        self.parts_of(at, schema);
        schema.any_of = self.branches(at, "anyOf");
        schema.one_of = self.branches(at, "oneOf");
        if let Some(not) = at.get("not") {
            schema.not = Some(Box::new(self.check(&not)));
        }
        schema.discriminator = match self.tags(at) {
            Some(tags) => {
                let mut mapping = Vec::new();
                for (branch, values) in &tags.branches {
                    let named = self.check(branch);
                    mapping.extend(values.iter().map(|value| (value.clone(), named.clone())));
                }
                Some((tags.property.to_owned(), mapping))
            }
            None => (self.arena.slot(at)).and_then(|id| self.family_mapping(id)),
        }
        .map(|(property, mapping)| Discriminator { property, mapping });
        // Whoever names the variant need not be understood by trying.
        if schema.discriminator.is_none()
            && let Some(overlap) = overlap::find(at)
        {
            self.report_overlap(at, &overlap);
            let any_of = std::mem::take(&mut schema.one_of);
            match schema.any_of.is_empty() {
                true => schema.any_of = any_of,
                false => schema.all_of.push(Schema {
                    any_of,
                    ..Schema::default()
                }),
            }
        }
    }

    fn report_overlap(&mut self, at: &At<'d>, overlap: &overlap::Overlap<'d>) {
        let list = at.get("oneOf").unwrap_or_else(|| at.clone());
        self.report(
            Diagnostic::warning(
                "overlapping-variants",
                "`oneOf` is read as `anyOf`: whatever fits this schema fits another one of the list",
            )
            .at(overlap.narrow.location())
            .related(overlap.wide.location(), "it fits this one, too")
            .help(format!(
                "write `anyOf` at {}, or give each schema a required member or a constant of its own",
                list.pointer()
            )),
        );
    }

    pub(super) fn branches(&mut self, at: &At<'d>, keyword: &str) -> Vec<Schema> {
        let Some(list) = at.get(keyword) else {
            return Vec::new();
        };
        if !list.is_array() {
            self.wrong_kind(&list, keyword, "an array");
        }
        list.items().map(|branch| self.check(&branch)).collect()
    }

    /// A bound that counts something.
    pub(super) fn size(&mut self, at: &At<'d>, keyword: &str) -> Option<u64> {
        let written = at.get(keyword)?;
        let size = written.as_u64().or_else(|| {
            // `1.0` and `"1"` are understood.
            let text = written.as_str().map(str::to_owned);
            let number = text.map_or_else(|| written.as_f64(), |text| text.parse().ok())?;
            (number >= 0.0 && number.fract() == 0.0 && number < 1e15).then_some(number as u64)
        });
        if size.is_none() {
            let message = format!("`{keyword}` must be a whole number of at least 0");
            self.report(Diagnostic::error("value-out-of-range", message).at(written.location()));
        }
        size
    }

    fn number(&mut self, at: &At<'d>, keyword: &str) -> Option<serde_json::Number> {
        let written = at.get(keyword)?;
        let value = match written.as_str() {
            Some(text) => text.parse().ok(),
            None => match json::value(written.node()) {
                Value::Number(number) => Some(number),
                _ => None,
            },
        };
        if value.is_none() {
            self.wrong_kind(&written, keyword, "a number");
        }
        value
    }

    fn ordered(&mut self, at: &At<'d>, least: &str, most: &str) {
        let (Some(low), Some(high)) = (at.get(least), at.get(most)) else {
            return;
        };
        let (Some(from), Some(to)) = (low.as_f64(), high.as_f64()) else {
            return;
        };
        if from > to {
            self.report(
                Diagnostic::error(
                    "empty-range",
                    format!("`{least}` {from} is above `{most}` {to}: no value fits"),
                )
                .at(low.location())
                .related(high.location(), format!("`{most}` is here"))
                .help("exchange the two, or leave one out"),
            );
        }
    }

    /// Something of another kind than the standard says.
    pub(super) fn wrong_kind(&mut self, at: &At<'d>, what: &str, expected: &str) {
        let subject = match TYPE_NAMES.contains(&what) || what.contains(' ') {
            true => what.to_owned(),
            false => format!("`{what}`"),
        };
        let message = format!("{subject} must be {expected}, this is {}", at.kind_name());
        self.report(Diagnostic::error("wrong-kind", message).at(at.location()));
    }
}

/// What stands between the slashes of a pattern that is written as JavaScript's literals are;
/// none for every other. Slashes alone may be meant: an anchor, a flag, or what looks ahead tells.
fn without_slashes(pattern: &str) -> Option<String> {
    let (inner, flags) = pattern.strip_prefix('/')?.rsplit_once('/')?;
    let is_literal = flags.bytes().all(|flag| b"dgimsuvy".contains(&flag))
        && (!flags.is_empty()
            || ["^", "(?=", "(?!"]
                .iter()
                .any(|start| inner.starts_with(start))
            || inner.ends_with('$'));
    is_literal.then(|| match flags.contains('i') {
        true => format!("(?i:{inner})"),
        false => inner.to_owned(),
    })
}

/// A schema that takes null as well, in the manner of 3.0.
fn or_null(mut schema: Schema) -> Schema {
    if !schema.types.is_empty() {
        schema.types.push(JsonType::Null);
    }
    if !schema.values.is_empty() && !schema.values.contains(&Value::Null) {
        schema.values.push(Value::Null);
    }
    let combined = schema.not.is_some()
        || [&schema.all_of, &schema.any_of, &schema.one_of]
            .iter()
            .any(|branches| !branches.is_empty());
    match combined {
        // The branches do not know of the null beside them.
        true => Schema {
            any_of: vec![Schema::null(), schema],
            ..Schema::default()
        },
        false => schema,
    }
}
