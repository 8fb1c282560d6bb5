//! Which models requests reach, and which of them need a table at run time.

use std::collections::HashSet;

use super::schemas::Draft;
use crate::ir::{Additional, Api, ModelId, Outgoing, Reading, Schema, Shape, Type};

/// Models of which a request may have to be made into.
pub(super) fn read_by_requests(apis: &[Api], drafts: &[Draft<'_>]) -> HashSet<ModelId> {
    let mut found = HashSet::new();
    let mut open = Vec::new();
    for operation in apis.iter().flat_map(|api| &api.operations) {
        for parameter in &operation.parameters {
            of_type(&parameter.ty, &mut open);
        }
        for content in operation.body.iter().flat_map(|body| &body.contents) {
            content.types().for_each(|ty| of_type(ty, &mut open));
        }
    }
    while let Some(id) = open.pop() {
        if found.insert(id) {
            of_shape(&drafts[id.0].shape, &mut open);
        }
    }
    found
}

/// Models that answers are made of.
pub(super) fn answered(apis: &[Api], drafts: &[Draft<'_>]) -> HashSet<ModelId> {
    let mut found = HashSet::new();
    let mut open = Vec::new();
    let operations = apis.iter().flat_map(|api| &api.operations);
    for response in operations.flat_map(|operation| &operation.responses) {
        if let Some(content) = &response.content {
            of_type(&content.ty, &mut open);
        }
    }
    while let Some(id) = open.pop() {
        if found.insert(id) {
            of_shape(&drafts[id.0].shape, &mut open);
        }
    }
    found
}

/// Models that some operation needs, and those of them whose JSON is checked against a table: by
/// requests, or to tell forms apart.
#[derive(Debug, Default)]
pub(super) struct Needed {
    pub(super) types: HashSet<ModelId>,
    pub(super) tables: HashSet<ModelId>,
}

/// Finds what is needed. Of a document without operations that is everything.
pub(super) fn needed(apis: &[Api], calls: &[Outgoing], drafts: &[Draft<'_>]) -> Needed {
    let mut needed = Needed::default();
    let (mut types, mut tables) = (Vec::new(), Vec::new());
    if apis.is_empty() && calls.is_empty() {
        types.extend((0..drafts.len()).map(ModelId));
    }
    for operation in apis.iter().flat_map(|api| &api.operations) {
        operation.types().for_each(|ty| of_type(ty, &mut types));
        for parameter in &operation.parameters {
            of_table(&parameter.schema, &mut tables);
        }
        for content in operation.body.iter().flat_map(|body| &body.contents) {
            of_table(&content.schema, &mut tables);
        }
    }
    for call in calls {
        call.types().for_each(|ty| of_type(ty, &mut types));
    }
    loop {
        if let Some(id) = types.pop() {
            if !needed.types.insert(id) {
                continue;
            }
            let shape = &drafts[id.0].shape;
            of_shape(shape, &mut types);
            if let Shape::Union(union) = shape
                && union.discriminator.is_none()
            {
                for variant in &union.variants {
                    of_table(&variant.schema, &mut tables);
                }
            }
        } else if let Some(id) = tables.pop() {
            if needed.tables.insert(id) {
                of_table(&drafts[id.0].schema, &mut tables);
                // A table stands beside its type.
                types.push(id);
            }
        } else {
            return needed;
        }
    }
}

/// Models that read themselves from the text of a parameter.
pub(super) fn parameters(apis: &[Api], drafts: &[Draft<'_>]) -> HashSet<ModelId> {
    let mut found = HashSet::new();
    let mut open = Vec::new();
    let operations = apis.iter().flat_map(|api| &api.operations);
    for parameter in operations.flat_map(|operation| &operation.parameters) {
        if parameter.reading != Reading::Value {
            of_type(&parameter.ty, &mut open);
        }
    }
    while let Some(id) = open.pop() {
        if found.insert(id)
            && let Shape::Alias(ty) = &drafts[id.0].shape
        {
            of_type(ty, &mut open);
        }
    }
    found
}

fn of_type(ty: &Type, out: &mut Vec<ModelId>) {
    match ty {
        Type::Model(id) => out.push(*id),
        Type::List(inner) | Type::Map(inner) | Type::Nullable(inner) | Type::Boxed(inner) => {
            of_type(inner, out);
        }
        Type::Tuple(types) => types.iter().for_each(|ty| of_type(ty, out)),
        _ => {}
    }
}

fn of_shape(shape: &Shape, out: &mut Vec<ModelId>) {
    match shape {
        Shape::Struct(shape) => {
            for field in &shape.fields {
                of_type(&field.ty, out);
            }
            if let Some((_, ty)) = &shape.additional {
                of_type(ty, out);
            }
        }
        Shape::Union(union) => {
            for variant in &union.variants {
                of_type(&variant.ty, out);
            }
        }
        Shape::Alias(ty) | Shape::Newtype(ty) => of_type(ty, out),
        Shape::Enum(_) => {}
    }
}

fn of_table(schema: &Schema, out: &mut Vec<ModelId>) {
    out.extend(schema.reference);
    for property in &schema.properties {
        of_table(&property.schema, out);
    }
    if let Additional::Schema(additional) = &schema.additional {
        of_table(additional, out);
    }
    if let Some(discriminator) = &schema.discriminator {
        for (_, named) in &discriminator.mapping {
            of_table(named, out);
        }
    }
    for inner in schema.rare.iter().flat_map(|rare| rare.schemas()) {
        of_table(inner, out);
    }
    let single = [&schema.items, &schema.not];
    let several = [
        &schema.prefix_items,
        &schema.all_of,
        &schema.any_of,
        &schema.one_of,
    ];
    for inner in single.into_iter().flatten() {
        of_table(inner, out);
    }
    for inner in several.into_iter().flatten() {
        of_table(inner, out);
    }
}
