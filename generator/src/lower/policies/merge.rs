//! The places of an operation as one: the nearer one wins, key by key.

use std::collections::HashMap;
use std::time::Duration;

use super::{
    around::INSTEADS,
    place::{Level, Order, Place, Written},
    table::{Absent, PATTERNS, PatternSpec},
    value::Value,
};
use crate::diagnostic::{Diagnostic, Diagnostics, Location};
use crate::ir::{Following, Rate};

/// A pattern of an operation, with the keys that any place gives it.
#[derive(Clone, Debug)]
pub(super) struct Merged {
    pub(super) pattern: &'static PatternSpec,
    /// The nearest place that speaks of it.
    pub(super) location: Location,
    pub(super) level: Level,
    values: HashMap<&'static str, Written>,
}

/// The patterns that are there in the end, outermost first.
pub(super) fn merge(places: [&Place; 5], found: &mut Diagnostics) -> Vec<Merged> {
    let mut stack = Vec::new();
    for merged in PATTERNS.iter().filter_map(|pattern| one(pattern, places)) {
        // The switch of a feature toggle is what the toggle is about, not whether there is one.
        if merged.flag("enabled") || merged.pattern.name == "featuretoggle" {
            stack.push(merged);
        } else {
            tell_of_inherited_switch(&merged, found);
        }
    }
    if let Some(order) = order(places) {
        reorder(&mut stack, order);
    }
    stack
}

/// The order that the nearest place asks for.
pub(super) fn order(places: [&Place; 5]) -> Option<&Order> {
    places
        .into_iter()
        .rev()
        .find_map(|place| place.order.as_ref())
}

fn one(pattern: &'static PatternSpec, places: [&Place; 5]) -> Option<Merged> {
    let levels = [
        Level::Root,
        Level::Path,
        Level::Path,
        Level::Operation,
        Level::Operation,
    ];
    let mut merged: Option<Merged> = None;
    for (place, level) in places.into_iter().zip(levels) {
        let Some(said) = place
            .patterns
            .iter()
            .find(|said| said.pattern.name == pattern.name)
        else {
            continue;
        };
        if said.is_off {
            merged = None;
            continue;
        }
        let merged = merged.get_or_insert_with(|| Merged {
            pattern,
            location: said.location.clone(),
            level,
            values: HashMap::new(),
        });
        merged.location = said.location.clone();
        merged.level = level;
        if said
            .values
            .iter()
            .any(|(_, written)| is_several(&written.value))
        {
            // Each of several limits has a bucket of its own size.
            merged.values.remove("bucket_size");
        }
        for (key, written) in &said.values {
            displace(pattern, key.name, &written.value, &mut merged.values);
            match key.name {
                "limit" => {
                    merged.values.remove("max_executions");
                    merged.values.remove("per_time_secs");
                }
                "max_executions" | "per_time_secs" => {
                    merged.values.remove("limit");
                }
                _ => {}
            }
            merged.values.insert(key.name, written.clone());
        }
    }
    merged
}

/// What a fallback answers with is said in one way: the nearer one takes the others away.
fn displace(
    pattern: &PatternSpec,
    key: &str,
    value: &Value,
    values: &mut HashMap<&'static str, Written>,
) {
    let said = |keys: &&&[&str]| keys.contains(&key);
    let is_way = pattern.name == "fallback" && *value != Value::Flag(false);
    if is_way && INSTEADS.iter().any(|keys| keys.contains(&key)) {
        let others = INSTEADS.iter().filter(|keys| !said(keys));
        for other in others.copied().flatten() {
            values.remove(other);
        }
    }
}

fn is_several(value: &Value) -> bool {
    matches!(value, Value::Rates(rates) if rates.len() > 1)
}

/// Who writes keys on an operation wants the pattern there.
fn tell_of_inherited_switch(merged: &Merged, found: &mut Diagnostics) {
    let Some(switch) = merged.written("enabled") else {
        return;
    };
    let is_here = switch.location.file == merged.location.file
        && switch
            .location
            .pointer
            .starts_with(&*merged.location.pointer);
    if merged.is_own() && !is_here {
        found.push(
            Diagnostic::warning(
                "inherited-switch",
                format!(
                    "this {} is switched off by what it inherits",
                    merged.pattern.name
                ),
            )
            .at(merged.location.clone())
            .related(switch.location.clone(), "inherited from here")
            .help("write `enabled: true` here, too, or remove it"),
        );
    }
}

/// Puts the patterns that an order names into the places that they hold together.
fn reorder(stack: &mut [Merged], order: &Order) {
    let rank = |merged: &Merged| {
        order
            .patterns
            .iter()
            .position(|pattern| pattern.name == merged.pattern.name)
    };
    let slots: Vec<usize> = (0..stack.len())
        .filter(|&at| rank(&stack[at]).is_some())
        .collect();
    let mut named: Vec<Merged> = slots.iter().map(|&at| stack[at].clone()).collect();
    named.sort_by_key(|merged| (merged.pattern.group, rank(merged)));
    for (slot, merged) in slots.into_iter().zip(named) {
        stack[slot] = merged;
    }
}

impl Merged {
    /// What a place says of a key.
    pub(super) fn written(&self, key: &str) -> Option<&Written> {
        self.values.get(key)
    }

    /// The same pattern, of which nobody says anything.
    pub(super) fn bare(&self) -> Self {
        Self {
            values: HashMap::new(),
            ..self.clone()
        }
    }

    /// Where a key is written, or else the pattern.
    pub(super) fn place(&self, key: &str) -> Location {
        self.written(key)
            .map_or(&self.location, |written| &written.location)
            .clone()
    }

    /// Whether the operation itself speaks of the pattern.
    pub(super) fn is_own(&self) -> bool {
        self.level == Level::Operation
    }

    /// The limits of a rate limit that are written as such.
    pub(super) fn rates(&self) -> &[Rate] {
        match self.written("limit").map(|written| &written.value) {
            Some(Value::Rates(rates)) => rates,
            _ => &[],
        }
    }

    pub(super) fn flag(&self, key: &str) -> bool {
        match self.get(key) {
            Some(Value::Flag(flag)) => flag,
            _ => false,
        }
    }

    /// None where neither the document nor a default says one.
    pub(super) fn count(&self, key: &str) -> Option<u32> {
        match self.get(key) {
            Some(Value::Count(count)) => u32::try_from(count).ok(),
            _ => None,
        }
    }

    /// The same, and whether it is written.
    pub(super) fn following(&self, key: &str) -> Option<Following> {
        Some(Following {
            value: self.count(key)?,
            is_written: self.written(key).is_some(),
        })
    }

    pub(super) fn number(&self, key: &str) -> Option<f64> {
        match self.get(key) {
            Some(Value::Number(number)) => Some(number),
            _ => None,
        }
    }

    pub(super) fn time(&self, key: &str) -> Option<Duration> {
        match self.get(key) {
            Some(Value::Time(time)) => Some(time),
            _ => None,
        }
    }

    pub(super) fn word(&self, key: &str) -> &'static str {
        match self.get(key) {
            Some(Value::Word(word)) => word,
            _ => "",
        }
    }

    /// What is written, or the default of the table.
    pub(super) fn get(&self, key: &str) -> Option<Value> {
        if let Some(written) = self.written(key) {
            return Some(written.value.clone());
        }
        if let Some(first) = self.rates().first() {
            match key {
                "max_executions" => return Some(Value::Count(first.executions.into())),
                "per_time_secs" => return Some(Value::Time(first.per)),
                _ => {}
            }
        }
        match self.pattern.key(key)?.absent {
            Absent::None => None,
            Absent::On => Some(Value::Flag(true)),
            Absent::Off => Some(Value::Flag(false)),
            Absent::Count(count) => Some(Value::Count(count)),
            Absent::Number(number) => Some(Value::Number(number)),
            Absent::Seconds(secs) => Some(Value::Time(Duration::from_secs_f64(secs))),
            Absent::Word(word) => Some(Value::Word(word)),
            Absent::Same(other) => self.get(other),
            Absent::Follows(default, _) => Some(default(self)),
        }
    }
}
