//! Types, bounds and formats that refuse everything that their schema lists: the list is what is
//! meant.

use failsafe_runtime::schema::Format;

use super::mend::{Mended, warning};
use crate::{
    diagnostic::Diagnostic,
    lower::{
        overlap::{parts, types},
        tags::is_null,
    },
    spec::{At, Change},
};

/// The type that a variant is not of, with what else is said of values of that type where the
/// variants say it themselves.
pub(super) fn of_type<'d>(at: &At<'d>) -> Option<(Vec<At<'d>>, Diagnostic)> {
    let written = at.get("type")?;
    let name = written.as_str()?;
    if at.get("properties").is_some() {
        return None;
    }
    let keyword = ["oneOf", "anyOf"]
        .into_iter()
        .find(|keyword| at.get(keyword).is_some())?;
    let variants = at.get(keyword)?.items().filter(|variant| !is_null(variant));
    let variants: Vec<_> = variants.map(|variant| parts(&variant)).collect();
    let mut is_any_other = false;
    for parts in &variants {
        let types = types(parts);
        let takes = |ty: &&str| *ty == name || (*ty == "integer" && name == "number");
        let is_other = !types.iter().any(takes);
        // Of a variant that says nothing of types the one beside it may be meant to speak.
        if types.is_empty() || !is_other && parts.iter().all(|part| part.get("type").is_none()) {
            return None;
        }
        is_any_other |= is_other;
    }
    if !is_any_other {
        return None;
    }
    let mut removed = vec![written.clone()];
    if let Some(items) = at.get("items") {
        let has_items = |parts: &Vec<At<'_>>| parts.iter().any(|part| part.get("items").is_some());
        let mut lists = variants
            .iter()
            .filter(|parts| types(parts).contains(&"array"));
        if !lists.all(has_items) {
            return None;
        }
        removed.push(items);
    }
    let message = format!("no value of `type: {name}` fits every schema of `{keyword}`");
    let found = warning("contradicted-type", message, &written)
        .help(format!("it is left out; remove it, or correct `{keyword}`"));
    Some((removed, found))
}

/// What the list of an array's values lists: those of its items.
pub(super) fn of_items<'d>(at: &At<'d>) -> Option<(At<'d>, Mended)> {
    let written = at.get("enum")?;
    let mut values = written.items().filter(|value| !value.is_null()).peekable();
    values.peek()?;
    if at.get("type")?.as_str() != Some("array") || values.any(|value| value.is_array()) {
        return None;
    }
    let found = warning(
        "contradicted-enum",
        "no value of `enum` is an array",
        &written,
    )
    .help("it is read as the `enum` of `items`; write it there");
    Some((written, (Change::Remove, found)))
}

/// The list of two schemas that have to fit, of which one is null, and the other says more.
pub(super) fn joined_with_null<'d>(at: &At<'d>) -> Option<(At<'d>, Mended)> {
    let written = at.get("allOf").filter(|_| at.get("anyOf").is_none())?;
    let both: Vec<_> = written.items().collect();
    let other = match both.as_slice() {
        [other, null] | [null, other] if is_null(null) && !is_null(other) => other,
        _ => return None,
    };
    if types(&parts(other)).iter().all(|ty| *ty == "null") {
        return None;
    }
    let message = "nothing but null fits both schemas of `allOf`";
    let found =
        warning("contradicted-type", message, &written).help("it is read as `anyOf`; write that");
    Some((written, (Change::Rename("anyOf".to_owned()), found)))
}

/// The format that no text of the schema's `enum` or `const` has.
pub(super) fn format<'d>(at: &At<'d>) -> Option<(At<'d>, Mended)> {
    let written = at.get("format")?;
    let name = written.as_str()?;
    let format = Format::named(name)?;
    let (keyword, values) = match at.get("enum") {
        Some(list) => ("enum", list.items().collect()),
        None => ("const", vec![at.get("const")?]),
    };
    let is_text = at.get("type").and_then(|ty| ty.as_str()) == Some("string");
    // Whoever says that they are texts need not write them in quotes.
    let text = |value: &At<'d>| match value.as_number() {
        Some(number) if is_text => Some(number.text.as_str()),
        _ => value.as_str(),
    };
    let mut texts = values.iter().filter_map(text).peekable();
    texts.peek()?;
    if texts.any(|text| format.fits_text(text)) {
        return None;
    }
    let message = format!("no text of `{keyword}` is {}", format.description());
    let found = warning("contradicted-format", message, &written).help(format!(
        "`format: {name}` is left out; remove it, or correct `{keyword}`"
    ));
    Some((written, (Change::Remove, found)))
}

/// The bounds on length that no text of the schema's `enum` keeps.
pub(super) fn bounds<'d>(at: &At<'d>) -> Vec<(At<'d>, Mended)> {
    let Some(list) = at.get("enum") else {
        return Vec::new();
    };
    let lengths = list.items().filter_map(|value| {
        let text = value.as_str()?;
        u64::try_from(text.chars().count()).ok()
    });
    let lengths: Vec<u64> = lengths.collect();
    let (Some(shortest), Some(longest)) = (lengths.iter().min(), lengths.iter().max()) else {
        return Vec::new();
    };
    let found = ["maxLength", "minLength"]
        .into_iter()
        .filter_map(|keyword| {
            let written = at.get(keyword)?;
            let bound = written.as_u64()?;
            let refuses_all = match keyword {
                "maxLength" => *shortest > bound,
                _ => *longest < bound,
            };
            refuses_all.then(|| {
                let message = format!("no text of `enum` keeps `{keyword}: {bound}`");
                let found = warning("contradicted-bound", message, &written)
                    .help("it is left out; remove it, or correct the list");
                (written, (Change::Remove, found))
            })
        });
    found.collect()
}
