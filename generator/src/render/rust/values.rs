//! JSON values as Rust expressions.

use failsafe_runtime::schema::Number;
use proc_macro2::{Literal, TokenStream};
use quote::quote;
use serde_json::Value;

use super::types::{Scope, ident};
use crate::ir::{Shape, Type};

/// The expression for a default that `lower` found usable.
pub(super) fn default(scope: Scope<'_>, ty: &Type, value: &Value) -> TokenStream {
    match (ty, value) {
        (Type::String, Value::String(text)) => quote! { #text.to_owned() },
        (Type::Bool, Value::Bool(value)) => quote! { #value },
        (Type::Integer(_), Value::Number(number)) => integer(number),
        (Type::Float, Value::Number(number)) => {
            let number = Literal::f32_unsuffixed(number.as_f64().unwrap_or_default() as f32);
            quote! { #number }
        }
        (Type::Double, Value::Number(number)) => float(number.as_f64().unwrap_or_default()),
        (Type::Nullable(_), Value::Null) => quote! { None },
        (Type::Nullable(inner), value) => {
            let value = default(scope, inner, value);
            quote! { Some(#value) }
        }
        (Type::Model(id), value) => match &scope.models[id.0].shape {
            Shape::Enum(variants) => {
                let name = scope.model(*id);
                let variant = variants.iter().find(|known| known.value == *value);
                let variant = variant.map(|variant| ident(&variant.rust_name));
                quote! { #name::#variant }
            }
            Shape::Alias(inner) => default(scope, inner, value),
            _ => read(value),
        },
        _ => read(value),
    }
}

/// What has no literal in Rust is read from its JSON.
fn read(value: &Value) -> TokenStream {
    let json = value.to_string();
    quote! { failsafe_runtime::service::constant(#json) }
}

/// Whether a default is the one that Rust has for the type anyway.
pub(super) fn is_natural(scope: Scope<'_>, ty: &Type, value: &Value) -> bool {
    match (ty, value) {
        (Type::Model(id), value) => match &scope.models[id.0].shape {
            Shape::Alias(inner) => is_natural(scope, inner, value),
            _ => false,
        },
        (Type::List(_), Value::Array(items)) => items.is_empty(),
        (Type::Map(_), Value::Object(members)) => members.is_empty(),
        (Type::String, Value::String(text)) => text.is_empty(),
        (Type::Bool, Value::Bool(value)) => !value,
        (Type::Integer(_) | Type::Float | Type::Double, Value::Number(number)) => {
            number.as_f64() == Some(0.0)
        }
        _ => false,
    }
}

/// Whether the expression of a default costs nothing, so that it need not wait in a closure.
pub(super) fn is_plain(scope: Scope<'_>, ty: &Type) -> bool {
    match ty {
        Type::Bool | Type::Integer(_) | Type::Float | Type::Double => true,
        Type::Model(id) => match &scope.models[id.0].shape {
            Shape::Alias(inner) => is_plain(scope, inner),
            Shape::Enum(_) => true,
            _ => false,
        },
        _ => false,
    }
}

pub(super) fn integer(number: &serde_json::Number) -> TokenStream {
    let number = match Number::of(&Value::Number(number.clone())) {
        Some(Number::Int(number)) => number,
        _ => return float(number.as_f64().unwrap_or_default()),
    };
    let digits = Literal::u128_unsuffixed(number.unsigned_abs());
    match number < 0 {
        true => quote! { -#digits },
        false => quote! { #digits },
    }
}

pub(super) fn float(number: f64) -> TokenStream {
    // A literal has no sign of its own.
    let digits = Literal::f64_unsuffixed(number.abs());
    match number.is_sign_negative() {
        true => quote! { -#digits },
        false => quote! { #digits },
    }
}
