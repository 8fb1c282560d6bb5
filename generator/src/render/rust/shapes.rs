//! The types that the person's code works with, member by member: to compare two services without
//! rendering them.

use super::{
    answers,
    arguments::{Arguments, body_variants},
    layout,
    types::Scope,
};
use crate::{
    diagnostic::Location,
    ir::{Model, Operation, Presence, Service, Shape, Struct},
};

/// One type.
#[derive(Clone, Debug)]
pub(crate) struct TypeShape {
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) is_enum: bool,
    /// Names and types; an alias has one member without a name.
    pub(crate) members: Vec<(String, String)>,
    /// The operation whose own it is.
    pub(crate) operation: Option<(String, String)>,
    pub(crate) location: Location,
}

/// What the person's code does with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Reads it.
    Given,
    /// Makes it.
    Answer,
    /// Both.
    Model,
}

/// All types of a service that its handlers meet.
pub(crate) fn shapes(service: &Service) -> Vec<TypeShape> {
    let scope = Scope::outside(&service.models);
    let mut shapes = Vec::new();
    for operation in service.apis.iter().flat_map(|api| &api.operations) {
        of_operation(scope, operation, &mut shapes);
    }
    let models = service.models.iter().filter(|model| model.is_needed);
    shapes.extend(models.map(|model| of_model(scope, model)));
    shapes
}

fn of_operation(scope: Scope<'_>, operation: &Operation, shapes: &mut Vec<TypeShape>) {
    let mut push = |name: String, role, is_enum, members| {
        shapes.push(TypeShape {
            name,
            role,
            is_enum,
            members,
            operation: Some((operation.method.clone(), operation.path.clone())),
            location: operation.location.clone(),
        });
    };
    let arguments = Arguments::of(operation);
    if !arguments.others.is_empty() {
        let members = arguments.others.iter().map(|parameter| {
            let ty = scope.present(&parameter.ty, parameter.presence);
            (parameter.rust_name.clone(), layout::plain(&ty))
        });
        push(
            arguments.params_name(),
            Role::Given,
            false,
            members.collect(),
        );
    }
    if let Some(body) = operation
        .body
        .as_ref()
        .filter(|body| body.contents.len() > 1)
    {
        let members = body_variants(scope, operation, body);
        push(operation.body_name(), Role::Given, true, members);
    }
    let members = answers::variants(scope, operation);
    push(operation.response_name(), Role::Answer, true, members);
}

fn of_model(scope: Scope<'_>, model: &Model) -> TypeShape {
    let text = |ty, presence| layout::plain(&scope.present(ty, presence));
    let (is_enum, members) = match &model.shape {
        Shape::Struct(Struct { fields, additional }) => {
            let fields = fields
                .iter()
                .map(|field| (field.rust_name.clone(), text(&field.ty, field.presence)));
            let additional = additional.iter();
            let additional =
                additional.map(|(name, ty)| (name.clone(), text(ty, Presence::Required)));
            (false, fields.chain(additional).collect())
        }
        Shape::Enum(variants) => {
            let names = variants
                .iter()
                .map(|it| (it.rust_name.clone(), String::new()));
            (true, names.collect())
        }
        Shape::Union(union) => {
            let variants = union.variants.iter();
            let variants =
                variants.map(|it| (it.rust_name.clone(), text(&it.ty, Presence::Required)));
            (true, variants.collect())
        }
        Shape::Alias(ty) | Shape::Newtype(ty) => {
            (false, vec![(String::new(), text(ty, Presence::Required))])
        }
    };
    TypeShape {
        name: model.rust_name.clone(),
        role: Role::Model,
        is_enum,
        members,
        operation: None,
        location: model.location.clone(),
    }
}
