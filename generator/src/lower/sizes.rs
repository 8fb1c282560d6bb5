//! How large values are. Large ones are moved often enough, from call to call, to fill a stack, and
//! so have boxes around their large parts; and clippy warns of enums whose variants differ much.

use super::{cycles, schemas::Draft};
use crate::ir::{Api, Content, Form, Integer, ModelId, Outgoing, PartKind, Presence, Shape, Type};

/// Clippy warns from 200 bytes on; what is computed here may be off by a few words.
const UNEVEN: usize = 120;

/// What a form of unknown parts takes.
const FORM: usize = 80;

/// What an answer of bytes takes at most, and one of events less.
const STREAM: usize = 48;

/// No type of a document is larger in earnest; the bound keeps sums from running away.
const HUGE: usize = 1 << 20;

/// A model of more bytes has a box around it wherever it is a part of another.
const LARGE: usize = 2 << 10;

/// Of a struct of more bytes ...
const LARGE_IN_ALL: usize = 8 << 10;

/// ... every model of more than so many has one.
const OF_SOME_SIZE: usize = 96;

/// How many types may lie in one another before a box is put around the next.
const MAX_DEPTH: usize = 200;

/// Puts boxes around what makes other types large.
pub(super) fn box_large(drafts: &mut [Draft<'_>]) {
    let mut sizes = vec![None; drafts.len()];
    for index in 0..drafts.len() {
        box_parts(drafts, ModelId(index), &mut sizes, 0);
    }
}

/// Boxes what is large in a model, once the same has been done to what lies in it.
fn box_parts(drafts: &mut [Draft<'_>], id: ModelId, sizes: &mut [Option<usize>], depth: usize) {
    if sizes[id.0].is_some() || depth > MAX_DEPTH {
        return;
    }
    for part in cycles::holds(&drafts[id.0].shape) {
        box_parts(drafts, part, sizes, depth + 1);
    }
    for limit in [LARGE, OF_SOME_SIZE] {
        let is_large = |part: ModelId| sizes[part.0].is_none_or(|size| size > limit);
        if let Shape::Struct(shape) = &mut drafts[id.0].shape {
            let fields = shape.fields.iter_mut();
            fields.for_each(|field| cycles::wrap(&mut field.ty, &is_large));
        }
        sizes[id.0] = None;
        if model(drafts, id, sizes, 0) <= LARGE_IN_ALL {
            break;
        }
    }
}

/// Marks unions and response types whose variants differ in size.
pub(super) fn mark(apis: &mut [Api], calls: &mut [Outgoing], drafts: &mut [Draft<'_>]) {
    let mut sizes = vec![None; drafts.len()];
    for index in 0..drafts.len() {
        model(drafts, ModelId(index), &mut sizes, 0);
    }
    for draft in drafts.iter_mut() {
        if let Shape::Union(union) = &mut draft.shape {
            let of_variants = union.variants.iter().map(|v| known(&v.ty, &sizes));
            union.is_uneven = uneven(of_variants);
        }
    }
    for operation in apis.iter_mut().flat_map(|api| &mut api.operations) {
        let answers = operation.responses.iter().map(|it| {
            let headers = it.headers.iter().flat_map(|headers| &headers.members);
            let headers: usize = headers.map(|header| known(&header.ty, &sizes)).sum();
            carried(it.content.as_ref(), &sizes) + headers
        });
        operation.has_uneven_responses = uneven(answers);
        if let Some(body) = &mut operation.body {
            body.is_uneven = uneven(body.contents.iter().map(|it| received(it, &sizes)));
        }
    }
    for call in calls {
        let contents = call.answers.iter().map(|it| it.content.as_ref());
        call.is_uneven = uneven(contents.map(|it| carried(it, &sizes)));
    }
}

fn received(content: &Content, sizes: &[Option<usize>]) -> usize {
    let parts = content.parts().iter().map(|part| match part.kind {
        PartKind::Text => known(&part.ty, sizes),
        PartKind::File | PartKind::Files => 24,
    });
    match content.form {
        Some(Form::Unknown) => FORM,
        Some(Form::Parts(_)) => parts.sum(),
        None => known(&content.ty, sizes),
    }
}

fn carried(content: Option<&Content>, sizes: &[Option<usize>]) -> usize {
    content.map_or(0, |content| match content.is_streamed() {
        true => STREAM,
        false => known(&content.ty, sizes),
    })
}

fn uneven(sizes: impl Iterator<Item = usize>) -> bool {
    let mut sizes: Vec<usize> = sizes.collect();
    sizes.sort_unstable();
    match sizes.as_slice() {
        [.., second, largest] => largest - second >= UNEVEN,
        _ => false,
    }
}

fn known(ty: &Type, sizes: &[Option<usize>]) -> usize {
    of(ty, &mut |id| sizes[id.0].unwrap_or(0))
}

/// The size of a model, remembered. Cycles are broken by boxes; the depth guards the stack
/// against a chain of types as long as a document.
fn model(drafts: &[Draft<'_>], id: ModelId, sizes: &mut [Option<usize>], depth: usize) -> usize {
    if let Some(size) = sizes[id.0] {
        return size;
    }
    if depth > MAX_DEPTH {
        return HUGE;
    }
    let mut of_type = |ty: &Type| of(ty, &mut |id| model(drafts, id, sizes, depth + 1));
    let size = match &drafts[id.0].shape {
        Shape::Enum(_) => 1,
        Shape::Alias(ty) | Shape::Newtype(ty) => of_type(ty),
        Shape::Union(union) => {
            let largest = union.variants.iter().map(|v| of_type(&v.ty)).max();
            largest.unwrap_or(0) + 8
        }
        Shape::Struct(shape) => {
            let fields: usize = shape
                .fields
                .iter()
                .map(|field| match field.presence {
                    Presence::Required | Presence::Defaulted => of_type(&field.ty),
                    _ => optional(&field.ty, of_type(&field.ty)),
                })
                .sum();
            fields + if shape.additional.is_some() { 24 } else { 0 }
        }
    };
    let size = size.min(HUGE);
    sizes[id.0] = Some(size);
    size
}

fn of(ty: &Type, model: &mut dyn FnMut(ModelId) -> usize) -> usize {
    match ty {
        Type::Model(id) => model(*id),
        Type::String | Type::Decimal | Type::List(_) | Type::Map(_) | Type::Base64 => 24,
        Type::Tuple(types) => types.iter().map(|ty| of(ty, model)).sum(),
        Type::Bool => 1,
        Type::Integer(Integer::I8 | Integer::U8) => 1,
        Type::Integer(Integer::I16 | Integer::U16) => 2,
        Type::Integer(Integer::I32 | Integer::U32) | Type::Float | Type::Date => 4,
        Type::Integer(Integer::I64 | Integer::U64) | Type::Double | Type::Boxed(_) => 8,
        Type::DateTime | Type::Uuid | Type::Integer(Integer::I128) => 16,
        Type::Bytes => 32,
        Type::Any => 32,
        Type::Null => 0,
        Type::Nullable(inner) => optional(inner, of(inner, model)),
    }
}

/// An option needs room of its own where no bit pattern of its content is free.
fn optional(ty: &Type, size: usize) -> usize {
    match ty {
        Type::Integer(_) | Type::Float | Type::Double => size * 2,
        Type::Uuid => size + 1,
        Type::Map(_) => size + 8,
        _ => size,
    }
}
