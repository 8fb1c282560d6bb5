//! What a schema is combined of: all of several, any or one of them, and what it must not be.

use std::fmt::Write as _;

use serde_json::Value;

use super::super::{Discriminator, Schema};
use super::{Checker, Finding, Step};

impl<'v> Checker<'v> {
    pub(super) fn check_combined(&mut self, schema: &'v Schema, value: &'v Value) {
        for part in schema.all_of {
            self.check(part, value);
        }
        if let Some(rare) = schema.rare {
            self.check_conditions(rare, value);
        }
        if let Some(discriminator) = &schema.discriminator
            && let Value::Object(object) = value
        {
            // The property says which schema is meant: only that one's findings are of interest. A
            // schema that others extend is meant itself where nothing is said.
            let lists_variants = !schema.any_of.is_empty() || !schema.one_of.is_empty();
            if object.contains_key(discriminator.property)
                || (lists_variants && !schema.required.contains(&discriminator.property))
            {
                self.check_discriminated(discriminator, value);
            }
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

    fn check_discriminated(&mut self, discriminator: &Discriminator, value: &'v Value) {
        if let Some(schema) = discriminator.named(value) {
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

    /// Says why no variant is the one: everything about the only one of the right type, what the
    /// types would be where none is, otherwise the first reason of each.
    fn note_no_variant(&mut self, rule: &'static str, reasons: Vec<Vec<Finding>>) {
        let here = self.pointer();
        let is_other_type =
            |found: &Finding| found.rule == "type" && found.pointer.len() == here.len();
        let (others, mut close): (Vec<_>, Vec<_>) = reasons
            .into_iter()
            .enumerate()
            .partition(|(_, findings)| findings.first().is_some_and(is_other_type));
        if let [(_, only)] = &mut close[..] {
            self.findings.append(only);
            return;
        }
        let mut message = String::new();
        if close.is_empty() {
            for (_, findings) in &others {
                let Some(found) = findings.first() else {
                    continue;
                };
                let words = found.message.trim_start_matches("must be ");
                if message.is_empty() {
                    let _ = write!(message, "must be {words}");
                } else if !message.contains(words) {
                    let _ = write!(message, " or {words}");
                }
            }
            self.note("type", message);
            return;
        }
        for (index, findings) in &close {
            if let Some(first) = findings.first() {
                let place = first.pointer.strip_prefix(&here).unwrap_or(&first.pointer);
                let separator = if message.is_empty() {
                    "fits no variant: "
                } else {
                    "; "
                };
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
    pub(super) fn attempt(&mut self, schema: &'v Schema, value: &'v Value) -> Vec<Finding> {
        let noted = std::mem::take(&mut self.findings);
        self.attempts += 1;
        self.check(schema, value);
        self.attempts -= 1;
        std::mem::replace(&mut self.findings, noted)
    }
}
