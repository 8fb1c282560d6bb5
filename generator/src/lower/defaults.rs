//! Whether a default can stand in for what is absent.

use failsafe_runtime::schema::Format;
use serde_json::Value;

use super::schemas::Draft;
use crate::ir::{Integer, Presence, Shape, Struct, Type};

/// What a default is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Written as a Rust expression.
    Usable,
    /// Fits, and stays with the schema: there is no constant of its type.
    Unused,
    /// Of another type than the schema says.
    Wrong,
}

pub(super) fn weigh(drafts: &[Draft<'_>], ty: &Type, value: &Value) -> Verdict {
    let fits = |fits| {
        if fits {
            Verdict::Usable
        } else {
            Verdict::Wrong
        }
    };
    match ty {
        Type::String => fits(value.is_string()),
        Type::Bool => fits(value.is_boolean()),
        Type::Integer(integer) => fits(in_range(*integer, value)),
        Type::Float | Type::Double => fits(value.is_number()),
        Type::Date | Type::DateTime | Type::Uuid | Type::Base64 => match value.is_string() {
            true => Verdict::Unused,
            false => Verdict::Wrong,
        },
        Type::Any | Type::Bytes => Verdict::Unused,
        // A member that is absent when it is null says so by its own type.
        Type::Null => Verdict::Unused,
        Type::Nullable(inner) if !value.is_null() => weigh(drafts, inner, value),
        Type::Nullable(_) => Verdict::Unused,
        Type::Boxed(inner) => weigh(drafts, inner, value),
        Type::Tuple(_) => match value.is_array() {
            true => Verdict::Unused,
            false => Verdict::Wrong,
        },
        Type::List(_) => match value.as_array() {
            Some(items) if items.is_empty() => Verdict::Usable,
            Some(_) => Verdict::Unused,
            None => Verdict::Wrong,
        },
        Type::Map(_) => match value.is_object() {
            true => Verdict::Unused,
            false => Verdict::Wrong,
        },
        Type::Model(id) => match &drafts[id.0].shape {
            Shape::Alias(inner) => weigh(drafts, inner, value),
            Shape::Enum(variants) => fits(variants.iter().any(|known| known.value == *value)),
            Shape::Struct(_) if !value.is_object() => Verdict::Wrong,
            _ => Verdict::Unused,
        },
    }
}

/// Whether a default is sure to be read as a type, though Rust may have no expression for it.
pub(super) fn is_readable(drafts: &[Draft<'_>], ty: &Type, value: &Value) -> bool {
    let has_format = |format: Format| value.as_str().is_some_and(|text| format.fits_text(text));
    match ty {
        Type::String | Type::Bool | Type::Integer(_) | Type::Float | Type::Double => {
            weigh(drafts, ty, value) == Verdict::Usable
        }
        Type::Date => has_format(Format::Date),
        Type::DateTime => has_format(Format::DateTime),
        Type::Uuid => has_format(Format::Uuid),
        Type::Base64 => has_format(Format::Byte),
        Type::Any => !value.is_null(),
        // An absent value says as much as null.
        Type::Null | Type::Nullable(_) | Type::Bytes => false,
        Type::Boxed(inner) => is_readable(drafts, inner, value),
        Type::List(item) => value
            .as_array()
            .is_some_and(|items| items.iter().all(|value| is_readable(drafts, item, value))),
        Type::Tuple(types) => value.as_array().is_some_and(|items| {
            let mut pairs = types.iter().zip(items);
            types.len() == items.len() && pairs.all(|(ty, value)| is_readable(drafts, ty, value))
        }),
        Type::Map(inner) => value
            .as_object()
            .is_some_and(|members| members.values().all(|it| is_readable(drafts, inner, it))),
        Type::Model(id) => match &drafts[id.0].shape {
            Shape::Alias(inner) | Shape::Newtype(inner) => is_readable(drafts, inner, value),
            Shape::Enum(variants) => variants.iter().any(|known| known.value == *value),
            Shape::Struct(shape) => is_struct(drafts, shape, value),
            // Which of its forms it is, only the service finds out.
            Shape::Union(_) => false,
        },
    }
}

fn is_struct(drafts: &[Draft<'_>], shape: &Struct, value: &Value) -> bool {
    let Some(members) = value.as_object() else {
        return false;
    };
    let has_all = shape.fields.iter().all(|field| {
        let is_needed = field.presence == Presence::Required;
        match members.get(&field.json_name) {
            Some(value) => is_readable(drafts, &field.ty, value),
            None => !is_needed,
        }
    });
    let mut others = members
        .iter()
        .filter(|(name, _)| !shape.fields.iter().any(|field| field.json_name == **name));
    has_all
        && match &shape.additional {
            Some((_, ty)) => others.all(|(_, value)| is_readable(drafts, ty, value)),
            None => true,
        }
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
    let signed = value.as_i64().map(i128::from);
    signed
        .or_else(|| value.as_u64().map(i128::from))
        .is_some_and(|number| (least..=most).contains(&number))
}
