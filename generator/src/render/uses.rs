//! What a service needs of other crates: nothing that the document does not ask for.

use serde::Serialize;

use crate::ir::{ContentKind, Integer, MediaType, Pattern, Policy, Schema, Service, Shape, Type};

/// Answers for `Cargo.toml`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Uses {
    pub(super) chrono: bool,
    pub(super) uuid: bool,
    /// Regular expressions in schemas.
    pub(super) pattern: bool,
    /// Numbers with more digits than 64 bits hold.
    pub(super) exact: bool,
    /// Forms with files.
    pub(super) multipart: bool,
    /// Webhooks or callbacks.
    pub(super) client: bool,
    /// Operations whose answers are kept.
    pub(super) cache: bool,
    /// Operations that fail on purpose.
    pub(super) chaos: bool,
    /// Operations that ask for credentials.
    pub(super) security: bool,
}

impl Uses {
    pub(super) fn of(service: &Service) -> Self {
        let mut uses = Self {
            security: !service.security.is_empty(),
            ..Self::default()
        };
        for model in service.models.iter().filter(|model| model.is_needed) {
            uses.shape(&model.shape);
            model.schema.iter().for_each(|schema| uses.schema(schema));
        }
        for call in service.webhooks.iter().chain(&service.callbacks) {
            uses.client = true;
            call.types().for_each(|ty| uses.ty(ty));
        }
        for operation in service.apis.iter().flat_map(|api| &api.operations) {
            let of_caches = |policy: &Policy| matches!(policy.pattern, Pattern::Cache(_));
            uses.cache |= operation.policies.iter().any(of_caches);
            let of_chaos = |policy: &Policy| matches!(policy.pattern, Pattern::Chaos(_));
            uses.chaos |= operation.policies.iter().any(of_chaos);
            for parameter in &operation.parameters {
                uses.ty(&parameter.ty);
                uses.schema(&parameter.schema);
            }
            let bodies = operation.body.iter().flat_map(|body| &body.contents);
            let answers = operation
                .responses
                .iter()
                .filter_map(|it| it.content.as_ref());
            for content in bodies.chain(answers) {
                content.types().for_each(|ty| uses.ty(ty));
                let of_files = |it: &MediaType| it.kind == ContentKind::Multipart;
                uses.multipart |= content.media_types.iter().any(of_files);
                uses.schema(&content.schema);
            }
            let headers = operation.responses.iter().flat_map(|it| &it.headers);
            for header in headers.flat_map(|headers| &headers.members) {
                uses.ty(&header.ty);
            }
        }
        uses
    }

    fn shape(&mut self, shape: &Shape) {
        match shape {
            Shape::Struct(fields) => {
                fields.fields.iter().for_each(|field| self.ty(&field.ty));
                fields.additional.iter().for_each(|(_, ty)| self.ty(ty));
            }
            Shape::Union(union) => union.variants.iter().for_each(|it| self.ty(&it.ty)),
            Shape::Alias(ty) | Shape::Newtype(ty) => self.ty(ty),
            Shape::Enum(_) => {}
        }
    }

    fn ty(&mut self, ty: &Type) {
        match ty {
            Type::Date | Type::DateTime => self.chrono = true,
            Type::Uuid => self.uuid = true,
            Type::Decimal | Type::Integer(Integer::I128) => self.exact = true,
            Type::List(ty) | Type::Map(ty) | Type::Nullable(ty) | Type::Boxed(ty) => self.ty(ty),
            Type::Tuple(types) => types.iter().for_each(|ty| self.ty(ty)),
            _ => {}
        }
    }

    fn schema(&mut self, schema: &Schema) {
        let has_patterns = |rare: &crate::ir::Rare| !rare.pattern_properties.is_empty();
        self.pattern |=
            schema.pattern.is_some() || schema.rare.as_deref().is_some_and(has_patterns);
        let properties = schema.properties.iter().map(|property| &*property.schema);
        let additional = match &schema.additional {
            crate::ir::Additional::Schema(schema) => Some(schema.as_ref()),
            _ => None,
        };
        let mapped = (schema.discriminator.iter())
            .flat_map(|it| it.mapping.iter().map(|(_, schema)| schema));
        let children = properties
            .chain(additional)
            .chain(schema.items.as_deref())
            .chain(&schema.prefix_items)
            .chain(&schema.all_of)
            .chain(&schema.any_of)
            .chain(&schema.one_of)
            .chain(schema.not.as_deref())
            .chain(schema.rare.iter().flat_map(|rare| rare.schemas()))
            .chain(mapped);
        for child in children {
            self.schema(child);
        }
    }
}
