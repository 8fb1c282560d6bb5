//! Walks a value beside its schema and notes everything that does not fit.

mod combined;

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::equality::ByValue;
use super::{Additional, Number, Rare, Schema, Types, parts};

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

/// Bytes of a pointer or a message; what is longer ends in `...`. A client's keys are parts of
/// pointers, and the reasons of variants inside variants are parts of messages: both could be
/// made to grow without end.
const MAX_WORDS: usize = 1000;

/// So deep parts of parts are looked at for members that are only read.
const MAX_JOINED: u32 = 16;

/// How many texts of one value may keep a pattern busy for long.
pub(super) const PATIENCE: u32 = 8;

/// Every violation of a value against its schema, in the order of the document. The value is
/// taken as part of a request: properties marked `read_only` are passed over.
#[must_use]
pub fn check(schema: &Schema, value: &Value) -> Vec<Finding> {
    check_with(schema, value, &mut { PATIENCE })
}

/// The same with what is left of the time that patterns may take.
fn check_with(schema: &Schema, value: &Value, patience: &mut u32) -> Vec<Finding> {
    let mut checker = Checker {
        path: Vec::new(),
        findings: Vec::new(),
        active: Vec::new(),
        attempts: 0,
        known: HashMap::new(),
        patience: *patience,
    };
    checker.check(schema, value);
    *patience = checker.patience;
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
    active: Vec<(&'v Schema, &'v Value)>,
    /// How many variants are being tried, one inside the other.
    attempts: usize,
    /// What was found of the values inside those variants: the next variant asks the same again,
    /// and without a memory the work would double with each level.
    known: HashMap<(*const Schema, *const Value), Vec<Finding>>,
    /// How many more texts may keep a pattern busy.
    patience: u32,
}

impl<'v> Checker<'v> {
    fn check(&mut self, schema: &'v Schema, value: &'v Value) {
        if self.findings.len() >= MAX_FINDINGS || self.is_active(schema, value) {
            return;
        }
        let is_outermost = !matches!(self.active.last(), Some((_, v)) if std::ptr::eq(*v, value));
        if self.attempts == 0 || !is_outermost || !(value.is_array() || value.is_object()) {
            self.check_anew(schema, value);
            return;
        }
        let key = (std::ptr::from_ref(schema), std::ptr::from_ref(value));
        if let Some(known) = self.known.get(&key) {
            self.findings.extend_from_slice(known);
            return;
        }
        let start = self.findings.len();
        self.check_anew(schema, value);
        self.known.insert(key, self.findings[start..].to_vec());
    }

    fn check_anew(&mut self, schema: &'v Schema, value: &'v Value) {
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

    /// Whether a member of the object that is being checked is only read. The schema that requires it
    /// may be another one than that which says so: both are parts of the same.
    fn is_read_only(&self, name: &str) -> bool {
        let Some((_, object)) = self.active.last() else {
            return false;
        };
        let of_this_value = self
            .active
            .iter()
            .rev()
            .take_while(|(_, value)| std::ptr::eq(*value, *object));
        of_this_value
            .into_iter()
            .any(|(schema, _)| has_read_only(schema, name, MAX_JOINED))
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
                if message.len() > MAX_WORDS {
                    break;
                }
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
        if let Some(pattern) = schema.pattern {
            match matches_pattern(pattern, text, &mut self.patience) {
                Some(true) => {}
                Some(false) => self.note("pattern", format!("must match the pattern {pattern}")),
                None => self.note("pattern", format!("{TOO_LONG} {pattern}")),
            }
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

    fn check_array(&mut self, schema: &'v Schema, items: &'v [Value]) {
        let length = items.len() as u64;
        self.check_least("minItems", schema.min_items, length, "item");
        self.check_most("maxItems", schema.max_items, length, "item");
        if schema.unique_items {
            let mut seen = HashSet::with_capacity(items.len());
            let repeats = |item| !seen.insert(ByValue(item));
            if let Some(index) = items.iter().position(repeats) {
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
        if let Some(rare) = schema.rare
            && let Some(wanted) = rare.contains
        {
            let fitting = items
                .iter()
                .filter(|item| self.attempt(wanted, item).is_empty())
                .count() as u64;
            let (least, most) = (rare.min_contains.unwrap_or(1), rare.max_contains);
            if fitting < least || most.is_some_and(|most| fitting > most) {
                let most = most.map_or_else(String::new, |most| format!(" and at most {most}"));
                self.note(
                    "contains",
                    format!("must have at least {least}{most} of the items that the document asks for, has {fitting}"),
                );
            }
        }
    }

    fn check_object(&mut self, schema: &'v Schema, object: &'v Map<String, Value>) {
        for name in schema.required {
            if !object.contains_key(*name) && !self.is_read_only(name) {
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
        if let Some(rare) = schema.rare {
            self.check_rare(schema, rare, object);
        }
        if matches!(schema.additional, Additional::Any) {
            return;
        }
        for (name, value) in object {
            if parts::property(schema, name).is_some() || self.has_pattern_for(schema, name) {
                continue;
            }
            self.within(Step::Key(name), |checker| match schema.additional {
                Additional::Schema(schema) => checker.check(schema, value),
                _ => checker.note("additionalProperties", "is not a known property".to_owned()),
            });
        }
    }

    /// What the rare keywords say of an object.
    fn check_rare(
        &mut self,
        schema: &'v Schema,
        rare: &'static Rare,
        object: &'v Map<String, Value>,
    ) {
        for (name, value) in object {
            for (pattern, schema) in rare.pattern_properties {
                match matches_pattern(pattern, name, &mut self.patience) {
                    Some(true) => {
                        self.within(Step::Key(name), |checker| checker.check(schema, value));
                    }
                    Some(false) => {}
                    None => self.within(Step::Key(name), |checker| {
                        checker.note("patternProperties", format!("{TOO_LONG} {pattern}"));
                    }),
                }
            }
            if let Some(names) = rare.property_names {
                // Checked by itself: the name is no part of the value.
                let name_alone = Value::String(name.clone());
                if let Some(found) = check_with(names, &name_alone, &mut self.patience).first() {
                    let message = format!("is no name of a property: it {}", found.message);
                    self.within(Step::Key(name), |checker| {
                        checker.note("propertyNames", message);
                    });
                }
            }
        }
        for (name, needed) in rare.dependent_required {
            for missing in *needed {
                if object.contains_key(*name) && !object.contains_key(*missing) {
                    self.within(Step::Key(missing), |checker| {
                        checker.note("dependentRequired", format!("is required beside {name}"));
                    });
                }
            }
        }
        if rare.is_closed {
            let mut combined = Vec::new();
            parts::gather(schema, &mut combined);
            let is_open = combined
                .iter()
                .any(|part| matches!(part.additional, Additional::Schema(_)));
            for name in object.keys() {
                let mut is_named = |part: &&Schema| {
                    parts::property(part, name).is_some() || self.has_pattern_for(part, name)
                };
                if !is_open && !combined.iter().any(&mut is_named) {
                    self.within(Step::Key(name), |checker| {
                        checker.note(
                            "unevaluatedProperties",
                            "is not a known property".to_owned(),
                        );
                    });
                }
            }
        }
    }

    /// What the rare keywords say of a value whatever it is.
    fn check_conditions(&mut self, rare: &'static Rare, value: &'v Value) {
        for (name, schema) in rare.dependent_schemas {
            if value.get(name).is_some() {
                self.check(schema, value);
            }
        }
        if let Some(condition) = &rare.condition {
            let holds = self.attempt(condition.test, value).is_empty();
            let branch = if holds {
                condition.then
            } else {
                condition.otherwise
            };
            if let Some(branch) = branch {
                self.check(branch, value);
            }
        }
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

    /// Whether a pattern of the schema speaks about a property of this name, or may do so.
    fn has_pattern_for(&mut self, schema: &Schema, name: &str) -> bool {
        let patterns = schema.rare.map_or(&[][..], |rare| rare.pattern_properties);
        patterns
            .iter()
            .any(|(pattern, _)| matches_pattern(pattern, name, &mut self.patience) != Some(false))
    }

    fn note(&mut self, rule: &'static str, mut message: String) {
        if self.findings.len() < MAX_FINDINGS {
            shorten(&mut message);
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
                Step::Key(key) => {
                    let end = key.floor_char_boundary(MAX_WORDS + 1);
                    pointer.push_str(&key[..end].replace('~', "~0").replace('/', "~1"));
                }
                Step::Index(index) => {
                    let _ = write!(pointer, "{index}");
                }
            }
            if pointer.len() > MAX_WORDS {
                break;
            }
        }
        shorten(&mut pointer);
        pointer
    }
}

/// What is said of a text for which [`matches_pattern`] finds no answer.
const TOO_LONG: &str = "takes too long to compare with the pattern";

/// Whether a text matches; `None` when that takes too long to find out.
#[cfg(feature = "pattern")]
fn matches_pattern(pattern: &'static str, text: &str, patience: &mut u32) -> Option<bool> {
    super::pattern::is_match(pattern, text, patience)
}

#[cfg(not(feature = "pattern"))]
fn matches_pattern(_pattern: &'static str, _text: &str, _patience: &mut u32) -> Option<bool> {
    Some(false)
}

/// Keeps the beginning of what is longer than anybody reads.
fn shorten(text: &mut String) {
    if text.len() > MAX_WORDS {
        text.truncate(text.floor_char_boundary(MAX_WORDS));
        text.push_str("...");
    }
}

/// Whether a schema or one that it is joined of says that a member is only read.
fn has_read_only(schema: &Schema, name: &str, depth: u32) -> bool {
    let mut own = schema.properties.iter();
    own.any(|(known, schema)| *known == name && schema.read_only)
        || depth.checked_sub(1).is_some_and(|depth| {
            let mut parts = schema.all_of.iter();
            parts.any(|part| has_read_only(part, name, depth))
        })
}

fn counted(count: u64, unit: &str) -> String {
    match (count, unit) {
        (1, unit) => format!("1 {unit}"),
        (count, "property") => format!("{count} properties"),
        (count, unit) => format!("{count} {unit}s"),
    }
}
