//! From what is written to the JSON value that a schema means by it.
//!
//! A text says nothing of its type: `12` is a number to one schema and a word to another. Where a
//! schema leaves the choice (`oneOf`, several types, an `enum` of several kinds), each reading is
//! held against it, the most exact first, and the first that fits is the value. Where none fits,
//! the value keeps its text, so that the check that follows names what is wrong and where.

use serde_json::{Map, Value};

use super::written::{Leaf, Written};
use crate::schema::{self, Additional, Schema, Types};

/// The value. It need not fit the schema.
pub(crate) fn assemble(schema: &'static Schema, written: &Written) -> Value {
    let mut assembler = Assembler {
        attempts: MAX_ATTEMPTS,
    };
    assembler.value(schema, written, 0)
}

/// The names of all properties that a schema knows, in any of its variants.
pub(crate) fn properties(schema: &'static Schema) -> Vec<&'static str> {
    let views = views(schema, 0);
    let parts = views.iter().flatten();
    parts
        .flat_map(|part| part.properties.iter().map(|(name, _)| *name))
        .collect()
}

/// Readings that are held against a schema in one request: beyond these the first counts, so that
/// variants within variants cost no more than a request is worth.
const MAX_ATTEMPTS: usize = 1000;
/// Schemas that contain themselves come to an end here.
const MAX_DEPTH: usize = 40;
/// Ways to read a schema of variants within variants.
const MAX_VIEWS: usize = 64;

/// Schemas that speak about one value together: a base, what it is combined of, one variant.
type View = Vec<&'static Schema>;

struct Assembler {
    attempts: usize,
}

impl Assembler {
    fn value(&mut self, schema: &'static Schema, written: &Written, depth: usize) -> Value {
        if depth > MAX_DEPTH {
            return Value::Null;
        }
        let mut views = views(schema, 0);
        if views.len() > 1 {
            views.retain(|view| admits(view, written));
            views.sort_by_key(|view| vagueness(view, written));
        }
        let (first, others) = match views.as_slice() {
            [] => return self.seen(&[schema], &[], written, depth),
            [first, others @ ..] => (first, others),
        };
        let mut best = self.seen(first, others, written, depth);
        if others.is_empty() {
            return best;
        }
        let mut least = faults(schema, first, &best);
        for view in others {
            if least == 0 || self.attempts == 0 {
                break;
            }
            self.attempts -= 1;
            let value = self.seen(view, &views, written, depth);
            let found = faults(schema, view, &value);
            if found < least {
                (best, least) = (value, found);
            }
        }
        best
    }

    /// The value in one view. A property that only another view knows is read as that one says.
    fn seen(
        &mut self,
        view: &[&'static Schema],
        others: &[View],
        written: &Written,
        depth: usize,
    ) -> Value {
        let types = types(view);
        if !written.is_flat() {
            return match is_list(types, written) {
                true => self.list(view, written, depth),
                false => self.object(view, others, written, depth),
            };
        }
        match written.leaves.as_slice() {
            [] if types.contains(Types::ARRAY) => Value::Array(Vec::new()),
            [] if types.contains(Types::OBJECT) => Value::Object(Map::new()),
            [] => Value::String(String::new()),
            [Leaf::Json(value)] => value.clone(),
            [Leaf::Text(text)] => self.text(view, types, text, depth),
            // More than one is a list, even where none is wanted: the check says so.
            _ => self.list(view, written, depth),
        }
    }

    fn object(
        &mut self,
        view: &[&'static Schema],
        others: &[View],
        written: &Written,
        depth: usize,
    ) -> Value {
        let members = written.members.iter().map(|(name, member)| {
            let schema = property(view, name)
                .or_else(|| others.iter().find_map(|other| property(other, name)))
                .or_else(|| additional(view))
                .unwrap_or(&Schema::ANY);
            (name.clone(), self.value(schema, member, depth + 1))
        });
        Value::Object(members.collect())
    }

    fn list(&mut self, view: &[&'static Schema], written: &Written, depth: usize) -> Value {
        let mut items = Vec::new();
        for leaf in &written.leaves {
            let schema = item(view, items.len());
            items.push(match leaf {
                Leaf::Json(value) => value.clone(),
                Leaf::Text(text) => self.alone(schema, text, depth + 1),
            });
        }
        let mut indexed: Vec<_> = written.members.iter().collect();
        // By their text, 10 would stand before 2.
        indexed.sort_by_key(|(index, _)| index.parse::<u64>().unwrap_or(u64::MAX));
        let below = indexed.into_iter().map(|(_, member)| member);
        for member in below.chain(&written.unnamed) {
            let schema = item(view, items.len());
            items.push(self.value(schema, member, depth + 1));
        }
        Value::Array(items)
    }

    /// One text as the value of a schema.
    fn alone(&mut self, schema: &'static Schema, text: &str, depth: usize) -> Value {
        self.value(schema, &Written::texts([text.to_owned()]), depth)
    }

    fn text(&mut self, view: &[&'static Schema], types: Types, text: &str, depth: usize) -> Value {
        let is_closed = |part: &&Schema| !part.enumeration.is_empty() || part.constant.is_some();
        // Nothing is said about the value: it stays what it is.
        if types == Types::ANY && !view.iter().any(is_closed) {
            return Value::String(text.to_owned());
        }
        let mut readings = Vec::new();
        readings.extend(schema::number_of(text).map(Value::Number));
        readings.extend(text.parse().ok().map(Value::Bool));
        if text.starts_with(['{', '[']) {
            // An object has no other form in one text, an array of objects or of arrays neither.
            readings.extend(schema::json_of(text).ok());
        }
        if types.contains(Types::STRING) {
            readings.push(Value::String(text.to_owned()));
        }
        if text.is_empty() || text == "null" {
            readings.push(Value::Null);
        }
        if types.contains(Types::ARRAY) {
            readings.push(self.list_of_one(view, text, depth));
        }
        readings.retain(|value| types.contains(Types::of(value)));
        let fits = |value: &Value| {
            view.iter()
                .all(|part| schema::check(part, value).is_empty())
        };
        let chosen = match readings.len() {
            0 | 1 => None,
            _ => readings.iter().position(fits),
        };
        match (readings.is_empty(), chosen) {
            (true, _) => Value::String(text.to_owned()),
            (false, chosen) => readings.swap_remove(chosen.unwrap_or(0)),
        }
    }

    fn list_of_one(&mut self, view: &[&'static Schema], text: &str, depth: usize) -> Value {
        let schema = item(view, 0);
        let takes_text = schema::types_of(schema).contains(Types::STRING);
        match text.is_empty() && !takes_text {
            true => Value::Array(Vec::new()),
            false => Value::Array(vec![self.alone(schema, text, depth + 1)]),
        }
    }
}

/// Every way to read a schema: one for each variant, with everything that holds for all.
fn views(schema: &'static Schema, depth: usize) -> Vec<View> {
    let mut views = vec![vec![schema]];
    // Deeper than schemas are combined, and the end of one that is combined of itself.
    if depth > 8 {
        return views;
    }
    for part in schema.all_of {
        views = crossed(&views, &self::views(part, depth + 1));
    }
    for variants in [schema.any_of, schema.one_of] {
        if !variants.is_empty() {
            let of_variants: Vec<View> = variants
                .iter()
                .flat_map(|variant| self::views(variant, depth + 1))
                .collect();
            views = crossed(&views, &of_variants);
        }
    }
    views
}

fn crossed(these: &[View], those: &[View]) -> Vec<View> {
    let pairs = these.iter().flat_map(|this| {
        those
            .iter()
            .map(move |that| this.iter().chain(that).copied().collect())
    });
    pairs.take(MAX_VIEWS).collect()
}

/// How badly a value fits that was read in a view. One that kept its text because the view has no
/// other reading may fit another variant, which has yet to be asked.
fn faults(schema: &Schema, view: &[&'static Schema], value: &Value) -> usize {
    let is_foreign = !types(view).contains(Types::of(value));
    schema::check(schema, value).len() + usize::from(is_foreign)
}

fn types(view: &[&'static Schema]) -> Types {
    view.iter()
        .fold(Types::ANY, |types, part| types.and(schema::own_types(part)))
}

/// Whether a view can have a value of the kind that is written.
fn admits(view: &[&'static Schema], written: &Written) -> bool {
    let types = types(view);
    match written.is_flat() {
        true => written.leaves.len() <= 1 || types.contains(Types::ARRAY),
        false => types.contains(Types::ARRAY) || types.contains(Types::OBJECT),
    }
}

/// What names its values comes first; then text, which everything is; last a list of one item,
/// which every item is.
fn vagueness(view: &[&'static Schema], written: &Written) -> u8 {
    let is_closed = |part: &&Schema| !part.enumeration.is_empty() || part.constant.is_some();
    let types = types(view);
    let is_alone = match written.leaves.as_slice() {
        [Leaf::Text(text)] => written.is_flat() && !text.starts_with('['),
        _ => false,
    };
    if view.iter().any(is_closed) {
        0
    } else if types == Types::ANY {
        4
    } else if types == Types::ARRAY && is_alone {
        3
    } else if types.contains(Types::STRING) {
        2
    } else {
        1
    }
}

/// Whether what stands below names is the items of an array.
fn is_list(types: Types, written: &Written) -> bool {
    let is_index = |name: &String| !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit());
    let counted = written.members.keys().all(is_index);
    match (types.contains(Types::ARRAY), types.contains(Types::OBJECT)) {
        (true, _) => counted,
        (false, true) => false,
        (false, false) => written.members.is_empty(),
    }
}

fn property(view: &[&'static Schema], name: &str) -> Option<&'static Schema> {
    let known = view.iter().flat_map(|part| part.properties);
    let mut found = known
        .filter(|(known, _)| *known == name)
        .map(|(_, schema)| *schema);
    let first = found.next()?;
    // A variant says more than a base that only names the property.
    match schema::types_of(first) == Types::ANY {
        true => Some(
            found
                .find(|schema| schema::types_of(schema) != Types::ANY)
                .unwrap_or(first),
        ),
        false => Some(first),
    }
}

fn additional(view: &[&'static Schema]) -> Option<&'static Schema> {
    view.iter().find_map(|part| match part.additional {
        Additional::Schema(schema) => Some(schema),
        Additional::Any | Additional::None => None,
    })
}

fn item(view: &[&'static Schema], index: usize) -> &'static Schema {
    let of_part = |part: &&'static Schema| part.prefix_items.get(index).copied().or(part.items);
    view.iter().find_map(of_part).unwrap_or(&Schema::ANY)
}

/// The schema of a property, as the first variant that knows it has it.
pub(super) fn property_of(schema: &'static Schema, name: &str) -> &'static Schema {
    let views = views(schema, 0);
    views
        .iter()
        .find_map(|view| property(view, name))
        .unwrap_or(&Schema::ANY)
}
