//! Operations that share a method and a path, and the signs by which requests mean one of them.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::{Lowering, paths};
use crate::{
    diagnostic::Diagnostic,
    ir::{
        Api, ContentKind, JsonType, Operation, Parameter, Place, Presence, Reading, Schema, Sign,
    },
};

/// Where an operation stands: its API and its index in there.
type Spot = (usize, usize);

impl<'d> Lowering<'d> {
    /// Gives operations with one route the signs that tell them apart. Of those that nothing
    /// tells apart the first stays.
    pub(super) fn tell_apart(&mut self, apis: &mut Vec<Api>) {
        let mut left_out: Vec<Spot> = Vec::new();
        for spots in shared(apis) {
            let mut signs: Vec<Vec<Sign>> =
                spots.iter().map(|spot| cheap(at(apis, spot))).collect();
            let bodies: Vec<Option<Sign>> = spots.iter().map(|spot| body(at(apis, spot))).collect();
            let asked: Vec<BTreeSet<&str>> = (spots.iter().zip(&signs))
                .map(|(spot, signs)| asked(at(apis, spot), signs))
                .collect();
            let asks_body: Vec<bool> = (asked.iter().enumerate())
                .map(|(index, one)| {
                    let mut others = asked.iter().enumerate();
                    others.any(|(other, names)| other != index && !is_ordered(one, names))
                })
                .collect();
            for ((signs, body), asks_body) in signs.iter_mut().zip(bodies).zip(asks_body) {
                signs.extend(body.filter(|_| asks_body));
            }
            let mut told: IndexMap<String, Spot> = IndexMap::new();
            for (spot, signs) in spots.iter().zip(signs) {
                let identity = identity(at(apis, spot), &signs);
                let operation = at(apis, spot);
                if let Some(first) = told.get(&identity) {
                    let first = at(apis, first).location.clone();
                    let found = Diagnostic::warning(
                        "duplicate-route",
                        format!(
                            "{} {} is left out: nothing in a request tells it from another operation",
                            operation.method, operation.path
                        ),
                    )
                    .at(operation.location.clone())
                    .related(first, "this one answers")
                    .help("give one of them another path, or a required parameter that the other has not");
                    self.report(found);
                    left_out.push(*spot);
                    continue;
                }
                told.insert(identity, *spot);
                apis[spot.0].operations[spot.1].signs = signs;
            }
        }
        left_out.sort_unstable();
        for (api, index) in left_out.into_iter().rev() {
            apis[api].operations.remove(index);
        }
        apis.retain(|api| !api.operations.is_empty());
    }
}

fn at<'a>(apis: &'a [Api], spot: &Spot) -> &'a Operation {
    &apis[spot.0].operations[spot.1]
}

/// The operations that share a method and a path, group by group, each in the document's order.
fn shared(apis: &[Api]) -> Vec<Vec<Spot>> {
    let mut routes: IndexMap<String, Vec<Spot>> = IndexMap::new();
    for (api, found) in apis.iter().enumerate() {
        for (index, operation) in found.operations.iter().enumerate() {
            let base = operation.base_path.as_deref().unwrap_or_default();
            let shape = paths::shape(operation.matching.as_ref().unwrap_or(&operation.path));
            let route = format!("{} {base} {shape}", operation.method);
            routes.entry(route).or_default().push((api, index));
        }
    }
    let mut groups: Vec<Vec<Spot>> = routes
        .into_values()
        .filter(|spots| spots.len() > 1)
        .collect();
    for spots in &mut groups {
        spots.sort_by_key(|spot| {
            let place = &at(apis, spot).location;
            (place.file, place.span.start)
        });
    }
    groups
}

/// The signs that are seen without reading a body.
fn cheap(operation: &Operation) -> Vec<Sign> {
    let mut signs = operation.signs.clone();
    for (index, parameter) in operation.parameters.iter().enumerate() {
        let fits = is_one_text(parameter) && is_choosy(&parameter.schema);
        match parameter.place {
            Place::Path if fits => signs.push(Sign::Fits(index)),
            Place::Path => {}
            _ if parameter.presence != Presence::Required => {}
            // The pairs of a spread object have names of their own.
            _ if !is_one_text(parameter) && parameter.reading == Reading::Value => {}
            _ if fits && !is_flag(&parameter.schema) => signs.push(Sign::Fits(index)),
            place => signs.push(Sign::Has(place, parameter.name.clone())),
        }
    }
    if let Some(body) = operation.body.as_ref().filter(|body| body.required) {
        let names = body
            .media_types()
            .map(|(_, media_type)| media_type.name.clone());
        signs.push(Sign::MediaType(names.collect()));
    }
    signs
}

/// Whether a parameter has one value, written as one text.
fn is_one_text(parameter: &Parameter) -> bool {
    let types = &parameter.schema.types;
    let is_compound = |ty: &JsonType| matches!(ty, JsonType::Array | JsonType::Object);
    match parameter.reading {
        Reading::Single => true,
        Reading::List => false,
        Reading::Value => !types.is_empty() && !types.iter().any(is_compound),
    }
}

/// Whether being there is all that a parameter says: `?acl` is written as often as `?acl=true`.
fn is_flag(schema: &Schema) -> bool {
    schema.values == [serde_json::Value::Bool(true)]
}

/// Whether a schema refuses some texts.
fn is_choosy(schema: &Schema) -> bool {
    let plain = Schema {
        types: schema.types.clone(),
        ..Schema::default()
    };
    let any_text = schema.types.is_empty() || schema.types.contains(&JsonType::String);
    *schema != plain || !any_text
}

/// What a JSON body has to be.
fn body(operation: &Operation) -> Option<Sign> {
    let body = operation.body.as_ref()?;
    let index = body
        .contents
        .iter()
        .position(|content| content.kind() == ContentKind::Json)?;
    (body.contents[index].schema != Schema::default()).then_some(Sign::Body(index))
}

/// The names of what has to be there.
fn asked<'a>(operation: &'a Operation, signs: &'a [Sign]) -> BTreeSet<&'a str> {
    let names = signs.iter().filter_map(|sign| match sign {
        Sign::Has(_, name) | Sign::Is(_, name, _) => Some(name.as_str()),
        Sign::Fits(index) => {
            let parameter = &operation.parameters[*index];
            (parameter.place != Place::Path).then_some(parameter.name.as_str())
        }
        Sign::MediaType(_) | Sign::Body(_) => None,
    });
    names.collect()
}

/// Whether one of two asks for everything that the other one asks for, and for more.
fn is_ordered(one: &BTreeSet<&str>, other: &BTreeSet<&str>) -> bool {
    one.len() != other.len() && (one.is_superset(other) || other.is_superset(one))
}

/// Equal for operations that every request means both of or none.
fn identity(operation: &Operation, signs: &[Sign]) -> String {
    let mut parts: Vec<String> = signs
        .iter()
        .map(|sign| match sign {
            Sign::Fits(index) => {
                let Parameter {
                    place,
                    name,
                    schema,
                    ..
                } = &operation.parameters[*index];
                // The names of parameters in a path are nobody's business.
                let position = operation.parameters[..*index].len();
                match place {
                    Place::Path => format!("{position} {schema:?}"),
                    place => format!("{place:?} {name} {schema:?}"),
                }
            }
            Sign::Body(index) => {
                let body = operation.body.as_ref();
                format!("{:?}", body.map(|body| &body.contents[*index].schema))
            }
            sign => format!("{sign:?}"),
        })
        .collect();
    parts.sort();
    parts.join("\n")
}
