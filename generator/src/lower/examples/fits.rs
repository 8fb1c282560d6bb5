//! Whether a value fits a schema: what the service asks of requests, asked of its own answers.

use failsafe_runtime::schema::{Format, Number, Types, equal, pattern};
use serde_json::{Map, Value};

use super::Tables;
use crate::ir::{Additional, JsonType, Schema};

/// Where a value does not fit, and what it has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Misfit {
    /// JSON pointer into the value.
    pub(super) pointer: String,
    pub(super) words: String,
}

type Fit = Result<(), Misfit>;

/// Checks a value.
///
/// # Errors
///
/// The first thing that keeps it from fitting.
pub(super) fn fits(tables: Tables<'_>, schema: &Schema, value: &Value) -> Fit {
    fits_within(tables, schema, value, &mut 0)
}

/// The same, counting the schemas that the value was held against.
pub(super) fn fits_within(
    tables: Tables<'_>,
    schema: &Schema,
    value: &Value,
    checks: &mut usize,
) -> Fit {
    let mut checker = Checker {
        tables,
        active: Vec::new(),
        checks: 0,
    };
    let fit = checker.check(schema, value);
    *checks += checker.checks;
    fit
}

/// Schemas within schemas, by whatever keyword; what lies deeper is taken to fit.
const MAX_ACTIVE: usize = 256;

/// Schemas that a value is held against. Some double with every step: the rest is taken to fit.
const MAX_CHECKS: usize = 20_000;

struct Checker<'s> {
    tables: Tables<'s>,
    /// What is being checked against what: a schema may lead back to itself without looking
    /// deeper into the value.
    active: Vec<(*const Schema, *const Value)>,
    checks: usize,
}

impl Checker<'_> {
    fn check(&mut self, schema: &Schema, value: &Value) -> Fit {
        let schema = self.tables.own(schema);
        let pair = (std::ptr::from_ref(schema), std::ptr::from_ref(value));
        self.checks += 1;
        let is_enough = self.active.len() >= MAX_ACTIVE || self.checks > MAX_CHECKS;
        if is_enough || self.active.contains(&pair) {
            return Ok(());
        }
        self.active.push(pair);
        let fit = self.check_all(schema, value);
        self.active.pop();
        fit
    }

    fn check_all(&mut self, schema: &Schema, value: &Value) -> Fit {
        let typed = schema.types.is_empty() || schema.types.iter().any(|ty| is_of(*ty, value));
        must(typed, || format!("must be {}", words_of(&schema.types)))?;
        let listed = schema.values.is_empty() || schema.values.iter().any(|it| equal(it, value));
        must(listed, || {
            "must be one of the values of its `enum`".to_owned()
        })?;
        match value {
            Value::String(text) => text_fits(schema, text)?,
            Value::Number(_) => number_fits(schema, value)?,
            Value::Array(items) => self.array_fits(schema, items)?,
            Value::Object(members) => self.object_fits(schema, members)?,
            Value::Null | Value::Bool(_) => {}
        }
        self.combined_fits(schema, value)
    }

    fn array_fits(&mut self, schema: &Schema, items: &[Value]) -> Fit {
        let count = items.len() as u64;
        within("items", schema.min_items, schema.max_items, count)?;
        let repeats = |index: usize| items[..index].iter().any(|it| equal(it, &items[index]));
        let unique = !schema.unique_items || !(0..items.len()).any(repeats);
        must(unique, || "must not have an item twice".to_owned())?;
        for (index, item) in items.iter().enumerate() {
            let of_item = schema.prefix_items.get(index).or(schema.items.as_deref());
            if let Some(of_item) = of_item {
                let fit = self.check(of_item, item);
                fit.map_err(|misfit| misfit.inside(&index.to_string()))?;
            }
        }
        Ok(())
    }

    fn object_fits(&mut self, schema: &Schema, members: &Map<String, Value>) -> Fit {
        for name in &schema.required {
            let there = must(members.contains_key(name), || "is required".to_owned());
            there.map_err(|misfit| misfit.inside(name))?;
        }
        let count = members.len() as u64;
        let (least, most) = (schema.min_properties, schema.max_properties);
        within("properties", least, most, count)?;
        for (name, value) in members {
            let declared = schema.properties.iter().find(|it| it.name == *name);
            let patterns = schema.rare.iter().flat_map(|rare| &rare.pattern_properties);
            let mut matching = patterns
                .filter(|(pattern, _)| pattern::matches(pattern, name))
                .peekable();
            if matching.peek().is_some() {
                for (_, schema) in matching {
                    let fit = self.check(schema, value);
                    fit.map_err(|misfit| misfit.inside(name))?;
                }
                continue;
            }
            let fit = match (declared, &schema.additional) {
                (Some(property), _) => self.check(&property.schema, value),
                (None, Additional::Schema(schema)) => self.check(schema, value),
                (None, Additional::None) => must(false, || "is not declared".to_owned()),
                (None, Additional::Any) => Ok(()),
            };
            fit.map_err(|misfit| misfit.inside(name))?;
        }
        Ok(())
    }

    fn combined_fits(&mut self, schema: &Schema, value: &Value) -> Fit {
        for part in &schema.all_of {
            self.check(part, value)?;
        }
        // A schema that others extend is meant itself where nothing is said.
        let lists_variants = !schema.any_of.is_empty() || !schema.one_of.is_empty();
        if let (Some(discriminator), Value::Object(members)) = (&schema.discriminator, value)
            && (lists_variants || members.contains_key(&discriminator.property))
        {
            let name = members.get(&discriminator.property).and_then(Value::as_str);
            let named = discriminator
                .mapping
                .iter()
                .find(|(tag, _)| Some(tag.as_str()) == name);
            let Some((_, named)) = named else {
                let misfit = must(false, || "must name one of the forms".to_owned());
                return misfit.map_err(|misfit| misfit.inside(&discriminator.property));
            };
            return self.check(named, value);
        }
        let fitting = |this: &mut Self, branches: &[Schema]| {
            branches
                .iter()
                .filter(|branch| this.check(branch, value).is_ok())
                .count()
        };
        if !schema.any_of.is_empty() {
            let any = fitting(self, &schema.any_of) > 0;
            must(any, || {
                "must be of one of the forms of its `anyOf`".to_owned()
            })?;
        }
        if !schema.one_of.is_empty() {
            let one = fitting(self, &schema.one_of) == 1;
            must(one, || {
                "must be of exactly one form of its `oneOf`".to_owned()
            })?;
        }
        let excluded = match &schema.not {
            Some(not) => self.check(not, value).is_ok(),
            None => false,
        };
        must(!excluded, || {
            "must not be of the form that `not` excludes".to_owned()
        })
    }
}

impl Misfit {
    fn inside(mut self, token: &str) -> Self {
        let token = token.replace('~', "~0").replace('/', "~1");
        self.pointer = format!("/{token}{}", self.pointer);
        self
    }
}

fn must(holds: bool, words: impl FnOnce() -> String) -> Fit {
    match holds {
        true => Ok(()),
        false => Err(Misfit {
            pointer: String::new(),
            words: words(),
        }),
    }
}

fn within(what: &str, least: Option<u64>, most: Option<u64>, count: u64) -> Fit {
    let least_fits = least.is_none_or(|least| count >= least);
    must(least_fits, || format!("must have more {what}"))?;
    must(most.is_none_or(|most| count <= most), || {
        format!("must have fewer {what}")
    })
}

fn text_fits(schema: &Schema, text: &str) -> Fit {
    let length = text.chars().count() as u64;
    within("characters", schema.min_length, schema.max_length, length)?;
    if let Some(written) = &schema.pattern {
        let matches = pattern::matches(written, text);
        must(matches, || format!("must match the pattern {written}"))?;
    }
    let format = schema.format.as_deref().and_then(Format::named);
    let formatted = format.is_none_or(|format| format.fits_text(text));
    must(formatted, || {
        format!("must be {}", format.map_or("", Format::description))
    })
}

/// A bound, when it is kept, and what to say where it is not.
type Bound = (Option<Number>, fn(Number, Number) -> bool, &'static str);

fn number_fits(schema: &Schema, value: &Value) -> Fit {
    let Some(number) = Number::of(value) else {
        return Ok(());
    };
    let of = |bound: &Option<serde_json::Number>| {
        let bound = bound.clone().map(Value::Number);
        bound.as_ref().and_then(Number::of)
    };
    let bounds: [Bound; 5] = [
        (
            of(&schema.minimum),
            |number, bound| number >= bound,
            "at least",
        ),
        (
            of(&schema.maximum),
            |number, bound| number <= bound,
            "at most",
        ),
        (
            of(&schema.exclusive_minimum),
            |number, bound| number > bound,
            "greater than",
        ),
        (
            of(&schema.exclusive_maximum),
            |number, bound| number < bound,
            "less than",
        ),
        (
            of(&schema.multiple_of),
            Number::is_multiple_of,
            "a multiple of",
        ),
    ];
    for (bound, holds, words) in bounds {
        if let Some(bound) = bound {
            must(holds(number, bound), || format!("must be {words} {bound}"))?;
        }
    }
    let format = schema.format.as_deref().and_then(Format::named);
    let formatted = format.is_none_or(|format| format.fits_number(number));
    must(formatted, || {
        format!("must be {}", format.map_or("", Format::description))
    })
}

fn is_of(ty: JsonType, value: &Value) -> bool {
    match ty {
        JsonType::Null => value.is_null(),
        JsonType::Boolean => value.is_boolean(),
        JsonType::Integer => Types::INTEGER == Types::of(value),
        JsonType::Number => value.is_number(),
        JsonType::String => value.is_string(),
        JsonType::Array => value.is_array(),
        JsonType::Object => value.is_object(),
    }
}

fn words_of(types: &[JsonType]) -> String {
    let words = types.iter().map(|ty| match ty {
        JsonType::Null => "null",
        JsonType::Boolean => "a boolean",
        JsonType::Integer => "an integer",
        JsonType::Number => "a number",
        JsonType::String => "a string",
        JsonType::Array => "an array",
        JsonType::Object => "an object",
    });
    words.collect::<Vec<_>>().join(" or ")
}
