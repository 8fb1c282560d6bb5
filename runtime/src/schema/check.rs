//! Walks a value beside its schema and notes everything that does not fit.

use std::collections::HashSet;
use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::{Additional, Discriminator, Number, Schema, Types};

/// One violation: where, of which keyword, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// JSON pointer to the value, `""` for the whole.
    pub pointer: String,
    /// The keyword that was violated, as JSON Schema spells it.
    pub rule: &'static str,
    /// What the value has to be.
    pub message: String,
}

/// At most this many violations are noted: enough for every honest mistake, few enough that a
/// large hostile body does not get an answer larger than itself.
pub const MAX_FINDINGS: usize = 100;

/// Every violation of a value against its schema, in the order of the document. The value is
/// taken as part of a request: properties marked `read_only` are passed over.
#[must_use]
pub fn check(schema: &Schema, value: &Value) -> Vec<Finding> {
    let mut checker = Checker {
        path: Vec::new(),
        findings: Vec::new(),
        active: Vec::new(),
    };
    checker.check(schema, value);
    checker.findings
}

/// One step of a JSON pointer.
#[derive(Clone, Copy)]
enum Step<'v> {
    Key(&'v str),
    Index(usize),
}

struct Checker<'v> {
    path: Vec<Step<'v>>,
    findings: Vec<Finding>,
    /// What is being checked against what, from the outside in.
    active: Vec<(*const Schema, &'v Value)>,
}

impl<'v> Checker<'v> {
    fn check(&mut self, schema: &Schema, value: &'v Value) {
        if self.findings.len() >= MAX_FINDINGS || self.is_active(schema, value) {
            return;
        }
        self.active.push((schema, value));
        if schema.types.contains(Types::of(value)) {
            self.check_fixed(schema, value);
            match value {
                Value::String(text) => self.check_string(schema, text),
                Value::Number(_) => self.check_number(schema, value),
                Value::Array(items) => self.check_array(schema, items),
                Value::Object(object) => self.check_object(schema, object),
                Value::Null | Value::Bool(_) => {}
            }
            self.check_combined(schema, value);
        } else {
            // What is said about the right type would be noise about the wrong one.
            self.note("type", format!("must be {}", schema.types));
        }
        self.active.pop();
    }

    /// Schemas may lead back to themselves without looking deeper into the value: a variant
    /// contains its base, whose discriminator leads to the variant. Once is enough.
    fn is_active(&self, schema: &Schema, value: &Value) -> bool {
        let of_this_value = self
            .active
            .iter()
            .rev()
            .take_while(|(_, v)| std::ptr::eq(*v, value));
        of_this_value
            .into_iter()
            .any(|(active, _)| std::ptr::eq(*active, schema))
    }

    fn check_fixed(&mut self, schema: &Schema, value: &Value) {
        if let Some(constant) = &schema.constant
            && !constant.equals(value)
        {
            self.note("const", format!("must be {constant}"));
        }
        let allowed = schema.enumeration;
        if !allowed.is_empty() && !allowed.iter().any(|literal| literal.equals(value)) {
            let mut message = String::from("must be one of ");
            for (index, literal) in allowed.iter().enumerate() {
                let separator = if index == 0 { "" } else { ", " };
                let _ = write!(message, "{separator}{literal}");
            }
            self.note("enum", message);
        }
    }

    fn check_string(&mut self, schema: &Schema, text: &str) {
        if schema.min_length.is_some() || schema.max_length.is_some() {
            let length = text.chars().count() as u64;
            self.check_least("minLength", schema.min_length, length, "character");
            self.check_most("maxLength", schema.max_length, length, "character");
        }
        #[cfg(feature = "pattern")]
        if let Some(pattern) = schema.pattern
            && !super::pattern::is_match(pattern, text)
        {
            self.note("pattern", format!("must match the pattern {pattern}"));
        }
        if let Some(format) = schema.format
            && !format.fits_text(text)
        {
            self.note("format", format!("must be {}", format.description()));
        }
    }

    fn check_number(&mut self, schema: &Schema, value: &Value) {
        let Some(number) = Number::of(value) else {
            return;
        };
        if let Some(limit) = schema.minimum
            && number < limit
        {
            self.note("minimum", format!("must be at least {limit}"));
        }
        if let Some(limit) = schema.maximum
            && number > limit
        {
            self.note("maximum", format!("must be at most {limit}"));
        }
        if let Some(limit) = schema.exclusive_minimum
            && number <= limit
        {
            self.note("exclusiveMinimum", format!("must be greater than {limit}"));
        }
        if let Some(limit) = schema.exclusive_maximum
            && number >= limit
        {
            self.note("exclusiveMaximum", format!("must be less than {limit}"));
        }
        if let Some(step) = schema.multiple_of
            && !number.is_multiple_of(step)
        {
            self.note("multipleOf", format!("must be a multiple of {step}"));
        }
        if let Some(format) = schema.format
            && !format.fits_number(number)
        {
            self.note("format", format!("must be {}", format.description()));
        }
    }

    fn check_array(&mut self, schema: &Schema, items: &'v [Value]) {
        let length = items.len() as u64;
        self.check_least("minItems", schema.min_items, length, "item");
        self.check_most("maxItems", schema.max_items, length, "item");
        if schema.unique_items {
            let mut seen = HashSet::with_capacity(items.len());
            if let Some(index) = items.iter().position(|item| !seen.insert(item)) {
                self.note(
                    "uniqueItems",
                    format!("must not repeat an item, as item {index} does"),
                );
            }
        }
        for (index, item) in items.iter().enumerate() {
            let Some(schema) = schema.prefix_items.get(index).copied().or(schema.items) else {
                continue;
            };
            self.within(Step::Index(index), |checker| checker.check(schema, item));
        }
    }

    fn check_object(&mut self, schema: &Schema, object: &'v Map<String, Value>) {
        for name in schema.required {
            if !object.contains_key(*name) && !is_read_only(schema, name) {
                self.within(Step::Key(name), |checker| {
                    checker.note("required", "is required".to_owned());
                });
            }
        }
        let count = object.len() as u64;
        self.check_least("minProperties", schema.min_properties, count, "property");
        self.check_most("maxProperties", schema.max_properties, count, "property");
        // In the order of the document, so that the same mistakes are listed in the same order.
        for (name, property) in schema.properties {
            if let Some(value) = object.get(*name)
                && !property.read_only
            {
                self.within(Step::Key(name), |checker| checker.check(property, value));
            }
        }
        if matches!(schema.additional, Additional::Any) {
            return;
        }
        for (name, value) in object {
            if schema.properties.iter().any(|(known, _)| known == name) {
                continue;
            }
            self.within(Step::Key(name), |checker| match schema.additional {
                Additional::Schema(schema) => checker.check(schema, value),
                _ => checker.note("additionalProperties", "is not a known property".to_owned()),
            });
        }
    }

    fn check_combined(&mut self, schema: &Schema, value: &'v Value) {
        for part in schema.all_of {
            self.check(part, value);
        }
        if let Some(discriminator) = &schema.discriminator
            && let Value::Object(object) = value
        {
            // The property says which schema is meant: only that one's findings are of interest.
            self.check_discriminated(discriminator, object, value);
        } else {
            if !schema.any_of.is_empty() {
                self.check_any_of(schema.any_of, value);
            }
            if !schema.one_of.is_empty() {
                self.check_one_of(schema.one_of, value);
            }
        }
        if let Some(not) = schema.not
            && self.attempt(not, value).is_empty()
        {
            self.note(
                "not",
                "must not be of the form that the document excludes".to_owned(),
            );
        }
    }

    fn check_discriminated(
        &mut self,
        discriminator: &Discriminator,
        object: &'v Map<String, Value>,
        value: &'v Value,
    ) {
        let name = object.get(discriminator.property).and_then(Value::as_str);
        let chosen = name.and_then(|name| {
            discriminator
                .mapping
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, schema)| schema)
        });
        if let Some(schema) = chosen {
            self.check(schema, value);
            return;
        }
        let names: Vec<String> = discriminator
            .mapping
            .iter()
            .map(|(name, _)| format!("{name:?}"))
            .collect();
        self.within(Step::Key(discriminator.property), |checker| {
            checker.note(
                "discriminator",
                format!("must be one of {}", names.join(", ")),
            );
        });
    }

    fn check_any_of(&mut self, variants: &[&'static Schema], value: &'v Value) {
        let mut reasons = Vec::new();
        for variant in variants {
            let findings = self.attempt(variant, value);
            if findings.is_empty() {
                return;
            }
            reasons.push(findings);
        }
        self.note_no_variant("anyOf", reasons);
    }

    fn check_one_of(&mut self, variants: &[&'static Schema], value: &'v Value) {
        let mut reasons = Vec::new();
        let mut fitting = Vec::new();
        for (index, variant) in variants.iter().enumerate() {
            let findings = self.attempt(variant, value);
            if findings.is_empty() {
                fitting.push((index + 1).to_string());
            } else {
                reasons.push(findings);
            }
        }
        match fitting.len() {
            0 => self.note_no_variant("oneOf", reasons),
            1 => {}
            _ => self.note(
                "oneOf",
                format!(
                    "must fit one variant only, but fits variants {}",
                    fitting.join(" and ")
                ),
            ),
        }
    }

    /// Says of each variant why it is not the one; of a single variant, all that there is to say.
    fn note_no_variant(&mut self, rule: &'static str, mut reasons: Vec<Vec<Finding>>) {
        if let [only] = &mut reasons[..] {
            self.findings.append(only);
            return;
        }
        let here = self.pointer();
        let mut message = String::from("fits no variant");
        for (index, findings) in reasons.iter().enumerate() {
            if let Some(first) = findings.first() {
                let place = first.pointer.strip_prefix(&here).unwrap_or(&first.pointer);
                let separator = if index == 0 { ": " } else { "; " };
                let gap = if place.is_empty() { "" } else { " " };
                let _ = write!(
                    message,
                    "{separator}variant {}: {place}{gap}{}",
                    index + 1,
                    first.message
                );
            }
        }
        self.note(rule, message);
    }

    /// What a schema would have to say about a value, without noting it.
    fn attempt(&mut self, schema: &Schema, value: &'v Value) -> Vec<Finding> {
        let noted = std::mem::take(&mut self.findings);
        self.check(schema, value);
        std::mem::replace(&mut self.findings, noted)
    }

    fn check_least(&mut self, rule: &'static str, least: Option<u64>, found: u64, unit: &str) {
        if let Some(least) = least
            && found < least
        {
            self.note(rule, format!("must have at least {}", counted(least, unit)));
        }
    }

    fn check_most(&mut self, rule: &'static str, most: Option<u64>, found: u64, unit: &str) {
        if let Some(most) = most
            && found > most
        {
            self.note(rule, format!("must have at most {}", counted(most, unit)));
        }
    }

    fn within(&mut self, step: Step<'v>, check: impl FnOnce(&mut Self)) {
        self.path.push(step);
        check(self);
        self.path.pop();
    }

    fn note(&mut self, rule: &'static str, message: String) {
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(Finding {
                pointer: self.pointer(),
                rule,
                message,
            });
        }
    }

    fn pointer(&self) -> String {
        let mut pointer = String::new();
        for step in &self.path {
            pointer.push('/');
            match step {
                Step::Key(key) => pointer.push_str(&key.replace('~', "~0").replace('/', "~1")),
                Step::Index(index) => {
                    let _ = write!(pointer, "{index}");
                }
            }
        }
        pointer
    }
}

fn is_read_only(schema: &Schema, name: &str) -> bool {
    schema
        .properties
        .iter()
        .any(|(known, schema)| *known == name && schema.read_only)
}

fn counted(count: u64, unit: &str) -> String {
    match (count, unit) {
        (1, unit) => format!("1 {unit}"),
        (count, "property") => format!("{count} properties"),
        (count, unit) => format!("{count} {unit}s"),
    }
}
