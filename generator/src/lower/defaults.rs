//! Whether a default can stand in for what is absent.

use failsafe_runtime::schema::{Format, Number};
use serde_json::Value;

use super::{examples, schemas::Draft};
use crate::ir::{Integer, Presence, Schema, Shape, Struct, Type, Union};

/// What a default is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Written as a Rust expression.
    Usable,
    /// Says that there is none.
    Unused,
    /// Does not fit the schema.
    Wrong,
}

pub(super) fn weigh(drafts: &[Draft<'_>], ty: &Type, value: &Value) -> Verdict {
    match (ty, value) {
        // Many tools write this where a member may be absent.
        (Type::Null, _) | (_, Value::Null) => Verdict::Unused,
        _ if is_of(drafts, ty, value) => Verdict::Usable,
        _ => Verdict::Wrong,
    }
}

/// Whether a value breaks what the schema says beyond its type.
pub(super) fn breaks(drafts: &[Draft<'_>], schema: &Schema, value: &Value) -> bool {
    !examples::is_fit(drafts, schema, value)
}

/// Whether Rust has a literal for a usable default.
pub(super) fn is_literal(drafts: &[Draft<'_>], ty: &Type, value: &Value) -> bool {
    match ty {
        Type::String | Type::Bool | Type::Integer(_) | Type::Float | Type::Double => true,
        Type::List(_) => value.as_array().is_some_and(Vec::is_empty),
        Type::Model(id) => match &drafts[id.0].shape {
            Shape::Alias(inner) => is_literal(drafts, inner, value),
            Shape::Enum(_) => true,
            _ => false,
        },
        _ => false,
    }
}

/// Whether a value can be read as a type.
fn is_of(drafts: &[Draft<'_>], ty: &Type, value: &Value) -> bool {
    let has_format = |format: Format| value.as_str().is_some_and(|text| format.fits_text(text));
    match ty {
        Type::String => value.is_string(),
        Type::Bool => value.is_boolean(),
        Type::Integer(integer) => in_range(*integer, value),
        Type::Float | Type::Double | Type::Decimal => value.is_number(),
        Type::Date => has_format(Format::Date),
        Type::DateTime => has_format(Format::DateTime),
        Type::Uuid => has_format(Format::Uuid),
        Type::Base64 => has_format(Format::Byte),
        Type::Any => true,
        Type::Null => value.is_null(),
        Type::Nullable(inner) => value.is_null() || is_of(drafts, inner, value),
        Type::Boxed(inner) => is_of(drafts, inner, value),
        Type::List(item) => (value.as_array())
            .is_some_and(|items| items.iter().all(|value| is_of(drafts, item, value))),
        Type::Map(inner) => (value.as_object())
            .is_some_and(|members| members.values().all(|value| is_of(drafts, inner, value))),
        Type::Tuple(types) => value.as_array().is_some_and(|items| {
            items.len() == types.len()
                && (types.iter().zip(items)).all(|(ty, value)| is_of(drafts, ty, value))
        }),
        Type::Model(id) => match &drafts[id.0].shape {
            Shape::Alias(inner) | Shape::Newtype(inner) => is_of(drafts, inner, value),
            Shape::Enum(variants) => variants.iter().any(|known| known.value == *value),
            Shape::Struct(shape) => is_struct(drafts, shape, value),
            Shape::Union(union) => is_union(drafts, union, value),
        },
        _ => false,
    }
}

fn is_struct(drafts: &[Draft<'_>], shape: &Struct, value: &Value) -> bool {
    let Some(members) = value.as_object() else {
        return false;
    };
    let fields_fit =
        shape.fields.iter().all(
            |field| match (members.get(&field.json_name), field.presence) {
                (None, presence) => {
                    !matches!(presence, Presence::Required | Presence::RequiredNullable)
                }
                (Some(Value::Null), presence) => {
                    !matches!(presence, Presence::Required | Presence::Defaulted)
                        || is_of(drafts, &field.ty, &Value::Null)
                }
                (Some(value), _) => is_of(drafts, &field.ty, value),
            },
        );
    let others_fit = shape.additional.iter().all(|(_, ty)| {
        members
            .iter()
            .filter(|(name, _)| shape.fields.iter().all(|field| field.json_name != **name))
            .all(|(_, value)| is_of(drafts, ty, value))
    });
    fields_fit && others_fit
}

fn is_union(drafts: &[Draft<'_>], union: &Union, value: &Value) -> bool {
    let mut meant = union
        .variants
        .iter()
        .filter(|variant| match &union.discriminator {
            Some(property) => (value.get(property).and_then(Value::as_str))
                .is_some_and(|tag| variant.tags.iter().any(|known| known == tag)),
            None => examples::is_fit(drafts, &variant.schema, value),
        });
    // Which of several the service takes is its own choice: each has to be readable.
    meant.clone().next().is_some() && meant.all(|variant| is_of(drafts, &variant.ty, value))
}

fn in_range(integer: Integer, value: &Value) -> bool {
    let (least, most): (i128, i128) = match integer {
        Integer::I8 => (i8::MIN.into(), i8::MAX.into()),
        Integer::I16 => (i16::MIN.into(), i16::MAX.into()),
        Integer::I32 => (i32::MIN.into(), i32::MAX.into()),
        Integer::I64 => (i64::MIN.into(), i64::MAX.into()),
        Integer::U8 => (0, u8::MAX.into()),
        Integer::U16 => (0, u16::MAX.into()),
        Integer::U32 => (0, u32::MAX.into()),
        Integer::U64 => (0, u64::MAX.into()),
        Integer::I128 => (i128::MIN, i128::MAX),
    };
    matches!(Number::of(value), Some(Number::Int(number)) if (least..=most).contains(&number))
}
