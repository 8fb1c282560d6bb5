//! Types of the service as Rust writes them.

use std::{cell::RefCell, collections::BTreeSet};

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::ir::{Integer, Model, ModelId, Presence, Type};

/// From where a model is named.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope<'s> {
    pub(super) models: &'s [Model],
    /// Inside the models' own module names stand alone and are noted, so that they can be
    /// imported; elsewhere they stand behind `models::`.
    pub(super) inside: Option<&'s RefCell<BTreeSet<&'s str>>>,
}

impl<'s> Scope<'s> {
    /// Anywhere but among the models.
    pub(super) fn outside(models: &'s [Model]) -> Self {
        Self {
            models,
            inside: None,
        }
    }

    pub(super) fn model(&self, id: ModelId) -> TokenStream {
        self.named(&self.models[id.0].rust_name)
    }

    /// The static that holds a model's schema.
    pub(super) fn table(&self, id: ModelId) -> TokenStream {
        self.named(&self.models[id.0].static_name)
    }

    fn named(&self, name: &'s str) -> TokenStream {
        let written = ident(name);
        match self.inside {
            Some(named) => {
                named.borrow_mut().insert(name);
                quote! { #written }
            }
            None => quote! { models::#written },
        }
    }

    pub(super) fn ty(&self, ty: &Type) -> TokenStream {
        match ty {
            Type::Model(id) => self.model(*id),
            Type::String => quote! { String },
            Type::Bool => quote! { bool },
            Type::Integer(integer) => {
                let name = ident(integer_name(*integer));
                quote! { #name }
            }
            Type::Float => quote! { f32 },
            Type::Double => quote! { f64 },
            Type::Decimal => quote! { serde_json::Number },
            Type::Date => quote! { chrono::NaiveDate },
            Type::DateTime => quote! { chrono::DateTime<chrono::FixedOffset> },
            Type::Uuid => quote! { uuid::Uuid },
            Type::Any => quote! { serde_json::Value },
            Type::Null => quote! { () },
            Type::Bytes => quote! { Vec<u8> },
            Type::Base64 => quote! { failsafe_runtime::schema::Base64 },
            Type::Tuple(types) => {
                let types = types.iter().map(|ty| self.ty(ty));
                quote! { (#(#types,)*) }
            }
            Type::List(item) => {
                let item = self.ty(item);
                quote! { Vec<#item> }
            }
            Type::Map(value) => {
                let value = self.ty(value);
                quote! { BTreeMap<String, #value> }
            }
            Type::Nullable(inner) => {
                let inner = self.ty(inner);
                quote! { Option<#inner> }
            }
            Type::Boxed(inner) => {
                let inner = self.ty(inner);
                quote! { Box<#inner> }
            }
        }
    }

    /// The type of a member or argument of a certain presence.
    pub(super) fn present(&self, ty: &Type, presence: Presence) -> TokenStream {
        let ty = self.ty(ty);
        match presence {
            Presence::Required | Presence::Defaulted => ty,
            Presence::RequiredNullable | Presence::Optional => quote! { Option<#ty> },
            Presence::OptionalNullable => quote! { Option<Option<#ty>> },
        }
    }
}

pub(super) fn integer_name(integer: Integer) -> &'static str {
    match integer {
        Integer::I8 => "i8",
        Integer::I16 => "i16",
        Integer::I32 => "i32",
        Integer::I64 => "i64",
        Integer::U8 => "u8",
        Integer::U16 => "u16",
        Integer::U32 => "u32",
        Integer::U64 => "u64",
        Integer::I128 => "i128",
    }
}

/// A name that `lower` has finished.
pub(super) fn ident(name: &str) -> Ident {
    match name.strip_prefix("r#") {
        Some(raw) => Ident::new_raw(raw, Span::call_site()),
        None => Ident::new(name, Span::call_site()),
    }
}

/// The name of a static that goes with a name.
pub(in crate::render) fn shouty(name: &str) -> String {
    use heck::ToShoutySnakeCase;
    name.trim_start_matches("r#").to_shouty_snake_case()
}
